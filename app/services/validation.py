"""Read requests with Pydantic: the base of every request model, the types they share, and faults with a remedy.

A request model is the single definition of a shape: it validates, and the OpenAPI document is made from it. What only
the published records can decide (an unknown profile, a version not in force) is checked by the capability afterwards;
`salvage` gives it the sound part of a faulty request, so that one answer lists every fault of both kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, Self, TypeVar, Union, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
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
MAX_REASON_LENGTH = 1000
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
        """Add the domain's faults of a request at places where none was found yet."""
        domain = Faults()
        request.domain_faults(domain, snapshot, path)
        self.merge(domain)

    def merge(self, other: Faults, rename: Callable[[str], str] = str) -> None:
        """Add other faults at places where none was found yet; `rename` gives the path of each here."""
        if not self.found:
            self.kind = other.kind
        places = {fault.path for fault in self.found}
        for fault in other.found:
            path = rename(fault.path)
            if path not in places:
                places.add(path)
                self.found.append(replace(fault, path=path))

    def raise_any(self) -> None:
        """Raise Problem with every fault collected, if there is one."""
        if self.found:
            raise self.problem()

    def problem(self) -> Problem:
        """Return the problem that lists the faults."""
        return Problem(self.kind, summarise(self.found), self.found[:MAX_FAULTS])


def join(path: str, name: str) -> str:
    """Return a field's path below another's: `join("event", "type")` is `event.type`."""
    return f"{path}.{name}" if path else name


# --- absent values -------------------------------------------------------------------------------------------------


def drop_absent(value: object) -> object:
    """Leave out the members that are null or an empty text: low-code tools send those where nothing was filled in."""
    if type(value) is dict or isinstance(value, Mapping):
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
        # Pydantic replaces the error by itself, so that a valid value costs no call into Python.
        context = {"message": self.message, "remedy": self.remedy, "private": self.private}
        return core_schema.custom_error_schema(
            handler(source), "invalid", custom_error_message="{message}", custom_error_context=context
        )


class EventTime(NamedTuple):
    """A time as it was sent and the moment that it means: 2026-01-13, 2026-01-13T10:00 or an RFC 3339 instant."""

    text: str
    moment: Moment

    @classmethod
    def read(cls, value: object) -> Self:
        """Read a date, a local London time or an instant."""
        if isinstance(value, cls):
            return value
        if not isinstance(value, str):
            raise invalid("a time is sent as text", "send 2026-01-13, 2026-01-13T10:00 or an RFC 3339 instant")
        try:
            return cls(value, read_moment(value, LONDON))
        except UnreadableTime as error:
            raise invalid(str(error), _lost_plus(value) or error.remedy) from None

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(cls.read, json_schema_input_schema=core_schema.str_schema())

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "examples": ["2026-01-13", "2026-01-13T10:00", "2026-01-13T10:00:00+00:00"]}


def _lost_plus(text: str) -> str | None:
    """Return the remedy for `…T10:00:00 01:00`: in a URL the plus of an offset is read as a space."""
    time, _, offset = text.partition(" ")
    if "T" in time and len(offset) in {4, 5} and offset.replace(":", "").isdigit():
        return "the plus of the offset was read as a space: write it as %2B in a URL, or send Z"
    return None


def parse_day(value: object) -> object:
    """Turn YYYY-MM-DD into a date. Raises the custom error `invalid`."""
    if isinstance(value, str) and len(value) == 10:
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    elif type(value) is date:
        return value
    raise invalid("this must be a date", "send it as YYYY-MM-DD")


Day = Annotated[date, BeforeValidator(parse_day)]
VersionNumber = Annotated[
    int,
    Field(ge=1, le=MAX_VERSION),
    Explained("a version is a whole number from 1", "send the number alone, or leave it out"),
]
ShortText = Annotated[str, Field(min_length=1, max_length=MAX_SHORT_TEXT)]


def _printable(value: str) -> str:
    if not value.isprintable():
        raise ValueError
    return value


Reference = Annotated[
    str,
    Field(max_length=MAX_REFERENCE_LENGTH, description="Returned unchanged; never stored."),
    BeforeValidator(lambda value: _printable(value) if isinstance(value, str) else value),
    Explained("a reference is a short text", f"send up to {MAX_REFERENCE_LENGTH} printable characters", private=True),
]


def _one_line(value: str) -> str:
    return _printable(value.replace("\n", " ")) and value


Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_REASON_LENGTH),
    AfterValidator(_one_line),
    Explained("a reason is a text", f"send 1 to {MAX_REASON_LENGTH} printable characters"),
]
"""Why something is done, in the doer's words; it is stored for ever and shown."""


class FromText:
    """Annotate a model that may also be sent as text alone: `"york"` for `{"profile": "york"}`."""

    def __init__(self, field: str) -> None:
        self.field = field

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(self._as_object, handler(source))

    def _as_object(self, value: object) -> object:
        return {self.field: value} if isinstance(value, str) else value

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [{"type": "string"}, handler(schema)]}


class OneOrMany:
    """Annotate a list that may also be sent as its only item."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(
            lambda value: value if isinstance(value, list) else [value], handler(source)
        )

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        many = handler(schema)
        return {"anyOf": [many["items"], many]}


class Repeated(NamedTuple):
    """Stand for a query parameter that was sent more than once; no type accepts it."""

    values: tuple[str, ...]


# --- faults --------------------------------------------------------------------------------------------------------

Wording = Callable[[dict[str, Any]], tuple[str, str]]
_NUMBER: Wording = lambda _: ("this must be a whole number", "send digits alone")  # noqa: E731 - one line each
_OBJECT: Wording = lambda _: ("this must be a JSON object", "send an object")  # noqa: E731
WORDINGS: dict[str, Wording] = {
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "dict_type": _OBJECT,
    "list_type": lambda _: ("this must be a list", "send a JSON array"),
    "tuple_type": lambda _: ("this must be a list", "send a JSON array"),
    "too_long": lambda c: (f"{c['actual_length']} were sent", f"send at most {c['max_length']}"),
    "too_short": lambda c: ("this list is too short", f"send at least {c['min_length']}"),
    "bool_type": lambda _: ("this must be true or false", "send true or false"),
    "bool_parsing": lambda _: ("this must be true or false", "send true or false"),
    "int_type": _NUMBER,
    "int_parsing": _NUMBER,
    "int_parsing_size": _NUMBER,
    "int_from_float": _NUMBER,
    "greater_than_equal": lambda c: (f"this must be at least {c['ge']}", f"send {c['ge']} or more"),
    "less_than_equal": lambda c: (f"this must be at most {c['le']}", f"send {c['le']} or less"),
    "string_type": lambda _: ("this must be text", "send a JSON string"),
    "string_unicode": lambda _: ("this must be text", "send whole characters"),
    "string_too_short": lambda c: ("this text is too short", f"send at least {c['min_length']} characters"),
    "string_too_long": lambda c: ("this text is too long", f"send at most {c['max_length']} characters"),
    "string_pattern_mismatch": lambda c: ("this text has another form", f"send text that matches {c['pattern']}"),
    "literal_error": lambda c: ("this is none of the values allowed", f"send one of: {c['expected']}"),
    "invalid": lambda c: (c["message"], c["remedy"]),
}
"""What is wrong and how to fix it, by Pydantic's type of error; each is given the error's context."""


def faults_of(
    errors: ValidationError | Sequence[Any], model: Any, path: str = "", whole: str = "(body)"
) -> list[Fault]:
    """Turn Pydantic's errors into faults: path, message, remedy, and the nearest names of an unknown field.

    `model` is what was validated against, `path` is put in front, `whole` names the request itself.
    """
    details = errors.errors(include_url=False) if isinstance(errors, ValidationError) else errors
    return [_fault(item, model, path, whole, search=place < MAX_NEAREST_SEARCHES) for place, item in enumerate(details)]


def path_of(location: Location, path: str = "") -> str:
    """Return an error's location as the caller writes it: `events[3].occurred_at`. Tags of a union are left out."""
    for part in location:
        if isinstance(part, int):
            path = f"{path}[{part}]"
        elif not part.startswith("<"):
            path = join(path, part[:100])
    return path


def _fault(error: Any, model: Any, path: str, whole: str, *, search: bool) -> Fault:
    location: Location = tuple(error["loc"])
    where = path_of(location, path) or whole
    if isinstance(error.get("input"), Repeated):
        return Fault(where, "this parameter is sent twice", "send it once")
    kind, context = error["type"], error.get("ctx", {})
    name = str(location[-1]) if location else ""
    if kind == "missing":
        return Fault(where, "this field is missing", f"add {name}" if name else "send a body")
    if kind == "extra_forbidden":
        return _unknown_field(where, name, _names_at(model, location[:-1]), search=search)
    message, remedy = WORDINGS[kind](context) if kind in WORDINGS else (error["msg"], "see the OpenAPI document")
    names = _names_at(model, location) if WORDINGS.get(kind) is _OBJECT else []
    if names:
        remedy = f"send an object with {', '.join(names)}"
    private = not location or context.get("private", False) or error.get("input") is None
    return Fault(where, message, remedy, None if private else redact_for_display(error["input"]))


def _unknown_field(where: str, name: str, known: list[str], *, search: bool) -> Fault:
    near = nearest_names(name, known) if search else ()
    listed = near or (known if len(known) <= MAX_LISTED_NAMES else ())
    if not known:
        remedy = "leave it out: nothing is expected here"
    else:
        remedy = f"use one of: {', '.join(listed)}" if listed else "use a field of the OpenAPI document"
    return Fault(where, "unknown field", remedy, redact_for_display(name), near)


def union_tag(model: type[BaseModel]) -> str:
    """Return the tag of a model in a union: it is part of an error's location, and `path_of` leaves it out."""
    return f"<{model.__name__}>"


def models_in(annotation: Any) -> list[type[BaseModel]]:
    """Return the models within an annotation: itself, or those within its union, list or Annotated."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in get_args(annotation) if not isinstance(inner, str) for model in models_in(inner)]


def _names_at(model: Any, location: Location) -> list[str]:
    """Return the names of the fields at a place in a request."""
    models = models_in(model)
    for part in location:
        if isinstance(part, str) and not part.startswith("<"):
            fields = [
                each.model_fields[key] for each in models for key in each.model_fields if _name(each, key) == part
            ]
            models = [inner for field in fields for inner in models_in(field.annotation)]
    return sorted({_name(each, key) for each in models for key in each.model_fields})


def _name(model: type[BaseModel], key: str) -> str:
    return model.model_fields[key].alias or key


# --- the sound part of a faulty request ----------------------------------------------------------------------------


def salvage(model: type[Model], value: object) -> Model:
    """Return the sound part of a faulty request: each field that is valid by itself, None for every other.

    The result is not validated as a whole: a required field may be None. It is for finding the domain's faults only.
    """
    members = value if isinstance(value, Mapping) else {}
    sound = {name: _sound_field(field, members.get(field.alias or name)) for name, field in model.model_fields.items()}
    return model.model_construct(_fields_set={name for name, item in sound.items() if item is not None}, **sound)


def _sound_field(field: FieldInfo, value: object) -> Any:
    return None if value in ABSENT else _sound(_annotation(field), value)


def _annotation(field: FieldInfo) -> Any:
    return Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation


def _sound(annotation: Any, value: object) -> Any:
    try:
        return _adapter(annotation).validate_python(value, strict=None)
    except ValidationError as error:
        bare = _bare(annotation)
        if isinstance(bare, type) and issubclass(bare, BaseModel):
            return salvage(bare, value) if isinstance(value, Mapping) else None
        if get_origin(bare) in {list, tuple} and isinstance(value, list):
            return [_sound(get_args(bare)[0], item) for item in value]
        faulty = {item["loc"][0] for item in error.errors() if item["loc"]}
        if isinstance(value, Mapping) and faulty and faulty <= value.keys():
            return _sound(annotation, {key: item for key, item in value.items() if key not in faulty})
        return None


def _bare(annotation: Any) -> Any:
    """Return the type itself, without Annotated and without None."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in {Union, UnionType}:
        rest = [inner for inner in get_args(annotation) if inner is not NoneType]
        return _bare(rest[0]) if len(rest) == 1 else annotation
    return annotation


@lru_cache(maxsize=512)
def _adapter(annotation: Any) -> TypeAdapter[Any]:
    if isinstance(_bare(annotation), type) and issubclass(_bare(annotation), BaseModel):
        return TypeAdapter(annotation)
    return TypeAdapter(annotation, config=ConfigDict(strict=True))


# --- one way to read -----------------------------------------------------------------------------------------------


def read(model: type[Request], value: object, snapshot: Snapshot | None = None, path: str = "") -> Request:
    """Validate a request that does not come through a route: from a file, a batch or the command line.

    Raises Problem with every fault of its shape, and those that the domain finds in the sound part of it.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        faults = Faults(faults_of(error, model, path))
        if snapshot is not None:
            faults.add_new_from(salvage(model, value), snapshot, path)
        raise faults.problem() from None
