"""Show which limits an authority's closure days move, before they are published and without saving anything.

Every rule is counted as if its conditions were true, in each of its readings, from sample days around the closure, with
the days and without them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from app.calendars.calendar import SATURDAY, Calendar
from app.calendars.changes import with_closure_days
from app.engine.calculate import calculate
from app.engine.civil_time import Moment
from app.engine.compile_profile import compile_profile
from app.engine.compiled_profile import Profile, Rule
from app.engine.facts import FactValue
from app.services.calculation.response import Json
from app.services.snapshot.snapshot import ProfileVersion, PublishedProfile, Snapshot
from app.services.work import check
from app.services.zone import LONDON

ONE_DAY = timedelta(days=1)
# A count of 60 working days before the closure can end in it, and so can 30 counted back from an event after it.
DAYS_BEFORE, DAYS_AFTER = 90, 45
MAX_SAMPLED_DAYS = 250
FRIDAY = 4
PROBED_DAYS = 400
MAX_EXAMPLES = 3
STRENGTHS = ("must", "should", "suggested")


Limit = tuple[str, str | None]
"""A rule's id, and one of its other readings; None is the reading that leads."""


class _Move(NamedTuple):
    """One limit from one sample day, under the calendar as it is and as it would be."""

    occurred_on: date
    event: str
    before: date
    after: date

    @property
    def days(self) -> int:
        return (self.after - self.before).days


def limits_moved(snapshot: Snapshot, before: Calendar, after: Calendar) -> Json:
    """Return the limits that a change of an authority's calendar moves, those that protect a child first.

    Of the profiles that count by the calendar, and of the one of its key. A limit that closure days do not put off is
    listed too, where they would have put it off, with `moved` false. Another reading of a rule is a limit of its own: a
    council that reads its paper so works by it.
    """
    changed = _days_changed(before, after)
    sampled = _sample(changed, before, after)
    entries: list[Json] = []
    hidden: list[Json] = []
    profiles = _profiles(snapshot, after.key, changed[0] if changed else before.published_until)
    for version in profiles if changed else ():
        moves, untold = _of_profile(version, before, after, sampled, changed)
        entries += moves
        hidden += untold
    entries.sort(key=_by_weight)
    moved = [item for item in entries if item["moved"]]
    return {
        "profiles": [{"key": item.record.key, "version": item.version} for item in profiles],
        "sampled_from": sampled[0].isoformat() if sampled else None,
        "sampled_to": sampled[-1].isoformat() if sampled else None,
        "limits": entries,
        "not_shown": hidden,
        "summary": {
            "moved": len(moved),
            "not_moved": len(entries) - len(moved),
            "protection_moved": sum(1 for item in moved if item["protection"]),
            **dict.fromkeys(STRENGTHS, 0),
            **Counter(str(item["strength"]) for item in moved),
        },
        "warnings": [
            f"{item['title']} ({item['profile']}, {item['rule']}) protects a child and is put off, because the rule "
            'says closures = "skip"'
            for item in moved
            if item["protection"] and item["closures"] == "skip"
        ],
    }


def _by_weight(item: Json) -> tuple[bool, bool, int, str, str, str]:
    strength = str(item["strength"])
    return (
        not item["moved"],
        not item["protection"],
        STRENGTHS.index(strength) if strength in STRENGTHS else len(STRENGTHS),
        str(item["profile"]),
        str(item["rule"]),
        str(item["reading"] or ""),
    )


def _days_changed(before: Calendar, after: Calendar) -> list[date]:
    """Return the days that are working days under one of two calendars alone."""
    differing = {day.date for day in before.days} ^ {day.date for day in after.days}
    return sorted(day for day in differing if day.weekday() < SATURDAY and before.covers(day) and after.covers(day))


def _sample(changed: Iterable[date], before: Calendar, after: Calendar) -> list[date]:
    """Return the weekdays around the days that changed; of very many, those around the first."""
    first, last = max(before.first, after.first), min(before.last, after.last)
    around: set[date] = set()
    for day in changed:
        start = day - timedelta(days=DAYS_BEFORE)
        around |= {start + timedelta(days=number) for number in range(DAYS_BEFORE + DAYS_AFTER + 1)}
        if len(around) > 2 * MAX_SAMPLED_DAYS:
            break
    return [day for day in sorted(around) if day.weekday() < SATURDAY and first <= day <= last][:MAX_SAMPLED_DAYS]


def _profiles(snapshot: Snapshot, key: str, first: date) -> list[ProfileVersion]:
    """Return the versions that count by a calendar, or have its key: those in force as it changes, and the latest."""
    profiles: dict[tuple[str, int], PublishedProfile] = {}
    for name in sorted(snapshot.profiles):
        for version in (snapshot.published_in_force(name, first), snapshot.latest_version(name)):
            if version is not None and key in {version.calendar, name}:
                profiles[name, version.version] = version
    return [profiles[name].compiled() for name in sorted(profiles)]


def _of_profile(
    version: ProfileVersion, before: Calendar, after: Calendar, sampled: list[date], changed: list[date]
) -> tuple[list[Json], list[Json]]:
    """Return the limits of one profile that the change moves or would move, and those that cannot be shown."""
    movable, hidden = _dependent_on_working_days(version.profile, before, changed[0])
    chosen = [rule for rule in version.profile.rules if rule.id in movable]
    moved = _by_limit(_moves(_unconditional(version.profile, chosen), before, after, sampled))
    put_off = _unconditional(version.profile, (replace(rule, closures_count=False) for rule in chosen))
    spared = _by_limit(_moves(put_off, before, after, sampled))
    shown = dict.fromkeys([*moved, *spared])
    return (
        [
            _entry(version, rule, reading, moved.get((rule.id, reading), ()), spared.get((rule.id, reading), ()))
            for rule in chosen
            for reading in (of for name, of in shown if name == rule.id)
        ],
        [
            {"profile": version.record.key, "rule": rule.id, "title": rule.title, "needs": sorted(hidden[rule.id])}
            for rule in version.profile.rules
            if rule.id in hidden
        ],
    )


def _by_limit(moves: Iterable[tuple[Limit, _Move]]) -> dict[Limit, list[_Move]]:
    by_limit: dict[Limit, list[_Move]] = {}
    for limit, item in moves:
        by_limit.setdefault(limit, []).append(item)
    return by_limit


def _dependent_on_working_days(
    profile: Profile, calendar: Calendar, day: date
) -> tuple[frozenset[str], dict[str, set[str]]]:
    """Return the rules of which a closure could move a date, and those that nothing can be said of without facts.

    Tried through a week with a calendar that is open on Fridays alone: what that does not move, no closure does.
    """
    bare = _unconditional(profile, (replace(rule, closures_count=False) for rule in profile.rules))
    weekly = _open_on_fridays(calendar, day)
    week = [day + number * ONE_DAY for number in range(7) if calendar.covers(day + number * ONE_DAY)]
    movable = frozenset(rule for (rule, _), _ in _moves(bare, calendar.without_closures, weekly, week))
    hidden: dict[str, set[str]] = {}
    for event in bare.by_event:
        result = calculate(bare, event, Moment(day, None), _facts(bare, event, day), weekly, LONDON)
        for item in result.undetermined:
            if item.needs and item.rule.id not in movable:
                hidden.setdefault(item.rule.id, set()).update(item.needs)
    return movable, hidden


def _open_on_fridays(calendar: Calendar, day: date) -> Calendar:
    span = (day + number * ONE_DAY for number in range(-PROBED_DAYS, PROBED_DAYS + 1))
    closed = [(each, "closed") for each in span if each.weekday() < FRIDAY and calendar.covers(each)]
    return with_closure_days(calendar.without_closures, closed, "probe")


def _unconditional(profile: Profile, rules: Iterable[Rule]) -> Profile:
    """Return a profile of rules that apply whatever the child."""
    bare = tuple(
        replace(
            rule,
            when=None,
            restart_when=None,
            not_owed_when=None,
            exception_to=None,
            in_force_from=None,
            in_force_to=None,
        )
        for rule in rules
    )
    return compile_profile(
        key=profile.key, title=profile.title, calendar=profile.calendar, rules=bare, vocabulary=profile.vocabulary
    )


def _moves(profile: Profile, before: Calendar, after: Calendar, sampled: list[date]) -> Iterator[tuple[Limit, _Move]]:
    """Yield each limit that differs between two calendars."""
    for event in sorted(profile.by_event):
        for day in sampled:
            check()
            old, new = (_due(profile, event, day, calendar) for calendar in (before, after))
            for limit in old.keys() & new.keys():
                if old[limit] != new[limit]:
                    yield limit, _Move(day, event, old[limit], new[limit])


def _due(profile: Profile, event: str, day: date, calendar: Calendar) -> Mapping[Limit, date]:
    """Return each rule's next due date from an event on a day, and those of its other readings."""
    result = calculate(profile, event, Moment(day, None), _facts(profile, event, day), calendar, LONDON)
    due: dict[Limit, date] = {}
    for item in reversed(result.obligations):
        due[item.rule.id, None] = item.due_date
        due |= {(item.rule.id, other.reading): other.due_date for other in item.alternatives if other.due_date}
    return due


def _facts(profile: Profile, event: str, day: date) -> dict[str, FactValue]:
    """Return facts of a sample child for the rules of an event: each date is the day itself, each number 1."""
    read = frozenset[str]().union(*(prepared.rule.facts() for prepared in profile.by_event.get(event, ())))
    spec = profile.vocabulary.events[event]
    types = {name: profile.vocabulary.facts[name].type for name in read - set(spec.implies)}
    return {name: day if kind == "date" else 1 for name, kind in types.items() if kind in {"date", "int"}}


def _entry(
    version: ProfileVersion, rule: Rule, reading: str | None, moved: Sequence[_Move], spared: Sequence[_Move]
) -> Json:
    """Return one limit with its furthest moves; of one that is not put off, the dates that stay."""
    items = sorted(moved or spared, key=lambda item: (-abs(item.days), item.occurred_on))
    vocabulary = version.profile.vocabulary
    protections = (vocabulary.protection(duty) for duty in (rule.duty, *sorted(rule.duties)))
    return {
        "profile": version.record.key,
        "profile_version": version.version,
        "rule": rule.id,
        "duty": rule.duty,
        "title": rule.title,
        "timing": rule.describe(vocabulary.events[rule.events[0]].noun),
        "reading": reading,
        "strength": rule.strength,
        "basis": rule.basis,
        "protection": next((text for text in protections if text), None),
        "closures": "count" if rule.closures_count else "skip",
        "moved": bool(moved),
        "sample_days": len({item.occurred_on for item in items}),
        "examples": [
            {
                "event": item.event,
                "occurred_on": item.occurred_on.isoformat(),
                "before": item.before.isoformat(),
                "after": (item.after if moved else item.before).isoformat(),
                "days": item.days if moved else 0,
            }
            for item in items[:MAX_EXAMPLES]
        ],
    }
