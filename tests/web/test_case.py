"""The page of one case as a caller without scripts gets it."""

import html
import json
import re
from datetime import date
from typing import Any

import httpx
import pytest

from app.services.snapshot.offline import packaged_snapshot
from app.services.timelines import timeline
from app.web import case_page as case_module
from app.web.case_drawing import draw_case
from app.web.case_form import case_from_file
from app.web.case_page import case_page
from app.web.templating import render

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


def test_episodes_excuses_and_what_hangs_on_a_finding_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = packaged_snapshot()
    found: dict[str, Any] = timeline(snapshot, {**CASE, "explain": True})
    first = {**found["obligations"][0], "episode": "referral-1", "excused": True, "status": "ended"}
    episode = {"id": "referral-1", "kind": "referral", "opened_at": "2025-12-15", "closed_at": None}
    hanging = {
        "title": "Hold the first core group",
        "hangs_on": {"event": "icpc_held", "fact": "plan_made_at_conference"},
    }
    answer = {**found, "obligations": [first], "episodes": [episode], "conditional": [hanging]}
    monkeypatch.setattr(case_module, "timeline", lambda *_: answer)
    form = case_from_file(json.dumps(CASE))
    shown = case_page(snapshot, form, answered=True)
    text = render("case.html", here="case", form=form, shown=shown)
    assert "excused" in text
    assert "Referral: from 15 Dec 2025, still open" in text
    assert "Hold the first core group: it hangs on plan made at conference" in text


def test_episodes_are_drawn_as_bands_from_their_opening_to_their_end() -> None:
    events = [{"type": "placement_started", "occurred_at": "2026-01-05"}]
    episodes: list[dict[str, Any]] = [
        {"kind": "placement", "opened_at": "2026-01-05", "closed_at": "2026-01-12"},
        {"kind": "period_of_care", "opened_at": "2026-01-05", "closed_at": None},
    ]
    drawing = draw_case([], episodes, events, date(2026, 2, 1))
    closed, running = drawing.bands
    assert closed.text == "Placement"
    assert "still open" in running.title
    assert closed.x == running.x == drawing.events[0].x
    assert closed.width < running.width
    assert closed.y < running.y
    assert drawing.today is not None
