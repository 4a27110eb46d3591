"""Every fact lapses with its scope, and every rule of a packaged profile shows what ends it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from app.documents.reader import Reader
from app.engine.civil_time import Moment
from app.engine.compiled_profile import Rule
from app.engine.conditions import OneOf
from app.engine.facts import CASE, CHILD, THIS_EVENT, FactSpec, FactValue
from app.profiles.document import load_profile
from app.profiles.faults import InvalidProfile
from app.profiles.vocabulary import check_vocabulary, read_vocabulary, shared_vocabulary
from app.services.snapshot.snapshot import ProfileVersion
from app.services.timelines.case import AsOf, Case, CaseEvent, Child, Event, ProfileSelection
from app.services.timelines.child_timeline import ChildTimeline, build
from app.services.timelines.completion_window import window
from app.services.timelines.episode_ends import earliest_end
from app.services.timelines.episodes import Episodes
from app.services.timelines.fact_history import FactHistory
from tests.services.worlds import document, packaged

VOCABULARY = shared_vocabulary()
VERSIONS = [versions[-1] for _, versions in sorted(packaged().profiles.items())]
RULES = [(version, rule) for version in VERSIONS for rule in version.profile.rules]
CLOSES = "case_closed"


def facts_read() -> list[str]:
    """Name every fact that some rule of a packaged profile reads."""
    read: set[str] = set()
    for version, rule in RULES:
        asked = (rule.when, rule.restart_when, rule.discharged_when, rule.not_owed_when, rule.excused_when)
        read |= rule.facts().union(*(condition.facts() for condition in asked if condition is not None))
        assert read <= version.profile.vocabulary.facts.keys()
    return sorted(read)


def some_value(spec: FactSpec) -> FactValue:
    values: dict[str, FactValue] = {"bool": True, "int": max(spec.minimum or 1, 1), "date": date(2020, 3, 3)}
    return spec.values[0] if spec.type == "choice" else values[spec.type]


def event(kind: str, number: int, own: dict[str, FactValue] | None = None) -> Event:
    moment = Moment(date(2026, 1, 5 + 3 * number))
    return Event(f"{kind}.{number}", kind, moment, own or {}, moment)


def opener(kind: str) -> tuple[str, dict[str, FactValue]]:
    """Name an event that opens an episode of a kind, with what it has to say for that."""
    spec = VOCABULARY.episodes[kind]
    unconditional = [
        name for name in spec.opened_by if name not in spec.opened_when and not name.endswith("_scheduled")
    ]
    name = (unconditional or list(spec.opened_by))[0]
    condition = spec.opened_when.get(name)
    facts_said = {condition.spec.key: next(iter(condition.values))} if isinstance(condition, OneOf) else {}
    return name, facts_said


@pytest.mark.parametrize("name", facts_read())
def test_a_value_sent_in_one_episode_is_unknown_in_the_next(name: str) -> None:
    spec = VOCABULARY.facts[name]
    if spec.scope == CHILD:
        assert name in {"child_date_of_birth", "expected_delivery_date", "child_has_disability"}, name
        return
    kind = CASE if spec.scope in {THIS_EVENT, CASE} else spec.scope
    opens, facts_said = ("child_seen", {}) if kind == CASE else opener(kind)
    says = "management_decision_made" if opens != "management_decision_made" else "child_seen"
    events = [
        event(opens, 0, dict(facts_said)),
        event(says, 1, {name: some_value(spec)}),
        event("child_seen", 2),
        event(CLOSES, 3),
        event(opens, 4, dict(facts_said)),
        event("child_seen", 5),
    ]
    version = VERSIONS[0]
    calendar = packaged().calendar(version.profile.calendar, None, None)
    assert calendar is not None
    profile = version.profile
    assert name in profile.vocabulary.facts
    history = FactHistory(profile, Episodes(profile.vocabulary, events, calendar), events, {}, calendar)
    said = history.at(events[1]).get(name)
    assert said == some_value(spec) or name in VOCABULARY.events[says].implies
    shown = {**VOCABULARY.events[opens].implies, **dict.fromkeys(VOCABULARY.events[opens].sets)}
    if spec.scope == THIS_EVENT:
        assert name not in history.at(events[2])
    for later in events[4:]:
        if name not in shown and not spec.counts:
            assert name not in history.at(later), f"{name} of the first {kind} is known in the second"


def line_of(version: ProfileVersion, kinds: list[str]) -> ChildTimeline:
    """Build the timeline of some events, a day apart, under one version."""
    snapshot = packaged()
    sent = tuple(
        CaseEvent(place, None, kind, "", Moment(date(2026, 1, 5 + place)), {}, (None,), None, None, frozenset())
        for place, kind in enumerate(kinds)
    )
    selection = ProfileSelection(version.record.key, version)
    child = Child(None, {})
    as_of = AsOf(date(2026, 3, 2), None)
    case = Case(
        snapshot, (selection,), None, None, (child,), sent, as_of, "2026-03-02", None, explain=False, reference=None
    )
    return build(case, selection, child)


def starts() -> Iterator[Any]:
    for version, rule in RULES:
        for kind in rule.events:
            yield pytest.param(version, rule, kind, id=f"{version.record.key}: {rule.id} from {kind}")


def what_ends(version: ProfileVersion, rule: Rule, kind: str) -> Event | None:
    """Find what ends an obligation of a rule in a case that begins with its start and is closed two days later."""
    line = line_of(version, [kind, "child_seen", CLOSES] if kind != CLOSES else [kind])
    start = line.events[0]
    lead = rule.kind == "lead_time"
    record: Any = SimpleNamespace(
        rule=rule,
        version=version,
        started_by=start,
        episode=line.home(version, rule, start),
        obligation=SimpleNamespace(kind="lead_time" if lead else "deadline"),
    )
    return earliest_end(line, record, window(line, record, None))


@pytest.mark.parametrize(("version", "rule", "kind"), list(starts()))
def test_every_rule_shows_what_ends_it(version: ProfileVersion, rule: Rule, kind: str) -> None:
    end = what_ends(version, rule, kind)
    words = version.profile.vocabulary
    lies_in = rule.episodes or (words.episode_of(kind),)
    assert set(lies_in) <= {CASE, *words.episodes}
    if rule.after_end == "ends" and kind != CLOSES:
        assert end is not None, "neither its episode nor the closing of the case ends it"
        assert end.type in {kind, CLOSES, *rule.ends_on} or end.type in words.episodes[lies_in[0]].closed_by
    if rule.after_end == "stays":
        # What stays due is done, or ended by what the rule names; a status nobody can show says so by being untracked.
        assert end is None or end.type in rule.ends_on


SCOPELESS = {"facts": {"local_x": {"type": "bool", "definition": "x"}}}
WORDS: list[tuple[str, dict[str, Any]]] = [
    ("vocabulary.facts.local_x.scope", SCOPELESS),
    ("vocabulary.duties.local_x.family", {"duties": {"local_x": {"definition": "x", "after_end": "ends"}}}),
    ("vocabulary.duties.local_x.after_end", {"duties": {"local_x": {"definition": "x", "family": "local_x"}}}),
    ("vocabulary.events.local_x.episode", {"events": {"local_x": {"noun": "x", "definition": "x"}}}),
    ("vocabulary.episodes.local_x", {"episodes": {"local_x": {"noun": "x", "definition": "x"}}}),
]


@pytest.mark.parametrize(("place", "words"), WORDS, ids=[place for place, _ in WORDS])
def test_a_profile_that_leaves_out_what_a_case_needs_is_refused(place: str, words: dict[str, Any]) -> None:
    body = document()
    body["vocabulary"] = {**body["vocabulary"], **words}
    body["vocabulary"]["events"] = {**document()["vocabulary"]["events"], **words.get("events", {})}
    with pytest.raises(InvalidProfile) as caught:
        load_profile(body)
    assert place in {fault.path for fault in caught.value.faults}


def test_the_packaged_words_are_refused_where_one_leaves_its_scope_family_end_or_episode_out() -> None:
    folder = Path(__file__).parents[2] / "app" / "profiles" / "vocabulary"
    for part, key, needed in (
        ("facts", "placement_type", "scope"),
        ("duties", "hold_icpc", "family"),
        ("duties", "hold_icpc", "after_end"),
        ("events", "cla_visit_made", "episode"),
    ):
        tables: dict[str, dict[str, Any]] = {}
        for name in ("events", "facts", "duties", "episodes"):
            tables[name] = {}
            for file in sorted((folder / name).glob("*.toml")):
                tables[name].update(tomllib.loads(file.read_text(encoding="utf-8")))
        del tables[part][key][needed]
        reader = Reader()
        vocabulary = read_vocabulary(reader, cast(Any, tables), "")
        check_vocabulary(reader, vocabulary, "")
        assert [fault.path for fault in reader.faults] == [f"{part}.{key}.{needed}"]
