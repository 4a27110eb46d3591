"""Compare two versions of a profile rule by rule, in words; what the words do not show appears as written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import cast

from app.engine.compiled_profile import Profile, Rule
from app.services.calculation.response import Json
from app.services.catalogue import summarise_rule
from app.services.publishing.differences import differences as document_differences
from app.services.snapshot.snapshot import ProfileVersion
from app.web.reading import natural, phases
from app.web.words import label

# The fields that a practitioner is shown in words.
FIELDS = {
    "title": "Title",
    "duty": "Duty",
    "events": "Starts from",
    "restarts_on": "Restarts on",
    "when": "Applies when",
    "timing": "Timescale",
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
# What a field is called in the document where that is not its name in words.
WRITTEN = {"event": "events"}


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ChangedRule:
    """A rule that differs between the two versions."""

    id: str
    title: str
    section: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Differences:
    """What the later version added, removed and changed."""

    added: tuple[Json, ...]
    removed: tuple[Json, ...]
    changed: tuple[ChangedRule, ...]
    about: tuple[Change, ...]
    unchanged: int

    @property
    def none(self) -> bool:
        """Return True if the two versions are the same."""
        return not any((self.added, self.removed, self.changed, self.about))


def differences(before: ProfileVersion, after: ProfileVersion) -> Differences:
    """Compare one version with another."""
    changes = document_differences(before.record.resolved, after.record.resolved, before.profile, after.profile)
    return Differences(
        added=_summaries(after.profile, changes["added"]),
        removed=_summaries(before.profile, changes["removed"]),
        changed=tuple(_changed(before.profile, after.profile, item) for item in cast(list[Json], changes["changed"])),
        about=tuple(
            Change(label(str(item["field"])), written(item["before"]), written(item["after"]))
            for item in cast(list[Json], changes["document"])
        ),
        unchanged=cast(int, changes["unchanged"]),
    )


def _summaries(profile: Profile, named: object) -> tuple[Json, ...]:
    rules = [rule for item in cast(list[Json], named) if (rule := profile.rule(str(item["rule"]))) is not None]
    ordered = sorted(rules, key=lambda rule: (natural(rule.sources[0].section), rule.id))
    return tuple(summarise_rule(profile, rule) for rule in ordered)


def _changed(before: Profile, after: Profile, item: Json) -> ChangedRule:
    rule_id = str(item["rule"])
    old, new = before.rule(rule_id), after.rule(rule_id)
    assert old is not None
    assert new is not None
    was, now = described(before, old), described(after, new)
    described_fields = {field for field in FIELDS if was[field] != now[field]}
    changes = [Change(FIELDS[field], was[field], now[field]) for field in FIELDS if field in described_fields]
    for field in cast(list[Json], item["fields"]):
        name = str(field["field"])
        if WRITTEN.get(name, name) not in described_fields:
            changes.append(Change(f"{label(name)}, as written", written(field["before"]), written(field["after"])))
    return ChangedRule(rule_id, new.title, ", ".join(source.section for source in new.sources), tuple(changes))


def described(profile: Profile, rule: Rule) -> dict[str, str]:
    """Describe a rule's fields as texts."""
    summary = summarise_rule(profile, rule)
    described_fields = [f"{phase.id}: {phase.timing}" for phase in phases(profile, rule)]
    return {field: _text({**summary, "phases": described_fields}.get(field)) for field in FIELDS}


def written(value: object) -> str:
    """Return a part of a document as it is written."""
    if value is None:
        return "(nothing)"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _text(value: object) -> str:
    if value is None or value in ([], ""):
        return "(nothing)"
    if isinstance(value, list):
        return "; ".join(_text(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(_text(item) for item in value.values() if item is not None)
    return str(value)
