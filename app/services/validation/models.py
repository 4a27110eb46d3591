"""The base of every request model: what is absent, and how an optional field is published."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from types import NoneType
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, model_validator
from pydantic_core import core_schema

if TYPE_CHECKING:
    from app.services.snapshot.snapshot import Snapshot
    from app.services.validation.faults import Faults

ABSENT = (None, "")
MAX_UNKNOWN_MEMBERS = 300
DROPPING: set[object] = set()
"""The validators that only leave out what is absent."""
T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., object])


def dropping(validator: F) -> F:
    """Mark a validator that only leaves out what is absent: it need not be called where nothing is."""
    DROPPING.add(validator)
    return validator


def drop_absent(value: object) -> object:
    """Leave out the members that are null or an empty text: low-code tools send those where nothing was filled in."""
    if type(value) is dict or isinstance(value, Mapping):
        members = value.values()
        if None in members or "" in members:
            return {key: item for key, item in value.items() if item is not None and item != ""}
    return value


class WithoutNull:
    """Publish a nullable type without its null branch: a null is accepted, and never needed."""

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        shown = handler(schema)
        branches = [branch for branch in shown.get("anyOf", ()) if branch != {"type": "null"}]
        if not branches:
            return shown
        rest = {key: value for key, value in shown.items() if key != "anyOf"}
        return {**branches[0], **rest} if len(branches) == 1 else {"anyOf": branches, **rest}


Maybe = Annotated[T | None, WithoutNull(), Field(default_factory=NoneType)]
"""A field that may be left out. The document shows its own type: neither a null branch nor a default."""


class RequestModel(BaseModel):
    """The base of every JSON request: unknown fields are refused, null and "" are absent, types are strict."""

    # Built when first used, in one thread: a start builds none of the hundred and sixty models.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    @dropping
    def _drop_absent(cls, value: object) -> object:
        most = len(cls.model_fields) + MAX_UNKNOWN_MEMBERS
        if isinstance(value, Mapping) and len(value) > most and cls.model_config.get("extra") == "forbid":
            # So many are refused whatever they are, and a fault for each of 90,000 would take a second.
            names = {field.alias or name for name, field in cls.model_fields.items()}
            value = dict(islice(value.items(), most)) | {name: value[name] for name in names & value.keys()}
        return drop_absent(value)

    def domain_faults(self, faults: Faults, snapshot: Snapshot, path: str = "") -> None:
        """Add what only the published records can find wrong. Called on the sound part of a faulty request.

        So every field may be None here, the required ones too (see `salvage`).
        """


class QueryModel(RequestModel):
    """The base of every query string. All that it has is text, which `Truth`, `WholeNumber` and `Day` read."""


class NoQuery(QueryModel):
    """The query of an address that takes no parameters."""
