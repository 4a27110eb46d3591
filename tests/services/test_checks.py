"""Somebody else's date: right or wrong, and what would have given it."""

from typing import Any

import pytest

from app.services.date_check import check_date
from app.services.problems import Problem
from tests.services.worlds import changed, rule, small, snapshot_of, stored

STRATEGY = {
    "event": {"type": "strategy_discussion_held", "occurred_at": "2025-12-18"},
    "facts": {"section_47_initiated": True},
    "duty": "hold_icpc",
}


def judge(snapshot: Any = None, **body: Any) -> dict[str, Any]:
    return check_date(snapshot or small(), {"profile": "small", **body})


def codes(answer: dict[str, Any]) -> list[list[str]]:
    return [item["codes"] for item in answer["explained_by"] if item["kind"] == "mistake"]


@pytest.mark.parametrize(
    ("date", "verdict", "days", "cause"),
    [
        ("2026-01-13", "right", 0, []),
        ("2026-01-12", "early", -1, [["day_zero_counted"]]),
        ("2026-01-08", "early", -5, [["bank_holidays_missed"]]),
        ("2026-01-02", "early", -11, [["calendar_days_for_working_days"]]),
        ("2026-01-07", "early", -6, [["day_zero_counted", "bank_holidays_missed"]]),
        ("2025-12-01", "early", -43, []),
    ],
)
def test_a_conference_date_is_judged_and_the_mistake_behind_it_named(
    date: str, verdict: str, days: int, cause: list[Any]
) -> None:
    answer = judge(**STRATEGY, date=date)
    assert (answer["verdict"], answer["days"]) == (verdict, days)
    assert codes(answer) == cause


def test_another_nation_s_bank_holidays_are_recognised() -> None:
    assert ["calendar_scotland"] in codes(judge(**STRATEGY, date="2026-01-14"))


def test_a_day_read_in_utc_is_recognised() -> None:
    event = {"type": "cp_plan_started", "occurred_at": "2026-06-30T23:30:00Z"}
    answer = judge(event=event, duty="visit_child_on_protection_plan", date="2026-07-14")
    assert answer["verdict"] == "early"
    assert ["utc_day"] in codes(answer)


def test_months_taken_as_four_weeks_are_recognised() -> None:
    event = {"type": "icpc_held", "occurred_at": "2026-01-13"}
    answer = judge(event=event, duty="hold_first_rcpc", date="2026-04-07")
    assert (answer["expected"]["due_date"], codes(answer)) == ("2026-04-13", [["months_as_four_weeks"]])


def test_weekends_counted_are_recognised() -> None:
    event = {"type": "icpc_scheduled", "occurred_at": "2026-01-12"}
    answer = judge(event=event, duty="share_conference_report_with_chair", date="2026-01-09")
    assert ["weekends_counted"] in codes(answer)


def test_another_reading_is_distinguished_from_a_mistake() -> None:
    event = {"type": "section_47_started", "occurred_at": "2026-06-01"}
    answer = judge(event=event, duty="complete_section_47", date="2026-06-15")
    assert answer["verdict"] == "late"
    assert answer["explained_by"][0]["kind"] == "reading"


def test_another_version_is_named_too() -> None:
    later = changed(lambda body: rule(body, "icpc-held")["timing"].update(within={"working_days": 7}))
    from datetime import date

    from tests.services.worlds import document

    both = snapshot_of(stored(document()), stored(later, 2, date(2027, 1, 1)))
    answer = judge(both, **STRATEGY, date="2025-12-31")
    assert {"kind": "version", "profile_version": 2}.items() <= answer["explained_by"][0].items()


def test_hours_are_checked_to_the_minute() -> None:
    event = {"type": "contact_received", "occurred_at": "2026-03-02T15:00"}
    answer = judge(event=event, duty="decide_contact", date="2026-03-03T17:00")
    assert (answer["verdict"], answer["days"], answer["hours"]) == ("late", 0, 2.0)


def test_a_missing_fact_leaves_the_verdict_open() -> None:
    answer = judge(event=STRATEGY["event"], duty="hold_icpc", date="2026-01-13")
    assert (answer["verdict"], answer["undetermined"][0]["needs"]) == ("undetermined", ["section_47_initiated"])
    refused = judge(event=STRATEGY["event"], duty="hold_icpc", date="2026-01-13", facts={"section_47_initiated": False})
    assert refused["verdict"] == "not_applicable"


def test_every_fault_is_reported_at_once() -> None:
    with pytest.raises(Problem) as caught:
        judge(event={"type": "icpc_hold", "occurred_at": "2026-01-13"}, facts={"x": 1}, extra=1)
    assert {f.path for f in caught.value.faults} == {"event.type", "facts.x", "extra", "duty", "date"}
    with pytest.raises(Problem) as caught:
        judge(**{**STRATEGY, "duty": "hold_ipc"}, date="2026-01-13")
    assert caught.value.faults[0].nearest
