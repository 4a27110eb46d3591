"""Put answers together for an assistant: what one event starts, and a timeline with what is open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.services.calculation.response import Json
from app.services.catalogue import summarise_rule
from app.services.catalogue_lists import CatalogueQuery, list_event_types, list_facts
from app.services.fact_form import FormQuery, check_form
from app.services.snapshot.snapshot import Snapshot
from app.services.validation import read

OPEN = frozenset({"outstanding", "overdue", "disputed"})
"""The statuses of a timeline that ask somebody to do or to decide something."""
RULE_PARTS = ("rule", "duty", "title", "when", "timing", "responsible", "strength", "source", "reading", "facts")
FACT_PARTS = ("fact", "type", "values", "definition", "when_absent", "default")


def describe_event(snapshot: Snapshot, query: FormQuery) -> Json:
    """Return one event under a profile: the rules that it starts, and the facts that they read.

    Raises Problem as the form of the same query does: an unknown profile, event or duty, or a duty never started.
    """
    profile, items = check_form(snapshot, query)
    narrowed = read(CatalogueQuery, {"profile": query.profile, "event": query.event, "starts": query.duty})
    listed: dict[str, Any] = list_event_types(snapshot, narrowed)
    facts: dict[str, Any] = list_facts(snapshot, narrowed)
    rules = [summarise_rule(profile, item.rule) for item in items]
    # An event that starts nothing in the profile is listed under none of its rules.
    unlisted = {"type": query.event, "definition": profile.vocabulary.events[query.event].definition, "implies": {}}
    event = next(iter(listed["event_types"]), unlisted)
    return {
        "profile": query.profile,
        "event": {key: event[key] for key in ("type", "definition", "implies")},
        "rules": [{key: rule[key] for key in RULE_PARTS} for rule in rules],
        "facts": [{key: fact[key] for key in FACT_PARTS} for fact in facts["facts"]],
    }


def open_part(timeline: Mapping[str, Any]) -> Json:
    """Return the part of a timeline that is open, without histories; `summary` still counts everything.

    What rests on an assumption, as each projected step does, is left out: nobody owes it yet.
    """
    chosen = [
        {key: value for key, value in item.items() if key != "history"}
        for item in timeline["obligations"]
        if item["status"] in OPEN and not item["rests_on"]
    ]
    return {
        **timeline,
        "obligations": chosen,
        "undetermined": [item for item in timeline["undetermined"] if not item["rests_on"]],
        "projected_events": [],
        "not_shown": len(timeline["obligations"]) - len(chosen),
    }
