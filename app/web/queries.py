"""What each page takes in its address: one model a page, which refuses every other parameter by its name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from fastapi import Depends
from pydantic import Field
from starlette.requests import Request

from app.services.problems import Problem
from app.services.validation import Day, Maybe, QueryModel, Repeated, WholeNumber, read
from app.web.forms import MAX_SEARCH


class CaseLink(QueryModel):
    """What a link to the page of a case may choose: nothing about a child."""

    profile: Maybe[str]


class EventLink(CaseLink):
    """What a link to the explorer or to the check of a date may choose."""

    event: Maybe[str]


class RulesQuery(QueryModel):
    """Which rules of a profile to show, and in which order."""

    by: Literal["section", "event"] = "section"
    q: Maybe[str] = Field(max_length=MAX_SEARCH)


class VersionsQuery(QueryModel):
    """Two versions to compare; absent: the last two that are not withdrawn."""

    from_: Maybe[WholeNumber] = Field(alias="from")
    to: Maybe[WholeNumber]


class YearQuery(QueryModel):
    """A year of a calendar; absent: this year, in the latest version."""

    year: Maybe[WholeNumber]
    version: Maybe[WholeNumber]


class ClosuresQuery(QueryModel):
    """What became of the closure days that were sent."""

    proposed: Maybe[str] = Field(max_length=100)
    published: Maybe[Literal["yes"]]


class DraftsQuery(QueryModel):
    """Where the list goes on; or the draft that a file is to replace."""

    after: Maybe[str]
    profile: Maybe[str]
    draft: Maybe[str]
    revision: Maybe[str]


class DraftQuery(QueryModel):
    """The day for which a draft's changes are tried."""

    day: Maybe[Day]


class NewWorkbookQuery(QueryModel):
    """The profile that a workbook is for, and whether it is to be empty although there is a version to begin from."""

    profile: Maybe[str]
    empty: Maybe[Literal["yes"]]


class KeyQuery(QueryModel):
    """The name of the key that is to be replaced by another."""

    not_: Maybe[str] = Field(alias="not")


def query_of(model: type[QueryModel]) -> Any:
    """Return the dependency that puts a page's query on `request.state.query`. It raises Problem for any other."""

    async def read_query(request: Request) -> None:
        sent = request.query_params
        each = {name: sent.getlist(name) for name in sent}
        once = {name: values[0] if len(values) == 1 else Repeated() for name, values in each.items()}
        try:
            request.state.query = read(model, once, whole="(query)")
        except Problem as problem:
            faults = [replace(each, message=f"“{each.path}” in the address: {each.message}") for each in problem.faults]
            raise replace(problem, faults=faults) from None

    return Depends(read_query)
