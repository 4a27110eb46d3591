"""Column types that mean the same on both databases."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """A moment, kept and given back in UTC. A naive value is refused with `ValueError`."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 the base's signature
        """Turn any offset into UTC."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError("an instant needs an offset")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 the base's signature
        """Say of what SQLite gives back without an offset that it is UTC."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class TextTuple(TypeDecorator[tuple[str, ...]]):
    """A list of words, kept as a JSON array. None is NULL, and not the same as no words."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> list[str] | None:  # noqa: ARG002 the base's signature
        """Make it a JSON array."""
        return None if value is None else list(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[str, ...] | None:  # noqa: ARG002 the base's signature
        """Make it a tuple again."""
        return None if value is None else tuple(value)


# JSON, not JSONB, which reorders keys and rewrites numbers: a document has to come back as it was digested.
Document = JSON(none_as_null=True)


def to_json(value: object) -> str:
    """Write a document: keys in the given order, no NaN (PostgreSQL would refuse it, SQLite would not)."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
