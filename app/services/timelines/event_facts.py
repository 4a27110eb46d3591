"""The facts of an event of a case: as those of a calculation, but null takes back what was said before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.engine.facts import FactSpec, FactValue
from app.services.facts import fact_type, facts_type, members_of


def _or_null(spec: FactSpec) -> Any:
    return fact_type(spec) | None


def _members(value: object) -> object:
    return {key: item for key, item in members_of(value).items() if item != ""}


if TYPE_CHECKING:
    EventFacts = dict[str, FactValue | None]
else:
    EventFacts = facts_type(
        "EventFacts",
        "What is known from an event of a case on, each fact to the end of its scope. Null takes back what was said of "
        "it before; an empty text is absent.",
        _members,
        _or_null,
    )
