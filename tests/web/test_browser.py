"""The pages in a real browser: sound for everybody, right to the date, and silent about the child."""

import base64
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from selenium.webdriver.common.keys import Keys

from tests.web.browsing import Browser
from tests.web.service import Service

pytestmark = pytest.mark.browser

ICPC = {
    "profile": "swindon",
    "event": "strategy_discussion_held",
    "date": "2025-12-18",
    "time": "14:30",
    "fact.section_47_initiated": "true",
}
CARE = {
    "profile": "swindon",
    "event": "became_looked_after",
    "date": "2026-02-03",
    "until": "2026-12-31",
    "fact.child_date_of_birth": "2012-04-02",
}
SIDE_BY_SIDE = ICPC | {"compare": "york", "until": "2026-06-30"}
PAGES = [
    "/",
    "/explorer",
    "/profiles",
    "/profiles/york?q=assessment",
    "/profiles/cin-chapter?by=event",
    "/profiles/york/diff?from=1&to=2",
    "/calendars",
    "/calendars/england-and-wales?year=2026",
    "/calendars/scotland?year=2040",
    "/returns",
    "/returns/standard-safeguarding-dataset",
    "/profiles/nowhere",
]


def asked(browser: Browser, state: dict[str, str]) -> None:
    """Open the explorer from a link that carries a state, and wait for its answer."""
    browser.go(f"/explorer#{urlencode(state)}")
    browser.wait(".result, .refusal")


def opened(browser: Browser) -> None:
    """Open whatever can be opened, so that it is looked at too."""
    browser.run("document.querySelectorAll('details').forEach((each) => { each.open = true })")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_fault_of_accessibility_in_either_theme_and_fits_a_phone(browser: Browser, path: str) -> None:
    browser.go(path)
    assert browser.faults(320) == {}
    assert [entry for entry in browser.troubles() if "404" not in entry] == []


@pytest.mark.parametrize("state", [CARE, SIDE_BY_SIDE, ICPC | {"date": "1066-10-14"}], ids=["care", "two", "refused"])
def test_an_answer_has_no_fault_of_accessibility_in_either_theme_and_fits_a_phone(
    browser: Browser, state: dict[str, Any]
) -> None:
    asked(browser, state)
    opened(browser)
    assert browser.faults(320) == {}
    assert browser.troubles() == []


def test_the_conference_is_worked_out_through_the_form(browser: Browser) -> None:
    browser.go("/explorer")
    browser.choose("#profile", "swindon")
    browser.until(lambda: browser.all('#event option[value="strategy_discussion_held"]'))
    browser.choose("#event", "strategy_discussion_held")
    browser.wait("#fact-section_47_initiated")
    assert not browser.all("#fact-placement_type")
    browser.choose("#fact-section_47_initiated", "true")
    browser.fill("#date", "2025-12-18")
    browser.fill("#time", "14:30")
    browser.click("#work-out")
    card = browser.wait("#due-1-icpc-held")
    assert browser.run("return document.activeElement.id") == "results"
    assert "Tuesday 13 January 2026" in card.text
    assert "13.3" in card.text
    card.find_element("css selector", ".counting summary").click()
    assert "Friday 26 December 2025: not counted (Boxing Day)" in card.text
    assert "Tuesday 13 January 2026: working day 15" in card.text
    assert "13 January 2026" in browser.text(".as-table")
    drawn = browser.text(".timeline svg")
    assert "Christmas Day, 25 December 2025" in drawn
    assert "13 Jan" in drawn
    assert browser.troubles() == []


def test_changing_the_event_keeps_what_was_typed(browser: Browser) -> None:
    asked(browser, CARE)
    browser.choose("#event", "placement_started")
    browser.wait("#fact-placement_type")
    assert browser.find("#date").get_attribute("value") == "2026-02-03"
    assert browser.find("#until").get_attribute("value") == "2026-12-31"


def test_the_keyboard_alone_leads_from_the_top_to_the_answer(browser: Browser) -> None:
    browser.go("/explorer?profile=swindon&event=strategy_discussion_held")
    body = browser.find("body")
    body.send_keys(Keys.TAB)
    assert browser.run("return document.activeElement.className") == "skip"
    browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
    order = []
    for _ in range(40):
        browser.driver.switch_to.active_element.send_keys(Keys.TAB)
        name = browser.run("return document.activeElement.id || document.activeElement.tagName")
        if name not in order:
            order.append(name)
        if name == "fact-section_47_initiated":
            browser.driver.switch_to.active_element.send_keys("y")
        if name == "work-out":
            break
    marked = browser.run("return getComputedStyle(document.activeElement).outlineStyle")
    assert marked == "solid"
    fields = [name for name in order if name in {"profile", "event", "compare", "date", "time", "until", "work-out"}]
    assert fields == ["profile", "event", "compare", "date", "time", "until", "work-out"]
    browser.fill("#date", "2025-12-18")
    browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
    assert "Tuesday 13 January 2026" in browser.wait("#due-1-icpc-held").text


def test_a_link_carries_the_state_and_leaves_dates_of_birth_out_unless_chosen(browser: Browser) -> None:
    asked(browser, CARE)
    browser.run("navigator.clipboard.writeText = async (text) => { window.copied = text }")
    browser.click('[data-act="link"]')
    link = urlsplit(browser.until(lambda: browser.run("return window.copied")))
    assert (link.path, link.query) == ("/explorer", "")
    state = {name: values[0] for name, values in parse_qs(link.fragment).items()}
    assert state == {name: value for name, value in CARE.items() if name != "fact.child_date_of_birth"}
    browser.run("window.copied = undefined")
    browser.click("#with-dates")
    browser.click('[data-act="link"]')
    link = urlsplit(browser.until(lambda: browser.run("return window.copied")))
    assert "2012-04-02" in link.fragment
    before = [each.text for each in browser.all(".due .when")]
    browser.go(f"{link.path}#{link.fragment}")
    browser.wait(".result")
    assert [each.text for each in browser.all(".due .when")] == before
    assert browser.find("#fact-child_date_of_birth").get_attribute("value") == "2012-04-02"


def test_the_command_is_the_request(browser: Browser) -> None:
    asked(browser, ICPC)
    browser.run("navigator.clipboard.writeText = async (text) => { window.copied = text }")
    browser.click('[data-act="curl"]')
    command = browser.until(lambda: browser.run("return window.copied"))
    assert command.startswith(f"curl -sS {browser.address}/v1/calculations")
    assert '"occurred_at": "2025-12-18T14:30"' in command
    assert '"section_47_initiated": true' in command


def test_the_calendar_file_holds_the_conference(browser: Browser) -> None:
    asked(browser, ICPC | {"reference": "case-17"})
    browser.click('[data-act="ics"]')
    text = browser.downloaded("deadlines-swindon.ics").read_text(encoding="utf-8")
    assert text.startswith("BEGIN:VCALENDAR")
    assert "DTSTART;VALUE=DATE:20260113" in text


def test_nothing_about_the_child_reaches_an_address_or_the_log(browser: Browser, service: Service) -> None:
    asked(browser, CARE | {"reference": "planted-reference-5519"})
    browser.click('[data-act="ics"]')
    browser.downloaded("deadlines-swindon.ics")
    browser.choose("#event", "placement_started")
    browser.wait("#fact-placement_type")
    browser.choose("#fact-placement_type", "connected_person_temporary")
    browser.click("#work-out")
    browser.until(lambda: "placement" in browser.find(".result .entered").text)
    asked(browser, ICPC | {"fact.section_47_initiated": "planted-value-8812"})
    planted = ("2012-04-02", "planted-", "connected_person_temporary", "section_47_initiated")
    # A fragment is never part of what is sent.
    sent = [urlsplit(address)._replace(fragment="").geturl() for address in browser.addresses()]
    assert any(address.endswith("/v1/calculations") for address in sent)
    assert any(address.endswith("/explorer") for address in sent)
    for word in planted:
        assert not [address for address in sent if word in address]
        assert word not in service.written()
    assert '"route":"/explorer"' in service.written().replace(": ", ":")
    assert "#" not in browser.driver.current_url or "planted-value-8812" in browser.driver.current_url


def test_another_question_takes_the_old_state_out_of_the_address(browser: Browser) -> None:
    asked(browser, CARE)
    browser.click("#work-out")
    browser.until(lambda: "#" not in browser.driver.current_url)


def test_a_printed_answer_carries_the_dates_and_not_the_form(browser: Browser) -> None:
    asked(browser, ICPC)
    paper = browser.command("Page.printToPDF", printBackground=True)
    assert base64.b64decode(paper["data"]).startswith(b"%PDF")
    browser.command("Emulation.setEmulatedMedia", media="print")
    try:
        shown = browser.run(
            "return ['#ask', '.share', 'nav', '#due-1-icpc-held', '.timeline svg']"
            ".map((each) => document.querySelector(each).checkVisibility())"
        )
        browser.run("dispatchEvent(new Event('beforeprint'))")
        table = browser.run("return document.querySelector('.as-table table').checkVisibility()")
    finally:
        browser.run("dispatchEvent(new Event('afterprint'))")
        browser.command("Emulation.setEmulatedMedia", media="")
    assert shown == [False, False, False, True, True]
    assert table is True
    assert not browser.find(".as-table").get_attribute("open")


def test_a_reader_who_asks_for_less_motion_gets_none(browser: Browser) -> None:
    browser.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "reduce"}])
    browser.go("/explorer")
    moving = browser.run(
        "return [...document.querySelectorAll('*')].filter((each) => { const style = getComputedStyle(each);"
        " return style.animationName !== 'none' || style.scrollBehavior === 'smooth' }).length"
    )
    assert moving == 0
