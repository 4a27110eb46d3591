"""The lists and tables of a document as the entries of a sheet, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.services.ports import JsonObject
from app.services.workbook.cells import Unwritable
from app.services.workbook.sheets import DOCUMENTS, OWN_WORDS, WORD_KINDS, Sheet

Entry = dict[str, Any]


def entries_of(sheet: Sheet, value: object) -> list[Entry]:
    """Return what a key of the document holds as entries of its sheet. Raises Unwritable for anything else."""
    if sheet.name == DOCUMENTS:
        return [{"key": key, **_table(entry)} for key, entry in _table(value).items()]
    if sheet.name == OWN_WORDS:
        tables = _table(value)
        if not tables.keys() <= set(WORD_KINDS.values()):
            raise Unwritable
        return [
            {"kind": kind, "word": word, **({"noun": entry} if kind == "name" else _table(entry))}
            for kind, name in WORD_KINDS.items()
            for word, entry in _table(tables.get(name, {})).items()
        ]
    if not isinstance(value, list):
        raise Unwritable
    return [dict(_table(entry)) for entry in value]


def join_entries(sheet: Sheet, entries: list[Entry]) -> object:
    """Return the entries of a sheet as its key of the document holds them."""
    if sheet.name == DOCUMENTS:
        return {entry["key"]: _without(entry, "key") for entry in entries if "key" in entry}
    if sheet.name != OWN_WORDS:
        return entries
    tables: JsonObject = {}
    for entry in entries:
        if not {"kind", "word"} <= entry.keys():
            continue
        words = tables.setdefault(WORD_KINDS[entry["kind"]], {})
        rest = _without(entry, "kind", "word")
        words[entry["word"]] = rest.get("noun", "") if entry["kind"] == "name" else rest
    return tables


def label_of(sheet: Sheet, entry: Entry) -> str:
    """Return how the sheet Phases names an entry: a rule by its id, a word by its kind and itself."""
    if sheet.name == OWN_WORDS:
        return f"{entry.get('kind', '')} {entry.get('word', '')}".strip()
    return str(entry.get("key" if sheet.name == DOCUMENTS else "id", ""))


def path_of(sheet: Sheet, entry: Entry, index: int) -> str:
    """Return the path of an entry in the document."""
    if sheet.name == DOCUMENTS:
        return f"documents.{entry.get('key', '')}"
    if sheet.name == OWN_WORDS:
        return f"vocabulary.{WORD_KINDS.get(entry.get('kind', ''), '')}.{entry.get('word', '')}"
    return f"{sheet.key}[{index}]"


def _table(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Unwritable
    return value


def _without(entry: Entry, *keys: str) -> Entry:
    return {key: value for key, value in entry.items() if key not in keys}
