"""The kinds of timing that recur: every so often, phases, quotas; how a series opens and where its phases end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import cast

from app.documents.reader import Reader, Table
from app.engine.counting import is_elapsed
from app.engine.phase_ends import PhaseEnd, UntilAfter, UntilAge, UntilDate, UntilHeld
from app.engine.phases import NO_OVERRIDES, First, Phase, PhaseOverrides, PlanInterval, Strength
from app.engine.series import Series
from app.engine.timing import Timing, Undated
from app.engine.units import Duration, Months, Weeks, Years
from app.profiles.conditions import read_condition
from app.profiles.durations import read_age, read_duration, read_stated_duration
from app.profiles.grammar import (
    FLAG,
    KEY,
    TEXT,
    TEXTS,
    Schema,
    Shape,
    list_of,
    number,
    one_of,
    ref,
    shape,
)
from app.profiles.one_off_timings import ONE_OFF_KINDS, read_one_off
from app.profiles.timing_kind import Names, TimingKind, TimingTable, Variant, read_fact, stated_or_both

STRENGTHS = ("must", "should", "suggested")
OVERRIDES: Mapping[str, Schema] = {
    "id": TEXT,
    "duty": ref("duty"),
    "title": TEXT,
    "strength": one_of(STRENGTHS),
    "responsible": TEXTS,
    "section": TEXTS,
    "reading": TEXT,
}
READING: Mapping[str, Schema] = {"reading": TEXT, "section": TEXT}
EVENT_DAY = one_of((0, 1))
PLANNED = shape("fact", fact=ref("fact"), at_least_every=ref("duration"))
OTHER_INTERVAL = shape("every", "reading", every=ref("length"), keeps_begun_interval=FLAG, **READING)
PHASE = shape(
    **OVERRIDES,
    every=ref("length"),
    as_planned=PLANNED.schema(),
    when=ref("condition"),
    until=ref("end"),
    event_day=EVENT_DAY,
    keeps_begun_interval=FLAG,
    alternatives=list_of(OTHER_INTERVAL.schema()),
)
QUOTA = shape("times", "per", times=number(1), per=ref("duration"))


def _opening_keys(*, only_openings: bool) -> dict[str, Schema]:
    """Return the keys of the kinds of timing that a series may open with, and of what may stand next to them."""
    kinds = [kind for kind in ONE_OFF_KINDS.values() if kind.opens_series or not only_openings]
    return {key: schema for kind in kinds for key, schema in {kind.key: kind.schema, **kind.options}.items()}


OTHER_FIRST = Shape({**_opening_keys(only_openings=False), **READING}, frozenset({"reading"}))
FIRST = Shape(
    {**_opening_keys(only_openings=True), **OVERRIDES, "alternatives": list_of(OTHER_FIRST.schema())},
)
ENDS: Mapping[str, Shape] = {
    "held": Shape({"held": ref("fact"), "projected_by": KEY, "counts_from": ref("fact")}, frozenset({"held"})),
    "after": Shape({"after": ref("duration"), "from": ref("fact")}, frozenset({"after", "from"})),
    "age": shape("age", age=ref("age")),
    "date": shape("date", date=ref("fact")),
}


@dataclass(frozen=True, slots=True)
class PendingUntilHeld(UntilHeld):
    """A phase that ends with an event whose due date another rule sets; joined to it when all rules are read."""

    projected_by: str = ""


def _every(entry: TimingTable) -> list[Variant]:
    phase = {key: entry.table[key] for key in ("every", "until", "event_day") if key in entry.table}
    return _series(entry, [_phase(entry.reader, phase, entry.path, entry.names, "")])


def _phases(entry: TimingTable) -> list[Variant]:
    reader, path = entry.reader, entry.path
    tables = reader.tables(entry.table, "phases", path)
    if not tables:
        reader.fault(entry.where, "a series must have at least one phase", "write [[rules.timing.phases]]")
    before = len(reader.faults)
    phases = [
        _phase(reader, item, where, entry.names, f"phase-{place}") for place, (where, item) in enumerate(tables, 1)
    ]
    if len(reader.faults) == before:
        _check_overlap(reader, [variants[0][0] for variants in phases], path)
    return _series(entry, phases)


def _quota(entry: TimingTable) -> list[Variant]:
    reader = entry.reader
    quota = QUOTA.read(reader, entry.value, entry.where)
    times = reader.number(quota, "times", entry.where, 1, 1)
    per = read_stated_duration(reader, quota, "per", entry.where)
    end = _end(reader, entry.table["until"], f"{entry.path}.until", entry.names) if "until" in entry.table else None
    day = reader.number(entry.table, "event_day", entry.path)
    whole = reader.flag(entry.table, "calendar_months", entry.path)
    if whole and not (isinstance(per, Months) and per.amount == 1):
        message = "only a quota of one month can be one of calendar months"
        reader.fault(f"{entry.path}.calendar_months", message, "write per = { months = 1 }")
    if per is None:
        return []
    phase = Phase(per, end=end, times=times, event_day=1 if whole else day, calendar_months=whole)
    return [Variant(Series((phase,)))]


SERIES_KINDS: Mapping[str, TimingKind] = {
    kind.key: kind
    for kind in (
        TimingKind(
            "quota",
            _quota,
            QUOTA.schema(),
            "so many times in each period",
            "recurring: the end of each period",
            (
                "quota = { times = 3, per = { years = 1 } }",
                "quota = { times = 1, per = { months = 1 } }, calendar_months = true",
            ),
            {"until": ref("end"), "event_day": EVENT_DAY, "calendar_months": FLAG},
        ),
        TimingKind(
            "every",
            _every,
            ref("length"),
            "every so often, opening with `first`, up to `until`, numbered by `counter`; "
            "`event_day = 1`: counted from and including the day of the one before",
            "recurring",
            (
                "every = { weeks = 4 }",
                "first = { within = { weeks = 1 } }, every = { working_days = 10 }, until = { age = { years = 18 } }",
                "every = { working_days = 10 }, event_day = 1",
            ),
            {"first": ref("first"), "until": ref("end"), "counter": ref("fact"), "event_day": EVENT_DAY},
        ),
        TimingKind(
            "phases",
            _phases,
            list_of(ref("phase"), 1),
            "every so often, in phases that end",
            "recurring",
            ("phases = [{ every = { weeks = 1 }, until = { age = { years = 1 } } }, { every = { weeks = 4 } }]",),
            {"first": ref("first"), "counter": ref("fact")},
        ),
    )
}


def _series(entry: TimingTable, phases: list[list[tuple[Phase, Variant]]]) -> list[Variant]:
    """Return the declared series, then one for each alternative of its opening and of its phases."""
    reader, table, path, names = entry.reader, entry.table, entry.path, entry.names
    counter = read_fact(reader, table, "counter", path, names, "int")
    firsts = _first(reader, table["first"], f"{path}.first", names) if "first" in table else []
    if not all(phases) or ("first" in table and not firsts):
        return []
    base = Series(tuple(variants[0][0] for variants in phases), firsts[0][0] if firsts else None, counter)
    stated = all(variants[0][1].explicit for variants in phases) and (not firsts or firsts[0][1].explicit)
    variants = [Variant(base, explicit=stated)]
    for first, label in firsts[1:]:
        series = replace(base, first=first)
        variants.append(Variant(series, label.text, label.section, explicit=label.explicit and stated))
    for index, readings in enumerate(phases):
        for phase, label in readings[1:]:
            series = replace(base, phases=(*base.phases[:index], phase, *base.phases[index + 1 :]))
            variants.append(Variant(series, label.text, label.section, explicit=label.explicit and stated))
    return variants


def _check_overlap(reader: Reader, phases: list[Phase], path: str) -> None:
    for index, (phase, following) in enumerate(pairwise(phases)):
        if phase.end is None and phase.when is None:
            message = "this phase has neither an end nor a condition, so the next one is never reached"
            reader.fault(f"{path}.phases[{index}]", message, "give it an until or a when")
        elif phase.end is not None and phase.end == following.end and phase.when == following.when:
            where = f"{path}.phases[{index + 1}]"
            reader.fault(where, "this phase overlaps the one before it", "give the two different ends")


def _phase(reader: Reader, value: object, path: str, names: Names, default_id: str) -> list[tuple[Phase, Variant]]:
    table = PHASE.read(reader, value, path)
    intervals = _planned(reader, table, path, names) if "as_planned" in table else _interval(reader, table, path)
    if not intervals:
        return []
    when = read_condition(reader, table["when"], f"{path}.when", names.facts) if "when" in table else None
    end = _end(reader, table["until"], f"{path}.until", names) if "until" in table else None
    overrides = _overrides(reader, table, path, names, default_id)
    keeps = reader.flag(table, "keeps_begun_interval", path)
    day = _first_day(reader, table, path, intervals)
    built = [
        (
            Phase(interval, when, end, overrides, event_day=day, keeps_begun_interval=keeps),
            Variant(Undated(""), explicit=stated),
        )
        for interval, stated in intervals
    ]
    for where, item in reader.tables(table, "alternatives", path):
        other = OTHER_INTERVAL.read(reader, item, where)
        label = Variant(Undated(""), reader.text(other, "reading", where), reader.text(other, "section", where) or None)
        keeps = reader.flag(other, "keeps_begun_interval", where)
        words = replace(overrides, sections=(label.section,)) if label.section else overrides
        built += [
            (replace(built[0][0], interval=interval, keeps_begun_interval=keeps, overrides=words), label)
            for interval, _ in _interval(reader, other, where)
        ]
    return built


def _first_day(reader: Reader, table: Table, path: str, intervals: list[tuple[Duration | PlanInterval, bool]]) -> int:
    """Read whether an interval includes the day that it is counted from."""
    day = reader.number(table, "event_day", path)
    for interval, _ in intervals if day else ():
        if day > 1:
            message, remedy = "the day of the one before counts as day 0 or day 1", "write 1, or leave it out"
        elif isinstance(interval, PlanInterval):
            message, remedy = "an interval that a plan sets is counted from the day after", "leave event_day out"
        elif is_elapsed(interval):
            message, remedy = f"{interval.plural} are counted from an instant, not a day", "leave event_day out"
        elif interval.amount == 1 and not isinstance(interval, Weeks | Months | Years):
            message, remedy = "an interval of one day that includes its own day never ends", "leave event_day out"
        else:
            continue
        reader.fault(f"{path}.event_day", message, remedy)
    return day


def _planned(reader: Reader, table: Table, path: str, names: Names) -> list[tuple[Duration | PlanInterval, bool]]:
    where = f"{path}.as_planned"
    planned = PLANNED.read(reader, table["as_planned"], where)
    spec = read_fact(reader, planned, "fact", where, names, "int")
    ceiling = read_stated_duration(reader, planned, "at_least_every", where)
    if "every" in table:
        reader.fault(path, "a phase must have one interval", "write every, or as_planned with at_least_every")
    return [(PlanInterval(spec, ceiling), True)] if spec is not None else []


def _interval(reader: Reader, table: Table, path: str) -> list[tuple[Duration | PlanInterval, bool]]:
    return [*stated_or_both(read_duration(reader, table.get("every"), f"{path}.every", unstated=True))]


def _overrides(reader: Reader, table: Table, path: str, names: Names, default_id: str) -> PhaseOverrides:
    """Read what a phase, or the opening of a series, says differently from its rule."""
    duty = reader.text(table, "duty", path)
    if duty:
        reader.name(duty, f"{path}.duty", "duty", names.duties)
    strength = reader.choice(table, "strength", path, STRENGTHS, "")
    return PhaseOverrides(
        id=reader.text(table, "id", path, default_id),
        duty=duty,
        title=reader.text(table, "title", path),
        strength=cast(Strength, strength) if strength else NO_OVERRIDES.strength,
        responsible=reader.texts(table, "responsible", path),
        sections=reader.texts(table, "section", path),
        reading=reader.text(table, "reading", path),
    )


def _first(reader: Reader, value: object, path: str, names: Names) -> list[tuple[First, Variant]]:
    table = FIRST.read(reader, value, path)
    overrides = _overrides(reader, table, path, names, "first")
    variants = read_one_off(reader, _without(table, {*OVERRIDES, "alternatives"}), path, names)
    openings = [(First(cast(Timing, variant.timing), overrides), variant) for variant in variants]
    for where, item in reader.tables(table, "alternatives", path):
        other = OTHER_FIRST.read(reader, item, where)
        text, section = reader.text(other, "reading", where), reader.text(other, "section", where) or None
        words = replace(overrides, sections=(section,)) if section else overrides
        for variant in read_one_off(reader, _without(other, set(READING)), where, names):
            label = Variant(variant.timing, text, section, explicit=variant.explicit)
            openings.append((First(cast(Timing, variant.timing), words), label))
    return openings


def _without(table: Table, keys: set[str]) -> Table:
    return {key: item for key, item in table.items() if key not in keys}


def _end(reader: Reader, value: object, path: str, names: Names) -> PhaseEnd | None:
    table = reader.table(value, path, {key for end in ENDS.values() for key in end.keys})
    kinds = [kind for kind in ENDS if kind in table]
    if len(kinds) != 1:
        reader.fault(path, "a phase must end in one way", "write held, after (with from), age or date")
        return None
    if kinds == ["age"]:
        age = read_age(reader, table["age"], f"{path}.age")
        return UntilAge(age) if age is not None else None
    if kinds == ["date"]:
        on = read_fact(reader, table, "date", path, names)
        return UntilDate(on) if on is not None else None
    if kinds == ["after"]:
        length = read_stated_duration(reader, table, "after", path)
        since = read_fact(reader, table, "from", path, names)
        if since is None:
            reader.fault(path, "'after' needs the dated fact it counts from", "add from = a fact of type date")
        return UntilAfter(length, since) if since is not None and length is not None else None
    held_on = read_fact(reader, table, "held", path, names)
    if held_on is None:
        return None
    counts_from = read_fact(reader, table, "counts_from", path, names)
    return PendingUntilHeld(held_on, None, counts_from, reader.text(table, "projected_by", path))
