"""The page of closure days: a list is pasted, what it moves is read, and only then it is published."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from selenium.webdriver.common.keys import Keys

from app.api.application import create_app
from app.api.budgets import budget_of
from app.api.security import guard
from app.services.snapshot.holder import SnapshotHolder
from app.settings import Settings
from app.store import open_store
from app.web.pages import mount
from tests.api.application import RunningApplication
from tests.web.browsing import Browser
from tests.web.states import STATES, closures
from tests.web.test_drafts import press, tab_to

WHERE = "/calendars/barnet/closures"
FORM = {
    "days": "24/12/2026, Christmas closure\n27/12/2026, Christmas closure\n29/12/2026\n",
    "name": "Closed",
    "source": "Cabinet, 3 June 2026",
    "extends": "england-and-wales",
    "title": "Barnet",
    "act": "check",
}


@pytest.fixture
def here(filled_url: str) -> Iterator[RunningApplication]:
    """Give the service with its pages and a database of its own."""
    with open_store(filled_url) as store:
        live = SnapshotHolder(store, 0.2)
        app = create_app(live, Settings(database_url=filled_url), [lambda app: mount(app, live, guard, budget_of)])
        with TestClient(app, follow_redirects=False) as client:
            yield RunningApplication(client, store, live)


@pytest.fixture
def client(here: RunningApplication) -> TestClient:
    return here.client


@pytest.fixture
def publisher(here: RunningApplication) -> tuple[str, str]:
    """Give a name and the key as the password, as a browser sends them."""
    return ("anybody", here.key("publish")["X-API-Key"])


def test_the_page_asks_for_a_key_that_may_publish(client: TestClient, publisher: tuple[str, str]) -> None:
    refused = client.get(WHERE)
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Basic")
    shown = client.get(WHERE, auth=publisher)
    assert shown.status_code == 200
    assert "There is no calendar <code>barnet</code> yet" in shown.text
    assert "shared by all authorities" in client.get("/calendars/scotland/closures", auth=publisher).text


def test_a_form_of_another_site_closes_nothing(client: TestClient, publisher: tuple[str, str]) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}):
        answer = client.post(WHERE, data={**FORM, "act": "publish"}, auth=publisher, headers=headers)
        assert answer.status_code == 403
    assert client.get("/v1/calendars/barnet").status_code == 404


def test_rows_without_a_date_are_named(client: TestClient, publisher: tuple[str, str]) -> None:
    answer = client.post(WHERE, data={**FORM, "days": "29/12/26\nsoon\n"}, auth=publisher)
    assert answer.status_code == 422
    assert "Row 1: 29/12/26 has a year of two digits" in answer.text
    assert "Row 2: &#39;soon&#39; is no date" in answer.text
    assert "The days cannot be taken yet" in answer.text


def test_what_the_days_move_is_shown_before_they_are_published(client: TestClient, publisher: tuple[str, str]) -> None:
    shown = client.post(WHERE, data=FORM, auth=publisher)
    assert shown.status_code == 200, shown.text
    moved, _, stays = shown.text.partition("Limits that stay, because closure days do not put them off</caption>")
    assert "Limits that move, each with the example that moves furthest" in moved
    assert "Thursday 24 December 2026" in moved
    assert "protects a child" in stays
    assert "protects a child" not in moved
    assert "2026-12-27 is no working day anyway: Sunday" in shown.text
    assert "Publish the days" in shown.text
    assert client.get("/v1/calendars/barnet").status_code == 404
    done = client.post(WHERE, data={**FORM, "act": "publish"}, auth=publisher)
    assert (done.status_code, done.headers["location"]) == (303, f"{WHERE}?published=yes")
    after = client.get(done.headers["location"], auth=publisher)
    assert "The days are published." in after.text
    assert "Sunday 27 December 2026" in after.text
    assert client.get("/v1/calendars/barnet").json()["version"] == 1


@pytest.mark.browser
@pytest.mark.parametrize("name", [name for name in STATES if name.startswith("closures")])
def test_the_page_has_no_fault_of_accessibility_and_fits_a_phone(browser: Browser, name: str) -> None:
    STATES[name](browser)
    assert browser.faults(375) == {}


@pytest.mark.browser
def test_what_the_days_move_is_found_by_keyboard_alone(browser: Browser) -> None:
    closures(browser, "soon")
    assert "'soon' is no date" in browser.text(".refusal")
    tab_to(browser, ".refusal a")
    press(browser, Keys.ENTER)
    browser.fill("#days", "29/12/2026")
    tab_to(browser, "#check")
    press(browser, Keys.ENTER)
    browser.wait("#changes")
    assert "limits of swindon move" in browser.text("section[aria-labelledby=changes]")
    tab_to(browser, "#publish")
