"""Requests that write, as the OpenAPI document prints them."""

from __future__ import annotations

from typing import Any

from app.services.publishing.profile_file import MEDIA_TYPES, Form

Example = dict[str, Any]

PROFILE: Example = {
    "format": 1,
    "key": "my-council",
    "title": "My Council: practice standards",
    "authority": "My Council",
    "extends": {"key": "statutory-england", "version": 1},
    "documents": {"local": {"title": "My Council practice standards"}},
    "rules": [
        {
            "id": "icpc-held-sooner",
            "duty": "hold_icpc",
            "title": "Hold the initial child protection conference",
            "event": "strategy_discussion_held",
            "when": {"section_47_initiated": True},
            "timing": {"within": {"working_days": 12}},
            "responsible": ["Conference chair"],
            "strength": "must",
            "source": [{"section": "4.2", "document": "local"}],
        }
    ],
}
BASED: dict[str, Example] = {"based": {"summary": "A profile based on another", "value": {"document": PROFILE}}}
DRAFTS: dict[str, Example] = {**BASED, "copy": {"summary": "A copy of the latest version", "value": {}}}
PUBLICATIONS: dict[str, Example] = {
    "ahead": {"summary": "From a day to come", "value": {"in_force_from": "2027-04-01"}},
    "backdated": {
        "summary": "Backdated, with the reason",
        "value": {
            "in_force_from": "2026-01-01",
            "reason": "The standards were agreed late and apply from January.",
        },
    },
}
WITHDRAWALS: dict[str, Example] = {
    "mistake": {"summary": "A mistake was found", "value": {"reason": "Rule 4.2 was entered in calendar days."}}
}
SENT_BACK: dict[str, Example] = {
    "unit": {"summary": "A unit to be checked", "value": {"comment": "Section 4.2 says working days. Please check."}}
}
TOML = """format = 1
key = "my-council"
title = "My Council: practice standards"
calendar = "england-and-wales"

[documents.main]
title = "Practice Standards"

[[rules]]
id = "icpc-held"
duty = "hold_icpc"
title = "Hold the initial child protection conference"
event = "strategy_discussion_held"
when = { section_47_initiated = true }
timing = { within = { working_days = 15 } }
strength = "must"
source = [{ section = "5.1" }]
discharged_by = ["icpc_held"]
"""
CSV = """Id,What,Title,Starts from,Timing,Number,Unit,Strength,Section,Met by
icpc-held,hold_icpc,Hold the conference,strategy_discussion_held,within,15,working days,must,13.3,icpc_held
"""
FILES: dict[Form, str] = {"toml": TOML, "xlsx": "(the bytes of the file)", "csv": CSV}


def file_content(form: Form) -> Example:
    """Return the schema of a file of one form, and its examples."""
    schema = {"type": "string", **({"format": "binary"} if form == "xlsx" else {})}
    return {"schema": schema, "examples": {"file": {"summary": "A profile of one rule", "value": FILES[form]}}}


FILE_BODIES: Example = {"requestBody": {"content": {kind: file_content(form) for kind, form in MEDIA_TYPES.items()}}}
"""What a document's address takes besides JSON."""
IMPACTS: dict[str, Example] = {
    "one": {
        "summary": "One event",
        "value": {"events": [{"type": "strategy_discussion_held", "occurred_at": "2026-03-02"}]},
    }
}
# A whole year: the list is the authority for each year that it names.
_GOVUK: Example = {
    "england-and-wales": {
        "division": "england-and-wales",
        "events": [
            {"title": title, "date": date, "notes": "", "bunting": True}
            for date, title in (
                ("2029-01-01", "New Year's Day"),
                ("2029-03-30", "Good Friday"),
                ("2029-04-02", "Easter Monday"),
                ("2029-05-07", "Early May bank holiday"),
                ("2029-05-28", "Spring bank holiday"),
                ("2029-08-27", "Summer bank holiday"),
                ("2029-12-25", "Christmas Day"),
                ("2029-12-26", "Boxing Day"),
            )
        ],
    }
}
_CLOSURE: Example = {
    "extends": "england-and-wales",
    "title": "My Council",
    "days": [{"date": "2026-12-29", "name": "Christmas closure"}],
    "source": "Council meeting of 3 June 2026",
}
_HOLIDAY: Example = {
    "date": "2027-05-10",
    "name": "Bank holiday for the coronation",
    "source": "Announced in Parliament on 30 April 2027",
}
_REMOVAL: Example = {"date": "2026-12-29", "kind": "closure", "reason": "The offices stay open."}
CALENDARS: dict[str, Example] = {"govuk": {"summary": "The government's list, one year of it", "value": _GOVUK}}
CLOSURE_TABLE: dict[str, Example] = {
    "excel": {"summary": "As Excel saves it", "value": "Date,Name\r\n29/12/2026,Christmas closure\r\n"}
}
NEIGHBOURS: dict[str, Example] = {"jersey": {"summary": "Jersey", "value": {"from_holidays": "JE"}}}
CLOSURES: dict[str, Example] = {"christmas": {"summary": "A Christmas shutdown", "value": _CLOSURE}}
HOLIDAYS: dict[str, Example] = {"coronation": {"summary": "Announced at short notice", "value": _HOLIDAY}}
REMOVALS: dict[str, Example] = {"open": {"summary": "A closure that was called off", "value": _REMOVAL}}
FOLLOWS: dict[str, Example] = {"latest": {"summary": "To the latest version", "value": {}}}
