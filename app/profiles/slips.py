"""Find what a profile can say and hardly means: a window that closes before it opens, a rule that never applies.

A document with such a slip can be read, and one that was published goes on answering. A new version is refused for what
gives an impossible answer (`refused`), and warned of the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal, cast

from app.documents.faults import Fault
from app.documents.reader import Reader
from app.engine.compiled_profile import Profile, Rule
from app.engine.conditions import Condition
from app.engine.phase_ends import UntilAfter, UntilAge
from app.engine.phases import Phase
from app.engine.series import Series
from app.engine.timing import Before, LookBack, Timing, Window
from app.profiles.durations import usual_days
from app.profiles.settled import contradicts_itself, settled
from app.profiles.timing_kind import Names
from app.profiles.timings import read_timing

Severity = Literal["refused", "warned"]
HAPPENED, SCHEDULED = re.compile("_(?:held|made)$"), "_scheduled"
ARTICLE = "the "
MAX_ALIKE = 20
"""With so many rules of one duty and event is another compared: each is an exception of another or has other dates."""


@dataclass(frozen=True, slots=True)
class Slip:
    """What is hardly meant, and whether a version with it is refused."""

    fault: Fault
    severity: Severity = "warned"


@dataclass(frozen=True, slots=True)
class _Written:
    """One rule as it was read and as it was written, and what is known of other profiles."""

    rule: Rule
    entry: Mapping[str, object]
    profile: Profile
    shown_by: Mapping[str, tuple[str, ...]]


def find_slips(
    profile: Profile, document: Mapping[str, object], shown_by: Mapping[str, tuple[str, ...]] | None = None
) -> list[Slip]:
    """Return every slip of a profile that was read from a document, in the order of its rules.

    `shown_by` are the events by which other profiles see a duty done.
    """
    entries = cast(list[Mapping[str, object]], document.get("rules", []))
    slips = []
    for place, (rule, entry) in enumerate(zip(profile.rules, entries, strict=True)):
        written = _Written(rule, entry, profile, shown_by or {})
        for check in CHECKS:
            slips += [_slip(rule, f"rules[{place}]", *said) for said in check(written)]
    slips += [
        _slip(rule, f"rules[{place}]", "duty", message, remedy)
        for place, rule, message, remedy in _same_demands(profile)
    ]
    if profile.in_force_from is not None:
        slips += [Slip(fault, "refused") for fault in rules_over_before(profile, profile.in_force_from)]
    return [*slips, *_alike_ids(profile), *_nouns_without_article(profile, document)]


Said = tuple[str, str, str] | tuple[str, str, str, Severity]
"""The part of the rule, what is wrong with it, what would mend it, and how bad it is where it is refused."""


def _slip(rule: Rule, path: str, part: str, message: str, remedy: str, severity: Severity = "warned") -> Slip:
    return Slip(Fault(f"{path}.{part}", message, remedy, rule=rule.id), severity)


def _timings(rule: Rule) -> Iterator[Timing]:
    """Return every one-off timing of a rule: its readings, and what opens its series."""
    for reading in rule.readings:
        timing = reading.timing
        if not isinstance(timing, Series):
            yield timing
        elif timing.first is not None:
            yield timing.first.timing


def _closed_windows(written: _Written) -> Iterator[Said]:
    for timing in _timings(written.rule):
        if isinstance(timing, Window) and usual_days(timing.opens) > usual_days(timing.closes):
            message = (
                f"the window opens after {timing.opens} and closes after {timing.closes}: it closes before it opens"
            )
            yield "timing", message, "write the earlier of the two under opens, the later under closes", "refused"


def _over_before_it_begins(written: _Written) -> Iterator[Said]:
    first, last = written.rule.in_force_from, written.rule.in_force_to
    if first is not None and last is not None and first > last:
        message = f"the rule is in force from {first} to {last}, which is before it"
        yield "in_force", message, "write the first day under from, the last day under to", "refused"


def _before_the_past(written: _Written) -> Iterator[Said]:
    """Warn of something due before a meeting that, by its event, was held already."""
    rule, events = written.rule, written.profile.vocabulary.events
    if not any(isinstance(timing, Before) for timing in _timings(rule)):
        return
    for event in rule.events:
        coming = re.sub(HAPPENED, SCHEDULED, event)
        if coming == event or coming in rule.events or not (coming in events or event.endswith("_held")):
            continue
        remedy = f"start from {coming}" if coming in events else f"start from what is still to come: {_own(coming)}"
        yield "event", f"{event} has happened when it is sent, and this is due before it", remedy


def _own(event: str) -> str:
    return event if event.startswith("local_") else f"local_{event}"


def _equal_alternatives(written: _Written) -> Iterator[Said]:
    entry, words = written.entry, written.profile.vocabulary
    names = Names(words.facts, words.duties)
    declared = {variant.timing for variant in read_timing(Reader(), entry["timing"], "", names)}
    alternatives = cast(list[Mapping[str, object]], entry.get("alternatives", []))
    for place, alternative in enumerate(alternatives):
        if alternative.get("event", written.rule.events[0]) not in written.rule.events:
            continue
        variants = {variant.timing for variant in read_timing(Reader(), alternative["timing"], "", names)}
        if variants <= declared:
            message = "this alternative says the same as the rule"
            yield f"alternatives[{place}].timing", message, "leave it out, or write the other timing that is printed"
        declared |= variants


def _undischarged(written: _Written) -> Iterator[Said]:
    rule = written.rule
    if "discharged_by" in written.entry or rule.restarts or rule.kind == "earliest":
        return
    message = "no event shows that this was done, so a timeline can never say whether it was"
    events = written.shown_by.get(rule.duty)
    remedy = "name the event that shows it under discharged_by; where nothing that you record does: discharged_by = []"
    if events:
        shown = ", ".join(f'"{event}"' for event in events)
        remedy = f"add discharged_by = [{shown}], as other profiles do; where nothing shows it: discharged_by = []"
    yield "duty", message, remedy


def _discharged_by_its_start(written: _Written) -> Iterator[Said]:
    """Warn where one event starts a rule and discharges it, unless the author says how that is read."""
    rule = written.rule
    if rule.recurring or rule.reading or not any(timing.completion == "after_the_event" for timing in _timings(rule)):
        return
    for event in (name for name in rule.discharged_by if name in rule.events):
        message = f"{event} both starts this rule and shows it done, so that each one asks for another"
        remedy = "name the event that shows it done; if the next one is meant, write every = …, or say so under reading"
        yield "discharged_by", message, remedy


def _unreached_phases(written: _Written) -> Iterator[Said]:
    timing = written.rule.readings[0].timing
    if not isinstance(timing, Series):
        return
    for place, (phase, following) in enumerate(pairwise(timing.phases)):
        if phase.when is None and _ends_no_later(following, phase):
            message = f"this phase ends no later than the one before it ({_end_of(phase)}), so it is never reached"
            yield f"timing.phases[{place + 1}].until", message, "put the phases in the order of their ends"


def _ends_no_later(phase: Phase, before: Phase) -> bool:
    one, other = phase.end, before.end
    if isinstance(one, UntilAge) and isinstance(other, UntilAge):
        return (one.age.years, one.age.months) <= (other.age.years, other.age.months)
    if isinstance(one, UntilAfter) and isinstance(other, UntilAfter) and one.since == other.since:
        return usual_days(one.length) <= usual_days(other.length)
    return False


def _end_of(phase: Phase) -> str:
    return phase.end.describe() if phase.end is not None else "never"


def _impossible_conditions(written: _Written) -> Iterator[Said]:
    rule, events_known = written.rule, written.profile.vocabulary.events
    tested: list[tuple[str, Condition | None, tuple[str, ...]]] = [
        ("when", rule.when, rule.events),
        ("restart_when", rule.restart_when, rule.restarts),
        ("discharged_when", rule.discharged_when, rule.discharged_by),
    ]
    timing = rule.readings[0].timing
    if isinstance(timing, Series):
        tested += [(f"timing.phases[{place}].when", phase.when, ()) for place, phase in enumerate(timing.phases)]
    for part, condition, events in tested:
        if condition is None:
            continue
        if contradicts_itself(condition):
            yield (
                part,
                "this can never hold: two parts of it contradict each other",
                "join them by any, or leave one out",
            )
            continue
        impossible = [event for event in events if settled(condition, events_known[event]) is False]
        for event in impossible:
            message = f"this can never hold of {event}, which says the opposite by itself"
            yield part, message, f"leave {event} out, or mend the condition"


CHECKS = (
    _closed_windows,
    _over_before_it_begins,
    _before_the_past,
    _equal_alternatives,
    _undischarged,
    _discharged_by_its_start,
    _unreached_phases,
    _impossible_conditions,
)


def rules_over_before(profile: Profile, first_day: date) -> list[Fault]:
    """Return a fault for each rule that is in force only before a day: of no use in a version from that day on."""
    return [
        Fault(
            f"rules[{place}].in_force",
            f"the rule is in force to {rule.in_force_to}, but this version only from {first_day}: it never applies",
            "leave the rule out, or mend its dates",
            rule=rule.id,
        )
        for place, rule in enumerate(profile.rules)
        if rule.in_force_to is not None and rule.in_force_to < first_day
    ]


def _same_demands(profile: Profile) -> Iterator[tuple[int, Rule, str, str]]:
    """Yield each rule that asks the same act of the same event in the same circumstances as one before it."""
    before: dict[object, list[Rule]] = {}
    for place, rule in enumerate(profile.rules):
        if any(isinstance(timing, LookBack) for timing in _timings(rule)):
            continue
        circumstances = (rule.when, rule.discharged_when, rule.responsible, rule.strength, rule.kind, rule.occasion)
        for event in rule.events:
            alike = before.setdefault((rule.duty, event, circumstances), [])
            other = next((one for one in alike if _both_owed(one, rule)), None)
            if other is not None:
                message = f"rule {other.id} asks the same of {event} in the same circumstances: both will be owed"
                remedy = (
                    "if the paper prints two limits for one act, make this an alternative of the other; else add a when"
                )
                yield place, rule, message, remedy
                break
            alike[MAX_ALIKE:] = []
            alike.append(rule)


def _both_owed(one: Rule, other: Rule) -> bool:
    exceptional = one.id == other.exception_to or other.id == one.exception_to
    return not exceptional and not one.occasion and _overlap(one, other)


def _overlap(one: Rule, other: Rule) -> bool:
    starts = max(one.in_force_from or date.min, other.in_force_from or date.min)
    return starts <= min(one.in_force_to or date.max, other.in_force_to or date.max)


def _alike_ids(profile: Profile) -> Iterator[Slip]:
    taken = {rule.id: f"rule {rule.id}" for rule in profile.rules}
    for place, item in enumerate(profile.not_computable):
        if item.id in taken:
            message = f"'{item.id}' is the id of {taken[item.id]} too"
            yield Slip(Fault(f"not_computable[{place}].id", message, "give each an id of its own"), "refused")
        taken[item.id] = "another standard without a date"


def _nouns_without_article(profile: Profile, document: Mapping[str, object]) -> Iterator[Slip]:
    words = cast(Mapping[str, Mapping[str, object]], document.get("vocabulary", {}))
    paths = {key: f"vocabulary.events.{key}.noun" for key in words.get("events", {})}
    paths |= {key: f"vocabulary.nouns.{key}" for key in words.get("nouns", {})}
    for key, path in paths.items():
        noun = profile.vocabulary.events[key].noun
        if ARTICLE not in f"{noun} ":
            remedy = f'write the noun with its article: "the {noun}"'
            yield Slip(Fault(path, f"a sentence would say 'after {noun}'", remedy))
