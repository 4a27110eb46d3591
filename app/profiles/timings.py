"""The `timing` of a document, read into the engine's kinds; an unstated unit becomes two readings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import cast

from app.engine.facts import FactSpec
from app.engine.phase_ends import PhaseEnd, UntilAfter, UntilAge, UntilDate, UntilHeld
from app.engine.phases import First, Phase, PlanInterval, Says, Strength
from app.engine.series import Series
from app.engine.timing import (
    AtAge,
    AtGestation,
    Before,
    Edge,
    Extreme,
    LookBack,
    NotBefore,
    SameDay,
    SchoolYear,
    Timing,
    Undated,
    Window,
    Within,
)
from app.engine.units import Days, Duration, WorkingDays
from app.profiles.conditions import read_condition
from app.profiles.durations import UnstatedDays, read_age, read_duration
from app.profiles.reader import Reader, Table, describe, listed

ONE_OFF = frozenset(
    {
        "within",
        "at",
        "same_day",
        "immediately",
        "before",
        "lookback",
        "not_before",
        "window",
        "at_age",
        "by_age",
        "before_age",
        "not_before_age",
        "at_gestation",
        "by_gestation",
        "school_year",
        "earliest_of",
        "latest_of",
        "undated",
    }
)
RECURRING = frozenset({"every", "phases", "quota"})
BESIDE = {
    "within": frozenset({"from", "event_day"}),
    "at": frozenset({"from", "event_day"}),
    "not_before": frozenset({"event_day"}),
    "every": frozenset({"first", "until", "counter"}),
    "phases": frozenset({"first", "counter"}),
    "quota": frozenset({"until"}),
}
PHASE_KEYS = frozenset(
    {
        "id",
        "every",
        "as_planned",
        "when",
        "until",
        "duty",
        "title",
        "strength",
        "responsible",
        "section",
        "reading",
        "alternatives",
    }
)
FIRST_KEYS = frozenset(
    {
        "within",
        "at",
        "same_day",
        "immediately",
        "by_age",
        "at_age",
        "id",
        "duty",
        "title",
        "strength",
        "responsible",
        "section",
    }
    | {"reading", "alternatives", "from", "event_day"}
)
STRENGTHS = ("must", "should", "suggested")
LONGEST_PREGNANCY = 42


@dataclass(frozen=True, slots=True)
class Variant:
    """One timing that the document's words allow; `explicit` is false where the unit is not stated."""

    timing: Timing | Series
    text: str = ""
    section: str | None = None
    explicit: bool = True


@dataclass(frozen=True, slots=True)
class Names:
    """What a timing may refer to."""

    facts: Mapping[str, FactSpec]
    duties: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class PendingUntilHeld(UntilHeld):
    """A phase that ends with an event whose limit another rule sets: joined to it when all rules are read."""

    projected_by: str = ""


def read_timing(reader: Reader, value: object, path: str, names: Names) -> list[Variant]:
    """Every reading of one timing table; the first is the one declared."""
    if not isinstance(value, Mapping):
        reader.fault(
            path, f"a timing must be a table, not {describe(value)}", "write { within = { working_days = 15 } }"
        )
        return []
    kinds = [key for key in value if key in ONE_OFF | RECURRING]
    if len(kinds) != 1:
        reader.fault(path, "a timing has exactly one kind", f"write one of {listed(ONE_OFF | RECURRING)}")
        return []
    kind = kinds[0]
    table = reader.table(value, path, frozenset({kind}) | BESIDE.get(kind, frozenset()))
    if kind in RECURRING:
        return _recurring(reader, kind, table, path, names)
    return _one_off(reader, kind, table, path, names)


def _lengths(reader: Reader, value: object, path: str, build: Callable[[Duration], Timing]) -> list[Variant]:
    """One variant for a stated unit; calendar days and working days for an unstated one."""
    length = read_duration(reader, value, path, unstated=True)
    if length is None:
        return []
    if isinstance(length, UnstatedDays):
        return [
            Variant(build(Days(length.amount)), explicit=False),
            Variant(build(WorkingDays(length.amount)), explicit=False),
        ]
    return [Variant(build(length))]


def _one_off(reader: Reader, kind: str, table: Table, path: str, names: Names) -> list[Variant]:
    value, where = table[kind], f"{path}.{kind}"
    if kind in {"within", "at", "not_before", "lookback", "before"}:
        return _counted(reader, kind, table, path, names)
    if kind.endswith(("_age", "_gestation")) or kind == "school_year":
        return _milestone(reader, kind, value, where)
    if kind in {"same_day", "immediately"}:
        if value is not True:
            reader.fault(where, f"'{kind}' is not counted", f"write {kind} = true")
        return [Variant(SameDay(at_once=kind == "immediately"))]
    if kind == "window":
        return _window(reader, value, where)
    if kind == "undated":
        return [Variant(Undated(reader.text(table, kind, path)))]
    return _extreme(reader, kind, value, where, names)


def _counted(reader: Reader, kind: str, table: Table, path: str, names: Names) -> list[Variant]:
    value, where = table[kind], f"{path}.{kind}"
    if kind == "before" and isinstance(value, Mapping) and set(value) == {"nothing"}:
        return [Variant(Before(None))]
    since = _fact(reader, table, "from", path, names)
    event_day = reader.number(table, "event_day", path)
    if event_day > 1:
        reader.fault(f"{path}.event_day", "the day of the event counts as day 0 or day 1", "write 1, or leave it out")
    build: dict[str, Callable[[Duration], Timing]] = {
        "within": lambda length: Within(length, since, event_day),
        "at": lambda length: Within(length, since, event_day, point=True),
        "not_before": lambda length: NotBefore(length, event_day),
        "lookback": LookBack,
        "before": Before,
    }
    return _lengths(reader, value, where, build[kind])


def _milestone(reader: Reader, kind: str, value: object, path: str) -> list[Variant]:
    if kind.endswith("_age"):
        age = read_age(reader, value, path)
        return [Variant(AtAge(age, cast(Edge, kind.removesuffix("_age"))))] if age is not None else []
    if kind == "school_year":
        table = reader.table(value, path, frozenset({"year"}), frozenset({"year"}))
        return [Variant(SchoolYear(reader.number(table, "year", path, 1)))]
    weeks = reader.number(reader.table(value, path, frozenset({"weeks"}), frozenset({"weeks"})), "weeks", path, 1, 1)
    if weeks > LONGEST_PREGNANCY:
        reader.fault(path, f"a pregnancy does not reach {weeks} weeks", f"give weeks from 1 to {LONGEST_PREGNANCY}")
    return [Variant(AtGestation(weeks, cast(Edge, kind.removesuffix("_gestation"))))]


def _window(reader: Reader, value: object, path: str) -> list[Variant]:
    ends = reader.table(value, path, frozenset({"opens", "closes"}), frozenset({"opens", "closes"}))
    opens = _opening(reader, ends["opens"], f"{path}.opens") if "opens" in ends else None
    closes = read_duration(reader, ends["closes"], f"{path}.closes") if "closes" in ends else None
    if isinstance(opens, UnstatedDays | None) or isinstance(closes, UnstatedDays | None):
        return []
    return [Variant(Window(opens, closes))]


def _opening(reader: Reader, value: object, path: str) -> Duration | UnstatedDays | None:
    """A window may open with the event itself: { working_days = 0 }."""
    if isinstance(value, Mapping) and len(value) == 1 and next(iter(value.values())) == 0:
        unit = next(iter(value))
        if unit in {"days", "working_days"}:
            return Days(0) if unit == "days" else WorkingDays(0)
    return read_duration(reader, value, path)


def _extreme(reader: Reader, kind: str, value: object, path: str, names: Names) -> list[Variant]:
    if not isinstance(value, list | tuple) or len(value) < 2:
        reader.fault(path, f"'{kind}' compares at least two timings", f"write {kind} = [{{ … }}, {{ … }}]")
        return []
    parts = [read_timing(reader, item, f"{path}[{index}]", names) for index, item in enumerate(value)]
    if any(not part or isinstance(part[0].timing, Series) for part in parts):
        return []
    chosen = cast(tuple[Timing, ...], tuple(part[0].timing for part in parts))
    variants = [Variant(Extreme(chosen, kind == "earliest_of"), explicit=all(part[0].explicit for part in parts))]
    for index, part in enumerate(parts):
        for other in part[1:]:
            swapped = cast(tuple[Timing, ...], (*chosen[:index], other.timing, *chosen[index + 1 :]))
            variants.append(Variant(Extreme(swapped, kind == "earliest_of"), explicit=False))
    return variants


def _fact(reader: Reader, table: Table, key: str, path: str, names: Names, kind: str = "date") -> FactSpec | None:
    if key not in table:
        return None
    name = reader.text(table, key, path)
    if not reader.known(name, f"{path}.{key}", "fact", names.facts):
        return None
    spec = names.facts[name]
    if spec.type != kind:
        reader.fault(f"{path}.{key}", f"{name} is not of type {kind}", f"name a fact of type {kind}")
        return None
    return spec


def _recurring(reader: Reader, kind: str, table: Table, path: str, names: Names) -> list[Variant]:
    counter = _fact(reader, table, "counter", path, names, "int")
    before = len(reader.faults)
    if kind == "quota":
        quota = reader.table(table["quota"], f"{path}.quota", frozenset({"times", "per"}), frozenset({"times", "per"}))
        times = reader.number(quota, "times", f"{path}.quota", 1, 1)
        per = read_duration(reader, quota["per"], f"{path}.quota.per") if "per" in quota else None
        end = _end(reader, table.get("until"), f"{path}.until", names) if "until" in table else None
        return [Variant(Series((Phase(per, end=end, times=times),)))] if isinstance(per, Duration) else []
    if kind == "every":
        phases = [_phase(reader, {"every": table["every"], **_only(table, "until")}, path, names, "")]
    else:
        entries = reader.tables(table, "phases", path)
        if not entries:
            reader.fault(f"{path}.phases", "a series has at least one phase", "write [[rules.timing.phases]]")
        phases = [
            _phase(reader, item, where, names, f"phase-{index + 1}") for index, (where, item) in enumerate(entries)
        ]
    firsts = _first(reader, table["first"], f"{path}.first", names) if "first" in table else []
    if any(not variants for variants in phases) or ("first" in table and not firsts):
        return []
    if len(reader.faults) == before:
        _check_overlap(reader, [variants[0][0] for variants in phases], path)
    base = Series(tuple(variants[0][0] for variants in phases), firsts[0][0] if firsts else None, counter)
    unstated = any(not variants[0][1].explicit for variants in phases) or any(
        not firsts[0][1].explicit for _ in firsts[:1]
    )
    found = [Variant(base, explicit=not unstated)]
    for first, label in firsts[1:]:
        found.append(Variant(replace(base, first=first), label.text, label.section, label.explicit and not unstated))
    for index, variants in enumerate(phases):
        for phase, label in variants[1:]:
            swapped = (*base.phases[:index], phase, *base.phases[index + 1 :])
            found.append(
                Variant(replace(base, phases=swapped), label.text, label.section, label.explicit and not unstated)
            )
    return found


def _only(table: Table, *keys: str) -> dict[str, object]:
    return {key: table[key] for key in keys if key in table}


def _check_overlap(reader: Reader, phases: list[Phase], path: str) -> None:
    for index, (phase, following) in enumerate(pairwise(phases)):
        if phase.end is None and phase.when is None:
            reader.fault(
                f"{path}.phases[{index}]",
                "this phase has neither an end nor a condition, so the next one is never reached",
                "give it an until or a when",
            )
        elif phase.end is not None and phase.end == following.end and phase.when == following.when:
            reader.fault(
                f"{path}.phases[{index + 1}]", "it overlaps the phase before it", "give the two different ends"
            )


def _phase(reader: Reader, value: object, path: str, names: Names, default_id: str) -> list[tuple[Phase, Variant]]:
    table = reader.table(value, path, PHASE_KEYS)
    intervals = _intervals(reader, table, path, names)
    if not intervals:
        return []
    when = read_condition(reader, table["when"], f"{path}.when", names.facts) if "when" in table else None
    end = _end(reader, table["until"], f"{path}.until", names) if "until" in table else None
    built = [
        (Phase(interval, when=when, end=end, says=_says(reader, table, path, names, default_id)), variant)
        for interval, variant in intervals
    ]
    for where, item in reader.tables(table, "alternatives", path):
        other = reader.table(item, where, frozenset({"every", "reading", "section"}), frozenset({"every", "reading"}))
        for interval, variant in _intervals(reader, _only(other, "every"), where, names):
            label = Variant(
                variant.timing, reader.text(other, "reading", where), _optional(reader, other, "section", where)
            )
            built.append((replace(built[0][0], interval=interval), label))
    return built


def _optional(reader: Reader, table: Table, key: str, path: str) -> str | None:
    return reader.text(table, key, path) or None if key in table else None


def _intervals(reader: Reader, table: Table, path: str, names: Names) -> list[tuple[Duration | PlanInterval, Variant]]:
    plain = Variant(Undated(""))
    if "as_planned" in table:
        planned = reader.table(
            table["as_planned"], f"{path}.as_planned", frozenset({"fact", "at_least_every"}), frozenset({"fact"})
        )
        spec = _fact(reader, planned, "fact", f"{path}.as_planned", names, "int")
        ceiling = None
        if "at_least_every" in planned:
            read = read_duration(reader, planned["at_least_every"], f"{path}.as_planned.at_least_every")
            ceiling = read if isinstance(read, Duration) else None
        if "every" in table:
            reader.fault(path, "a phase has one interval", "write every, or as_planned with at_least_every")
        return [(PlanInterval(spec, ceiling), plain)] if spec is not None else []
    length = read_duration(reader, table.get("every"), f"{path}.every", unstated=True)
    if length is None:
        return []
    if isinstance(length, UnstatedDays):
        unstated = Variant(Undated(""), explicit=False)
        return [(Days(length.amount), unstated), (WorkingDays(length.amount), unstated)]
    return [(length, plain)]


def _says(reader: Reader, table: Table, path: str, names: Names, default_id: str) -> Says:
    """What a phase or a first limit says differently from its rule."""
    duty = reader.text(table, "duty", path)
    if duty:
        reader.known(duty, f"{path}.duty", "duty", names.duties)
    strength = reader.text(table, "strength", path)
    if strength and strength not in STRENGTHS:
        reader.fault(f"{path}.strength", f"'{strength}' is no strength", f"use one of {', '.join(STRENGTHS)}")
    return Says(
        id=reader.text(table, "id", path, default_id) or default_id,
        duty=duty,
        title=reader.text(table, "title", path),
        strength=cast(Strength, strength) if strength in STRENGTHS else None,
        responsible=reader.texts(table, "responsible", path),
        sections=reader.texts(table, "section", path),
        reading=reader.text(table, "reading", path),
    )


def _first(reader: Reader, value: object, path: str, names: Names) -> list[tuple[First, Variant]]:
    table = reader.table(value, path, FIRST_KEYS)
    timing = {key: item for key, item in table.items() if key in ONE_OFF | {"from", "event_day"}}
    variants = read_timing(reader, timing, path, names)
    says = _says(reader, table, path, names, "first")
    found = [(First(cast(Timing, variant.timing), says), variant) for variant in variants]
    for where, item in reader.tables(table, "alternatives", path):
        keys = ONE_OFF | {"reading", "section", "from", "event_day"}
        other = reader.table(item, where, keys, frozenset({"reading"}))
        own = {key: part for key, part in other.items() if key not in {"reading", "section"}}
        for variant in read_timing(reader, own, where, names):
            text, section = reader.text(other, "reading", where), _optional(reader, other, "section", where)
            label = Variant(variant.timing, text, section, variant.explicit)
            found.append((replace(found[0][0], timing=cast(Timing, variant.timing)), label))
    return found


def _end(reader: Reader, value: object, path: str, names: Names) -> PhaseEnd | None:
    table = reader.table(
        value, path, frozenset({"held", "projected_by", "counts_from", "after", "from", "age", "date"})
    )
    kinds = [key for key in ("held", "after", "age", "date") if key in table]
    if len(kinds) != 1:
        reader.fault(path, "a phase ends in one way", "write held, after (with from), age or date")
        return None
    if kinds == ["age"]:
        age = read_age(reader, table["age"], f"{path}.age")
        return UntilAge(age) if age is not None else None
    if kinds == ["date"]:
        on = _fact(reader, table, "date", path, names)
        return UntilDate(on) if on is not None else None
    if kinds == ["after"]:
        length = read_duration(reader, table["after"], f"{path}.after")
        since = _fact(reader, table, "from", path, names)
        if since is None:
            reader.fault(path, "'after' needs the dated fact it counts from", "add from = a fact of type date")
        return UntilAfter(length, since) if since is not None and isinstance(length, Duration) else None
    held_on = _fact(reader, table, "held", path, names)
    if held_on is None:
        return None
    counts_from = _fact(reader, table, "counts_from", path, names)
    return PendingUntilHeld(held_on, None, counts_from, reader.text(table, "projected_by", path))
