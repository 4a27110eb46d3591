"""The catalogue: events, facts, duties, profiles with their versions and rules, and calendars."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import NamedTuple, cast

from app.engine.compiled_profile import Profile, Rule
from app.engine.facts import FactSpec
from app.engine.phases import First, Phase
from app.engine.series import Series
from app.engine.vocabulary import Vocabulary
from app.profiles.vocabulary import shared_vocabulary
from app.services.calculation.response import Json, iso, not_computable, sources
from app.services.problems import Fault, Problem, nearest_names, unknown_name
from app.services.snapshot.snapshot import ProfileVersion, PublishedCalendar, PublishedProfile, Snapshot
from app.services.snapshot.version_in_force import effective_periods
from app.services.usual_reading import started_by, usual_reading
from app.services.wording import title_of


class SentName(NamedTuple):
    """A name that was sent, what it is the name of, the names that exist, and its parameter, if not called `what`."""

    what: str
    sent: object
    names: Collection[object]
    path: str = ""

    @property
    def exists(self) -> bool:
        """Return True also where none was sent."""
        return self.sent is None or self.sent in self.names

    @property
    def fault(self) -> Fault:
        """Return what is said of it where it does not exist, with the nearest names that do."""
        names = [*map(str, self.names)]
        near = nearest_names(self.sent, names, self.what)
        return unknown_name(self.path or self.what, self.what, str(self.sent), names, near)


def not_found_problem(*names: SentName) -> Problem:
    """Return the problem of names that do not exist."""
    faults = [name.fault for name in names]
    details = [f"There is no {name.what} {fault.value}." for name, fault in zip(names, faults, strict=True)]
    return Problem("not-found", " ".join(details), faults)


def check_names(*names: SentName) -> None:
    """Raise Problem not-found with every name that was sent and does not exist."""
    missing = [name for name in names if not name.exists]
    if missing:
        raise not_found_problem(*missing)


def current_profiles(snapshot: Snapshot) -> list[tuple[str, Profile]]:
    """Return every profile in its latest version, by key."""
    return [(version.record.key, version.profile) for version in snapshot.latest_profiles()]


def whole_vocabulary(profiles: Iterable[tuple[str, Profile]]) -> Vocabulary:
    """Return the shared vocabulary with the own words of these profiles."""
    shared = shared_vocabulary()
    events, facts, duties = dict(shared.events), dict(shared.facts), dict(shared.duties)
    for _, profile in profiles:
        events |= profile.vocabulary.events
        facts |= profile.vocabulary.facts
        duties |= profile.vocabulary.duties
    return replace(shared, events=events, facts=facts, duties=duties)


def describe_fact(spec: FactSpec) -> Json:
    """Return one fact."""
    absent = "undetermined"
    if spec.history:
        absent = "not_yet_happened"
    elif spec.presumed is not None:
        absent = "presumed"
    return {
        "fact": spec.key,
        "title": title_of(spec.key),
        "type": spec.type,
        "values": list(spec.values),
        "definition": spec.definition,
        "deciding": spec.deciding,
        "when_absent": absent,
        "default": spec.presumed,
        "minimum": spec.minimum,
        "maximum": spec.maximum,
        "counterpart": spec.counterpart,
    }


def duties_of_rule(rule: Rule) -> set[str]:
    """Return the duties of a rule: its own, and those of phases that override it."""
    duties = {rule.duty}
    for reading in rule.readings:
        if isinstance(reading.timing, Series):
            duties |= {phase.overrides.duty for phase in reading.timing.phases if phase.overrides.duty}
            if reading.timing.first is not None and reading.timing.first.overrides.duty:
                duties.add(reading.timing.first.overrides.duty)
    return duties


def list_profiles(snapshot: Snapshot) -> Json:
    """Return every profile, with its latest version."""
    profiles = [summarise_profile(snapshot, item.record.key) for item, _ in snapshot.outlines()]
    return {"profiles": sorted(profiles, key=lambda item: (str(item["name"]).lower(), str(item["key"])))}


def summarise_profile(snapshot: Snapshot, key: str) -> Json:
    """Return a profile's title, latest version and other main fields."""
    latest = snapshot.latest_version(key)
    if latest is None:
        raise not_found_problem(SentName("profile", key, snapshot.profiles))
    outline = latest.outline
    return {
        "key": key,
        "title": latest.record.title,
        "name": _name(latest.authority, latest.record.title),
        "authority": latest.authority,
        "latest_version": latest.version,
        "in_force_from": iso(latest.in_force_from),
        "calendar": latest.calendar,
        "rules": outline.rules,
        "events": sorted(outline.duties),
    }


def _name(authority: object, title: str) -> str:
    """Return a profile as the entry of a list: whose standards first, since the titles begin alike."""
    return title if not authority or title.startswith(str(authority)) else f"{authority}: {title}"


def describe_profile(snapshot: Snapshot, key: str) -> Json:
    """Return one profile with all its versions."""
    check_names(SentName("profile", key, snapshot.profiles))
    return {
        **summarise_profile(snapshot, key),
        "versions": [summarise_version(snapshot, item) for item in snapshot.profiles[key]],
    }


def describe_publication(item: ProfileVersion | PublishedProfile) -> Json:
    """Return what never changes in a version: its checksum, who published it, when and why."""
    record = item.record
    return {
        "key": record.key,
        "version": record.version,
        "title": record.title,
        "checksum": record.checksum,
        "in_force_from": iso(record.in_force_from),
        "published_at": record.published_at.isoformat(),
        "published_by": record.published_by,
        "reason": record.reason,
        "based_on": {"key": record.based_on.key, "version": record.based_on.version} if record.based_on else None,
    }


def summarise_version(snapshot: Snapshot, item: ProfileVersion | PublishedProfile) -> Json:
    """Return a version as it is today, with the days it is in force and its withdrawal."""
    record = item.record
    period = effective_periods(snapshot.profiles[record.key]).get(record.version)
    return {
        **describe_publication(item),
        "in_force_to": iso(period.last) if period is not None else None,
        "has_force": period is not None,
        "withdrawn_at": record.withdrawn_at.isoformat() if record.withdrawn_at else None,
        "withdrawn_by": record.withdrawn_by,
        "withdrawn_reason": record.withdrawn_reason,
    }


def find_published(snapshot: Snapshot, key: str, version: int | str, path: str = "version") -> PublishedProfile:
    """Return a published version, sent as the parameter `path`, without compiling it. Raises Problem not-found."""
    check_names(SentName("profile", key, snapshot.profiles))
    published = snapshot.published_version(key, version)
    if published is None:
        raise not_found_problem(SentName("version", version, [item.version for item in snapshot.profiles[key]], path))
    return published


def find_version(snapshot: Snapshot, key: str, version: int | str, path: str = "version") -> ProfileVersion:
    """Return a published version, sent as the parameter `path`. Raises Problem not-found."""
    return find_published(snapshot, key, version, path).compiled()


def check_address(snapshot: Snapshot, kind: str, key: str, version: str | None = None, rule: str | None = None) -> None:
    """Raise Problem not-found for the first part of an address that names nothing.

    `kind` is profile or calendar; a version is a whole number. A part that is None is not looked at.
    """
    published = snapshot.calendars if kind == "calendar" else snapshot.profiles
    check_names(SentName(kind, key, published))
    if version is not None:
        check_names(SentName("version", int(version), [item.version for item in published[key]]))
        if rule is not None:
            rules = [each.id for each in find_version(snapshot, key, int(version)).profile.rules]
            check_names(SentName("rule", rule, rules))


def describe_version(snapshot: Snapshot, key: str, version: int) -> Json:
    """Return one version, its document and its rules in words."""
    published = find_version(snapshot, key, version)
    return {
        **describe_publication(published),
        "document": published.record.resolved,
        "rules": [summarise_rule(published.profile, rule) for rule in published.profile.rules],
        "not_computable": [not_computable(item) for item in published.profile.not_computable],
    }


def summarise_rule(compiled: Profile, rule: Rule, event: str | None = None) -> Json:
    """Return one rule in words, for one of the events that start it: the first where none is named.

    Its timing is that of the reading which leads on an ordinary day.
    """
    item = started_by(compiled, rule.id, event or rule.events[0])
    usual = usual_reading(item)
    return {
        "rule": rule.id,
        "duty": rule.duty,
        "duties": sorted(rule.duties),
        "title": rule.title,
        "events": list(rule.events),
        "restarts_on": list(rule.restarts),
        "when": rule.when.describe() if rule.when is not None else None,
        "timing": item.descriptions[usual],
        "kind": rule.kind,
        "certainty": rule.certainty,
        "closures": "count" if rule.closures_count else "skip",
        "in_force_from": iso(rule.in_force_from),
        "in_force_to": iso(rule.in_force_to),
        "responsible": list(rule.responsible),
        "strength": rule.strength,
        "basis": rule.basis,
        "source": sources(item.templates[usual].sources),
        "reading": rule.reading,
        "alternatives": [
            {"reading": other.text, "section": other.section, "document": other.document}
            for place, other in enumerate(item.cited_readings)
            if place != usual
        ],
        "exception_to": rule.exception_to,
        "discharged_by": list(rule.discharged_by),
        "ends_on": list(rule.ends_on),
        "facts": sorted(rule.facts()),
        "note": rule.note,
    }


def describe_rule(snapshot: Snapshot, key: str, version: int, rule_id: str) -> Json:
    """Return one rule of one version, with its data as written."""
    published = find_version(snapshot, key, version)
    compiled = published.profile.rule(rule_id)
    if compiled is None:
        raise not_found_problem(SentName("rule", rule_id, [item.id for item in published.profile.rules]))
    written = next(item for item in cast(list[Json], published.record.resolved["rules"]) if item["id"] == rule_id)
    timing = compiled.readings[0].timing
    phases: list[Phase | First] = []
    if isinstance(timing, Series):
        phases = [*([timing.first] if timing.first is not None else []), *timing.phases]
    return {
        "profile": key,
        "version": version,
        **summarise_rule(published.profile, compiled),
        "phases": [
            {
                "phase": item.overrides.id,
                "duty": item.overrides.duty or compiled.duty,
                "timing": describe_phase(published.profile, compiled.events[0], item),
            }
            for item in phases
        ],
        "data": written,
    }


def describe_phase(compiled: Profile, event: str, phase: Phase | First) -> str:
    """Return the timing of one phase in words, for an event that starts its series."""
    if isinstance(phase, Phase):
        return phase.describe()
    return phase.timing.describe(compiled.vocabulary.events[event].noun)


def list_calendars(snapshot: Snapshot) -> Json:
    """Return every calendar, with its latest version."""
    return {"calendars": [summarise_calendar(snapshot.calendars[key][-1]) for key in sorted(snapshot.calendars)]}


def summarise_calendar(item: PublishedCalendar) -> Json:
    """Return one version of a calendar, without its days."""
    record = item.record
    return {
        "key": record.key,
        "version": record.version,
        "title": item.title,
        "checksum": record.checksum,
        "extends": record.extends,
        "first": item.first,
        "last": item.last,
        "published_until": item.published_until,
        "published_at": record.published_at.isoformat(),
        "published_by": record.published_by,
        "reason": record.reason,
    }


def describe_calendar(snapshot: Snapshot, key: str) -> Json:
    """Return one calendar with all its versions."""
    check_names(SentName("calendar", key, snapshot.calendars))
    versions = snapshot.calendars[key]
    return {**summarise_calendar(versions[-1]), "versions": [summarise_calendar(item) for item in versions]}


def describe_calendar_version(snapshot: Snapshot, key: str, version: int) -> Json:
    """Return one version of a calendar, with each of its days and its origin."""
    check_names(SentName("calendar", key, snapshot.calendars))
    published = next((item for item in snapshot.calendars[key] if item.version == version), None)
    if published is None:
        raise not_found_problem(SentName("version", version, [item.version for item in snapshot.calendars[key]]))
    calendar = published.calendar
    return {
        **summarise_calendar(published),
        "report": published.record.report,
        "days": [
            {
                "date": day.date.isoformat(),
                "name": day.name,
                "kind": day.kind,
                "origin": day.origin,
                "source": day.source,
            }
            for day in calendar.days
        ],
    }
