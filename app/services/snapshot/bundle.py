"""Standards as one file: every published profile and calendar with its checksum, and no API key.

Offline commands and clusters answer from such a file what the service answers from its database.
"""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any, TypeVar, get_type_hints

from app import __version__
from app.services.ports import StoredCalendarVersion, StoredProfileVersion, StoredState, VersionReference
from app.services.ports.packed import pack
from app.services.problems import Fault, Problem
from app.services.snapshot.checksum import digest, matches
from app.services.zone import ZONE_DATA_VERSION

FORMAT = 1
SEAL = "checksum"
"""The member with the digest of all others."""
REMEDY = "write it again with `deadlines standards export`"
PACKED: dict[type, dict[str, str]] = {
    StoredProfileVersion: {"packed_document": "document", "packed": "resolved"},
    StoredCalendarVersion: {"packed": "document", "packed_report": "report"},
}
"""The fields of a record that are compressed, and what they are called in the file."""
Record = TypeVar("Record", StoredProfileVersion, StoredCalendarVersion)


def pins(state: StoredState) -> dict[str, Any]:
    """Return everything that a date depends on: the engine, the zone data, each version with its checksum and days."""
    return {
        "engine": __version__,
        "zone": ZONE_DATA_VERSION,
        "profiles": [
            [each.key, each.version, each.checksum, _text(each.in_force_from), _text(each.withdrawn_at)]
            for each in sorted(state.profiles, key=_by_version)
        ],
        "calendars": [[each.key, each.version, each.checksum] for each in sorted(state.calendars, key=_by_version)],
    }


def standards_digest(state: StoredState) -> str:
    """Return the digest of the pins: two rows with the same one were counted alike, whatever the records came from."""
    return digest(pins(state))


def write_bundle(state: StoredState) -> bytes:
    """Return the state as a file of JSON. Keys are left out: a bundle travels, and a key must not."""
    document: dict[str, Any] = {
        "format": FORMAT,
        "standards": standards_digest(state),
        "pins": pins(state),
        "profiles": [_entry(each) for each in state.profiles],
        "calendars": [_entry(each) for each in state.calendars],
    }
    # Not sorted: conditions are worded in the order in which their document has them.
    document = json.loads(json.dumps(document, default=_json))
    return json.dumps({**document, SEAL: digest(document)}, ensure_ascii=False, indent=1).encode() + b"\n"


def read_bundle(data: bytes) -> StoredState:
    """Return the state of a file. Raises Problem where it is no bundle, or is not as it was written.

    A day of force or of withdrawal decides a date as well as a document does, so the whole file has a checksum.
    """
    try:
        document = json.loads(data)
        if document["format"] != FORMAT:
            raise _problem(f"its format is {str(document['format'])[:20]}, and this version reads {FORMAT}")
        if not matches(document, document.pop(SEAL)):
            raise _problem("it was altered after it was written: its checksum does not match its content")
        profiles = tuple(_record(StoredProfileVersion, each) for each in document["profiles"])
        calendars = tuple(_record(StoredCalendarVersion, each) for each in document["calendars"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, Problem):
            raise
        raise _problem("it is no bundle of standards") from None
    return StoredState(token=digest([FORMAT, document["pins"]]), profiles=profiles, calendars=calendars, keys=())


def _by_version(record: StoredProfileVersion | StoredCalendarVersion) -> tuple[str, int]:
    return record.key, record.version


def _problem(message: str) -> Problem:
    return Problem("invalid-request", "The bundle cannot be read.", [Fault("standards", message, REMEDY)])


def _entry(record: StoredProfileVersion | StoredCalendarVersion) -> dict[str, Any]:
    """Return a record as JSON, with its documents whole."""
    names = PACKED[type(record)]
    values = {(name := names.get(each.name, each.name)): getattr(record, name) for each in fields(record)}
    return {name: asdict(value) if isinstance(value, VersionReference) else value for name, value in values.items()}


def _record(kind: type[Record], raw: dict[str, Any]) -> Record:
    hints, names = get_type_hints(kind), PACKED[kind]
    values: dict[str, Any] = {
        each.name: _packed(raw, names[each.name]) if each.name in names else _value(hints[each.name], raw[each.name])
        for each in fields(kind)
    }
    return kind(**values)


def _packed(raw: dict[str, Any], name: str) -> bytes | None:
    # What an author wrote is stored only where it is not the whole.
    return None if raw[name] is None or (name == "document" and raw[name] == raw.get("resolved")) else pack(raw[name])


def _value(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    if hint in {date, date | None}:
        return date.fromisoformat(value)
    if hint in {datetime, datetime | None}:
        return datetime.fromisoformat(value)
    if hint == VersionReference | None:
        return VersionReference(**value)
    return value


def _json(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not JSON")


def _text(value: date | None) -> str | None:
    return None if value is None else value.isoformat()
