"""Provide what routes need: the snapshot, the store, the settings, the caller, the revision, one page of a list.

Each is a FastAPI dependency, so that a test can put something else in its place with `app.dependency_overrides`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, cast

from fastapi import Depends, Header, Path, Request
from pydantic import AfterValidator, BeforeValidator, Field, StrictInt

from app.services.access.permissions import Caller
from app.services.calculation.calculator import CalculationService, Calculator
from app.services.ports import WriteContext
from app.services.snapshot.holder import SnapshotHolder
from app.services.snapshot.snapshot import Snapshot, require_ready
from app.services.validation import (
    FROM_TEXT,
    MAX_VERSION,
    QueryModel,
    WithoutNull,
    integer_from_path,
    integer_from_text,
    invalid,
)
from app.settings import Settings

ANY_REVISION = "*"
MAX_PAGE_SIZE = 200
PRINTABLE = r"^[ -~]+$"
"""What an address or a cursor of ours can hold: a database may refuse other characters."""


async def snapshot_holder(request: Request) -> SnapshotHolder:
    """Return the holder of the snapshot and of the store behind it."""
    return cast(SnapshotHolder, request.app.state.holder)


async def application_settings(request: Request) -> Settings:
    """Return the settings in force."""
    return cast(Settings, request.app.state.settings)


Holder = Annotated[SnapshotHolder, Depends(snapshot_holder)]
SettingsDep = Annotated[Settings, Depends(application_settings)]


async def current_snapshot(holder: Holder) -> Snapshot:
    """Return the snapshot to answer from. Raises Problem while there is none that can answer."""
    return require_ready(holder.snapshot)


async def current_calculator(request: Request) -> Calculator:
    """Return the calculator of the snapshot in use. Raises Problem while there is none that can answer."""
    return cast(CalculationService, request.app.state.calculation).current()


async def current_caller(request: Request) -> Caller:
    """Return the caller whom `authorize` let through."""
    return cast(Caller, request.state.caller)


CurrentSnapshot = Annotated[Snapshot, Depends(current_snapshot)]
CurrentCalculator = Annotated[Calculator, Depends(current_calculator)]
CurrentCaller = Annotated[Caller, Depends(current_caller)]


async def write_context(request: Request, caller: CurrentCaller) -> WriteContext:
    """Return who writes, when, and under which request id: what the audit records."""
    return WriteContext(by=caller.name, at=datetime.now(UTC), request_id=request.state.request_id)


WriteContextDep = Annotated[WriteContext, Depends(write_context)]


def read_revision(header: str) -> int | None:
    """Return the revision in an If-Match header: `"3"` is 3; `*` and nothing are None, which means any.

    Raises the error of a value that is not valid where it names no revision.
    """
    text = header.strip()
    if text in {"", ANY_REVISION}:
        return None
    tag = integer_from_text(text.removeprefix("W/").strip('"'))
    if isinstance(tag, int):
        return tag
    raise invalid("this is not a revision", "send one ETag as you received it")


def _check_revision(header: str) -> str:
    read_revision(header)
    return header


# What is wrong with a header is FastAPI's to collect: it is answered with whatever else is wrong with the request.
RevisionTag = Annotated[str, AfterValidator(_check_revision)]


async def required_revision(
    if_match: Annotated[
        RevisionTag,
        Header(
            alias="If-Match", description="The revision's ETag, as it was last read.", examples=['"3"'], min_length=1
        ),
    ],
) -> int | None:
    """Return the revision that the caller has read, None for `*`."""
    return read_revision(if_match)


async def optional_revision(
    if_match: Annotated[
        RevisionTag | None,
        WithoutNull(),
        Header(
            alias="If-Match",
            description="The version that the change is meant for; absent: the latest. A whole calendar needs it.",
            examples=['"3"'],
        ),
    ] = None,
) -> int | None:
    """Return the revision that the caller has read, None where any will do."""
    return read_revision(if_match or "")


IfMatch = Annotated[int | None, Depends(required_revision)]
OptionalIfMatch = Annotated[int | None, Depends(optional_revision)]


class Pagination(QueryModel):
    """The size of one page of a list."""

    limit: Annotated[StrictInt, Field(ge=1, le=MAX_PAGE_SIZE), FROM_TEXT] = Field(
        50, description=f"1 to {MAX_PAGE_SIZE}; 50 if absent."
    )


# A key that no profile or calendar can have is not looked up; where one is made, the service says what it must be.
ProfileKey = Annotated[
    str, Path(description="The profile's key.", max_length=100, pattern=PRINTABLE, examples=["swindon"])
]
NewProfileKey = Annotated[str, Path(description="The profile's key.", examples=["my-council"])]
CalendarKey = Annotated[
    str, Path(description="The calendar's key.", max_length=100, pattern=PRINTABLE, examples=["my-council"])
]
SharedCalendarKey = Annotated[
    str, Path(description="The calendar's key.", max_length=100, pattern=PRINTABLE, examples=["england-and-wales"])
]
Version = Annotated[
    StrictInt,
    Field(ge=1, le=MAX_VERSION),
    BeforeValidator(integer_from_path),
    Path(description="The version's number.", examples=[1]),
]
