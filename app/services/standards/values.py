"""Typed values as a request has them in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime


def as_sent(value: object) -> object:
    """Return a value as JSON has it, the members of lists and mappings likewise.

    A date is a day, a datetime with a zone an instant in UTC, one without a zone London's own time.
    """
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat() if value.tzinfo is not None else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: as_sent(each) for name, each in value.items()}
    return [as_sent(each) for each in value] if isinstance(value, list | tuple) else value
