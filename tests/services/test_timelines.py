"""Cases as they happen: what is met, late, moved, ended or still to come."""

from datetime import date
from typing import Any

import pytest

from app.services.problems import Problem
from tests.services.answers import timeline
from tests.services.worlds import changed, document, packaged, rule, small, snapshot_of, stored


def happened(kind: str, at: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "occurred_at": at, **more}


def ask(*events: dict[str, Any], as_of: str, snapshot: Any = None, **more: Any) -> dict[str, Any]:
    body = {"events": list(events), "as_of": as_of, "until": as_of[:10], **more}
    if "profiles" not in body:
        body["profile"] = "small"
    return timeline(snapshot or small(), body)


def of(answer: dict[str, Any], rule_id: str, occurrence: int = 1) -> dict[str, Any]:
    return next(i for i in answer["obligations"] if (i["rule"], i["occurrence"]) == (rule_id, occurrence))


def statuses(answer: dict[str, Any], rule_id: str) -> list[str]:
    return [item["status"] for item in answer["obligations"] if item["rule"] == rule_id]


STRATEGY = happened("strategy_discussion_held", "2025-12-18T14:30:00Z", facts={"section_47_initiated": True})


@pytest.mark.parametrize(
    ("held_at", "status", "late"),
    [
        ("2026-01-13", "met", None),
        ("2026-01-13T23:59", "met", None),
        ("2026-01-14T00:00", "met_late", 1),
        ("2026-01-20", "met_late", 7),
    ],
)
def test_a_conference_is_met_up_to_its_last_second(held_at: str, status: str, late: int | None) -> None:
    item = of(ask(STRATEGY, happened("icpc_held", held_at), as_of="2026-02-01"), "icpc-held")
    assert (item["due_date"], item["status"], item["late_by_days"]) == ("2026-01-13", status, late)
    assert item["done_by"] == "icpc_held.1"


@pytest.mark.parametrize(
    ("as_of", "status", "days"),
    [
        ("2026-01-13", "outstanding", None),
        ("2026-01-13T23:00", "outstanding", None),
        ("2026-01-14", "overdue", 1),
        ("2026-01-23T09:00:00Z", "overdue", 10),
    ],
)
def test_a_limit_is_overdue_only_once_its_day_is_over(as_of: str, status: str, days: int | None) -> None:
    item = of(ask(STRATEGY, as_of=as_of), "icpc-held")
    assert (item["status"], item["overdue_by_days"]) == (status, days)


def test_a_conference_before_the_strategy_discussion_discharges_nothing() -> None:
    answer = ask(happened("icpc_held", "2025-11-01"), STRATEGY, as_of="2026-01-05")
    assert of(answer, "icpc-held")["status"] == "outstanding"


def test_hours_are_judged_by_the_clock_and_a_day_without_a_time_is_late_only_as_a_whole() -> None:
    contact = happened("contact_received", "2026-03-02T15:00")
    for at, status, hours in [
        ("2026-03-03", "met", None),
        ("2026-03-03T15:00", "met", None),
        ("2026-03-03T17:30", "met_late", 2.5),
        ("2026-03-04", "met_late", None),
    ]:
        item = of(ask(contact, happened("referral_accepted", at), as_of="2026-03-10"), "contact-decision")
        assert (item["status"], item["late_by_hours"]) == (status, hours), at


def test_two_contacts_need_two_decisions() -> None:
    answer = ask(
        happened("contact_received", "2026-03-02T09:00"),
        happened("contact_received", "2026-03-05T09:00"),
        happened("referral_accepted", "2026-03-02T12:00"),
        as_of="2026-03-10",
    )
    assert statuses(answer, "contact-decision") == ["met", "overdue"]


def test_between_two_readings_nothing_is_overdue() -> None:
    started = happened("section_47_started", "2026-06-01")
    for as_of, status in [("2026-06-11", "outstanding"), ("2026-06-12", "disputed"), ("2026-06-16", "overdue")]:
        assert of(ask(started, as_of=as_of), "section-47-done")["status"] == status
    for done, status in [("2026-06-11", "met"), ("2026-06-15", "disputed"), ("2026-06-16", "met_late")]:
        answer = ask(started, happened("section_47_completed", done), as_of="2026-07-01")
        assert of(answer, "section-47-done")["status"] == status


def test_the_main_reading_suffices_where_it_is_the_later_one() -> None:
    accepted = happened("referral_accepted", "2026-01-05")
    answer = ask(accepted, happened("assessment_authorised", "2026-03-02"), as_of="2026-04-01")
    assert of(answer, "assessment")["status"] == "met"
    assert of(ask(accepted, as_of="2026-03-02"), "assessment")["status"] == "disputed"


def test_a_moved_conference_takes_its_preparation_with_it() -> None:
    answer = ask(
        happened("icpc_scheduled", "2026-01-13T10:00"),
        happened("icpc_scheduled", "2026-01-15T10:00"),
        happened("local_report_sent", "2026-01-12"),
        as_of="2026-01-14",
    )
    assert [(i["due_date"], i["status"]) for i in answer["obligations"]] == [
        ("2026-01-08", "superseded"),
        ("2026-01-12", "met"),
    ]


def test_a_conference_brought_forward_stands_if_it_was_recorded_later() -> None:
    answer = ask(
        happened("icpc_scheduled", "2026-01-20", recorded_at="2026-01-02"),
        happened("icpc_scheduled", "2026-01-13", recorded_at="2026-01-05"),
        as_of="2026-01-06",
    )
    assert [(i["due_date"], i["status"]) for i in answer["obligations"]] == [
        ("2026-01-08", "outstanding"),
        ("2026-01-15", "superseded"),
    ]


def test_a_report_for_one_conference_is_not_the_report_for_the_next() -> None:
    answer = ask(
        happened("icpc_scheduled", "2026-01-13"),
        happened("local_report_sent", "2026-01-07"),
        happened("icpc_held", "2026-01-13"),
        happened("icpc_scheduled", "2026-06-09"),
        as_of="2026-06-08",
    )
    assert statuses(answer, "report-to-chair") == ["met", "overdue"]


def test_the_conference_and_its_plan_ask_for_one_core_group() -> None:
    answer = ask(
        happened("icpc_held", "2026-01-13"),
        happened("cp_plan_started", "2026-01-14"),
        as_of="2026-01-20",
    )
    (item,) = [i for i in answer["obligations"] if i["rule"] == "core-groups"]
    assert (item["due_date"], item["started_by"]["type"]) == ("2026-01-27", "icpc_held")
    assert item["also_started_by"] == ["cp_plan_started.1"]


def test_each_core_group_meets_the_limit_before_it_and_starts_the_next() -> None:
    answer = ask(
        happened("icpc_held", "2026-01-13"),
        happened("core_group_held", "2026-01-22"),
        happened("core_group_held", "2026-02-25"),
        as_of="2026-03-01",
    )
    items = [i for i in answer["obligations"] if i["rule"] == "core-groups"]
    assert [(i["due_date"], i["status"], i["late_by_days"]) for i in items] == [
        ("2026-01-27", "met", None),
        ("2026-02-19", "met_late", 6),
        ("2026-03-25", "outstanding", None),
    ]
    assert [i["id"] for i in items] == [f"small/core-groups/icpc_held.1/{n}" for n in (1, 2, 3)]


def test_a_visit_that_found_the_baby_asleep_leaves_the_limit_open() -> None:
    facts = {"child_date_of_birth": "2025-11-01"}
    start = happened("cp_plan_started", "2026-01-05")
    asleep = happened("cp_visit_made", "2026-01-12", facts={"child_was_awake": False})
    awake = happened("cp_visit_made", "2026-01-16", facts={"child_was_awake": True})
    answer = ask(start, asleep, awake, happened("cp_visit_made", "2026-01-20"), facts=facts, as_of="2026-01-21")
    baby = [(i["due_date"], i["status"]) for i in answer["obligations"] if i["rule"] == "baby-awake"]
    # What was seen on one visit says nothing of the next: the last visit leaves the limit open.
    assert baby == [("2026-01-19", "met"), ("2026-01-30", "outstanding")]
    assert statuses(answer, "cp-visits") == ["met", "met", "met", "outstanding"]


def test_the_end_of_the_plan_ends_what_is_open_and_says_what_was_missed() -> None:
    answer = ask(
        happened("cp_plan_started", "2026-01-13"),
        happened("core_group_held", "2026-01-20"),
        happened("cp_plan_ended", "2026-02-02"),
        as_of="2026-03-01",
    )
    visits, group = of(answer, "cp-visits"), of(answer, "core-groups", 2)
    assert (visits["status"], visits["missed"]) == ("ended", True)
    assert (group["status"], group["missed"]) == ("ended", False)


def test_a_plan_that_a_review_conference_ends_asks_for_no_further_conference() -> None:
    for ended in ("2026-04-10", "2026-04-10T12:00"):
        answer = ask(
            happened("icpc_held", "2026-01-14T10:00"),
            happened("rcpc_held", "2026-04-10T10:00"),
            happened("cp_plan_ended", ended),
            as_of="2026-05-01",
        )
        assert statuses(answer, "rcpcs") == ["met", "ended"], ended


def test_a_new_placement_on_the_day_the_old_one_ends_starts_the_clock_again() -> None:
    answer = ask(
        happened("placement_started", "2026-01-05"),
        happened("placement_plan_completed", "2026-01-06"),
        happened("placement_ended", "2026-01-09"),
        happened("placement_started", "2026-01-09"),
        facts={"first_review_held_on": "2026-02-01"},
        as_of="2026-01-09",
    )
    assert statuses(answer, "placement-plan") == ["met", "outstanding"]
    assert statuses(answer, "cla-visits") == ["ended", "outstanding"]


def test_a_new_placement_supersedes_the_visits_of_the_one_before() -> None:
    answer = ask(
        happened("placement_started", "2026-01-05"), happened("placement_started", "2026-01-08"), as_of="2026-01-09"
    )
    first, second = (i for i in answer["obligations"] if i["rule"] == "cla-visits")
    assert (first["status"], second["status"]) == ("superseded", "outstanding")
    assert first["superseded_by"] == second["id"]


def test_reviews_are_counted_from_becoming_looked_after() -> None:
    answer = ask(
        happened("became_looked_after", "2026-01-05"),
        happened("cla_review_held", "2026-01-30"),
        happened("cla_review_held", "2026-04-20"),
        as_of="2026-05-01",
    )
    assert [i["due_date"] for i in answer["obligations"] if i["rule"] == "cla-reviews"] == [
        "2026-02-02",
        "2026-04-30",
        "2026-10-20",
    ]


def test_the_first_review_lengthens_the_visits_before_and_after_it() -> None:
    answer = ask(
        happened("became_looked_after", "2026-01-05"),
        happened("placement_started", "2026-01-05"),
        happened("cla_visit_made", "2026-01-29"),
        happened("cla_review_held", "2026-01-30"),
        as_of="2026-02-01",
    )
    # The week from 29 January would end beyond the review of 30 January, so the next phase's six weeks count.
    assert of(answer, "cla-visits", 2)["due_date"] == "2026-03-12"


def test_what_nobody_restarts_falls_due_again_and_again() -> None:
    answer = ask(
        happened("became_looked_after", "2025-01-06"),
        happened("dental_check_held", "2025-08-01"),
        as_of="2026-03-01",
    )
    assert [(i["due_date"], i["status"]) for i in answer["obligations"] if i["rule"] == "yearly-check"] == [
        ("2025-07-06", "met_late"),
        ("2026-01-06", "overdue"),
        ("2026-07-06", "outstanding"),
    ]


@pytest.mark.parametrize(
    ("until", "horizon"),
    [
        (None, "2027-01-05"),
        ("", "2027-01-05"),
        ("2026-03-31", "2026-03-31"),
        ("2026-01-05", None),
        ("2025-12-31", None),
    ],
)
def test_a_case_is_projected_for_a_year_unless_the_horizon_says_otherwise(
    until: str | None, horizon: str | None
) -> None:
    answer = ask(happened("became_looked_after", "2026-01-05"), as_of="2026-01-05T09:00", until=until)
    assert answer["until"] == horizon
    assert {item["due_date"] <= str(horizon) for item in answer["obligations"] if item["rests_on"]} <= {True}
    assert answer["summary"]["projected"] == sum(1 for item in answer["obligations"] if item["rests_on"])
    assert bool(answer["projected_events"]) == (horizon is not None)


def test_a_plan_made_before_the_placement_meets_what_is_due_before_it() -> None:
    """What was done for one placement, in time or late, is not taken again for the next."""
    before = changed(lambda body: rule(body, "placement-plan").update(timing={"before": {"nothing": True}}))
    answer = ask(
        happened("placement_started", "2025-03-03"),
        happened("placement_plan_completed", "2025-03-04"),
        happened("placement_started", "2025-06-02"),
        happened("placement_plan_completed", "2025-08-29"),
        happened("placement_plan_completed", "2025-09-01"),
        happened("placement_started", "2025-09-01"),
        happened("placement_plan_completed", "2026-01-03"),
        happened("placement_started", "2026-01-05"),
        as_of="2026-02-01",
        snapshot=snapshot_of(stored(before)),
    )
    plans = [i for i in answer["obligations"] if i["rule"] == "placement-plan"]
    assert [(i["status"], i["done_at"], i["days_taken"]) for i in plans] == [
        ("met_late", "2025-03-04", 1),
        ("met_late", "2025-08-29", 88),
        ("met", "2025-09-01", 0),
        ("met", "2026-01-03", -2),
    ]


def test_a_plan_made_before_the_last_time_in_care_ended_is_not_the_plan_for_this_one() -> None:
    def before_care(body: dict[str, Any]) -> None:
        timing = {"before": {"nothing": True}}
        ends = ["ceased_to_be_looked_after"]
        rule(body, "placement-plan").update(timing=timing, event="became_looked_after", ends_on=ends)

    answer = ask(
        happened("placement_plan_completed", "2023-05-01"),
        happened("ceased_to_be_looked_after", "2024-02-01"),
        happened("became_looked_after", "2026-01-05"),
        as_of="2026-01-10",
        snapshot=snapshot_of(stored(changed(before_care))),
    )
    assert statuses(answer, "placement-plan") == ["overdue"]


def test_a_plan_made_for_a_review_meets_what_is_due_at_it_and_arranged_and_held_it_asks_once() -> None:
    def at_review(body: dict[str, Any]) -> None:
        events = ["cla_review_scheduled", "cla_review_held"]
        rule(body, "placement-plan").update(timing={"same_day": True}, event=events, ends_on=[])

    review = [happened("cla_review_held", "2026-01-28"), happened("cla_review_scheduled", "2026-04-27")]
    made = happened("placement_plan_completed", "2026-04-20")
    world = snapshot_of(stored(changed(at_review)))
    answer = ask(*review, made, as_of="2026-04-21", snapshot=world)
    assert statuses(answer, "placement-plan") == ["met_late", "met"]
    planned = of(answer, "placement-plan") and [i for i in answer["obligations"] if i["rule"] == "placement-plan"][1]
    answer = ask(*review, made, happened("cla_review_held", "2026-04-28"), as_of="2026-05-21", snapshot=world)
    plans = [i for i in answer["obligations"] if i["rule"] == "placement-plan"]
    assert [(i["due_date"], i["status"]) for i in plans] == [("2026-01-28", "met_late"), ("2026-04-28", "met")]
    assert plans[1]["id"] == planned["id"] == "small/placement-plan/cla_review_scheduled.1/1"
    assert (plans[1]["started_by"]["event"], plans[1]["also_started_by"]) == (
        "cla_review_held.2",
        ["cla_review_scheduled.1"],
    )


def test_what_no_event_can_show_done_is_never_called_overdue_unless_the_caller_names_it() -> None:
    def untracked(body: dict[str, Any]) -> None:
        del rule(body, "contact-decision")["discharged_by"]
        del rule(body, "yearly-check")["discharged_by"]

    world = snapshot_of(stored(changed(untracked)))
    contact = happened("contact_received", "2026-03-02T09:00")
    item = of(ask(contact, as_of="2026-03-10", snapshot=world), "contact-decision")
    assert (item["trackable"], item["status"]) == (False, "outstanding")
    other = happened("contact_received", "2026-03-04T09:00")
    decided = happened("management_decision_made", "2026-03-02T10:00", discharges=["decide_contact"])
    answer = ask(contact, other, decided, as_of="2026-03-10", snapshot=world)
    assert [(i["trackable"], i["status"]) for i in answer["obligations"]] == [(True, "met"), (True, "overdue")]
    cared = ask(happened("became_looked_after", "2025-01-06"), as_of="2026-03-01", snapshot=world)
    checks = [(i["due_date"], i["status"], i["missed"]) for i in cared["obligations"] if i["rule"] == "yearly-check"]
    assert checks == [
        ("2025-07-06", "superseded", False),
        ("2026-01-06", "superseded", False),
        ("2026-07-06", "outstanding", False),
    ]


def test_an_adoptive_placement_s_first_review_is_the_first_since_it_started() -> None:
    story = [
        ("became_looked_after", "2025-01-06", {}),
        ("placement_started", "2025-01-06", {"placement_type": "foster"}),
        ("cla_review_held", "2025-01-28", {}),
        ("placement_ended", "2025-06-02", {}),
        ("placement_started", "2025-06-02", {"placement_type": "adoption"}),
        ("cla_visit_made", "2025-06-05", {}),
        ("cla_review_held", "2025-06-25", {}),
        ("cla_visit_made", "2025-06-30", {}),
    ]
    events = [happened(kind, at, facts=facts) for kind, at, facts in story]
    answer = ask(*events, as_of="2025-07-01", profiles=["statutory-england"], snapshot=packaged())
    visits = [i for i in answer["obligations"] if i["rule"] == "adoption-visits"]
    assert [(i["due_date"], i["phase"]) for i in visits] == [("2025-06-09", "first"), ("2025-06-12", "weekly")]
    # After its first review the review decides how often: weekly no more.
    assert [i["needs"] for i in answer["undetermined"] if i["rule"] == "adoption-visits"] == [
        ["plan_visit_interval_days"]
    ]


def test_the_list_of_those_to_invite_is_asked_for_once_though_two_paragraphs_date_it() -> None:
    answer = ask(
        happened("strategy_discussion_held", "2026-01-05T10:00", facts={"icpc_likely": True}),
        happened("section_47_started", "2026-01-07"),
        as_of="2026-01-07",
        profiles=["swindon"],
        snapshot=packaged(),
    )
    (item,) = [i for i in answer["obligations"] if i["duty"] == "send_icpc_invitation_list"]
    assert (item["due_at"], item["also_started_by"]) == ("2026-01-06T10:00:00+00:00", ["section_47_started.1"])
    assert "2026-01-12" in {other["due_date"] for other in item["alternatives"]}


def test_an_event_can_say_what_it_discharges() -> None:
    answer = ask(
        happened("contact_received", "2026-03-02T09:00"),
        happened("management_decision_made", "2026-03-02T10:00", discharges=["decide_contact"]),
        as_of="2026-03-10",
    )
    assert of(answer, "contact-decision")["status"] == "met"


def test_an_event_after_the_day_asked_about_is_left_out_and_said_to_be() -> None:
    answer = ask(STRATEGY, happened("icpc_held", "2026-01-12"), as_of="2026-01-05")
    assert of(answer, "icpc-held")["status"] == "outstanding"
    assert [item["type"] for item in answer["left_out"]] == ["icpc_held"]
    assert answer["warnings"]


def test_an_arranged_conference_is_assumed_held_and_what_it_finds_is_not() -> None:
    answer = ask(STRATEGY, happened("icpc_scheduled", "2026-01-09T10:00"), as_of="2026-01-05", until="2026-05-01")
    assert of(answer, "icpc-held")["scheduled_for"] == "2026-01-09T10:00:00+00:00"
    assert of(answer, "rcpcs")["rests_on"] == ["small/icpc-held/strategy_discussion_held.1/1"]
    assert not [i for i in answer["obligations"] if i["rule"] == "core-groups"]
    hanging = {item["rule"]: item["hangs_on"] for item in answer["conditional"]}
    assert hanging["core-groups"]["fact"] == "plan_made_at_conference"


def test_no_conference_is_assumed_and_what_hangs_on_it_is_listed_once() -> None:
    answer = ask(STRATEGY, as_of="2026-01-05", until="2027-01-05")
    assert [i["rule"] for i in answer["obligations"]] == ["icpc-held"]
    assert answer["projected_events"] == []
    rules = [item["rule"] for item in answer["conditional"]]
    assert {"core-groups", "rcpcs", "cp-visits"} <= set(rules)
    assert len(rules) == len(set(rules))


def test_an_overdue_step_is_projected_from_the_day_asked_about() -> None:
    answer = ask(happened("placement_started", "2026-01-05"), as_of="2026-02-02", until="2026-03-31")
    assert (of(answer, "cla-visits")["due_date"], of(answer, "cla-visits")["status"]) == ("2026-01-12", "overdue")
    assert of(answer, "cla-visits", 2)["due_date"] > "2026-02-02"
    assert all(i["status"] == "outstanding" for i in answer["obligations"] if i["rests_on"])


def test_a_projected_id_stays_when_the_event_has_happened() -> None:
    entry = happened("became_looked_after", "2026-01-05")
    plan = ask(entry, as_of="2026-01-05", until="2026-05-31")
    after = ask(entry, happened("cla_review_held", "2026-01-30"), as_of="2026-02-09", until="2026-05-31")
    assert of(plan, "cla-reviews", 2)["id"] == of(after, "cla-reviews", 2)["id"]


def test_each_child_has_its_own_facts_and_shares_the_family_s_events() -> None:
    answer = ask(
        happened("cp_plan_started", "2026-01-05"),
        happened("cp_visit_made", "2026-01-08", child="baby", facts={"child_was_awake": True}),
        children=[
            {"reference": "baby", "facts": {"child_date_of_birth": "2025-11-01"}},
            {"reference": "sister", "facts": {"child_date_of_birth": "2017-05-01"}},
        ],
        as_of="2026-01-09",
    )
    assert {i["child"] for i in answer["obligations"] if i["rule"] == "baby-awake"} == {"baby"}
    visits = [(i["child"], i["status"]) for i in answer["obligations"] if i["rule"] == "cp-visits"]
    assert sorted(visits) == [("baby", "met"), ("baby", "outstanding"), ("sister", "outstanding")]


def test_each_event_uses_the_version_in_force_on_its_day() -> None:
    later = changed(lambda body: rule(body, "icpc-held")["timing"].update(within={"working_days": 10}))

    both = snapshot_of(stored(document()), stored(later, 2, date(2026, 1, 1)))
    answer = ask(
        STRATEGY,
        happened("strategy_discussion_held", "2026-01-05", facts={"section_47_initiated": True}, episode="second"),
        as_of="2026-01-06",
        snapshot=both,
    )
    assert [(i["profile_version"], i["due_date"]) for i in answer["obligations"]] == [
        (1, "2026-01-13"),
        (2, "2026-01-19"),
    ]


def test_every_fault_is_reported_at_once_and_no_fact_is_repeated() -> None:
    with pytest.raises(Problem) as caught:
        ask(
            happened("icpc_hold", "2026-01-05"),
            happened("icpc_held", "2026-13-05", facts={"child_date_of_birth": "31/12/2019"}),
            happened("icpc_held", "2026-01-05", child="nobody"),
            as_of="soon",
            until="2026-02-30",
            extra=1,
        )
    faults = {fault.path: fault for fault in caught.value.faults}
    assert set(faults) == {
        "extra",
        "events[0].type",
        "events[1].occurred_at",
        "events[1].facts.child_date_of_birth",
        "events[2].child",
        "as_of",
        "until",
    }
    assert faults["events[0].type"].nearest[0] == "icpc_held"
    assert "31/12/2019" not in str([fault.as_json() for fault in caught.value.faults])


def test_a_horizon_beyond_25_years_and_more_than_1000_events_are_refused() -> None:
    with pytest.raises(Problem) as caught:
        ask(*[happened("child_seen", "2026-01-05")] * 1001, as_of="2026-01-05", until="2051-01-06")
    assert {fault.path for fault in caught.value.faults} == {"events", "until"}


def test_a_chain_that_would_not_end_is_refused() -> None:
    def busy(body: dict[str, Any]) -> None:
        rule(body, "core-groups")["timing"]["every"] = {"days": 1}

    with pytest.raises(Problem) as caught:
        ask(
            happened("icpc_held", "2026-01-13"),
            as_of="2026-01-13",
            until="2050-01-01",
            snapshot=snapshot_of(stored(changed(busy))),
        )
    assert caught.value.kind == "too-many-obligations"


def test_events_that_may_each_have_met_every_obligation_are_refused_where_they_are_too_many() -> None:
    def seen_awake(body: dict[str, Any]) -> None:
        rule(body, "contact-decision").update(
            discharged_by=["child_seen"], discharged_when={"child_was_awake": True}, ends_on=[]
        )

    starts = [happened("contact_received", "2026-01-05")] * 300
    acts = [happened("child_seen", "2026-01-06")] * 300
    world = snapshot_of(stored(changed(seen_awake)))
    with pytest.raises(Problem) as caught:
        ask(*starts, *acts, as_of="2026-02-01", snapshot=world)
    assert caught.value.kind == "too-many-obligations"
    assert [fault.path for fault in caught.value.faults] == ["events"]
    assert ask(*starts[:50], *acts[:50], as_of="2026-02-01", snapshot=world)["obligations"]


def test_too_many_rules_that_wait_for_facts_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.services.timelines.MAX_HISTORY_LINES", 10)
    reviewed = [happened("cla_review_held", "2026-01-05")]
    assert ask(*reviewed, as_of="2026-02-01", profiles=["york"], snapshot=packaged())["undetermined"]
    with pytest.raises(Problem) as caught:
        ask(*reviewed * 20, as_of="2026-02-01", profiles=["york"], snapshot=packaged())
    assert caught.value.kind == "too-many-obligations"
    assert caught.value.faults[0].message.endswith("wait for facts")


def test_a_history_that_begins_before_the_standards_is_read_and_warned_of() -> None:

    young = snapshot_of(stored(document(), 1, date(2026, 1, 1)))
    early = happened("placement_started", "2025-12-01")
    answer = ask(early, happened("cla_visit_made", "2026-01-05"), as_of="2026-01-06", snapshot=young)
    assert [i["started_by"]["type"] for i in answer["obligations"]] == ["cla_visit_made"]
    assert "placement_started of 2025-12-01" in answer["warnings"][0]
    with pytest.raises(Problem) as caught:
        ask(early, as_of="2026-01-06", snapshot=young)
    assert caught.value.kind == "no-version-in-force"


@pytest.mark.parametrize("facts", [{}, {"looked_after": False}])
def test_an_event_does_not_know_what_is_said_later_that_day(facts: dict[str, bool]) -> None:
    first = happened("strategy_discussion_held", "2026-01-05T09:00")
    later = happened("section_47_started", "2026-01-05T15:00")
    body = {"profile": "swindon", "events": [first, later], "as_of": "2026-01-06", "facts": facts}
    answer = timeline(packaged(), body)
    assert "icpc-held" in [
        item["rule"] for item in answer["undetermined"] if item["started_by"]["event"] == "strategy_discussion_held.1"
    ]


def test_a_name_that_was_sent_is_given_to_no_other_event() -> None:
    sent = {**happened("strategy_discussion_held", "2026-01-05"), "id": "icpc_held.1"}
    answer = ask(sent, happened("icpc_held", "2026-01-12"), as_of="2026-02-01", facts={"section_47_initiated": True})
    names = {item["started_by"]["event"] for item in answer["obligations"]}
    assert {"icpc_held.1", "icpc_held.2"} <= names
