"""What a source could not have shown is not overdue, and is counted apart."""

from typing import Any

import pytest

from app.services.problems import Problem
from app.services.snapshot.offline import packaged_snapshot
from app.services.timelines import timeline
from app.services.timelines.timeliness import timeliness

IN_CARE: list[dict[str, Any]] = [
    {"type": "became_looked_after", "occurred_at": "2025-05-06", "facts": {"legal_status": "section_20"}},
    {"type": "placement_started", "occurred_at": "2025-05-06", "facts": {"placement_type": "foster"}},
    {"type": "cla_review_held", "occurred_at": "2025-06-02"},
]
CASE: dict[str, Any] = {"profile": "statutory-england", "as_of": "2026-03-31", "until": "2026-03-31", "events": IN_CARE}


def standings(**said: Any) -> dict[str, tuple[str, bool]]:
    answer: Any = timeline(packaged_snapshot(), {**CASE, **said})
    return {item["rule"]: (item["status"], item["observable"]) for item in answer["obligations"]}


def test_without_a_source_everything_could_have_been_seen() -> None:
    assert standings()["cla-visits"] == ("overdue", True)


def test_a_return_without_visits_says_nothing_of_visits_and_still_shows_a_late_review() -> None:
    found = standings(source="ssda903")
    assert found["cla-visits"] == ("outstanding", False)
    assert found["cla-reviews"] == ("overdue", True)


def test_the_summary_counts_what_could_not_be_seen() -> None:
    answer: Any = timeline(packaged_snapshot(), {**CASE, "source": "ssda903"})
    unseen = [item for item in answer["obligations"] if not item["observable"]]
    assert unseen
    assert answer["summary"]["unobservable"] == len(unseen)
    assert {item["status"] for item in unseen} == {"outstanding"}


def test_a_visit_that_is_missing_from_a_list_of_latest_visits_was_not_made() -> None:
    assert standings(source="annex-a")["cla-visits"] == ("overdue", True)


def test_before_the_latest_visit_nobody_can_say_whether_others_were_in_time() -> None:
    visit = {"type": "cla_visit_made", "occurred_at": "2026-01-20"}
    answer: Any = timeline(packaged_snapshot(), {**CASE, "source": "annex-a", "events": [*IN_CARE, visit]})
    visits = [item for item in answer["obligations"] if item["rule"] == "cla-visits"]
    assert [(item["status"], item["observable"]) for item in visits] == [("outstanding", False), ("overdue", True)]
    assert any(line["what"] == "latest_only" for line in visits[0]["history"])


def test_a_latest_visit_in_time_shows_that_the_visit_was_in_time() -> None:
    visit = {"type": "cla_visit_made", "occurred_at": "2025-05-09"}
    answer: Any = timeline(packaged_snapshot(), {**CASE, "source": "annex-a", "events": [*IN_CARE, visit]})
    assert next(item for item in answer["obligations"] if item["rule"] == "cla-visits")["status"] == "met"


def test_events_may_be_named_in_place_of_a_return() -> None:
    found = standings(observed_events=["cla_visit_made"])
    assert found["cla-visits"] == ("overdue", True)
    assert found["cla-reviews"] == ("outstanding", False)


def test_what_falls_due_after_the_last_day_covered_is_not_overdue() -> None:
    assert standings(observed_until="2025-08-31")["cla-reviews"] == ("outstanding", False)
    assert standings(observed_until="2025-09-02")["cla-reviews"] == ("overdue", True)


def test_only_what_was_started_due_or_done_in_the_window_is_judged() -> None:
    inside: Any = timeliness(packaged_snapshot(), {"timelines": [CASE], "duties": ["hold_cla_review"]})
    outside: Any = timeliness(
        packaged_snapshot(),
        {
            "timelines": [CASE],
            "duties": ["hold_cla_review"],
            "observed_from": "2026-01-01",
            "observed_until": "2026-03-31",
        },
    )
    assert [(each["judged"], each["outside_window"]) for each in inside["duties"]] == [(2, 0)]
    assert [(each["judged"], each["outside_window"]) for each in outside["duties"]] == [(0, 2)]


def test_each_case_of_many_is_counted_by_what_its_source_could_have_shown() -> None:
    answer: Any = timeliness(
        packaged_snapshot(),
        {"source": "ssda903", "timelines": [CASE, {**CASE, "observed_events": ["cla_visit_made"]}]},
    )
    visits = next(each for each in answer["duties"] if each["duty"] == "visit_looked_after_child")
    assert (visits["overdue"], visits["unobservable"]) == (1, 1)


@pytest.mark.parametrize(
    ("said", "paths"),
    [
        ({"source": "ssda-903"}, ["source"]),
        ({"source": "ssda903", "observed_events": ["cla_visit_made"]}, ["observed_events"]),
        ({"observed_events": ["cla_visit"]}, ["observed_events[0]"]),
        ({"observed_from": "2026-01-02", "observed_until": "2026-01-01"}, ["observed_until"]),
    ],
)
def test_a_source_or_event_that_does_not_exist_is_refused(said: dict[str, Any], paths: list[str]) -> None:
    with pytest.raises(Problem) as refused:
        timeline(packaged_snapshot(), {**CASE, **said})
    assert [fault.path for fault in refused.value.faults] == paths
    assert all(fault.remedy for fault in refused.value.faults)
