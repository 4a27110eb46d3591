"""Find lines that stand under the wrong heading: one fault for a slip, and the document as it was meant.

In TOML a line belongs to the heading above it, so that `strength`, written after `[rules.timing]`, is read as a part of
the timing. Said key by key that would be many faults: unknown there, missing here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from app.documents.reader import INDEX, Reader, Table, join
from app.profiles.grammar import Shape
from app.profiles.rules import ALTERNATIVE, IN_FORCE, RULE
from app.profiles.series_timings import FIRST, PHASE
from app.profiles.timings import KINDS

TIMING = frozenset(key for kind in KINDS.values() for key in (kind.key, *kind.options))
PARTS = {"timing": TIMING, "in_force": frozenset(IN_FORCE.keys), "alternatives": frozenset(ALTERNATIVE.keys)}
"""The keys of each part of a rule."""
TIMING_PARTS = {"first": frozenset(FIRST.keys), "phases": frozenset(PHASE.keys)}
VOCABULARY_PARTS = frozenset({"events", "facts", "duties", "episodes", "nouns"})


def put_in_place(reader: Reader, document: Mapping[str, object], profile: Shape, one_document: Shape) -> Table:
    """Return the document with what stands under a wrong heading where it belongs, and a fault for each such slip."""
    top = dict(document)
    _gather_rule(reader, top, profile)
    _gather_vocabulary(reader, top, profile)
    documents = top.get("documents")
    if isinstance(documents, Mapping):
        own = frozenset(one_document.keys)
        top["documents"] = {
            key: _lift(reader, item, f"documents.{key}", own, top, profile.keys, "the profile")
            for key, item in documents.items()
        }
    rules = top.get("rules")
    if isinstance(rules, list):
        own = frozenset(RULE.keys)
        lifted = [_rule(reader, rule, f"rules[{place}]") for place, rule in enumerate(rules)]
        top["rules"] = [
            _lift(reader, rule, f"rules[{place}]", own, top, profile.keys, "the profile")
            for place, rule in enumerate(lifted)
        ]
    return top


def _rule(reader: Reader, rule: object, path: str) -> object:
    if not isinstance(rule, Mapping):
        return rule
    whole = dict(rule)
    name = whole.get("id")
    with reader.within_rule(name if isinstance(name, str) else None):
        timing = whole.get("timing")
        if isinstance(timing, Mapping):
            inner = dict(timing)
            for part, own in TIMING_PARTS.items():
                _lift_all(reader, inner, part, f"{path}.timing", own, whole)
            whole["timing"] = inner
        for part, own in PARTS.items():
            _lift_all(reader, whole, part, path, own, whole)
    return whole


def _lift_all(
    reader: Reader, table: dict[str, object], part: str, path: str, own: Collection[str], rule: dict[str, object]
) -> None:
    """Lift what belongs to the rule out of one of its parts, or of each where the part is a list."""
    value, where = table.get(part), f"{path}.{part}"
    if isinstance(value, list):
        table[part] = [
            _lift(reader, item, f"{where}[{place}]", own, rule, RULE.keys, "the rule")
            for place, item in enumerate(value)
        ]
    else:
        lifted = _lift(reader, value, where, own, rule, RULE.keys, "the rule")
        if lifted is not value:
            table[part] = lifted


def _lift(
    reader: Reader,
    value: object,
    path: str,
    own: Collection[str],
    outer: dict[str, object],
    outer_keys: Collection[str],
    whole: str,
) -> object:
    """Return a table without the keys that only the table around it knows; those go there, if they are missing."""
    if not isinstance(value, Mapping):
        return value
    stray = [str(key) for key in value if key not in own and key in outer_keys and key not in outer]
    if not stray:
        return value
    outer |= {key: value[key] for key in stray}
    heading = re.sub(INDEX, "", path)
    message = f"{_named(stray)} inside of {heading}, but {_says(stray)} something of {whole}"
    remedy = f"move {'it' if len(stray) == 1 else 'these lines'} above the heading of {heading}, or out of its braces"
    reader.fault(join(path, stray[0]), message, remedy)
    return {key: item for key, item in value.items() if key not in stray}


def _named(keys: list[str]) -> str:
    names = " and ".join(f"'{key}'" for key in keys)
    return f"{names} {'stands' if len(keys) == 1 else 'stand'}"


def _says(keys: list[str]) -> str:
    return "says" if len(keys) == 1 else "say"


def _gather_rule(reader: Reader, top: dict[str, object], profile: Shape) -> None:
    """Make a rule of what stands outside of one."""
    stray = [key for key in top if key in RULE.keys and key not in profile.keys]
    if not stray:
        return
    part = next((key for key in stray if key in PARTS), None)
    if "rules" in top and part is not None:
        remedy = f"write its heading as [rules.{part}], below its rule"
        reader.fault(part, f"'{part}' stands outside of the rules", remedy)
    else:
        remedy = "write [[rules]] on a line of its own above it"
        reader.fault(stray[0], f"{_named(stray)} outside of a rule", remedy)
    gathered = {key: top.pop(key) for key in stray}
    if "rules" not in top:
        top["rules"] = [gathered]
        return
    rules = top["rules"]
    if isinstance(rules, list):
        lacking = (
            place for place, rule in enumerate(rules) if isinstance(rule, Mapping) and gathered.keys() - rule.keys()
        )
        place = next(lacking, None)
        if place is not None:
            top["rules"] = [*rules[:place], {**gathered, **rules[place]}, *rules[place + 1 :]]


def _gather_vocabulary(reader: Reader, top: dict[str, object], profile: Shape) -> None:
    """Put the words of the profile's own that stand by themselves into its vocabulary."""
    for part in [key for key in top if key in VOCABULARY_PARTS and key not in profile.keys]:
        value = top.pop(part)
        name = next(iter(value), "local_…") if isinstance(value, Mapping) else "local_…"
        remedy = f"write the heading as [vocabulary.{part}.{name}]"
        reader.fault(part, f"'{part}' stands outside of the vocabulary", remedy)
        vocabulary = top.get("vocabulary", {})
        if isinstance(vocabulary, Mapping):
            top["vocabulary"] = {part: value, **vocabulary}
