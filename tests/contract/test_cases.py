"""Whole cases over HTTP: timelines, recalculation, comparisons, checks, timeliness, batches and files."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient
from icalendar import Calendar
from pydantic import BaseModel

from app.api.schemas.cases import BatchAnswer, RecalculationAnswer, TimelineAnswer, TimelinessAnswer
from app.api.schemas.comparisons import CheckAnswer, Impact, ProfileComparison
from tests.contract.documented import undocumented

NDJSON = "application/x-ndjson"
PATHS: dict[str, type[BaseModel]] = {
    "/v1/timelines": TimelineAnswer,
    "/v1/timelines/recalculations": RecalculationAnswer,
    "/v1/timelines/timeliness": TimelinessAnswer,
    "/v1/checks": CheckAnswer,
    "/v1/calculations/batch": BatchAnswer,
}


def happened(kind: str, at: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "occurred_at": at, **more}


def post(client: TestClient, path: str, body: Any, **headers: str) -> Any:
    answer = client.post(path, json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def timeline(client: TestClient, profile: str, *events: dict[str, Any], as_of: str, **more: Any) -> Any:
    body = {"profile": profile, "events": list(events), "as_of": as_of, **more}
    answer = post(client, "/v1/timelines", body)
    assert undocumented(TimelineAnswer, answer) == []
    return answer


def rows(answer: Any, *rules: str) -> list[tuple[str, str]]:
    return [(item["due_date"], item["status"]) for item in answer["obligations"] if item["rule"] in rules]


def one(answer: Any, rule: str) -> Any:
    (item,) = [item for item in answer["obligations"] if item["rule"] == rule]
    return item


DISCUSSION = happened("strategy_discussion_held", "2025-12-18T14:30", facts={"section_47_initiated": True})
PROTECTION = (
    DISCUSSION,
    happened("icpc_scheduled", "2026-01-12T10:00", id="first-date"),
    happened("icpc_scheduled", "2026-01-14T10:00", id="second-date"),
    happened("icpc_held", "2026-01-14T10:00"),
    happened("cp_plan_started", "2026-01-14"),
    happened("core_group_held", "2026-01-26"),
    happened("core_group_held", "2026-03-02"),
    happened("rcpc_held", "2026-04-10T10:00"),
    happened("cp_plan_ended", "2026-04-10"),
)


@pytest.mark.parametrize(
    ("profile", "due", "status", "late", "groups"),
    [
        (
            "swindon",
            "2026-01-13",
            "met_late",
            1,
            [("2026-01-28", "met"), ("2026-02-23", "met_late"), ("2026-03-30", "ended")],
        ),
        (
            "york",
            "2026-01-13",
            "met_late",
            1,
            [("2026-01-28", "met"), ("2026-02-26", "met_late"), ("2026-04-02", "ended")],
        ),
        # Barnet prints 15 days without saying which, and 15 working days from an enquiry whose start nobody gave.
        (
            "barnet",
            "2026-01-02",
            "disputed",
            None,
            [("2026-01-28", "met"), ("2026-02-26", "met_late"), ("2026-04-02", "ended")],
        ),
    ],
)
def test_from_a_strategy_discussion_to_the_end_of_the_plan(
    client: TestClient, profile: str, due: str, status: str, late: int | None, groups: Any
) -> None:
    answer = timeline(client, profile, *PROTECTION, as_of="2026-05-01", until="2026-05-01")
    conference = next(item for item in answer["obligations"] if item["duty"] == "hold_icpc")
    assert (conference["due_date"], conference["status"], conference["late_by_days"]) == (due, status, late)
    assert rows(answer, "core-groups") == groups
    reviews = [item["status"] for item in answer["obligations"] if item["duty"] in {"hold_first_rcpc", "hold_rcpc"}]
    # Barnet's standards set no limit for the review conference.
    assert reviews[:1] == ([] if profile == "barnet" else ["met"])
    # The plan ended at the review conference: no other conference, core group or visit is owed.
    assert "outstanding" not in reviews
    assert answer["until"] is None
    assert answer["projected_events"] == []


@pytest.mark.parametrize("profile", ["swindon", "york", "barnet"])
def test_a_moved_conference_leaves_its_first_date_superseded(client: TestClient, profile: str) -> None:
    answer = timeline(client, profile, *PROTECTION, as_of="2026-01-13", until="2026-01-13")
    for item in answer["obligations"]:
        if item["started_by"]["type"] == "icpc_scheduled":
            first = item["started_by"]["event"] == "first-date"
            assert (item["status"] == "superseded") == first, item["id"]
    assert one(answer, "icpc-held")["status"] == ("disputed" if profile == "barnet" else "outstanding")
    assert {item["type"] for item in answer["left_out"]} >= {"icpc_held", "rcpc_held"}


@pytest.mark.parametrize(
    ("profile", "visits", "reviews"),
    [
        (
            "swindon",
            [
                ("2026-01-12", "met"),
                ("2026-01-16", "met"),
                ("2026-01-23", "met_late"),
                ("2026-03-09", "met_late"),
                ("2026-04-21", "overdue"),
            ],
            [("2026-02-02", "met"), ("2026-04-29", "outstanding")],
        ),
        (
            "york",
            [
                ("2026-01-12", "met"),
                ("2026-02-20", "met"),
                ("2026-02-27", "met"),
                ("2026-03-09", "met_late"),
                ("2026-04-21", "overdue"),
            ],
            [("2026-02-02", "met"), ("2026-04-29", "outstanding")],
        ),
        (
            "barnet",
            [
                ("2026-01-12", "met"),
                ("2026-02-20", "met"),
                ("2026-02-27", "met"),
                ("2026-03-09", "met_late"),
                ("2026-04-21", "overdue"),
            ],
            [("2026-02-05", "met"), ("2026-04-29", "outstanding")],
        ),
    ],
)
def test_from_entry_to_care_through_visits_and_reviews(
    client: TestClient, profile: str, visits: Any, reviews: Any
) -> None:
    answer = timeline(
        client,
        profile,
        happened("placement_plan_completed", "2026-01-03"),
        happened("became_looked_after", "2026-01-05"),
        happened("placement_started", "2026-01-05", facts={"placement_type": "foster", "emergency_placement": False}),
        *(happened("cla_visit_made", day) for day in ("2026-01-09", "2026-01-16", "2026-01-26", "2026-03-10")),
        happened("cla_review_scheduled", "2026-01-28"),
        happened("cla_review_held", "2026-01-29"),
        happened("permanence_plan_made", "2026-04-20"),
        happened("cla_review_scheduled", "2026-04-28"),
        as_of="2026-04-24",
        until="2026-04-24",
        facts={"child_date_of_birth": "2015-06-01"},
    )
    assert rows(answer, "cla-visits") == visits
    assert rows(answer, "cla-reviews") == reviews
    if profile == "swindon":
        plan = one(answer, "placement-plan")
        assert (plan["status"], plan["done_at"], plan["days_taken"]) == ("met", "2026-01-03", -2)
        permanence = one(answer, "permanence-plan")
        assert (permanence["due_date"], permanence["status"]) == ("2026-04-28", "met")


def test_between_two_readings_an_enquiry_is_disputed(client: TestClient) -> None:
    started = happened("section_47_started", "2025-12-18")
    seen = [
        one(timeline(client, "york", started, as_of=day), "s47-complete")["status"]
        for day in ("2025-12-23", "2025-12-24", "2026-01-13", "2026-01-14")
    ]
    assert seen == ["outstanding", "disputed", "disputed", "overdue"]


def test_a_case_is_projected_for_a_year_unless_it_says_otherwise(client: TestClient) -> None:
    entry = happened("became_looked_after", "2026-01-05")
    year = timeline(client, "swindon", entry, as_of="2026-01-05")
    assert year["until"] == "2027-01-05"
    assert {"cla_review_held", "cla_review_scheduled"} <= {item["type"] for item in year["projected_events"]}
    reviews = [item for item in year["obligations"] if item["rule"] == "cla-reviews"]
    assert [item["projected"] for item in reviews] == [False, *[True] * (len(reviews) - 1)]
    assert reviews[0]["due_date"] == "2026-02-02"
    alone = timeline(client, "swindon", entry, as_of="2026-01-05", until="2026-01-05")
    calculated = post(client, "/v1/calculations", {"profile": "swindon", "event": entry})["obligations"]
    for answer in (year, alone):
        own = [item for item in answer["obligations"] if not item["rests_on"]]
        assert [{key: item[key] for key in calculated[0]} for item in own] == calculated


def test_what_hangs_on_a_conference_is_listed_once_and_is_in_no_count(client: TestClient) -> None:
    answer = timeline(client, "swindon", DISCUSSION, as_of="2025-12-19")
    assert undocumented(TimelineAnswer, answer) == []
    assert not {"icpc_held", "cp_plan_started"} & {item["type"] for item in answer["projected_events"]}
    hanging = [item["rule"] for item in answer["conditional"]]
    assert "core-groups" in hanging
    assert len(hanging) == len(set(hanging))
    assert not set(hanging) & {item["rule"] for item in answer["obligations"]}
    (enquiry,) = [item for item in answer["episodes"] if item["kind"] == "section_47_enquiry"]
    assert enquiry["opened_by"] == answer["obligations"][0]["started_by"]["event"]


def test_cases_one_a_line_are_counted_and_one_bad_line_is_refused_in_its_place(client: TestClient) -> None:
    asked = {"profile": "swindon", "as_of": "2026-03-31", "duties": ["hold_icpc"], "rows": True}
    cases = [
        {"reference": f"case-{number}", "events": [DISCUSSION, happened("icpc_held", f"2026-01-{number:02}")]}
        for number in (8, 12, 20)
    ]
    sent = [json.dumps(item) for item in (asked, *cases)]
    sent.insert(2, '{"events": [')
    sent.insert(3, json.dumps({"reference": "late", "events": [happened("icpc_held", "2026-02-30")]}))
    answer = client.post("/v1/timelines/timeliness", content="\n".join(sent), headers={"Content-Type": NDJSON})
    assert answer.status_code == 200
    *rows, figures = [json.loads(line) for line in answer.text.splitlines()]
    assert undocumented(TimelinessAnswer, figures) == []
    assert [row["reference"] for row in rows] == ["case-8", "case-12", "case-20"]
    assert [(item["place"], item["reference"]) for item in figures["refused"]] == [("line 3", None), ("line 4", "late")]
    (duty,) = figures["duties"]
    assert (figures["timelines"], duty["met"], duty["met_late"], duty["share_in_time"]) == (5, 2, 1, 0.6667)


def test_the_rows_of_timeliness_are_a_table_too(client: TestClient) -> None:
    case = {"reference": "=case-1", "events": [DISCUSSION, happened("icpc_held", "2026-01-12")]}
    body = {"profile": "swindon", "as_of": "2026-03-31", "duties": ["hold_icpc"], "timelines": [case]}
    answer = client.post("/v1/timelines/timeliness", json=body, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["reference"], row["status"], row["unit"], row["days"]) == ("'=case-1", "met", "working_days", "14")
    refused = client.post("/v1/timelines/timeliness", json=body, headers={"Accept": "text/calendar"})
    assert refused.status_code == 406


def test_a_family_under_two_profiles(client: TestClient) -> None:
    answer = post(
        client,
        "/v1/timelines",
        {
            "profiles": ["york", "statutory-england"],
            "as_of": "2026-03-03",
            "until": "2026-03-03",
            "children": [{"reference": "a"}, {"reference": "b"}],
            "events": [
                happened("became_looked_after", "2026-02-02"),
                happened("cla_review_held", "2026-02-20", child="a"),
            ],
        },
    )
    assert undocumented(TimelineAnswer, answer) == []
    found = {
        (i["profile"], i["child"], i["occurrence"]): i["status"]
        for i in answer["obligations"]
        if i["rule"] == "cla-reviews"
    }
    for profile in ("york", "statutory-england"):
        assert found[profile, "a", 1] == "met"
        assert found[profile, "a", 2] == "outstanding"
        assert found[profile, "b", 1] == "overdue"


def test_every_fault_of_a_case_is_reported_at_once_and_no_fact_is_repeated(client: TestClient) -> None:
    body = {
        "profile": "swindon",
        "as_of": "soon",
        "events": [happened("icpc_hold", "2026-01-05", facts={"child_date_of_birth": "31/12/2019"})],
        "horizon": "2027-01-01",
    }
    answer = client.post("/v1/timelines", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    paths = {fault["path"] for fault in answer.json()["errors"]}
    assert paths == {"as_of", "horizon", "events[0].type", "events[0].facts.child_date_of_birth"}
    assert "31/12/2019" not in answer.text


def test_a_meeting_that_moves_by_two_days_moves_just_what_hangs_on_it(client: TestClient) -> None:
    meeting = happened("icpc_scheduled", "2026-01-08T10:00", id="meeting")
    case = {"profile": "swindon", "as_of": "2026-01-02", "until": "2026-01-02"}
    earlier = post(client, "/v1/timelines", {**case, "events": [DISCUSSION, meeting]})["obligations"]
    moved = {**meeting, "occurred_at": "2026-01-12T10:00"}
    body = {**case, "events": [moved, DISCUSSION], "earlier": earlier}
    answer = post(client, "/v1/timelines/recalculations", body)
    assert undocumented(RecalculationAnswer, answer) == []
    assert (answer["added"], answer["withdrawn"], answer["kept"]) == ([], [], [])
    assert {item["id"].split("/")[2] for item in answer["moved"]} == {"meeting"}
    assert {item["id"].split("/")[2] for item in answer["unchanged"]} == {"strategy_discussion_held.1"}
    days = {item["rule"]: (item["days"], item["new_due_date"]) for item in answer["moved"]}
    assert days["icpc-report-chair"] == (2, "2026-01-08")
    with_earlier = {**case, "events": [moved, DISCUSSION], "earlier_events": [DISCUSSION, meeting]}
    assert post(client, "/v1/timelines/recalculations", with_earlier) == answer


def test_one_event_under_two_authorities_and_the_law(client: TestClient) -> None:
    profiles = ["swindon", "york", "statutory-england"]
    body: dict[str, Any] = {"profiles": profiles, "event": happened("became_looked_after", "2026-03-02")}
    answer = post(client, "/v1/comparisons", body)
    assert undocumented(ProfileComparison, answer) == []
    reviews = next(item for item in answer["duties"] if item["duty"] == "hold_first_cla_review")
    assert {(limit["profile"], limit["due_date"]) for limit in reviews["limits"] if limit["compared"]} == {
        ("swindon", "2026-03-30"),
        ("york", "2026-03-30"),
        ("statutory-england", "2026-03-30"),
    }
    assert reviews["difference_in_days"] == 0
    assert {item["profile"] for item in reviews["strictest"]} == set(profiles)
    laxer = next(item for item in answer["laxer_than_law"] if item["profile"] == "swindon")
    assert laxer["duty"] == "complete_initial_health_assessment"
    assert laxer["days"] == (date.fromisoformat(laxer["due_date"]) - date.fromisoformat(laxer["law"]["due_date"])).days
    assert "later than the statutory timescale" in laxer["statement"]
    assert laxer["law"]["source"][0]["section"] in laxer["statement"]


def test_what_changes_from_one_version_to_another(client: TestClient) -> None:
    body = {
        "before": {"profile": "swindon", "profile_version": 1},
        "after": {"profile": "york"},
        "events": [happened("strategy_discussion_held", "2025-12-18", id="a")],
        "facts": {"section_47_initiated": True},
    }
    answer = post(client, "/v1/comparisons", body)
    assert undocumented(Impact, answer) == []
    (event,) = answer["events"]
    assert [item["duty"] for item in event["unchanged"]] == ["hold_icpc"]
    assert answer["summary"] == {name: len(event[name]) for name in ("added", "removed", "moved", "unchanged")}


@pytest.mark.parametrize(
    ("sent", "verdict", "days", "kind", "code"),
    [
        ("2026-01-13", "right", 0, None, None),
        ("2026-01-12", "early", -1, "mistake", "day_zero_counted"),
        ("2026-01-08", "early", -5, "mistake", "bank_holidays_missed"),
        ("2026-01-02", "early", -11, "mistake", "calendar_days_for_working_days"),
        ("2026-01-14", "late", 1, "mistake", "clear_days"),
    ],
)
def test_a_date_that_somebody_else_computed(
    client: TestClient, sent: str, verdict: str, days: int, kind: str | None, code: str | None
) -> None:
    body = {
        "profile": "swindon",
        "event": happened("strategy_discussion_held", "2025-12-18"),
        "facts": {"section_47_initiated": True},
        "duty": "hold_icpc",
        "date": sent,
    }
    answer = post(client, "/v1/checks", body)
    assert undocumented(CheckAnswer, answer) == []
    assert (answer["verdict"], answer["days"], answer["expected"]["due_date"]) == (verdict, days, "2026-01-13")
    found = {(cause["kind"], name) for cause in answer["explained_by"] for name in cause["codes"]}
    assert (kind, code) in found if code else not answer["explained_by"]


def test_another_reading_explains_a_date(client: TestClient) -> None:
    body = {"profile": "york", "event": happened("referral_accepted", "2026-01-05"), "duty": "complete_assessment"}
    right = post(client, "/v1/checks", {**body, "date": "2026-03-09"})
    other = next(item["due_date"] for item in right["expected"]["alternatives"] if item["due_date"])
    answer = post(client, "/v1/checks", {**body, "date": other})
    assert right["verdict"] == "right"
    assert "reading" in {cause["kind"] for cause in answer["explained_by"]}


def test_a_batch_answers_in_order_and_one_fault_fails_only_its_own(client: TestClient) -> None:
    good = {"profile": "york", "event": happened("became_looked_after", "2026-01-05")}
    items = [{**good, "reference": "a"}, {**good, "profile": "nowhere"}, {**good, "reference": "b"}]
    answer = post(client, "/v1/calculations/batch", {"items": items})
    assert undocumented(BatchAnswer, answer) == []
    assert (answer["answered"], answer["failed"]) == (2, 1)
    assert [item.get("reference") for item in answer["items"]] == ["a", None, "b"]
    assert answer["items"][1]["errors"][0]["path"] == "profile"
    refused = client.post("/v1/calculations/batch", json={"items": [good] * 1001})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["path"] == "items"


def test_a_thousand_lines_are_answered_each_in_its_place(client: TestClient) -> None:
    item = {"profile": "york", "event": happened("contact_received", "2026-01-05T09:00")}
    sent = [json.dumps({**item, "reference": str(number)}) for number in range(1000)]
    sent[417] = '{"profile": "york", '
    answer = client.post(
        "/v1/calculations/batch", content=("\n".join(sent) + "\n").encode(), headers={"Content-Type": NDJSON}
    )
    assert answer.headers["content-type"].startswith(NDJSON)
    lines = answer.text.splitlines()
    assert len(lines) == 1000
    answers = [json.loads(line) for line in lines]
    assert answers[417]["type"] == "/problems/invalid-json"
    assert all(found["reference"] == str(number) for number, found in enumerate(answers) if number != 417)


CASE: dict[str, Any] = {
    "profile": "swindon",
    "reference": "=case-17",
    "as_of": "2026-01-02",
    "until": "2026-03-31",
    "events": [DISCUSSION, happened("icpc_scheduled", "2026-01-09T10:00", id="meeting")],
}


def entries(client: TestClient, body: Any, query: str = "") -> list[Any]:
    answer = client.post(f"/v1/timelines{query}", json=body, headers={"Accept": "text/calendar"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/calendar")
    return list(Calendar.from_ical(answer.content).walk("VEVENT"))


def test_a_timeline_as_a_calendar_file(client: TestClient) -> None:
    listed = post(client, "/v1/timelines", CASE)["obligations"]
    found = entries(client, CASE, "?alarm=1,7&sequence=2")
    assert len(found) == len(listed)
    assert {entry["SEQUENCE"] for entry in found} == {2}
    assert all(entry["DTSTART"].params["VALUE"] == "DATE" for entry in found)
    conference = next(e for e in found if e["SUMMARY"].startswith("Hold the initial child protection conference"))
    assert conference.decoded("DTSTART") == date(2026, 1, 13)
    assert "13.3" in conference["DESCRIPTION"]
    assert [alarm.decoded("TRIGGER").days for alarm in conference.walk("VALARM")] == [-7, -1]
    moved = {**CASE, "events": [DISCUSSION, {**CASE["events"][1], "occurred_at": "2026-01-12T10:00"}]}
    again = {str(entry["UID"]): entry.decoded("DTSTART") for entry in entries(client, moved)}
    before = {str(entry["UID"]): entry.decoded("DTSTART") for entry in found}
    assert len(before) == len(found)
    same = before.keys() & again.keys()
    assert any(before[uid] != again[uid] for uid in same)
    assert str(conference["UID"]) in same


def test_a_calendar_file_needs_a_reference(client: TestClient) -> None:
    body = {key: value for key, value in CASE.items() if key != "reference"}
    refused = client.post("/v1/timelines", json=body, headers={"Accept": "text/calendar"})
    assert refused.status_code == 422
    assert [fault["path"] for fault in refused.json()["errors"]] == ["reference"]


def test_a_timeline_as_a_table(client: TestClient) -> None:
    answer = client.post("/v1/timelines?bom=true", json=CASE, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    table = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    listed = post(client, "/v1/timelines", CASE)["obligations"]
    assert [(row["id"], row["due_date"], row["status"]) for row in table] == [
        (item["id"], item["due_date"], item["status"]) for item in listed
    ]
    assert {row["reference"] for row in table} == {"'=case-17"}
    usual = client.post("/v1/timelines", json=CASE, headers={"Accept": "text/csv"})
    assert usual.content.startswith(b"reference,")


def test_the_share_of_conferences_held_in_time(client: TestClient) -> None:
    dates_done = ["2026-01-08", "2026-01-12", "2026-01-13", "2026-01-20", None]
    cases = [{"events": [DISCUSSION, *([happened("icpc_held", day)] if day else [])]} for day in dates_done]
    body = {"profile": "swindon", "as_of": "2026-03-31", "duties": ["hold_icpc"], "timelines": cases}
    answer = post(client, "/v1/timelines/timeliness", body)
    assert undocumented(TimelinessAnswer, answer) == []
    (duty,) = answer["duties"]
    assert {name: duty[name] for name in ("met", "met_late", "overdue", "judged", "share_in_time")} == {
        "met": 3,
        "met_late": 1,
        "overdue": 1,
        "judged": 5,
        "share_in_time": 0.6,
    }
    assert (duty["median_days"], duty["percentile_90_days"]) == (25.5, 33)


@pytest.mark.parametrize("path", [*PATHS, "/v1/comparisons"])
def test_every_example_works_as_printed_and_is_answered_as_described(
    client: TestClient, document: dict[str, Any], path: str
) -> None:
    contents = document["paths"][path]["post"]["requestBody"]["content"]
    schemas = document["components"]["schemas"]
    assert contents["application/json"]["examples"]
    for kind, content in contents.items():
        for example in content["examples"].values():
            value = example["value"]
            sent = value.encode() if isinstance(value, str) else json.dumps(value).encode()
            answer = client.post(path, content=sent, headers={"Content-Type": kind})
            assert answer.status_code == 200, answer.text
            if kind == NDJSON:
                last = "duties" if path.endswith("timeliness") else "obligations"
                assert last in json.loads(answer.text.splitlines()[-1])
                continue
            model = PATHS.get(path) or (ProfileComparison if "duties" in answer.json() else Impact)
            assert undocumented(model, answer.json()) == []
            assert model.__name__ in schemas
            assert answer.json().get("failed", 0) == 0


def test_a_window_that_looks_back_is_never_overdue(client: TestClient) -> None:
    events = [{"type": "contact_received", "occurred_at": "2026-01-05T10:00"}]
    answer = client.post("/v1/timelines", json={"profile": "swindon", "as_of": "2026-12-01", "events": events}).json()
    looked = [item for item in answer["obligations"] if item["rule"] == "previous-contacts"]
    assert [item["status"] for item in looked] == ["outstanding"]


def test_a_reading_that_nobody_can_date_keeps_a_late_case_disputed(client: TestClient) -> None:
    events = [
        {"type": "strategy_discussion_held", "occurred_at": "2026-01-07", "facts": {"section_47_initiated": True}}
    ]
    body = {"profile": "barnet", "as_of": "2026-03-01", "events": events}
    conference = one(client.post("/v1/timelines", json=body).json(), "icpc-held")
    assert conference["alternatives"][-1]["due_at"] is None
    assert conference["status"] == "disputed"
    events[0]["facts"] = {"section_47_initiated": True, "section_47_started_on": "2026-01-07"}
    assert one(client.post("/v1/timelines", json=body).json(), "icpc-held")["status"] == "overdue"
