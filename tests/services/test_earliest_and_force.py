"""What answers say of earliest days, of how certain a timescale is, and of law that was not yet law."""

from __future__ import annotations

from app.services.calculation.flat import due_date
from app.services.timelines.timeliness import timeliness
from tests.services.worlds import packaged


def flat(**body: object) -> dict[str, object]:
    return due_date(packaged(), {"profile": "statutory-england", **body})


def test_a_flat_answer_gives_an_earliest_day_as_not_before_and_no_due_date() -> None:
    answer = flat(event="child_born", at="2026-01-10", duty="place_baby_for_adoption")
    assert (answer["status"], answer["kind"], answer["not_before"]) == ("earliest", "earliest", "2026-02-21")
    assert answer["due_date"] is answer["due_at"] is answer["last_working_day"] is None


def test_a_flat_answer_gives_both_ends_of_a_window() -> None:
    answer = flat(event="adoption_notice_given", at="2026-06-15", duty="apply_for_adoption_order")
    assert (answer["status"], answer["not_before"], answer["due_date"]) == ("due", "2026-09-15", "2028-06-15")


def test_a_flat_answer_says_how_certain_a_timescale_is() -> None:
    facts = {"police_applied_for_order": True, "taken_into_police_protection_on": "2026-02-06"}
    event, duty = "emergency_protection_order_made", "end_emergency_protection_order"
    assert flat(event=event, at="2026-02-09", duty=duty, **facts)["certainty"] == "secondary"
    answer = flat(event=event, at="2026-02-09", duty=duty, police_applied_for_order=False)
    assert answer["certainty"] == "verified"


def test_the_answer_to_an_event_before_the_law_says_so() -> None:
    answer = flat(event="care_proceedings_issued", at="2013-05-01", duty="conclude_care_proceedings")
    assert answer["status"] == "not_applicable"
    assert str(answer["warnings"]).startswith("this timescale is law from 2014-04-22: Conclude")


def test_an_earliest_day_is_in_no_figure_of_timeliness() -> None:
    born = {"events": [{"type": "child_born", "occurred_at": "2026-01-10"}]}
    body = {"profile": "statutory-england", "as_of": "2027-01-10", "timelines": [born]}
    assert timeliness(packaged(), body)["duties"] == []
