"""How timely the cases of a return were: import and count in one go, a case in memory at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from itertools import chain
from typing import Annotated

from pydantic import Field

from app.services.calculation.response import Json
from app.services.measures.request import YearRequest
from app.services.measures.year import YearFigures
from app.services.returns.files import ReturnFile
from app.services.returns.form import AsJson, ReturnForm
from app.services.returns.reading import Import
from app.services.snapshot.snapshot import Snapshot
from app.services.timelines.coverage import Coverage
from app.services.validation import Maybe
from app.services.work import check


class ReturnCountingRequest(YearRequest):
    """What is requested of the cases of a return; what it could have shown is read from its files unless said here."""

    same_carer_moves: Maybe[bool] = Field(
        description="True: a move with the same carers (SSDA903 reasons T and U) starts a placement too."
    )


class ReturnTimelinessForm(ReturnForm):
    """The files of a return, and how its cases are to be counted."""

    request: Annotated[ReturnCountingRequest, AsJson()] = Field(
        description="How the cases are counted: the JSON of a ReturnCountingRequest."
    )


def return_timeliness(
    snapshot: Snapshot, source: str, files: Sequence[ReturnFile], request: ReturnCountingRequest
) -> Json:
    """Return the measures and the timeliness of every duty, with what could not be used of the files.

    Raises Problem where a file cannot be read at all.
    """
    imported = Import(
        source,
        files,
        as_of=request.as_of.moment.day if request.as_of is not None else request.days().last,
        same_carer_moves=bool(request.same_carer_moves),
    )
    cases = iter(imported)
    # Which tables were sent is known once the first case has been read.
    first = next(cases, None)
    seen = imported.observed
    coverage = Coverage(seen.events or imported.mapped.events(), seen.first, seen.last)
    figures = YearFigures(snapshot, request, coverage)
    rows: list[Json] = []
    acts: list[Json] = []
    for case in chain([first] if first is not None else [], cases):
        check()
        obligations, outcomes = figures.take(case.reference, case.as_json())
        if request.rows:
            rows += obligations
            acts += outcomes
    counts = asdict(imported.counts) | {"faults": imported.faults.total}
    return {
        **figures.as_json(),
        **({"rows": rows, "acts": acts} if request.rows else {}),
        "source": source,
        "faults": [asdict(fault) for fault in imported.faults.listed()],
        "counts": counts,
    }
