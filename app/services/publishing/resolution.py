"""Resolve `extends`: a profile based on a published version of another, or of itself, with single rules changed.

The base's rules come first, in its order. A rule with the id of one of them replaces it in place; other rules follow;
`remove_rules` leaves some out. Vocabulary, documents and warnings are merged. The calendar is the base's unless the
document names one; title, authority, basis and dates are the document's own, and inherited rules keep the basis that
they had.
The result is a whole document, which is compiled and which the checksum covers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from app.documents.faults import Fault
from app.services.ports import JsonObject, VersionReference

Table = Mapping[str, object]
Base = Callable[[VersionReference], Table | None]
"""Returns the resolved document of a published version, None if there is none."""

PLACE = re.compile(r"(rules|not_computable|warnings)\[(\d+)\](.*)", re.DOTALL)
MAX_VERSION = 1_000_000


@dataclass(frozen=True, slots=True)
class Resolved:
    """A whole document, the version it is based on, and where the author wrote each entry of its lists.

    An origin is the index in the author's own list, or None for an entry of the base.
    """

    document: JsonObject
    based_on: VersionReference | None
    faults: tuple[Fault, ...]
    origins: Mapping[str, Sequence[int | None]] = field(default_factory=dict)

    def place_in_draft(self, fault: Fault) -> Fault:
        """Return a fault of the whole document with its place in what the author wrote."""
        form = PLACE.fullmatch(fault.path)
        if form is None or form[1] not in self.origins:
            return fault
        places, index = self.origins[form[1]], int(form[2])
        own = places[index] if index < len(places) else None
        if own is not None:
            return replace(fault, path=f"{form[1]}[{own}]{form[3]}")
        return replace(fault, path="extends", message=f"in the inherited {form[1]}: {fault.message}")


def resolve(document: JsonObject, base_of: Base) -> Resolved:
    """Return the whole document; if the base does not exist, the author's own part with that fault."""
    if "extends" not in document:
        alone = Fault("remove_rules", "there is no base to remove rules from", "add extends, or leave it out")
        faults = [alone] if "remove_rules" in document else []
        return Resolved({key: item for key, item in document.items() if key != "remove_rules"}, None, tuple(faults))
    own = {key: item for key, item in document.items() if key not in {"extends", "remove_rules"}}
    reference = _reference(document["extends"])
    if isinstance(reference, Fault):
        return Resolved(own, None, (reference,))
    base = base_of(reference)
    if base is None:
        message = f"version {reference.version} of {reference.key[:100]} is not published"
        return Resolved(own, None, (Fault("extends", message, "name a published version"),))
    faults = []
    base = _keep_basis(_rename_documents(base, own, reference), own)
    removed = _removed_rules(document.get("remove_rules", []), base, own, faults)
    origins: dict[str, list[int | None]] = {}
    merged: JsonObject = {**{key: base[key] for key in ("format", "calendar") if key in base}, **own}
    merged["documents"] = {**_table(base.get("documents")), **_table(own.get("documents"))}
    if "documents" in own and not isinstance(own["documents"], Mapping):
        merged["documents"] = own["documents"]
    if "vocabulary" in base:
        merged["vocabulary"] = _merge_vocabulary(base["vocabulary"], own.get("vocabulary", {}))
    for name in ("rules", "not_computable", "warnings"):
        if name in own and not isinstance(own[name], list):
            continue
        entries, places = _merge_entries(
            _list(base.get(name)), _default_document(_list(own.get(name)), own, name), removed
        )
        if entries or name == "rules":
            merged[name] = entries
            origins[name] = places
    return Resolved(merged, reference, tuple(faults), origins)


def _reference(value: object) -> VersionReference | Fault:
    remedy = 'write {"key": "swindon", "version": 1}'
    if not isinstance(value, Mapping) or set(value) != {"key", "version"}:
        return Fault("extends", "this names one version of one profile", remedy)
    key, version = value["key"], value["version"]
    if not isinstance(key, str) or not key:
        return Fault("extends.key", "this must be a profile's key", remedy)
    if isinstance(version, bool) or not isinstance(version, int) or not 1 <= version <= MAX_VERSION:
        return Fault("extends.version", "a version is a whole number from 1", remedy)
    return VersionReference(key, version)


def _removed_rules(value: object, base: Table, own: Table, faults: list[Fault]) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        faults.append(Fault("remove_rules", "this must be a list of rule ids", 'write ["icpc-held"]'))
        return frozenset()
    inherited = {_id(entry) for name in ("rules", "not_computable") for entry in _list(base.get(name))}
    written = {_id(entry) for name in ("rules", "not_computable") for entry in _list(own.get(name))}
    for index, item in enumerate(value):
        if item not in inherited:
            faults.append(
                Fault(f"remove_rules[{index}]", f"the base has no rule '{item[:100]}'", "name a rule of the base")
            )
        elif item in written:
            remedy = "leave it out of remove_rules: a rule of the same id replaces the base's"
            faults.append(Fault(f"remove_rules[{index}]", f"'{item[:100]}' is both removed and written", remedy))
    return frozenset(value)


def _keep_basis(base: Table, own: Table) -> Table:
    """Return the base with its own basis written into each rule without one, if the new document's basis differs."""
    basis = base.get("basis", "local")
    if basis == own.get("basis", "local"):
        return base
    return {**base, "rules": [{"basis": basis, **_table(rule)} for rule in _list(base.get("rules"))]}


def _rename_documents(base: Table, own: Table, reference: VersionReference) -> Table:
    """Return the base with a document named in every source, and no document under a key that has another meaning now.

    A profile that extends itself may add to its own document; another profile's is renamed to `<base>-<document>`.
    """
    titles = _table(base.get("documents"))
    mine = _table(own.get("documents"))
    itself = own.get("key") == reference.key
    names = {
        key: f"{reference.key}-{key}" if key in mine and mine[key] != titles[key] and not itself else key
        for key in titles
    }
    if len({*names.values(), *mine}) == 1:
        return base
    default = next(iter(names)) if len(names) == 1 else None

    def named(entry: object) -> object:
        if not isinstance(entry, Mapping) or not isinstance(entry.get("source"), list):
            return entry
        cited = []
        for source in entry["source"]:
            key = source.get("document", default)
            cited.append({**source, "document": names.get(key, key)})
        return {**entry, "source": cited}

    renamed = {**base, "documents": {names[key]: item for key, item in titles.items()}}
    for name in ("rules", "not_computable"):
        if name in base:
            renamed[name] = [named(entry) for entry in _list(base[name])]
    return renamed


def _default_document(entries: list[object], own: Table, name: str) -> list[object]:
    """Return the author's entries; a source without a document gets the only one that the author declares."""
    mine = _table(own.get("documents"))
    if name == "warnings" or len(mine) != 1:
        return entries
    only = next(iter(mine))

    def named(entry: object) -> object:
        if not isinstance(entry, Mapping) or not isinstance(entry.get("source"), list):
            return entry
        cited = [
            {**item, "document": only} if isinstance(item, Mapping) and "document" not in item else item
            for item in entry["source"]
        ]
        return {**entry, "source": cited}

    return [named(entry) for entry in entries]


def _merge_entries(
    base: list[object], own: list[object], removed: frozenset[str]
) -> tuple[list[object], list[int | None]]:
    """Return the base's entries, each replaced in place by the author's of the same id, then the author's others.

    Also returns the origin of each.
    """
    first: dict[str, int] = {}
    for index, entry in enumerate(own):
        if (name := _id(entry)) is not None:
            first.setdefault(name, index)
    merged: list[object] = []
    places: list[int | None] = []
    used: set[int] = set()
    for entry in base:
        name = _id(entry)
        if name is not None and name in first:
            used.add(first[name])
            merged.append(own[first[name]])
            places.append(first[name])
        elif name is None or name not in removed:
            merged.append(entry)
            places.append(None)
    for index, entry in enumerate(own):
        if index not in used:
            merged.append(entry)
            places.append(index)
    return merged, places


def _merge_vocabulary(base: object, own: object) -> object:
    if not isinstance(own, Mapping):
        return own
    tables = _table(base)
    return {
        name: {**_table(tables.get(name)), **_table(own.get(name))}
        if isinstance(own.get(name, {}), Mapping)
        else own[name]
        for name in dict.fromkeys([*tables, *own])
    }


def _table(value: object) -> Table:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[object]:
    return cast(list[object], value) if isinstance(value, list) else []


def _id(entry: object) -> str | None:
    name = entry.get("id") if isinstance(entry, Mapping) else None
    return name if isinstance(name, str) else None
