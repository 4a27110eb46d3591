"""Two versions of a profile, rule by rule and in words."""

from __future__ import annotations

from dataclasses import dataclass

from app.engine.model import NotComputable, Profile, Rule
from app.service.answers import Json
from app.service.catalogue import rule_summary
from app.service.snapshot import ProfileVersion
from app.web.reading import natural, phases

# The fields told apart, with the words they are headed by.
FIELDS = {
    "title": "Title",
    "duty": "Duty",
    "events": "Starts from",
    "restarts_on": "Restarts on",
    "when": "Applies when",
    "timing": "Time limit",
    "phases": "Phases",
    "responsible": "Responsible",
    "strength": "Strength",
    "basis": "Basis",
    "source": "Source",
    "reading": "Reading",
    "alternatives": "Other readings",
    "exception_to": "Exception to",
    "discharged_by": "Met by",
    "ends_on": "Ends on",
    "note": "Note",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ChangedRule:
    """A rule that both versions have and say differently."""

    id: str
    title: str
    section: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Differences:
    """What the later version added, took away and says differently."""

    added: tuple[Json, ...]
    removed: tuple[Json, ...]
    changed: tuple[ChangedRule, ...]
    undated_added: tuple[NotComputable, ...]
    undated_removed: tuple[NotComputable, ...]
    about: tuple[Change, ...]

    @property
    def none(self) -> bool:
        """Whether the two say the same."""
        return not any(
            (self.added, self.removed, self.changed, self.undated_added, self.undated_removed, self.about)
        )


def differences(before: ProfileVersion, after: ProfileVersion) -> Differences:
    """What changed from one version to another."""
    old, new = by_id(before.profile), by_id(after.profile)
    changed = []
    for rule_id in sorted(old.keys() & new.keys(), key=lambda each: _place(new[each])):
        changes = told_apart(described(before.profile, old[rule_id]), described(after.profile, new[rule_id]))
        if changes:
            rule = new[rule_id]
            sections = ", ".join(source.section for source in rule.sources)
            changed.append(ChangedRule(rule_id, rule.title, sections, changes))
    gone, come = undated(before.profile), undated(after.profile)
    return Differences(
        added=tuple(rule_summary(after.profile, new[each]) for each in _ordered(new, new.keys() - old.keys())),
        removed=tuple(rule_summary(before.profile, old[each]) for each in _ordered(old, old.keys() - new.keys())),
        changed=tuple(changed),
        undated_added=tuple(come[each] for each in sorted(come.keys() - gone.keys())),
        undated_removed=tuple(gone[each] for each in sorted(gone.keys() - come.keys())),
        about=_about(before, after),
    )


def by_id(profile: Profile) -> dict[str, Rule]:
    """The rules by id."""
    return {rule.id: rule for rule in profile.rules}


def undated(profile: Profile) -> dict[str, NotComputable]:
    """What has no date, by id."""
    return {item.id: item for item in profile.not_computable}


def described(profile: Profile, rule: Rule) -> dict[str, str]:
    """A rule's fields as texts."""
    summary = rule_summary(profile, rule)
    spoken = [f"{phase.id}: {phase.timing}" for phase in phases(profile, rule)]
    return {field: _text({**summary, "phases": spoken}.get(field)) for field in FIELDS}


def told_apart(before: dict[str, str], after: dict[str, str]) -> tuple[Change, ...]:
    """The fields that differ."""
    return tuple(
        Change(FIELDS[field], before[field], after[field]) for field in FIELDS if before[field] != after[field]
    )


def _about(before: ProfileVersion, after: ProfileVersion) -> tuple[Change, ...]:
    pairs = {
        "Title": (before.record.title, after.record.title),
        "Calendar": (before.profile.calendar, after.profile.calendar),
        "In force from": (_text(before.in_force_from), _text(after.in_force_from)),
    }
    return tuple(Change(name, old, new) for name, (old, new) in pairs.items() if old != new)


def _text(value: object) -> str:
    if value is None or value == [] or value == "":
        return "(nothing)"
    if isinstance(value, list):
        return "; ".join(_text(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(_text(item) for item in value.values() if item is not None)
    return str(value)


def _ordered(rules: dict[str, Rule], ids: set[str]) -> list[str]:
    return sorted(ids, key=lambda each: _place(rules[each]))


def _place(rule: Rule) -> tuple[object, str]:
    return natural(rule.sources[0].section), rule.id
