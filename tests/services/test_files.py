"""Obligations as a calendar file and as a table."""

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from app.services.exports.csv_table import COLUMNS, obligations_csv
from app.services.exports.icalendar import obligations_icalendar
from app.services.problems import Problem
from app.services.timelines import timeline
from tests.services.worlds import calculation, changed, small, snapshot_of, stored

REQUEST: dict[str, Any] = {
    "profile": "small",
    "event": {"type": "section_47_started", "occurred_at": "2026-06-01T09:30"},
    "reference": "case-17",
}
CASE: dict[str, Any] = {
    "profile": "small",
    "reference": "case-17",
    "facts": {"section_47_initiated": True},
    "as_of": "2026-01-05",
    "until": "2026-01-05",
    "events": [
        {"id": "d", "type": "strategy_discussion_held", "occurred_at": "2025-12-18"},
        {"id": "m", "type": "icpc_scheduled", "occurred_at": "2026-01-13"},
        {"id": "n", "type": "icpc_scheduled", "occurred_at": "2026-01-15"},
    ],
}


def entries(answer: dict[str, Any], **options: Any) -> list[Any]:
    return list(Calendar.from_ical(obligations_icalendar(answer, **options)).walk("VEVENT"))


def test_an_obligation_is_an_all_day_entry_with_its_section_and_reasoning() -> None:
    (entry,) = entries(calculation(small(), REQUEST), sequence=3)
    assert entry["DTSTART"].params["VALUE"] == "DATE"
    assert entry.decoded("DTSTART") == date(2026, 6, 11)
    assert entry.decoded("DTEND") == date(2026, 6, 12)
    assert entry.decoded("DTSTAMP").isoformat() == "2026-06-01T08:30:00+00:00"
    assert entry["SEQUENCE"] == 3
    assert "Practice Standards, 1.2." in entry["DESCRIPTION"]
    assert "Otherwise: 2026-06-15" in entry["DESCRIPTION"]
    assert not list(entry.walk("VALARM"))


def test_the_reasoning_is_counted_out_when_it_was_asked_for() -> None:
    (entry,) = entries(calculation(small(), {**REQUEST, "explain": True}))
    assert "day 0" in entry["DESCRIPTION"]


def test_an_entry_keeps_its_uid_when_its_date_moves() -> None:
    def uids(answer: dict[str, Any]) -> set[str]:
        return {str(entry["UID"]) for entry in entries(answer)}

    moved = {**REQUEST, "event": {**REQUEST["event"], "occurred_at": "2026-06-03"}}
    assert uids(calculation(small(), REQUEST)) == uids(calculation(small(), moved))
    assert uids(calculation(small(), REQUEST)) != uids(calculation(small(), {**REQUEST, "reference": "case-18"}))
    later = {**CASE, "events": [*CASE["events"][:2], {**CASE["events"][2], "occurred_at": "2026-01-20"}]}
    assert uids(timeline(small(), CASE)) == uids(timeline(small(), later))


def test_uids_within_a_file_differ() -> None:
    answer: dict[str, Any] = timeline(small(), {**CASE, "until": "2027-01-01"})
    uids = [str(entry["UID"]) for entry in entries(answer)]
    assert len(uids) == len(set(uids)) == len(answer["obligations"])


def test_alarms_ring_at_nine_so_many_days_before_and_not_for_what_is_cancelled() -> None:
    found = {
        str(entry["SUMMARY"]) + str(entry["STATUS"]): entry for entry in entries(timeline(small(), CASE), alarms=[1])
    }
    (alarm,) = found["Hold the initial child protection conferenceCONFIRMED"].walk("VALARM")
    assert alarm.decoded("TRIGGER") == timedelta(days=-1, hours=9)
    assert not list(found["Let the chair have the reportCANCELLED"].walk("VALARM"))


def test_a_calendar_file_without_a_reference_is_refused() -> None:
    with pytest.raises(Problem) as caught:
        obligations_icalendar({**calculation(small(), REQUEST), "reference": None}, alarms=[-1], sequence=-1)
    assert {fault.path for fault in caught.value.faults} == {"reference", "alarm", "sequence"}


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_the_table_has_one_header_whatever_was_asked() -> None:
    one, many = obligations_csv(calculation(small(), REQUEST)), obligations_csv(timeline(small(), CASE))
    assert one.split(b"\r\n")[0] == many.split(b"\r\n")[0] == ",".join(COLUMNS).encode()
    (row,) = rows(one)
    assert (row["profile"], row["due_date"], row["section"]) == ("small", "2026-06-11", "1.2")
    assert {row["status"] for row in rows(many)} == {"outstanding", "superseded"}


def test_the_mark_of_utf_8_is_written_only_on_request() -> None:
    answer = calculation(small(), REQUEST)
    assert obligations_csv(answer, bom=True) == b"\xef\xbb\xbf" + obligations_csv(answer)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " =", "\uff1d"])
def test_text_that_a_spreadsheet_would_run_is_made_harmless(start: str) -> None:
    def change(body: dict[str, Any]) -> None:
        for item in body["rules"]:
            item["title"] = f'{start}HYPERLINK("x")'

    answer: dict[str, Any] = calculation(snapshot_of(stored(changed(change))), REQUEST)
    answer["obligations"][0]["title"] = f'{start}HYPERLINK("x")'
    (row,) = rows(obligations_csv(answer))
    assert row["title"].startswith("'")
