"""The states of the pages that a browser is led into: empty, answered, faulty and long."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from app.api.schemas.authoring_examples import TOML
from tests.web.browsing import Browser

ICPC = {
    "profile": "swindon",
    "event": "strategy_discussion_held",
    "date": "2025-12-18",
    "time": "14:30",
    "fact.section_47_initiated": "true",
}
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
        {"id": "c", "type": "icpc_held", "occurred_at": "2026-01-20"},
    ],
}
# Two enquiries, a plan, a period of care with two placements, a refusal to be seen alone: design.md, section 8.
EPISODES: dict[str, Any] = {
    "profile": "swindon",
    "as_of": "2026-06-20",
    "until": "2026-07-31",
    "reference": "case-31",
    "facts": {"child_date_of_birth": "2015-04-02"},
    "events": [
        {"id": "referral", "type": "referral_received", "occurred_at": "2025-12-15T09:00"},
        {
            "id": "strategy",
            "type": "strategy_discussion_held",
            "occurred_at": "2025-12-17T14:30",
            "facts": {"section_47_initiated": True},
        },
        {"id": "enquiry", "type": "section_47_started", "occurred_at": "2025-12-17T15:00"},
        {
            "id": "outcome",
            "type": "section_47_completed",
            "occurred_at": "2026-01-07",
            "facts": {"icpc_required": True},
        },
        {"id": "icpc", "type": "icpc_held", "occurred_at": "2026-01-14T10:00"},
        {"id": "plan", "type": "cp_plan_started", "occurred_at": "2026-01-14"},
        {"id": "core", "type": "core_group_held", "occurred_at": "2026-01-28"},
        {"id": "care", "type": "became_looked_after", "occurred_at": "2026-03-25"},
        {
            "id": "first",
            "type": "placement_started",
            "occurred_at": "2026-03-25",
            "facts": {"placement_type": "foster", "emergency_placement": True},
        },
        {"id": "visit", "type": "cla_visit_made", "occurred_at": "2026-03-30"},
        {"id": "over", "type": "placement_ended", "occurred_at": "2026-05-10"},
        {
            "id": "second",
            "type": "placement_started",
            "occurred_at": "2026-05-10",
            "facts": {"placement_type": "foster"},
        },
        {
            "id": "again",
            "type": "strategy_discussion_held",
            "occurred_at": "2026-06-15T11:00",
            "facts": {"section_47_initiated": True},
        },
    ],
}
TABLE = """reference,event,at,team,worker,section_47_initiated
A1,referral_received,15/12/2025,North,Ann,
A1,Strategy discussion,18/12/2025 14:30,North,Ann,yes
B2,referral_received,2026-01-12,South,Bob,
C3,nonsense,2026-01-12,South,Bob,
"""


def explorer(browser: Browser, state: dict[str, str]) -> None:
    """Open the explorer from a link that carries a state, and wait for its answer."""
    browser.go(f"/explorer#{urlencode(state)}")
    browser.wait(".result, .refusal")


def check(browser: Browser, claimed: str) -> None:
    """Fill the check page, and wait for its answer."""
    browser.go("/check?profile=swindon&event=strategy_discussion_held")
    browser.choose("#fact-section_47_initiated", "true")
    browser.choose("#rule", "icpc-held")
    browser.fill("#date", "2025-12-18")
    # What the browser's own field would not let through is put past it, as a caller without one may.
    browser.run(
        "arguments[0].type = 'text'; document.querySelector('#ask').noValidate = true", browser.find("#claimed")
    )
    browser.fill("#claimed", claimed)
    browser.click("#work-out")
    browser.wait(".result, .refusal")


def case(browser: Browser, body: dict[str, Any]) -> None:
    """Open a case from a file."""
    browser.go("/case")
    browser.find("#open-case").send_keys(str(file_of(browser, "opened.json", json.dumps(body))))
    browser.wait("#state, .refusal")


def moved(browser: Browser) -> None:
    """Open a case, and move its conference."""
    case(browser, EPISODES)
    browser.fill("#event-4-date", "2026-01-19")
    browser.click("#work-out")
    browser.wait(".changed")


def caseload(browser: Browser, table: str) -> None:
    """Open a table from a file."""
    browser.go("/caseload")
    browser.choose("#profile", "swindon")
    browser.fill("#as_of", "2026-01-14")
    browser.find("#open-table").send_keys(str(file_of(browser, "opened.csv", table)))
    browser.wait("#count, .refusal")


def file_of(browser: Browser, name: str, text: str) -> Path:
    """Write a file on the reader's disk."""
    file = browser.downloads.parent / name
    file.write_text(text, encoding="utf-8")
    return file


def long_case() -> dict[str, Any]:
    """Give a case of forty visits, with a fault in none."""
    visits = [
        {"id": f"v{number}", "type": "cp_visit_made", "occurred_at": f"2026-{1 + number // 28:02}-{1 + number % 28:02}"}
        for number in range(40)
    ]
    return {**CASE, "as_of": "2026-06-01", "events": [*CASE["events"], *visits]}


def faulty_case() -> dict[str, Any]:
    """Give a case with a fault in an event's day and one in a fact."""
    first, second, third = CASE["events"]
    return {**CASE, "events": [{**first, "occurred_at": "2025-02-30"}, {**second, "facts": {"nope": "x"}}, third]}


def drafts(browser: Browser, text: str) -> None:
    """Check a file on the page of drafts, as somebody who has none."""
    browser.enter_key("Cat", "/drafts")
    browser.find("#open-file").send_keys(str(file_of(browser, "opened.toml", text)))
    browser.until(lambda: browser.find("#text").get_attribute("value") == text)
    browser.click("#check")
    browser.wait("#verdict")


def draft(browser: Browser, text: str = TOML, reader: str = "Bea") -> str:
    """Keep a file as a draft, open it as somebody else, and give its address."""
    browser.enter_key("Ann", "/drafts")
    browser.fill("#text", text)
    browser.click("#store")
    browser.until(lambda: urlsplit(browser.driver.current_url).path.count("/") == 3)
    path = urlsplit(browser.driver.current_url).path
    browser.enter_key(reader, path)
    return path


def waiting(browser: Browser) -> None:
    """Open a draft as whoever may publish it."""
    draft(browser)


def sent_back(browser: Browser) -> None:
    """Send a draft back, and open it as its author."""
    path = draft(browser)
    browser.find("#comment").send_keys("Section 5.1 says 10 working days.")
    browser.click("#do-send-back")
    browser.wait("#sent-back")
    browser.enter_key("Ann", path)


def closures(browser: Browser, days: str) -> None:
    """Paste closure days, and have shown what they change."""
    browser.enter_key("Dot", "/calendars/swindon/closures")
    browser.fill("#days", days)
    browser.fill("#source", "Cabinet, 3 June 2026")
    browser.fill("#title", "Swindon")
    browser.click("#check")
    browser.wait("#changes, .refusal")


STATES: dict[str, Callable[[Browser], None]] = {
    "explorer-waiting": lambda browser: explorer(browser, {k: v for k, v in ICPC.items() if "fact" not in k}),
    "explorer-lacks-event": lambda browser: browser.go("/explorer?profile=york&event=adoption_enquiry_received"),
    "explorer-answered": lambda browser: explorer(browser, ICPC),
    "start": lambda browser: browser.go("/"),
    "profiles": lambda browser: browser.go("/profiles"),
    "profile": lambda browser: browser.go("/profiles/swindon"),
    "profile-by-event": lambda browser: browser.go("/profiles/cin-chapter?by=event"),
    "profile-searched": lambda browser: browser.go("/profiles/york?q=assessment"),
    "profile-difference": lambda browser: browser.go("/profiles/york/diff?from=1&to=2"),
    "profile-unknown": lambda browser: browser.go("/profiles/nowhere"),
    "calendars": lambda browser: browser.go("/calendars"),
    "calendar": lambda browser: browser.go("/calendars/england-and-wales?year=2026"),
    "calendar-projected": lambda browser: browser.go("/calendars/scotland?year=2040"),
    "closures-empty": lambda browser: browser.enter_key("Dot", "/calendars/swindon/closures"),
    "closures-faulty": lambda browser: closures(browser, "29/12/26"),
    "closures": lambda browser: closures(browser, "29/12/2026, Christmas closure"),
    "check-empty": lambda browser: browser.go("/check"),
    "check-early": lambda browser: check(browser, "2026-01-12"),
    "check-faulty": lambda browser: check(browser, "2026-01-99"),
    "case-empty": lambda browser: browser.go("/case"),
    "case": lambda browser: case(browser, CASE),
    "case-faulty": lambda browser: case(browser, faulty_case()),
    "case-long": lambda browser: case(browser, long_case()),
    "case-episodes": lambda browser: case(browser, EPISODES),
    "case-moved": moved,
    "caseload-empty": lambda browser: browser.go("/caseload"),
    "caseload": lambda browser: caseload(browser, TABLE),
    "caseload-faulty": lambda browser: caseload(browser, "event,when\nx,y\n"),
    "drafts-empty": lambda browser: browser.enter_key("Cat", "/drafts"),
    "drafts-faulty": lambda browser: drafts(browser, TOML.replace('"hold_icpc"', '"hold_icpcs"')),
    "drafts-checked": lambda browser: drafts(browser, TOML),
    "draft": waiting,
    "draft-sent-back": sent_back,
}
