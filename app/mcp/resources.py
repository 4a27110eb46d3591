"""What an assistant may read: profiles, and of each the events with their rules, and single rules."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from app.mcp.answers import describe_event
from app.services.calculation.response import Json
from app.services.catalogue import describe_profile, describe_rule, list_profiles
from app.services.fact_form import FormQuery
from app.services.problems import Problem
from app.services.snapshot.snapshot import Snapshot
from app.services.validation import read

SCHEME = "deadlines://profiles/"
NAME = r"([A-Za-z0-9_-]{1,200})"
VERSION = r"([1-9][0-9]{0,6})"


class Template(NamedTuple):
    """A kind of resource: how its addresses are made, and how one is read."""

    name: str
    uri_template: str
    description: str
    pattern: re.Pattern[str]
    answer: Callable[..., Json]


def _event(snapshot: Snapshot, profile: str, event: str) -> Json:
    return describe_event(snapshot, read(FormQuery, {"profile": profile, "event": event}))


def _rule(snapshot: Snapshot, profile: str, version: str, rule: str) -> Json:
    return describe_rule(snapshot, profile, int(version), rule)


PROFILE = re.compile(SCHEME + NAME)
TEMPLATES = (
    Template(
        "event",
        SCHEME + "{profile}/events/{event}",
        "What one event starts under a profile, and the facts that matter to it.",
        re.compile(f"{SCHEME}{NAME}/events/{NAME}"),
        _event,
    ),
    Template(
        "rule",
        SCHEME + "{profile}/versions/{version}/rules/{rule}",
        "One rule of one version, with its source, its reading and its data.",
        re.compile(f"{SCHEME}{NAME}/versions/{VERSION}/rules/{NAME}"),
        _rule,
    ),
)


def listed(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Return the address and the title of each profile."""
    profiles: dict[str, Any] = list_profiles(snapshot)
    return [(f"{SCHEME}{item['key']}", item["title"]) for item in profiles["profiles"]]


def read_resource(snapshot: Snapshot, uri: str) -> Json:
    """Return what is at an address. Raises Problem not-found."""
    match = PROFILE.fullmatch(uri)
    if match is not None:
        return describe_profile(snapshot, match[1])
    for template in TEMPLATES:
        match = template.pattern.fullmatch(uri)
        if match is not None:
            return template.answer(snapshot, *match.groups())
    raise Problem("not-found", f"There is nothing at this address; events are at {TEMPLATES[0].uri_template}.")
