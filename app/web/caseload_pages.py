"""The handlers of the caseload page. The table is worked out in memory and forgotten with the answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from itertools import islice
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from app.services.problems import Problem
from app.services.snapshot.holder import SnapshotHolder
from app.services.snapshot.snapshot import Snapshot
from app.web.caseload_cases import is_import, read_import
from app.web.caseload_page import (
    KINDS,
    MAX_FAULTS,
    MAX_SHOWN,
    ORDERS,
    Caseload,
    CaseloadForm,
    caseload_calendar,
    caseload_csv,
    choose,
    tallies,
    work_out,
)
from app.web.caseload_table import Case, read_cases
from app.web.forms import read_bytes, read_pairs
from app.web.questions import profile_choices
from app.web.results import fault_text
from app.web.routing import in_thread, page, ready_snapshot
from app.web.templating import render
from app.web.workbook import MAX_WORKBOOK_BYTES, workbook_csv

MAX_TABLE_BYTES = 8 * 1024 * 1024
NDJSON = "application/x-ndjson"
# How many cases pass between two words about the progress.
EVERY = 10
FILES = {
    "csv": ("text/csv; charset=utf-8", "caseload.csv", caseload_csv),
    "calendar": ("text/calendar; charset=utf-8", "caseload.ics", caseload_calendar),
}


class CaseloadPages:
    """The caseload page, over the current snapshot."""

    def __init__(self, live: SnapshotHolder) -> None:
        self._live = live

    async def empty(self) -> Response:
        """Show the form without a table."""
        return page("caseload.html", **_context(ready_snapshot(self._live), CaseloadForm(), None, None))

    async def workbook(self, request: Request) -> Response:
        """Return the first sheet of a workbook as CSV, so that the page shows what was read."""
        data = await read_bytes(request, MAX_WORKBOOK_BYTES)
        text = await in_thread(request, workbook_csv, data)
        return PlainTextResponse(text, headers={"Cache-Control": "no-store"})

    async def answer(self, request: Request) -> Response:
        """Work out the table: as a page, as a page with lines about the progress before it, as CSV or as a calendar."""
        fields = dict(await read_pairs(request, MAX_TABLE_BYTES))
        form = CaseloadForm(**{name: fields.get(name, "") for name in CaseloadForm.__dataclass_fields__})
        snapshot = ready_snapshot(self._live)
        try:
            cases = await in_thread(request, _read, snapshot, form)
        except Problem as problem:
            context = _context(snapshot, form, None, problem)
            if request.headers.get("accept", "").startswith(NDJSON):
                return Response(_line(html=render("caseload.html", **context)), media_type=NDJSON)
            return page("caseload.html", cache="no-store", **context)
        if fields.get("as") in FILES:
            return await in_thread(request, _file, snapshot, cases, form, fields["as"])
        if request.headers.get("accept", "").startswith(NDJSON):
            lines = _lines(request, snapshot, cases, form)
            return StreamingResponse(lines, media_type=NDJSON, headers={"Cache-Control": "no-store"})
        caseload = await in_thread(request, _whole, snapshot, cases, form)
        return page("caseload.html", cache="no-store", **_context(snapshot, form, caseload, None))


def _read(snapshot: Snapshot, form: CaseloadForm) -> list[Case]:
    if is_import(form.table):
        return read_import(form.table, form.profile)
    return read_cases(snapshot, form.table, form.profile)


async def _lines(request: Request, snapshot: Snapshot, cases: list[Case], form: CaseloadForm) -> AsyncIterator[bytes]:
    """Yield how far the work is, and in the last line the page. Other requests have their turn between two lines."""
    working = work_out(snapshot, cases, form.day)
    done, caseload = 0, None
    while done < len(cases) or caseload is None:
        done, caseload = await in_thread(request, _some, working)
        yield _line(done=done, of=len(cases))
    html = await in_thread(request, lambda: render("caseload.html", **_context(snapshot, form, caseload, None)))
    yield _line(html=html)


def _some(working: Iterator[tuple[int, Caseload]]) -> tuple[int, Caseload]:
    """Work out some more cases, and return how many are done."""
    *_, last = islice(working, EVERY)
    return last


def _line(**values: object) -> bytes:
    return orjson.dumps(values, option=orjson.OPT_APPEND_NEWLINE)


def _whole(snapshot: Snapshot, cases: list[Case], form: CaseloadForm) -> Caseload:
    *_, (_, caseload) = work_out(snapshot, cases, form.day)
    return caseload


def _file(snapshot: Snapshot, cases: list[Case], form: CaseloadForm, kind: str) -> Response:
    media_type, name, write = FILES[kind]
    data = write(choose(_whole(snapshot, cases, form), form))
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(data, media_type=media_type, headers=headers)


def _context(
    snapshot: Snapshot, form: CaseloadForm, caseload: Caseload | None, problem: Problem | None
) -> dict[str, Any]:
    rows = choose(caseload, form) if caseload is not None else []
    counted = tallies(caseload) if caseload is not None else []
    return {
        "here": "caseload",
        "form": form,
        "profiles": profile_choices(snapshot),
        "caseload": caseload,
        "rows": rows[:MAX_SHOWN],
        "left_out": len(rows[MAX_SHOWN:]),
        "faults": caseload.faults[:MAX_FAULTS] if caseload is not None else [],
        "more_faults": len(caseload.faults[MAX_FAULTS:]) if caseload is not None else 0,
        "tallies": counted,
        "teams": sorted({tally.team for tally in counted if tally.team}),
        "workers": sorted({tally.worker for tally in counted if tally.worker}),
        "problem": problem,
        "problem_fields": [("table", fault_text(fault)) for fault in problem.faults] if problem is not None else [],
        "kinds_shown": KINDS,
        "orders": ORDERS,
        "day_shown": form.day,
    }
