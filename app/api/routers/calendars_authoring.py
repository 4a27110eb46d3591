"""Calendars as they change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from app.api.access import needs
from app.api.bodies import read_json
from app.api.context import live
from app.api.problem_responses import BODY, declared
from app.api.rendering import answer
from app.api.schemas.authoring import BankHoliday, CalendarChange, ClosureDays, DayRemoval, FollowRequest
from app.api.writing import IF_MATCH_OPTIONAL, context, if_match, in_thread, json_body
from app.services.calculation.request import Faults
from app.services.problems import Fault, Problem
from app.services.publishing import calendar_versions as calendar_authoring
from app.services.publishing.calendar_versions import Change
from app.services.publishing.profile_versions import read_reason
from app.services.snapshot.holder import SnapshotHolder

router = APIRouter(tags=["authoring"], dependencies=[Depends(needs("publish"))])

KeyPath = Annotated[str, Path(description="The calendar's key.", max_length=100)]
PreviewQuery = Annotated[str | None, Query(description="true: say what would change and keep nothing.")]
ReasonQuery = Annotated[str | None, Query(description="Why; kept for ever and shown.", max_length=1000)]

REFUSED = declared(*BODY, "not-found", "precondition-failed", "precondition-required", "conflict", "store-unavailable")
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"model": CalendarChange, "description": "Nothing to change, or a preview."},
    201: {"model": CalendarChange, "description": "A new version."},
    **REFUSED,
}
# A whole year: the list is the authority for each year that it names.
GOVUK_EXAMPLE = {
    "england-and-wales": {
        "division": "england-and-wales",
        "events": [
            {"title": title, "date": date, "notes": "", "bunting": True}
            for date, title in (
                ("2029-01-01", "New Year's Day"),
                ("2029-03-30", "Good Friday"),
                ("2029-04-02", "Easter Monday"),
                ("2029-05-07", "Early May bank holiday"),
                ("2029-05-28", "Spring bank holiday"),
                ("2029-08-27", "Summer bank holiday"),
                ("2029-12-25", "Christmas Day"),
                ("2029-12-26", "Boxing Day"),
            )
        ],
    }
}
CLOSURE_EXAMPLE = {
    "extends": "england-and-wales",
    "title": "My Council",
    "days": [{"date": "2026-12-29", "name": "Christmas closure"}],
    "source": "Council meeting of 3 June 2026",
}
HOLIDAY_EXAMPLE = {
    "date": "2027-05-10",
    "name": "Bank holiday for the coronation",
    "source": "Announced in Parliament on 30 April 2027",
}
REMOVAL_EXAMPLE = {"date": "2026-12-29", "kind": "closure", "reason": "The offices stay open."}
SHAPES = {
    "type": "object",
    "description": "The file bank-holidays.json as GOV.UK publishes it, one division of it, or a calendar in this "
    "service's own shape (key, title, first, last, published_until, days).",
}

Work = Callable[[SnapshotHolder, str, object, Change], dict[str, object]]


async def _change(request: Request, key: str, work: Work, preview: str | None, reason: str | None = None) -> Response:
    expected = if_match(request, required=False)
    body = await read_json(request)
    change = Change(expected, _flag(preview), _reason(reason), context(request))
    found = await in_thread(work, live(request), key, body, change)
    made = found["changed"] and not found["preview"]
    headers = {"ETag": f'"{found["version"]}"', "Cache-Control": "no-store"}
    if made:
        headers["Location"] = f"/v1/calendars/{key}/versions/{found['version']}"
    return answer(found, 201 if made else 200, headers)


def _flag(value: str | None) -> bool:
    if value in {None, "", "false"}:
        return False
    if value == "true":
        return True
    fault = Fault("preview", "this must be true or false", "send preview=true, or leave it out", str(value)[:100])
    raise Problem("invalid-request", "1 fault found; `errors` lists it.", [fault])


def _reason(value: str | None) -> str | None:
    faults = Faults()
    found = read_reason(faults, value)
    faults.raise_any()
    return found


@router.post(
    "/v1/calendars/{key}/versions",
    operation_id="publish_calendar",
    summary="Take in the government's list, or a whole calendar",
    responses=ANSWERS,
    openapi_extra={
        **json_body(SHAPES, govuk=("The government's list, one year of it", GOVUK_EXAMPLE)),
        "parameters": [IF_MATCH_OPTIONAL],
    },
)
async def publish(request: Request, key: KeyPath, preview: PreviewQuery = None, reason: ReasonQuery = None) -> Response:
    """The list is the authority for the years that it covers; what has vanished from it since is kept.

    The answer reports the days added, removed, renamed and confirmed. The same list twice makes one version.
    """
    return await _change(request, key, calendar_authoring.publish_calendar, preview, reason)


@router.post(
    "/v1/calendars/{key}/closure-days",
    operation_id="add_closure_days",
    summary="Add an authority's closure days",
    responses=ANSWERS,
    openapi_extra={
        **json_body(ClosureDays.model_json_schema(), christmas=("A Christmas shutdown", CLOSURE_EXAMPLE)),
        "parameters": [IF_MATCH_OPTIONAL],
    },
)
async def closure_days(request: Request, key: KeyPath, preview: PreviewQuery = None) -> Response:
    """On a calendar that extends another, which is begun if there is none; a key for the profile may keep its own."""
    return await _change(request, key, calendar_authoring.add_closure_days, preview)


@router.post(
    "/v1/calendars/{key}/bank-holidays",
    operation_id="add_bank_holiday",
    summary="Add a one-off bank holiday",
    responses=ANSWERS,
    openapi_extra={
        **json_body(BankHoliday.model_json_schema(), coronation=("Announced at short notice", HOLIDAY_EXAMPLE)),
        "parameters": [IF_MATCH_OPTIONAL],
    },
)
async def bank_holidays(request: Request, key: KeyPath, preview: PreviewQuery = None) -> Response:
    """Before the government's list has it. Calendars that extend this one are named: they have to follow."""
    return await _change(request, key, calendar_authoring.add_bank_holiday, preview)


@router.post(
    "/v1/calendars/{key}/removals",
    operation_id="remove_day",
    summary="Make a day count again",
    responses=ANSWERS,
    openapi_extra={
        **json_body(DayRemoval.model_json_schema(), open=("A closure that was called off", REMOVAL_EXAMPLE)),
        "parameters": [IF_MATCH_OPTIONAL],
    },
)
async def removals(request: Request, key: KeyPath, preview: PreviewQuery = None) -> Response:
    """A bank holiday that was moved or cancelled, or a closure. Versions published before keep the day."""
    return await _change(request, key, calendar_authoring.remove_day, preview)


@router.post(
    "/v1/calendars/{key}/follow",
    operation_id="follow_calendar",
    summary="Follow the calendar that this one extends",
    responses=ANSWERS,
    openapi_extra={
        **json_body(FollowRequest.model_json_schema(), plain=("To the latest version", {})),
        "parameters": [IF_MATCH_OPTIONAL],
    },
)
async def follow(request: Request, key: KeyPath, preview: PreviewQuery = None) -> Response:
    """To its latest version: what this calendar added or removed, it adds and removes there."""
    return await _change(request, key, calendar_authoring.follow_base, preview)
