"""Read requests with Pydantic: the base of every request model, the types they share, and faults with a remedy.

A request model is the single definition of a shape: it validates, and the OpenAPI document is made from it. What only
the published records can decide (an unknown profile, a version not in force) is checked by the capability afterwards;
`salvage` gives it the sound part of a faulty request, so that one answer lists every fault of both kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, Self, TypeVar, Union, get_args, get_origin

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError, core_schema

from app.engine.civil_time import Moment, UnreadableTime, read_moment
from app.services.problems import Fault, Problem, nearest_names, redact_for_display, summarise
from app.services.zone import LONDON

if TYPE_CHECKING:
    from app.services.snapshot.snapshot import Snapshot

ABSENT = (None, "")
MAX_VERSION = 1_000_000
MAX_REFERENCE_LENGTH = 200
MAX_SHORT_TEXT = 200
MAX_FAULTS = 200
# Finding near names takes time; a request with more wrong names than this has another mistake.
MAX_NEAREST_SEARCHES = 50
# Up to so many names are all listed in a remedy; the facts are too many.
MAX_LISTED_NAMES = 20

T = TypeVar("T")
Model = TypeVar("Model", bound=BaseModel)
Request = TypeVar("Request", bound="RequestModel")
Location = tuple[str | int, ...]


class Faults:
    """Collect the faults of one request, to be raised together."""

    def __init__(self, found: Iterable[Fault] = ()) -> None:
        self.found: list[Fault] = list(found)
        self.kind = "invalid-request"

    def add(self, path: str, message: str, remedy: str, value: object = None, near: tuple[str, ...] = ()) -> None:
        """Add a fault; `value` is repeated to the caller, so it must not be a fact about a child."""
        self.found.append(Fault(path, message, remedy, None if value is None else redact_for_display(value), near))

    def unknown(self, path: str, what: str, name: object, known: Iterable[str]) -> None:
        """Add a fault about a name that does not exist, with the nearest names that do."""
        near = nearest_names(name, known) if len(self.found) < MAX_NEAREST_SEARCHES else ()
        remedy = f"use one of: {', '.join(near)}" if near else f"use a {what} from the catalogue"
        self.add(path, f"unknown {what}", remedy, name, near)

    def add_new_from(self, request: RequestModel, snapshot: Snapshot, path: str = "") -> None:
        """Add the domain's faults at places where none was found yet."""
        places = {fault.path for fault in self.found}
        domain = Faults()
        request.domain_faults(domain, snapshot, path)
        if not self.found:
            self.kind = domain.kind
        self.found += [fault for fault in domain.found if fault.path not in places]

    def raise_any(self) -> None:
        """Raise Problem with every fault collected, if there is one."""
        if self.found:
            raise Problem(self.kind, summarise(self.found), self.found[:MAX_FAULTS])


def join(path: str, name: str) -> str:
    """Return a field's path below another's: `join("event", "type")` is `event.type`."""
    return f"{path}.{name}" if path else name


# --- absent values -------------------------------------------------------------------------------------------------


def drop_absent(value: object) -> object:
    """Leave out the members that are null or an empty text: low-code tools send those where nothing was filled in."""
    if isinstance(value, Mapping):
        members = value.values()
        if None in members or "" in members:
            return {key: item for key, item in value.items() if item is not None and item != ""}
    return value


class _WithoutNull:
    """Publish a nullable type without its null branch: a null is accepted, and never needed."""

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return handler(schema["schema"] if schema["type"] == "nullable" else schema)


Maybe = Annotated[T | None, _WithoutNull(), Field(default_factory=NoneType)]
"""A field that may be left out. The document shows its own type: neither a null branch nor a default."""


class RequestModel(BaseModel):
    """The base of every JSON request: unknown fields are refused, null and "" are absent, types are strict."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _drop_absent(cls, value: object) -> object:
        return drop_absent(value)

    def domain_faults(self, faults: Faults, snapshot: Snapshot, path: str = "") -> None:
        """Add what only the published records can find wrong. Called on the sound part of a faulty request.

        So every field may be None here, the required ones too (see `salvage`).
        """


class QueryModel(RequestModel):
    """The base of every query string: as RequestModel, with numbers and truth values read from their text."""

    model_config = ConfigDict(extra="forbid", strict=False, frozen=True)


# --- types ---------------------------------------------------------------------------------------------------------


def invalid(message: str, remedy: str, *, private: bool = False) -> PydanticCustomError:
    """Return the error of a custom type. A private value is never repeated to the caller."""
    return PydanticCustomError("invalid", "{message}", {"message": message, "remedy": remedy, "private": private})


class Explained(NamedTuple):
    """Annotate a type with what it must be and how to fix it, in place of Pydantic's own words."""

    message: str
    remedy: str
    private: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_wrap_validator_function(self._validate, handler(source))

    def _validate(self, value: object, validate: core_schema.ValidatorFunctionWrapHandler) -> object:
        try:
            return validate(value)
        except ValidationError:
            raise invalid(self.message, self.remedy, private=self.private) from None


class EventTime(NamedTuple):
    """A time as it was sent and the moment that it means: 2026-01-13, 2026-01-13T10:00 or an RFC 3339 instant."""

    text: str
    moment: Moment

    @classmethod
    def read(model: type[Request], value: object, snapshot: Snapshot, path: str = "") -> Request:
    """Validate a request that does not come through a route: from a file, a batch or the command line.

    Raises Problem with every fault of its shape, and those that the domain finds in the sound part of it.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        faults = Faults(faults_of(error, model, path))
        faults.add_new_from(salvage(model, value), snapshot, path)
        faults.raise_any()
        raise
