"""The page of one case as a caller without scripts gets it."""

import html
import json
import re
from datetime import date
from typing import Any

import httpx
import pytest

from app.web.case_drawing import draw_case
from tests.web.states import EPISODES

CASE: dict[str, Any] = {
    "profile": "swindon",
    "as_of": "2026-02-01",
    "reference": "case-17",
    "facts": {"child_date_of_birth": "2019-04-02"},
    "events": [
        {"id": "a", "type": "referral_received", "occurred_at": "2025-12-15"},
        {
            "id": "b",
            "type": "strategy_discussion_held",
            "occurred_at": "2025-12-18T14:30",
            "facts": {"section_47_initiated": True},
        },
    ],
}


def fields(text: str) -> dict[str, str]:
    """Give the fields of the case's form as a browser would send them."""
    form = text[text.index('<form id="case"') : text.index("</form>")]
    found = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name:
            found[name[1]] = html.unescape(value[1]) if value else ""
    for name, options in re.findall(r'(?s)<select [^>]*name="([^"]*)".*?>(.*?)</select>', form):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return found


def opened(client: httpx.Client, case: dict[str, Any] = CASE) -> str:
    answer = client.post("/case", data={"file": json.dumps(case)})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    return answer.text


def saved(text: str) -> dict[str, Any]:
    """Give what the page would save as a file."""
    body = re.search(r'data-body="([^"]*)"', text)
    assert body is not None
    found = json.loads(html.unescape(body[1]))
    assert isinstance(found, dict)
    return found


def test_a_file_that_was_opened_is_saved_as_it_was(client: httpx.Client) -> None:
    assert saved(opened(client)) == CASE


def test_the_form_sends_what_the_file_held(client: httpx.Client) -> None:
    first = opened(client)
    assert saved(client.post("/case", data=fields(first)).text) == CASE


def test_what_the_page_has_no_field_for_travels_with_the_case(client: httpx.Client) -> None:
    events = [dict(event) for event in CASE["events"]]
    events[1] |= {"occurred_at": "2025-12-18T14:30:05+00:00", "recorded_at": "2025-12-19"}
    case = {**CASE, "events": events, "until": "2026-03-01"}
    first = opened(client, case)
    assert saved(client.post("/case", data=fields(first)).text) == case


def test_every_date_of_the_timeline_is_on_the_page_with_its_counting(client: httpx.Client) -> None:
    text = opened(client)
    answer = client.post("/v1/timelines", json=CASE | {"explain": True}).json()
    assert answer["obligations"]
    for item in answer["obligations"]:
        assert html.escape(item["title"], quote=False).replace("'", "&#39;") in text
    assert "Tuesday 13 January 2026: working day 15" in text
    assert re.search(r'<h3 id="overdue">Overdue', text)


def test_moving_an_event_says_what_moved(client: httpx.Client) -> None:
    first = fields(opened(client))
    text = client.post("/case", data=first | {"event.1.date": "2025-12-22"}).text
    assert "What the change does" in text
    assert "from Tuesday 13 January 2026 to <strong>Thursday 15 January 2026</strong>, 2 days later" in text
    assert "What the change does" not in client.post("/case", data=fields(text)).text


def test_events_are_added_and_removed_without_scripts(client: httpx.Client) -> None:
    first = fields(opened(client))
    more = client.post("/case", data=first | {"add.type": "icpc_held", "add.date": "2026-01-20", "step": "add"}).text
    assert [event["type"] for event in saved(more)["events"]][-1] == "icpc_held"
    assert "7 days late" in more
    fewer = client.post("/case", data=fields(more) | {"step": "remove-2"}).text
    assert saved(fewer) == CASE


def test_a_faulty_case_names_each_event_and_repeats_no_value(client: httpx.Client) -> None:
    first = fields(opened(client))
    text = client.post("/case", data=first | {"event.0.date": "planted-0817"}).text
    assert 'href="#event-0-date"' in text
    assert "Event 1: " in text
    assert "The case cannot be worked out yet" in text


@pytest.mark.parametrize("file", ["", "[]", "{", '{"events": 1}', '{"events": ["x"]}', "[" * 9_000, '{"events": null}'])
def test_a_file_that_holds_no_case_is_refused_on_a_page(client: httpx.Client, file: str) -> None:
    answer = client.post("/case", data={"file": file})
    assert answer.status_code == 422
    assert "open a file that this page saved" in answer.text


@pytest.mark.parametrize("name", ["other", "earlier"])
@pytest.mark.parametrize(
    "text", ["[]", "{", '{"events": [1]}', '{"events": {"a": 1}}', '{"profile": "swindon", "events": [[]]}']
)
def test_hidden_fields_that_were_meddled_with_do_no_harm(client: httpx.Client, name: str, text: str) -> None:
    first = fields(opened(client))
    assert client.post("/case", data=first | {name: text}).status_code == 200


def test_a_case_of_too_many_events_is_refused(client: httpx.Client) -> None:
    pairs = {f"event.{number}.type": "cp_visit_made" for number in range(151)}
    answer = client.post("/case", data={"profile": "swindon", **pairs})
    assert answer.status_code == 422
    assert "more than 150 events" in answer.text


def section(text: str, key: str) -> str:
    """Give what stands under one heading of the answer, without its tags."""
    start = text.index(f'id="{key}"')
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text[start : text.index("</section>", start)]))


def test_a_whole_case_is_shown_by_its_episodes(client: httpx.Client) -> None:
    text = opened(client, EPISODES)
    episodes = section(text, "episodes")
    for named in (
        "Section 47 enquiry 1 Wednesday 17 December 2025 Wednesday 7 January 2026 Case",
        "Placement 1 Wednesday 25 March 2026 Sunday 10 May 2026 Period of care",
        "Placement 2 Sunday 10 May 2026 still open Period of care",
        "Protection plan Wednesday 14 January 2026 still open Case",
    ):
        assert named in episodes
    assert "<title>Placement 1: from 25 Mar 2026, to 10 May 2026</title>" in text
    assert "<title>Placement 2: from 10 May 2026, still open</title>" in text


def test_each_status_of_the_timeline_stands_under_its_own_heading(client: httpx.Client) -> None:
    answer: dict[str, Any] = client.post("/v1/timelines", json=EPISODES).json()
    text = opened(client, EPISODES)
    missed = [item for item in answer["obligations"] if item["status"] == "ended" and item["missed"]]
    assert missed
    assert section(text, "missed").count("Counted from") == len(missed)
    assert "Ended with: event 11, End of the placement, 10 May 2026" in section(text, "missed")
    projected = [item for item in answer["obligations"] if item["rests_on"]]
    assert section(text, "projected").count("Counted from") == len(projected)
    hanging = section(text, "conditional")
    assert all(html.escape(item["title"]) in hanging for item in answer["conditional"])
    waiting = [item for item in answer["undetermined"] if not item["rests_on"]]
    assert section(text, "waiting").count("It depends on") == len(waiting)


def test_a_refusal_to_be_seen_alone_is_shown_as_an_excuse_and_names_the_visit(client: httpx.Client) -> None:
    case = {
        "profile": "barnet",
        "as_of": "2026-03-01",
        "until": "2026-03-01",
        "facts": {"child_date_of_birth": "2015-01-01"},
        "events": [
            {"type": "cp_plan_started", "occurred_at": "2026-01-05"},
            {
                "type": "cp_visit_made",
                "occurred_at": "2026-01-08",
                "facts": {"child_refused_to_be_seen_alone": True},
            },
        ],
    }
    answer = client.post("/v1/timelines", json=case).json()
    excused = [item for item in answer["obligations"] if item["excused"]]
    assert excused
    ended = section(opened(client, case), "ended")
    assert "excused" in ended
    assert "Excused by: event 2, Protection plan visit, 8 Jan 2026" in ended


def test_a_fact_that_is_added_later_shows_what_it_changes(client: httpx.Client) -> None:
    first = fields(opened(client))
    text = client.post("/case", data=first | {"event.1.fact.section_47_initiated": "false"}).text
    changed = section(text, "changed")
    assert "No longer there: Hold the initial child protection conference" in changed
    later = client.post("/case", data=fields(text) | {"as_of": "2026-02-08"}).text
    assert "What the change does" not in later, "another day to look at a case is no change of it"


def test_an_event_that_is_moved_changes_what_is_owed_before_what_is_expected(client: httpx.Client) -> None:
    first = fields(opened(client, EPISODES))
    text = client.post("/case", data=first | {"event.4.date": "2026-01-19", "event.5.date": "2026-01-19"}).text
    changed = section(text, "changed")
    assert "Hold the first review child protection conference: from Tuesday 14 April 2026" in changed
    assert "5 days later" in changed


def test_how_far_is_looked_ahead_can_be_chosen(client: httpx.Client) -> None:
    first = fields(opened(client, EPISODES))
    near = client.post("/case", data=first | {"until": "2026-06-20"}).text
    assert 'id="projected"' not in near
    assert saved(near)["until"] == "2026-06-20"
    assert 'href="#until"' in client.post("/case", data=first | {"until": "2099-01-01"}).text


def test_episodes_are_drawn_as_bands_that_share_a_line_where_they_do_not_overlap() -> None:
    events = [{"type": "placement_started", "occurred_at": "2026-01-05"}]
    episodes = [
        ("Period of care", "2026-01-05", None),
        ("Placement 1", "2026-01-05", "2026-01-20"),
        ("Placement 2", "2026-01-20", None),
    ]
    care, first, second = draw_case([], episodes, events, date(2026, 2, 1)).bands
    assert "still open" in care.title
    assert care.x == first.x
    assert first.width < second.x - care.x + 1
    assert care.y < first.y == second.y


def test_events_of_one_day_share_a_label_that_names_them_all() -> None:
    events = [{"type": "icpc_held", "occurred_at": f"2026-01-{day:02}"} for day in (5, 5, 30)]
    lines = draw_case([], [], events, date(2026, 2, 1)).events
    assert [line.text for line in lines] == ["1, 2", "", "3"]
