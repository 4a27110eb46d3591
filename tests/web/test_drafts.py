"""A practice lead publishes without help: a file goes in, and a second person publishes it or sends it back."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from app.api.application import create_app
from app.api.budgets import budget_of
from app.api.schemas.authoring_examples import TOML
from app.api.security import guard
from app.services.access.api_keys import create_key
from app.services.ports import WriteContext
from app.services.snapshot.holder import SnapshotHolder
from app.services.workbook import read_workbook, write_workbook
from app.settings import Settings
from app.store import open_store
from app.web.pages import mount
from tests.web.browsing import Browser
from tests.web.service import NOON, Service, serving
from tests.web.states import STATES, draft, drafts

TEN_DAYS = TOML.replace("working_days = 15", "working_days = 10")
SLIP = TOML.replace('"hold_icpc"', '"hold_icpcs"')


def press(browser: Browser, *keys: str) -> None:
    """Press keys where the focus is."""
    for key in keys:
        ActionChains(browser.driver).send_keys(key).perform()


def tab_to(browser: Browser, selector: str) -> None:
    """Go on by the keyboard alone until something has the focus."""
    for _ in range(80):
        press(browser, Keys.TAB)
        if browser.run("return document.activeElement.matches(arguments[0])", selector):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


def test_the_pages_ask_for_a_key_and_say_for_which(client: httpx.Client, service: Service) -> None:
    asked = client.get("/drafts")
    assert asked.status_code == 401
    assert asked.headers["www-authenticate"].startswith("Basic")
    assert client.get("/drafts/my-council/1").status_code == 401
    assert client.post("/drafts", data={"text": TOML}).status_code == 401
    ann = ("any", service.keys["Ann"])
    assert client.get("/drafts", auth=ann).headers["cache-control"] == "no-store"
    assert client.get("/drafts/key?not=key:Ann", auth=ann).status_code == 401
    assert client.get("/drafts/key?not=key:Bea", auth=ann).headers["location"] == "/drafts"
    assert client.get("/drafts/swindon/1", auth=ann).status_code == 403
    assert client.get("/drafts/my-council/1", auth=ann).status_code == 404


def test_a_form_of_another_site_is_refused_although_the_browser_adds_the_key(
    client: httpx.Client, service: Service
) -> None:
    ann = ("any", service.keys["Ann"])
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        refused = client.post("/drafts", data={"text": TOML, "act": "store"}, auth=ann, headers=headers)
        assert refused.status_code == 403


def test_a_draft_of_another_key_is_not_stored(client: httpx.Client, service: Service) -> None:
    other = TOML.replace('"my-council"', '"swindon"')
    refused = client.post("/drafts", data={"text": other, "act": "store"}, auth=("any", service.keys["Ann"]))
    assert refused.status_code == 403
    assert "author for swindon" in refused.text


def test_whoever_wrote_a_draft_is_sent_for_somebody_else_where_two_people_are_required(filled_url: str) -> None:
    context = WriteContext("key:test", NOON)
    with open_store(filled_url) as store:
        scopes = ["author", "publish"]
        ann, bea = (
            ("any", create_key(store, name=who, scopes=scopes, context=context).secret) for who in ("Ann", "Bea")
        )
        settings = Settings(database_url=filled_url, two_pairs_of_eyes=True)
        live = SnapshotHolder(store, 60)
        live.refresh()
        app = create_app(live, settings)
        mount(app, live, guard, budget_of)
        with TestClient(app, follow_redirects=False) as calling:
            stored = calling.post("/drafts", data={"text": TOML, "act": "store"}, auth=ann).headers["location"]
            mine, hers = calling.get(stored, auth=ann).text, calling.get(stored, auth=bea).text
            assert "somebody else has to publish it" in mine
            assert "do-publish" not in mine
            assert "do-publish" in hers
            publication = {"revision": "1", "in_force_from": "2050-04-01"}
            assert calling.post(f"{stored}/publish", data=publication, auth=ann).status_code == 403
            assert calling.post(f"{stored}/publish", data=publication, auth=bea).headers["location"] == stored
            assert "It was published" in calling.get(stored, auth=bea).text


def test_a_workbook_is_given_to_fill_in_and_a_draft_as_one(client: httpx.Client, service: Service) -> None:
    empty = client.get("/drafts/workbook?profile=northshire", auth=("any", service.keys["Ann"]))
    assert 'filename="northshire.xlsx"' in empty.headers["content-disposition"]
    assert read_workbook(empty.content).document["key"] == "northshire"
    assert client.get("/drafts/workbook?profile=No%20Key").status_code == 422
    ann = ("any", service.keys["Ann"])
    path = client.post("/drafts", data={"text": TOML, "act": "store"}, auth=ann).headers["location"]
    given = client.get(f"{path}/workbook", auth=ann)
    assert read_workbook(given.content).document["rules"] == tomllib.loads(TOML)["rules"]


@pytest.mark.browser
@pytest.mark.parametrize("name", [name for name in STATES if name.startswith("draft")])
def test_a_page_of_drafts_has_no_fault_of_accessibility_and_fits_a_phone(browser: Browser, name: str) -> None:
    STATES[name](browser)
    browser.run("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    assert browser.faults(375) == {}
    assert [entry for entry in browser.troubles() if "401" not in entry] == []


@pytest.mark.browser
def test_a_fault_is_shown_at_its_line_and_corrected_in_place(browser: Browser) -> None:
    drafts(browser, SLIP)
    assert "cannot be published yet: 1 fault" in browser.text("#verdict")
    assert "Line 11, column 8" in browser.text(".faults")
    assert browser.text(".faults mark") == '"hold_icpcs"'
    assert "hold_icpc, hold_rcpc" in browser.text(".faults")
    assert browser.run("return document.activeElement.id") == "results"
    browser.fill("#text", TOML)
    browser.click("#check")
    browser.until(lambda: "It can be published: 1 rule" in browser.text("#verdict"))
    assert "Hold the initial child protection conference: new, due" in browser.text("#results")
    assert "Within 15 working days of the strategy discussion" in browser.text("#results")


@pytest.mark.browser
def test_a_workbook_is_opened_and_its_faults_are_at_cells(browser: Browser) -> None:
    file = browser.downloads.parent / "opened.xlsx"
    file.write_bytes(write_workbook(tomllib.loads(SLIP)))
    browser.enter_key("Cat", "/drafts")
    browser.find("#open-file").send_keys(str(file))
    browser.until(lambda: "opened.xlsx is open" in browser.text("#opened"))
    browser.click("#check")
    browser.wait("#verdict")
    assert "Sheet Rules, cell" in browser.text(".faults")


@pytest.fixture
def elsewhere(browser: Browser, filled_database: Path, tmp_path: Path) -> Iterator[Service]:
    """Give a service of its own to the window: what is published there is on no other page."""
    address, keys = browser.address, browser.keys
    with serving(filled_database, tmp_path) as running:
        browser.address, browser.keys = running.address, running.keys
        yield running
        browser.address, browser.keys = address, keys


@pytest.mark.browser
def test_two_people_publish_by_keyboard_alone(browser: Browser, elsewhere: Service) -> None:
    service = elsewhere
    browser.enter_key("Ann", "/drafts")
    tab_to(browser, "#text")
    browser.fill("#text", TOML)
    tab_to(browser, "#store")
    press(browser, Keys.ENTER)
    browser.until(lambda: "/drafts/my-council/" in browser.driver.current_url)
    path = urlsplit(browser.driver.current_url).path
    assert not browser.all("#do-publish")

    browser.enter_key("Bea", path)
    assert "Within 15 working days" in browser.text("#results")
    tab_to(browser, "#do-publish")
    press(browser, Keys.ENTER)
    browser.until(lambda: "enter the first day, or tick" in browser.find(".refusal").text)
    browser.find("#comment").send_keys("Section 5.1 says 10 working days.")
    press(browser, Keys.TAB, Keys.ENTER)
    browser.wait("#sent-back")
    assert not browser.all("#do-publish")

    browser.enter_key("Ann", path)
    assert "Section 5.1 says 10 working days." in browser.text("#sent-back")
    browser.driver.find_element(By.PARTIAL_LINK_TEXT, "Replace this draft").send_keys(Keys.ENTER)
    browser.until(lambda: browser.find("#drafts") and urlsplit(browser.driver.current_url).path != path)
    browser.fill("#text", TEN_DAYS)
    tab_to(browser, "#store")
    press(browser, Keys.ENTER)
    browser.until(lambda: urlsplit(browser.driver.current_url).path == path)

    browser.enter_key("Bea", path)
    assert "Within 10 working days" in browser.text("#results")
    browser.fill("#in_force_from", "2050-04-01")
    tab_to(browser, "#reason")
    press(browser, "Agreed by the board")
    press(browser, Keys.TAB, Keys.ENTER)
    browser.until(lambda: "version 1" in browser.find("#published").text)
    version = httpx.get(f"{service.address}/v1/profiles/my-council").json()["versions"][0]
    assert (version["published_by"], version["reason"]) == ("key:Bea", "Agreed by the board")
    assert version["in_force_from"] == "2050-04-01"

    draft(browser, TEN_DAYS.replace("working_days = 10", "working_days = 5"))
    assert "Against version 1, which it starts from, as none is in force on" in browser.text("#results")
    assert "0 rules added, 0 removed, 1 changed" in browser.text("#results")
    browser.fill("#day", "2050-06-01")
    browser.find("#day").send_keys(Keys.ENTER)
    browser.until(lambda: "instead of" in browser.text("#results"))
    assert "7 days earlier" in browser.text("#results")
    assert browser.run("return document.cookie + localStorage.length + sessionStorage.length") == "00"
    for secret in service.keys.values():
        assert secret not in service.written()
