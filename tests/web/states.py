"""The states of the pages that a browser is led into: empty, answered, faulty and long."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

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
    """Give a case of a hundred visits, with a fault in none."""
    visits = [
        {"id": f"v{number}", "type": "cp_visit_made", "occurred_at": f"2026-{1 + number // 28:02}-{1 + number % 28:02}"}
        for number in range(100)
    ]
    return {**CASE, "as_of": "2026-06-01", "events": [*CASE["events"], *visits]}


def faulty_case() -> dict[str, Any]:
    """Give a case with a fault in an event's day and one in a fact."""
    first, second, third = CASE["events"]
    return {**CASE, "events": [{**first, "occurred_at": "2025-02-30"}, {**second, "facts": {"nope": "x"}}, third]}


STATES: dict[str, Callable[[Browser], None]] = {
    "explorer-waiting": lambda browser: explorer(browser, {k: v for k, v in ICPC.items() if "fact" not in k}),
    "explorer-lacks-event": lambda browser: browser.go("/explorer?profile=york&event=adoption_enquiry_received"),
    "check-empty": lambda browser: browser.go("/check"),
    "check-early": lambda browser: check(browser, "2026-01-12"),
    "check-faulty": lambda browser: check(browser, "2026-01-99"),
    "case-empty": lambda browser: browser.go("/case"),
    "case": lambda browser: case(browser, CASE),
    "case-faulty": lambda browser: case(browser, faulty_case()),
    "case-long": lambda browser: case(browser, long_case()),
    "caseload-empty": lambda browser: browser.go("/caseload"),
    "caseload": lambda browser: caseload(browser, TABLE),
    "caseload-faulty": lambda browser: caseload(browser, "event,when\nx,y\n"),
}
