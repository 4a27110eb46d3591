"""A request that says only what most of them say, read the shortest way.

Whatever is not plain, or not right, is left to the careful reader (`requests.read_request`), which reads everything and
says what is wrong. What is read here is read there to the same request; a law among the tests holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from app.engine.civil_time import UnreadableTime, read_moment
from app.engine.facts import FactSpec, FactValue
from app.services.calculation.request import LONGEST_REFERENCE, Request, read_fact
from app.services.snapshot.snapshot import Snapshot
from app.services.zone import LONDON

KEYS = frozenset({"profile", "event", "facts", "reference"})


def read_plain(snapshot: Snapshot, body: bytes) -> Request | None:
    """The request in force on its event's day, None where the careful reader has to look.

    This parser takes the last of two equal keys, where they have to be refused. So colons are counted: without escapes
    every one in the text either follows a key or stands inside a string, and a key that came twice leaves one over.
    """
    if b"\\" in body:
        return None
    try:
        table = orjson.loads(body)
    except ValueError:
        return None
    if type(table) is not dict or not table.keys() <= KEYS:
        return None
    event, given, key, reference = table.get("event"), table.get("facts"), table.get("profile"), table.get("reference")
    if type(event) is not dict or len(event) != 2 or type(key) is not str or type(given) not in {dict, type(None)}:
        return None
    name, text = event.get("type"), event.get("occurred_at")
    if type(name) is not str or type(text) is not str:
        return None
    colons = len(table) + 2 + key.count(":") + name.count(":") + text.count(":")
    if given:
        colons += len(given)
    if reference is not None:
        if type(reference) is not str or not 0 < len(reference) <= LONGEST_REFERENCE or not reference.isprintable():
            return None
        colons += reference.count(":")
    if body.count(b":") != colons:
        return None
    return _resolved(snapshot, key, name, text, given, reference)


def _resolved(
    snapshot: Snapshot, key: str, name: str, text: str, given: dict[str, Any] | None, reference: str | None
) -> Request | None:
    try:
        moment = read_moment(text, LONDON)
    except UnreadableTime:
        return None
    version = snapshot.profile_in_force(key, moment.day)
    if version is None:
        return None
    calendar = snapshot.calendar(version.profile.calendar)
    if calendar is None or not calendar.calendar.covers(moment.day):
        return None
    if snapshot.unusable and (key in snapshot.unusable or version.profile.calendar in snapshot.unusable):
        return None
    event = version.profile.vocabulary.events.get(name)
    if event is None:
        return None
    facts: dict[str, FactValue] = {}
    if given:
        read = _facts(given, version.profile.vocabulary.facts)
        # Facts that the event's own happening settles may contradict it.
        if read is None or not (read.keys().isdisjoint(event.sets) and read.keys().isdisjoint(event.implies)):
            return None
        facts = read
    return Request(version, calendar, name, text, moment, facts, None, False, reference, False)


def _facts(given: dict[str, Any], specs: Mapping[str, FactSpec]) -> dict[str, FactValue] | None:
    facts: dict[str, FactValue] = {}
    for key, value in given.items():
        spec = specs.get(key)
        # A string with a colon in it is no fact's value that is plain.
        if spec is None or (type(value) is str and ":" in value):
            return None
        read = read_fact(spec, value)
        if read is None:
            return None
        facts[key] = read
    return facts
