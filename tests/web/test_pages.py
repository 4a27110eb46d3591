"""The pages as a caller without scripts gets them."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.params import Security
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from app.api.application import create_app
from app.api.budgets import budget_of
from app.api.security import guard
from app.services.snapshot.holder import SnapshotHolder
from app.services.snapshot.packaged import packaged_profiles
from app.services.work import WorkBudget
from app.settings import Settings
from app.store import open_store
from app.web.pages import mount, routes
from app.web.routing import TWINS
from tests.published.walking import committed, operations
from tests.web.service import RENAMED, Service

PAGES = [
    "/",
    "/explorer",
    "/explorer?profile=york&event=adoption_enquiry_received",
    "/check",
    "/case",
    "/caseload",
    "/profiles",
    *(f"/profiles/{each.key}?by={by}" for each in packaged_profiles() for by in ("section", "event")),
    "/profiles/york?q=visit",
    "/profiles/york/versions/1",
    "/profiles/york/diff?from=1&to=2",
    "/calendars",
    "/calendars/england-and-wales",
    "/calendars/scotland?year=2040",
    "/returns",
    "/returns/standard-safeguarding-dataset",
]
ICPC = {
    "profile": "swindon",
    "event": "strategy_discussion_held",
    "date": "2025-12-18",
    "time": "14:30",
    "fact.section_47_initiated": "true",
}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_html_under_a_strict_policy_with_nothing_inline(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:", answer.text)
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', answer.text)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_s_parts_are_all_there(client: httpx.Client, path: str) -> None:
    text = client.get(path).text
    for part in set(re.findall(r'"(/assets/[^"]+)"', text)):
        answer = client.get(part)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    for target in re.findall(r'href="#([^"]+)"', text):
        assert f'id="{target}"' in text
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    "path",
    ["/profiles/nowhere", "/profiles/york/versions/99", "/profiles/york/versions/x", "/profiles/york/diff?from=9",
     "/calendars/mars", "/calendars/scotland?year=1066", "/calendars/scotland?version=0", "/assets/0/pages.css"],
)  # fmt: skip
def test_what_is_not_there_is_said_on_a_page(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "<h1>" in answer.text
    assert "content-security-policy" in answer.headers


def test_a_calculation_without_scripts_gives_the_same_date_as_the_api(client: httpx.Client) -> None:
    answer = client.post("/explorer", data=ICPC)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    body = {
        "profile": "swindon",
        "event": {"type": "strategy_discussion_held", "occurred_at": "2025-12-18T14:30"},
        "facts": {"section_47_initiated": True},
    }
    due = {item["due_date"] for item in client.post("/v1/calculations", json=body).json()["obligations"]}
    assert "2026-01-13" in due
    for day in due:
        assert f'datetime="{day}' in answer.text
    assert "Thursday 25 December 2025: not counted (Christmas Day)" in answer.text


def test_choosing_asks_only_for_the_facts_that_matter_and_calculates_nothing(client: httpx.Client) -> None:
    answer = client.post("/explorer", data={**ICPC, "step": "choose"})
    assert 'name="fact.section_47_initiated"' in answer.text
    assert 'name="fact.placement_type"' not in answer.text
    assert 'class="result"' not in answer.text
    placed = client.post("/explorer", data={"profile": "york", "event": "placement_started", "step": "choose"})
    assert 'name="fact.placement_type"' in placed.text
    assert 'name="fact.placement_started_on"' not in placed.text


def test_every_fault_is_named_with_its_field_and_without_its_value(client: httpx.Client) -> None:
    answer = client.post("/explorer", data={**ICPC, "date": "2025-02-30", "fact.section_47_initiated": "planted-7431"})
    assert 'href="#date"' in answer.text
    assert 'href="#fact-section_47_initiated"' in answer.text
    assert "planted-7431" not in answer.text


def test_facts_in_an_address_are_refused_and_not_shown(client: httpx.Client) -> None:
    answer = client.get("/explorer", params=ICPC | {"fact.child_date_of_birth": "2019-04-02"})
    assert answer.status_code == 422
    assert "“fact.child_date_of_birth” in the address: unknown field: use one of: event, profile." in answer.text
    assert "2019-04-02" not in answer.text
    assert "2025-12-18" not in answer.text


@pytest.mark.parametrize(
    ("path", "parameter", "remedy"),
    [
        ("/explorer?profil=swindon", "profil", "use one of: profile"),
        ("/caseload?x=1", "x", "leave it out"),
        ("/calendars/scotland?year=abc", "year", "send digits alone"),
        ("/calendars/scotland?year=2_040", "year", "send digits alone"),
        ("/profiles/york?by=rule", "by", "send one of: &#39;section&#39; or &#39;event&#39;"),
        ("/profiles/york/diff?from=1&from=2", "from", "send it once"),
    ],
)
def test_a_parameter_that_a_page_does_not_take_is_named_with_those_that_it_takes(
    client: httpx.Client, path: str, parameter: str, remedy: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == 422
    assert f"“{parameter}” in the address: " in answer.text
    assert remedy in answer.text
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize("spelling", ["01", "+1", "1.0", "1_0", "%201", "1%0a"])
def test_a_version_has_one_address(client: httpx.Client, spelling: str) -> None:
    assert client.get(f"/profiles/york/versions/{spelling}").status_code == 404


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"a=" + b"x" * 70_000, "application/x-www-form-urlencoded", 413),
        (b"{}", "application/json", 415),
        (b"profile=%ff", "application/x-www-form-urlencoded", 422),
        (b"&".join(b"a=1" for _ in range(600)), "application/x-www-form-urlencoded", 422),
    ],
)
def test_a_form_that_cannot_be_read_is_refused_on_a_page(
    client: httpx.Client, content: bytes, kind: str, status: int
) -> None:
    answer = client.post("/explorer", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert "<h1>" in answer.text


def test_whatever_is_sent_is_escaped(client: httpx.Client) -> None:
    hostile = "\"><script>alert(1)</script>'"
    for answer in (
        client.post("/explorer", data={**ICPC, "reference": hostile, "compare": hostile, "until": hostile}),
        client.get("/profiles/york", params={"q": hostile}),
        client.get(f"/profiles/{hostile}".replace("/s", "")),
    ):
        assert "<script>alert" not in answer.text


def test_a_command_survives_a_quote_in_the_reference(client: httpx.Client) -> None:
    text = client.post("/explorer", data={**ICPC, "reference": "O'Neill"}).text
    assert "O&#39;\\&#39;&#39;Neill" in text


def test_an_event_that_the_profile_lacks_is_said_and_not_swapped(client: httpx.Client) -> None:
    text = client.get("/explorer", params={"profile": "york", "event": "adoption_enquiry_received"}).text
    assert "no timescale that starts with this event: Adoption enquiry" in text
    assert '<option value="">choose an event</option>' in text
    answer = client.post(
        "/explorer", data={"profile": "york", "event": "adoption_enquiry_received", "date": "2026-01-05"}
    )
    assert "Choose an event" in answer.text
    assert 'class="result"' not in answer.text


def test_the_explorer_starts_where_practice_starts(client: httpx.Client) -> None:
    text = client.get("/explorer", params={"profile": "swindon"}).text
    assert re.search(r'<option value="referral_\w+" selected>', text)
    assert '<optgroup label="Child protection">' in text


@pytest.mark.parametrize(
    ("words", "event"),
    [("s47", "section_47_started"), ("placement", "placement_started"), ("LAC review", "cla_review_held"),
     ("13.3", "icpc_scheduled")],
)  # fmt: skip
def test_an_event_is_found_by_the_words_that_people_use(client: httpx.Client, words: str, event: str) -> None:
    asked = {"profile": "swindon", "event": "referral_received", "search": words, "step": "choose"}
    text = client.post("/explorer", data=asked).text
    listed = text[text.index('id="event"') : text.index('id="event-hint"')]
    assert f'<option value="{event}"' in listed
    assert '<option value="referral_received" selected>' in listed
    assert '<option value="pep_due"' not in listed


def test_the_heading_counts_what_waits_and_names_it_first(client: httpx.Client) -> None:
    text = client.post("/explorer", data={**ICPC, "fact.section_47_initiated": ""}).text
    assert re.search(r"1 date, \d waiting for facts under swindon", text)
    assert text.index("Waiting for facts</h3>") < text.index("What is due</h3>")


@pytest.mark.parametrize("path", ["/explorer", "/check", "/case", "/caseload"])
def test_enter_without_scripts_sends_the_form_for_its_answer(client: httpx.Client, path: str) -> None:
    # A browser that sends a form on Enter presses its first submit button.
    text = client.get(path).text
    form = text[text.index('<form id="') :]
    first = re.search(r'<button type="submit"[^>]*>', form)
    assert first is not None
    assert "name=" not in first[0]


def test_the_day_that_was_chosen_is_written_out(client: httpx.Client) -> None:
    assert 'id="date-written">Thursday 18 December 2025</p>' in client.post("/explorer", data=ICPC).text


def test_two_profiles_stand_side_by_side_by_duty(client: httpx.Client) -> None:
    data = {"profile": "swindon", "event": "referral_received", "date": "2026-03-02", "compare": "barnet"}
    text = client.post("/explorer", data=data).text
    assert "Side by side" in text
    assert text.count('class="result"') == 2


def test_one_profile_s_refusal_leaves_the_other_s_answer(client: httpx.Client) -> None:
    text = client.post("/explorer", data={**ICPC, "date": "2019-12-02", "compare": "york"}).text
    assert text.count('class="result"') == 1
    assert "no version of swindon was in force" in text


def test_a_version_may_be_compared_with_another(client: httpx.Client) -> None:
    data = {"profile": "york@1", "event": "referral_accepted", "date": "2026-03-02", "compare": "york@2"}
    text = client.post("/explorer", data=data).text
    assert "days earlier" in text


def test_a_search_keeps_the_rules_that_hold_every_word(client: httpx.Client) -> None:
    text = client.get("/profiles/york", params={"q": "single assessment authorise"}).text
    assert 'id="rule-assessment-authorised"' in text
    assert 'id="rule-cla-visits"' not in text


def test_versions_are_distinguished_in_words(client: httpx.Client) -> None:
    text = client.get("/profiles/york/diff?from=1&to=2").text
    assert "within 45 working days" in text
    assert "within 40 working days" in text
    assert "&lt;in good time&gt; &amp; well" in text
    assert RENAMED not in text
    assert "1 rule added, 1 removed, 1 changed" in text
    assert "Both are the same version" in client.get("/profiles/york/diff?from=2&to=2").text


def test_a_year_tells_published_days_from_projected_ones(client: httpx.Client) -> None:
    published = client.get("/calendars/england-and-wales?year=2026").text
    assert 'class="bank_holiday" title="Christmas Day"' in published
    assert 'class="projected"' not in published
    projected = client.get("/calendars/england-and-wales?year=2035").text
    assert 'class="projected"' in projected
    assert 'class="bank_holiday"' not in projected


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[FastAPI]:
    """Give an application that is open to nobody without a key, with its pages."""
    settings = Settings(require_key=True)
    with open_store(f"sqlite:///{tmp_path}/none.db") as store:
        live = SnapshotHolder(store, 60)
        app = create_app(live, settings)
        mount(app, live, guard, budget_of)
        yield app


def test_pages_are_no_part_of_the_published_contract(closed: FastAPI) -> None:
    assert not [path for path in closed.openapi()["paths"] if path.startswith(("/explorer", "/profiles", "/assets"))]


def test_a_closed_service_asks_the_browser_for_a_key(closed: FastAPI) -> None:
    calling = TestClient(closed, raise_server_exceptions=False)
    pages = [path.partition("?")[0] for path in PAGES]
    for path in pages:
        answer = calling.get(path)
        assert answer.status_code == 401, path
        assert answer.headers["www-authenticate"].startswith("Basic")
    for path in ("/explorer", "/check", "/case", "/caseload", "/caseload/workbook"):
        assert calling.post(path, data=ICPC).status_code == 401, path


# Pages that change something, or show what is not published. The list of drafts is for whoever may read one of them, which
# its handler decides by the keys that the caller may review.
WRITING = {
    "/drafts": ["calculate"],
    "/drafts/key": ["calculate"],
    "/drafts/workbook": ["calculate"],
    "/drafts/{key}/{draft}": ["review"],
    "/drafts/{key}/{draft}/workbook": ["review"],
    "/drafts/{key}/{draft}/publish": ["publish"],
    "/drafts/{key}/{draft}/send-back": ["publish"],
    "/calendars/{key}/closures": ["publish"],
}


def test_every_page_states_the_scope_it_asks_for(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/none.db") as store:
        pages = [route for route in routes(SnapshotHolder(store, 60), guard).routes if isinstance(route, APIRoute)]
    assert {route.path for route in pages} >= {"/", "/explorer", "/profiles/{key}", "/calendars/{key}"}
    for route in pages:
        scopes = [scope for each in route.dependencies if isinstance(each, Security) for scope in each.scopes or ()]
        wanted = ["calculate"] if route.methods == {"POST"} else [] if route.path.startswith("/assets") else ["read"]
        assert scopes == WRITING.get(route.path, wanted), route.path


FILE = '{"profile": "swindon", "as_of": "2026-02-01", "events": [{"type": "referral_received", "occurred_at": "2026-01-05"}]}'
WORKED: dict[str, dict[str, str]] = {
    "/explorer": ICPC,
    "/check": {**ICPC, "rule": "icpc-held", "claimed": "2026-01-13"},
    "/case": {"file": FILE},
    "/caseload": {"table": "event,at\nreferral_received,2026-01-05\n", "profile": "swindon", "as_of": "2026-02-01"},
}


@pytest.fixture(scope="module")
def bounded(service: Service) -> Iterator[TestClient]:
    """Give the pages with budgets that allow no event to be calculated, and few bytes of any other page."""
    with open_store(service.database_url) as store:
        live = SnapshotHolder(store, 60)
        app = create_app(live, Settings())
        mount(app, live, guard, lambda twin: WorkBudget(100 if twin == "diff_versions" else 16_000_000, steps=0))
        with TestClient(app) as calling:
            yield calling


@pytest.mark.parametrize("path", WORKED)
def test_a_page_does_no_more_work_than_its_budget(bounded: TestClient, path: str) -> None:
    assert "too many events would be calculated" in bounded.post(path, data=WORKED[path]).text.lower()


def test_a_page_of_too_many_bytes_is_refused(bounded: TestClient) -> None:
    refused = bounded.get("/profiles/york/diff?from=1&to=2")
    assert refused.status_code == 422
    assert refused.headers["content-type"].startswith("text/html")


def test_a_page_stands_for_an_operation_that_there_is() -> None:
    assert set(TWINS.values()) <= operations(committed("openapi.json")).keys()
    assert TWINS.keys() >= WORKED.keys()
