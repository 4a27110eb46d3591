"""How timely many cases were."""

from typing import Any

import pytest

from app.services.problems import Problem
from tests.services.answers import timeliness
from tests.services.worlds import small


def case(*conferences: str) -> dict[str, Any]:
    events = [{"type": "strategy_discussion_held", "occurred_at": "2026-01-05"}]
    return {"events": events + [{"type": "icpc_held", "occurred_at": day} for day in conferences]}


SHARED = {"profile": "small", "as_of": "2026-03-02", "duties": ["hold_icpc"]}


def test_conferences_are_counted_in_time_late_and_overdue() -> None:
    cases = [case(f"2026-01-{day:02}") for day in range(12, 22)]
    cases += [case("2026-01-26"), case("2026-01-27"), case("2026-02-10"), case()]
    cases = [{**item, "facts": {"section_47_initiated": True}} for item in cases]
    (duty,) = timeliness(small(), {**SHARED, "timelines": cases})["duties"]
    assert {name: duty[name] for name in ("met", "met_late", "overdue", "judged")} == {
        "met": 11,
        "met_late": 2,
        "overdue": 1,
        "judged": 14,
    }
    assert duty["share_in_time"] == round(11 / 14, 4)
    # Taken: 7 to 16 days, 21, 22 and 36; the middle of 13 is 13, the twelfth of 13 by nearest rank is 22.
    assert (duty["median_days"], duty["percentile_90_days"]) == (13, 22)


def test_what_is_only_projected_is_not_counted() -> None:
    given = {**case(), "facts": {"section_47_initiated": True}, "until": "2027-01-01", "as_of": "2026-01-06"}
    answer = timeliness(small(), {"profile": "small", "timelines": [given]})
    assert [(d["duty"], d["outstanding"]) for d in answer["duties"]] == [("hold_icpc", 1)]


def test_faults_of_the_request_are_reported_and_a_case_at_fault_is_refused_in_its_place() -> None:
    with pytest.raises(Problem) as caught:
        timeliness(small(), {**SHARED, "timelines": [case()], "extra": 1, "group_by": "team", "period": {"from": "x"}})
    assert {f.path for f in caught.value.faults} == {"extra", "group_by", "period.from", "period.to"}
    good = {**case("2026-01-20"), "facts": {"section_47_initiated": True}}
    answer = timeliness(small(), {**SHARED, "timelines": [good, {"events": [{"type": "x"}], "reference": "b"}, good]})
    assert [(d["met"], d["judged"]) for d in answer["duties"]] == [(2, 2)]
    (refused,) = answer["refused"]
    assert (refused["place"], refused["reference"]) == ("timelines[1]", "b")
    assert {fault["path"] for fault in refused["problem"]["errors"]} == {"timelines[1].events[0].occurred_at"}


def test_the_histograms_of_two_calls_add_up_to_that_of_one() -> None:
    cases = [{**case(f"2026-01-{day:02}"), "facts": {"section_47_initiated": True}} for day in range(12, 22)]

    def counted(some: list[dict[str, Any]]) -> dict[str, int]:
        (duty,) = timeliness(small(), {**SHARED, "timelines": some})["duties"]
        return dict(duty["days"]["histogram"])

    one, other, whole = counted(cases[:4]), counted(cases[4:]), counted(cases)
    assert {key: one.get(key, 0) + other.get(key, 0) for key in {*one, *other}} == whole


def test_rows_say_of_each_case_what_was_counted() -> None:
    given = {**case("2026-01-20"), "facts": {"section_47_initiated": True}, "reference": "case-1"}
    answer = timeliness(small(), {**SHARED, "rows": True, "timelines": [given]})
    (row,) = answer["rows"]
    assert (row["reference"], row["status"], row["unit"], row["days"], row["calendar_days"]) == (
        "case-1",
        "met",
        "working_days",
        11,
        15,
    )
