"""The pages of one case, a caseload and a check in a real browser: sound for everybody, and silent about the child."""

import json
from urllib.parse import urlsplit

import pytest
from selenium.webdriver.common.keys import Keys

from tests.web.browsing import Browser
from tests.web.service import Service
from tests.web.states import CASE, EPISODES, ICPC, STATES, TABLE, case, caseload, check, explorer, file_of

pytestmark = pytest.mark.browser


def opened(browser: Browser) -> None:
    """Open whatever can be opened, so that it is looked at too."""
    browser.run("document.querySelectorAll('details').forEach((each) => { each.open = true })")


# tests/web/test_browser.py looks at the pages that are only read.
WORKING = [name for name in STATES if name.partition("-")[0] in {"explorer", "check", "case", "caseload"}]
LONG_ONES = {"case-long", "case-moved"}


@pytest.mark.parametrize("name", WORKING)
def test_a_state_has_no_fault_of_accessibility_in_either_theme_and_fits_a_phone(browser: Browser, name: str) -> None:
    STATES[name](browser)
    if name not in LONG_ONES:
        opened(browser)
    assert browser.faults(375) == {}
    assert [entry for entry in browser.troubles() if "422" not in entry] == []


@pytest.mark.parametrize("field", ["#date", "#time", "#until"])
def test_enter_in_any_field_works_out_the_dates(browser: Browser, field: str) -> None:
    browser.go("/explorer?profile=swindon&event=strategy_discussion_held")
    browser.choose("#fact-section_47_initiated", "true")
    browser.fill("#date", "2025-12-18")
    browser.find(field).send_keys(Keys.ENTER)
    assert "Tuesday 13 January 2026" in browser.wait("#due-1-icpc-held").text


def test_the_day_is_written_out_as_it_is_chosen(browser: Browser) -> None:
    browser.go("/explorer")
    browser.run(
        "const field = document.querySelector('#date'); field.value = '2025-12-18';"
        "field.dispatchEvent(new Event('input', {bubbles: true}))"
    )
    assert browser.text("#date-written") == "Thursday 18 December 2025"


def test_the_search_finds_an_event_while_it_is_typed(browser: Browser) -> None:
    browser.go("/explorer?profile=swindon&event=strategy_discussion_held")
    browser.find("#search").send_keys("s47")
    browser.until(lambda: "events match" in browser.text("#event-found"))
    assert browser.run("return document.activeElement.id") == "search"
    assert browser.all('#event option[value="section_47_started"]')
    assert not browser.all('#event option[value="pep_due"]')
    assert browser.find("#event").get_attribute("value") == "strategy_discussion_held"


def test_the_last_profile_is_where_the_explorer_starts(browser: Browser) -> None:
    browser.go("/explorer")
    browser.choose("#profile", "wiltshire")
    browser.go("/explorer")
    browser.until(lambda: browser.find("#profile").get_attribute("value") == "wiltshire")
    browser.until(lambda: browser.find("#event").is_enabled())
    assert browser.run("return Object.keys(localStorage)") == ["last-profile"]
    browser.run("localStorage.clear()")


def test_a_date_is_checked_by_keyboard_alone(browser: Browser) -> None:
    check(browser, "2026-01-12")
    assert browser.text("#verdict") == "The date is too early by 1 day"
    assert "counted as day 1" in browser.text(".causes")
    browser.find("#claimed").clear()
    browser.find("#claimed").send_keys("2026-01-13", Keys.ENTER)
    browser.until(lambda: browser.text("#verdict") == "The date is right")


def test_a_case_is_entered_by_keyboard_moved_saved_and_opened_again(browser: Browser) -> None:
    browser.go("/case?profile=swindon")
    browser.fill("#as_of", "2026-02-01")
    browser.choose("#add-type", "strategy_discussion_held")
    browser.fill("#add-date", "2025-12-18")
    browser.find("#add-date").send_keys(Keys.ENTER)
    browser.wait("#event-0[open]")
    assert browser.run("return document.activeElement.closest('details')?.id") == "event-0"
    browser.choose("#event-0-fact-section_47_initiated", "true")
    browser.click("#work-out")
    browser.until(lambda: "Tuesday 13 January 2026" in browser.text(".of-overdue"))
    browser.fill("#event-0-date", "2025-12-22")
    browser.find("#event-0-date").send_keys(Keys.ENTER)
    browser.until(lambda: "2 days later" in browser.text(".changed"))
    browser.click('[data-act="save"]')
    saved = json.loads(browser.downloaded("case.json").read_text(encoding="utf-8"))
    assert saved["events"] == [
        {
            "id": "event-1",
            "type": "strategy_discussion_held",
            "occurred_at": "2025-12-22",
            "facts": {"section_47_initiated": True},
        }
    ]
    case(browser, saved)
    assert "Thursday 15 January 2026" in browser.text(".of-overdue")
    assert browser.run("return localStorage.length + sessionStorage.length + document.cookie.length") <= 1


def test_a_fact_that_is_waited_for_leads_to_its_field(browser: Browser) -> None:
    case(browser, CASE)
    browser.click('.waiting a[href="#event-1-fact-icpc_likely"]')
    assert browser.run("return document.activeElement.id") == "event-1-fact-icpc_likely"


def test_an_obligation_of_one_episode_is_distinguished_from_that_of_the_next(browser: Browser) -> None:
    case(browser, EPISODES)
    bands = browser.run("return [...document.querySelectorAll('.episode title')].map((each) => each.textContent)")
    assert "Placement 1: from 25 Mar 2026, to 10 May 2026" in bands
    assert "Placement 2: from 10 May 2026, still open" in bands
    missed = browser.text(".of-missed")
    assert "Placement 1, from Wednesday 25 March 2026" in missed
    assert "Placement 2, from Sunday 10 May 2026" in browser.text(".of-overdue")


def test_a_printed_case_has_each_date_and_nothing_to_press(browser: Browser) -> None:
    case(browser, EPISODES)
    shown = browser.run("return document.querySelectorAll('.of-overdue .on').length")
    browser.command("Emulation.setEmulatedMedia", media="print")
    visible = "return [...document.querySelectorAll(arguments[0])].filter((each) => each.checkVisibility()).length"
    assert browser.run(visible, ".of-overdue .on") == shown > 0
    assert browser.run(visible, ".events summary") == len(EPISODES["events"])
    assert browser.run(visible, "button, input, select") == 0
    browser.command("Emulation.setEmulatedMedia", media="")


def test_a_case_gives_a_calendar_file(browser: Browser) -> None:
    case(browser, CASE)
    browser.click('[data-act="ics"]')
    assert "BEGIN:VEVENT" in browser.downloaded("case.ics").read_text(encoding="utf-8")


def test_a_caseload_is_opened_filtered_and_downloaded(browser: Browser) -> None:
    caseload(browser, TABLE)
    assert "Hold the initial child protection conference" in browser.text(".caseload")
    browser.until(lambda: browser.run("return document.activeElement.id") == "results")
    assert browser.find("#said").get_attribute("class") == "unseen"
    browser.choose("#worker", "Bob")
    browser.until(lambda: "A1" not in browser.text(".caseload tbody"))
    assert browser.run("return document.activeElement.id") == "worker"
    browser.click('button[value="csv"]')
    assert "A1" not in browser.downloaded("caseload.csv").read_text(encoding="utf-8")


def test_nothing_of_a_case_reaches_an_address_or_the_log(browser: Browser, service: Service) -> None:
    planted = json.loads(json.dumps(CASE).replace("case-17", "planted-5519").replace("2019-04-02", "2017-08-21"))
    case(browser, planted)
    browser.click('[data-act="ics"]')
    browser.downloaded("case.ics")
    caseload(browser, TABLE.replace("A1", "planted-6617").replace("nonsense", "planted-7718"))
    browser.click('button[value="csv"]')
    browser.downloaded("caseload.csv")
    check(browser, "2026-01-12")
    explorer(browser, ICPC)
    sent = [urlsplit(address)._replace(fragment="").geturl() for address in browser.addresses()]
    assert any(address.endswith("/caseload") for address in sent)
    for word in ("planted-", "2017-08-21", "section_47_initiated"):
        assert not [address for address in sent if word in address]
        assert word not in service.written()
    assert browser.run("return document.cookie + sessionStorage.length") == "0"


def test_a_long_profile_opens_on_its_contents_and_a_link_unfolds_its_rule(browser: Browser) -> None:
    browser.go("/profiles/swindon")
    assert browser.run("return document.documentElement.scrollHeight") < 9_000
    browser.go("/profiles/swindon#rule-icpc-held")
    browser.until(lambda: browser.find("#rule-icpc-held").is_displayed())


def test_a_broken_file_is_refused_on_the_page(browser: Browser) -> None:
    browser.go("/case")
    browser.find("#open-case").send_keys(str(file_of(browser, "broken.json", "{")))
    browser.until(lambda: "That did not work" in browser.text("#said"))
