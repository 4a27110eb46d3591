"""Whatever stands in a request, it is answered or refused as a problem that can be told; nothing else is raised."""

import json
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.api.schemas import case_examples
from app.services.calculation.batch import lines as answer_lines
from app.services.calculation.calculator import Calculator
from app.services.calculation.flat import due_date
from app.services.calculation.flat_request import DueDateQuery
from app.services.calculation.json_body import parse_json
from app.services.calculation.request import REQUEST_EXAMPLE, read_request
from app.services.calculation.response import calculate_response
from app.services.calculation.working_days import AddQuery, CheckQuery, CountQuery, add, count
from app.services.calculation.working_days import check as check_day
from app.services.comparison import compare
from app.services.date_check import check_date
from app.services.exports.csv_table import obligations_csv
from app.services.exports.icalendar import obligations_icalendar
from app.services.problems import Problem
from app.services.snapshot.offline import packaged_snapshot
from app.services.timelines import timeline
from app.services.timelines.recalculation import recalculate
from app.services.timelines.timeliness import timeliness
from app.services.validation import read
from tests.fuzz.mutations import spoiled, texts
from tests.privacy.planted import PREGNANCY
from tests.services.worlds import batch

SNAPSHOT = packaged_snapshot()


def _seeds(examples: dict[str, Any]) -> list[Any]:
    return [example["value"] for example in examples.values()]


CALCULATIONS = [{**REQUEST_EXAMPLE, "reference": "case", "until": "2026-03-01"}, PREGNANCY]
DUE = {
    "profile": "swindon",
    "event": "strategy_discussion_held",
    "at": "2025-12-18T14:30",
    "duty": "hold_icpc",
    "section_47_initiated": True,
}
DAYS = {"calendar": "england-and-wales", "start": "2025-12-18", "end": "2026-01-13", "days": "15", "date": "2025-12-25"}
WORK: dict[str, tuple[Callable[[Any], Any], list[Any]]] = {
    "calculation": (lambda body: calculate_response(read_request(SNAPSHOT, body)), CALCULATIONS),
    "timeline": (lambda body: timeline(SNAPSHOT, body), _seeds(case_examples.TIMELINES)),
    "recalculation": (lambda body: recalculate(SNAPSHOT, body), _seeds(case_examples.RECALCULATIONS)),
    "timeliness": (lambda body: timeliness(SNAPSHOT, body), _seeds(case_examples.TIMELINESS)),
    "comparison": (lambda body: compare(SNAPSHOT, body), _seeds(case_examples.COMPARISONS)),
    "check": (lambda body: check_date(SNAPSHOT, body), _seeds(case_examples.CHECKS)),
    "batch": (lambda body: batch(SNAPSHOT, body), _seeds(case_examples.BATCHES)),
    "due date": (lambda body: due_date(SNAPSHOT, body) if isinstance(body, dict) else None, [DUE]),
}


def check_problem(refused: Problem) -> None:
    """A problem can be written as JSON, and says what would mend it."""
    body = json.loads(orjson.dumps(refused.as_json()))
    assert 400 <= body["status"] < 500
    assert all(error["message"] and error["remedy"] for error in body.get("errors", []))


@pytest.mark.parametrize("kind", WORK)
@given(data=st.data())
@settings(max_examples=120)
def test_a_spoiled_request_is_answered_or_refused(kind: str, data: st.DataObject) -> None:
    work, seeds = WORK[kind]
    assert work(seeds[0])
    body = data.draw(spoiled(seeds))
    try:
        orjson.dumps(work(body))
    except Problem as refused:
        check_problem(refused)


@given(query=st.dictionaries(st.one_of(st.sampled_from([*DUE, *DAYS]), texts), texts, max_size=6))
@settings(max_examples=150)
def test_any_query_is_answered_or_refused(query: dict[str, str]) -> None:
    days = {**DAYS, **query}
    work: list[Callable[[], Any]] = [
        lambda: due_date(SNAPSHOT, {**{k: str(v) for k, v in DUE.items()}, **query}, DueDateQuery),
        lambda: add(SNAPSHOT, read(AddQuery, days, SNAPSHOT)),
        lambda: count(SNAPSHOT, read(CountQuery, days, SNAPSHOT)),
        lambda: check_day(SNAPSHOT, read(CheckQuery, days, SNAPSHOT)),
    ]
    for call in work:
        try:
            orjson.dumps(call())
        except Problem as refused:
            check_problem(refused)


@given(
    body=st.one_of(
        st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))
    )
)
@settings(max_examples=300)
def test_any_bytes_are_json_or_refused(body: bytes) -> None:
    try:
        parse_json(body)
    except Problem as refused:
        check_problem(refused)


@given(
    lines=st.lists(
        st.one_of(st.binary(max_size=80), st.sampled_from([json.dumps(each).encode() for each in CALCULATIONS])),
        max_size=6,
    ),
    cut=st.integers(1, 50),
)
@settings(max_examples=150)
def test_lines_of_any_bytes_are_answered_each_in_its_place_however_they_are_cut(lines: list[bytes], cut: int) -> None:
    stream = b"".join(line.replace(b"\n", b" ") + b"\n" for line in lines)
    pieces = [stream[start : start + cut] for start in range(0, len(stream), cut)]
    answered = b"".join(answer_lines(Calculator(SNAPSHOT), pieces, max_line_bytes=10_000))
    assert answered.count(b"\n") == len(lines)
    for line in answered.splitlines():
        assert not line or json.loads(line)


@pytest.mark.parametrize("files", ["calendar", "table"])
@given(
    reference=texts,
    alarms=st.lists(st.integers(-(10**6), 10**6), max_size=3),
    sequence=st.integers(-5, 2**40),
    data=st.data(),
)
@settings(max_examples=80)
def test_any_text_in_an_answer_makes_a_file_or_is_refused(
    files: str, reference: str, alarms: list[int], sequence: int, data: st.DataObject
) -> None:
    body = json.loads(json.dumps(calculate_response(read_request(SNAPSHOT, CALCULATIONS[0]))))
    body["reference"] = reference
    for item in body["obligations"]:
        for name in ("title", "timing", "reading", "basis"):
            item[name] = data.draw(texts)
        item["responsible"] = data.draw(st.lists(texts, max_size=3))
    try:
        made = (
            obligations_icalendar(body, alarms=alarms, sequence=sequence)
            if files == "calendar"
            else obligations_csv(body)
        )
    except Problem as refused:
        check_problem(refused)
        return
    lines = made.split(b"\r\n")
    if files == "calendar":
        # A line that a value could have begun would be none of these.
        starts = (b" ", b"BEGIN:", b"END:", *(f"{name}{mark}".encode() for name in PROPERTIES for mark in ":;"), b"")
        assert [line for line in lines if line and not line.startswith(starts[:-1])] == []
        assert all(len(line) <= 75 for line in lines)
        assert made.count(b"BEGIN:VEVENT") == len(body["obligations"])


PROPERTIES = (
    *("VERSION", "PRODID", "CALSCALE", "METHOD", "UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION"),
    *("CATEGORIES", "SEQUENCE", "STATUS", "TRANSP", "CLASS", "ACTION", "TRIGGER", "DURATION", "URL", "LAST-MODIFIED"),
    *("X-WR-CALNAME", "X-WR-CALDESC", "X-WR-TIMEZONE", "NAME", "COMMENT", "ORGANIZER", "ATTENDEE"),
)
