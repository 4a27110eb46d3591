"""Write answers in the form that the caller accepts: JSON, an iCalendar file or a CSV table."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any
from urllib.parse import quote

import orjson
from fastapi import Header
from pydantic import AfterValidator, Field, StrictInt
from starlette.responses import JSONResponse, Response

from app.services.calculation.response import Json
from app.services.ports import Proposal
from app.services.validation import FROM_TEXT, Explained, Maybe, QueryModel, Truth, invalid

JSON, CALENDAR, CSV = "application/json", "text/calendar", "text/csv"
ANY = frozenset({"", "*/*", JSON})
MAX_ALARMS = 10
VARIES = {"Vary": "Accept"}


class RenderedJson(JSONResponse):
    """A JSON answer that is written as it is, without passing through its response model.

    For answers that may be long (timelines, comparisons, batches). The document names the model all the same;
    `tests/contract` validates such answers against it.
    """

    def render(self, content: Any) -> bytes:
        """Write JSON in the order of the contract's fields, without spaces."""
        return orjson.dumps(content)


Alarms = Annotated[
    str,
    Field(pattern=rf"^ *\d{{1,10}}( *, *\d{{1,10}}){{0,{MAX_ALARMS - 1}}} *$"),
    Explained("these are no days", f"send up to {MAX_ALARMS} whole numbers of days with commas between, such as 1,7"),
]


class CalendarFileQuery(QueryModel):
    """The options of a calendar file."""

    alarm: Maybe[Alarms] = Field(
        description="For a calendar file: days before each due date to be reminded, such as 1,7."
    )
    sequence: Maybe[Annotated[StrictInt, Field(ge=0, le=2_147_483_647), FROM_TEXT]] = Field(
        description="For a calendar file: a whole number that rises with each change."
    )


class TableQuery(QueryModel):
    """The options of a table."""

    bom: Maybe[Truth] = Field(description="For a table: true marks the file as UTF-8 for spreadsheets.")


class FileQuery(CalendarFileQuery, TableQuery):
    """The options of a calendar file or a table, where the Accept header chooses."""

    @property
    def alarms(self) -> list[int]:
        """Return the days before each due date."""
        return [int(part) for part in (self.alarm or "").split(",") if part.strip()]


def accepted_form(header: str, offered: tuple[str, ...]) -> str:
    """Return which of the forms offered an Accept header prefers, the first where it prefers none.

    Raises the error of a value that is not valid where it takes none of them.
    """
    if header in ANY or not header.strip():
        return offered[0]
    ranges: dict[str, tuple[float, int]] = {}
    for place, item in enumerate(header.split(",")):
        kind, *parameters = (part.strip().lower() for part in item.split(";"))
        weight = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    weight = float(parameter[2:])
                except ValueError:
                    weight = 0.0
        ranges.setdefault(kind, (weight, place))
    ranked: list[tuple[float, int, str]] = []
    for order, form in enumerate(offered):
        # The narrowest range decides: `application/json;q=0, */*` is anything but JSON (RFC 9110, 12.5.1).
        matching = [kind for kind in (form, form.partition("/")[0] + "/*", "*/*") if kind in ranges]
        if matching:
            weight, place = ranges[matching[0]]
            if weight > 0:
                ranked.append((-weight, place if matching[0] == form else 1000 + order, form))
    if not ranked:
        raise invalid("none of these can be given", f"accept {', '.join(offered)}")
    return min(ranked)[2]


ACCEPT = Header(alias="Accept", include_in_schema=False)
# Not a dependency, which would raise by itself: FastAPI lists a header's fault with the others of a request.
ObligationsForm = Annotated[str, AfterValidator(partial(accepted_form, offered=(JSON, CALENDAR, CSV))), ACCEPT]
TableForm = Annotated[str, AfterValidator(partial(accepted_form, offered=(JSON, CSV))), ACCEPT]
"""The form to answer in, which the Accept header chooses."""


def render_response(form: str, body: Json, query: FileQuery, headers: dict[str, str] | None = None) -> Response:
    """Return obligations in the form chosen. Raises Problem where a calendar file lacks what it needs."""
    if form == CSV:
        from app.services.exports.csv_table import obligations_csv

        return _file(obligations_csv(body, bom=bool(query.bom)), "text/csv; charset=utf-8; header=present", "csv")
    if form == CALENDAR:
        from app.services.exports.icalendar import obligations_icalendar

        data = obligations_icalendar(body, alarms=query.alarms, sequence=query.sequence or 0)
        return _file(data, "text/calendar; charset=utf-8; method=PUBLISH", "ics")
    return RenderedJson(body, headers={**VARIES, **(headers or {})})


def raw_json_response(data: bytes, headers: dict[str, str]) -> Response:
    """Return a JSON answer that is bytes already."""
    return Response(data, 200, {**VARIES, **headers}, JSON)


def proposed(proposal: Proposal) -> Response:
    """Return the answer to a change that waits for a second person."""
    from app.services.publishing.proposals import describe

    where = f"/v1/proposals/{quote(proposal.key)}/{proposal.id}"
    return RenderedJson(describe(proposal), 202, {"Location": where})


def _file(data: bytes, kind: str, extension: str) -> Response:
    name = f'attachment; filename="obligations.{extension}"'
    return Response(data, headers={"Content-Disposition": name, "Content-Type": kind, **VARIES})
