"""Validate facts about a child: one typed, optional property for each fact of the shared vocabulary.

The types are made from the vocabulary's data, so that a fact is validated and documented by one definition. Facts that
a profile declares for itself (`local_…`) are not in the shape: `resolve_facts` reads them by that profile's own words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    TypeAdapter,
    ValidationError,
)
from pydantic_core import core_schema
from typing_extensions import TypedDict

from app.engine.facts import FactSpec, FactValue
from app.profiles.vocabulary import shared_vocabulary
from app.profiles.vocabulary.subjects import subjects
from app.services.problems import Fault
from app.services.validation import (
    ABSENT,
    Explained,
    Faults,
    drop_absent,
    dropping,
    invalid,
    join,
    nearest_choices,
    parse_day,
)

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 12, 31)
MAX_NUMBER = 1_000_000
DAY_TEXT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T00:00(:00(\.0{1,9})?)?(Z|\+00:00)?)?$"


def _london_day(text: str) -> date:
    day = parse_day(text)
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError
    return day


class FactDay:
    """Annotate a date sent as text, also as low-code tools write it: 2019-04-02T00:00:00Z is 2 April.

    Any other date-time is the London day that it lies in (see `parse_day`): 2019-04-01T23:00:00Z is 2 April too.
    Pydantic's core reads it by itself: most facts are dates, and a call into Python costs more than all its checks.
    """

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        text = core_schema.str_schema(pattern=DAY_TEXT, strict=True)
        day = core_schema.date_schema(ge=FIRST_DAY, le=LAST_DAY, strict=False)
        moment = core_schema.no_info_after_validator_function(_london_day, core_schema.str_schema(strict=True))
        return core_schema.union_schema(
            [core_schema.chain_schema([text, day]), core_schema.date_schema(strict=True), moment], mode="left_to_right"
        )

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        words = {key: value for key, value in handler(schema).items() if key in {"title", "description"}}
        return {"type": "string", "format": "date", **words}


def fact_type(spec: FactSpec) -> Any:
    """Return the annotation that validates and documents one fact."""
    title = spec.key.replace("_", " ").capitalize()
    documented = Field(title=title, description=described(spec))
    message = f"this must be {describe_type(spec)}"
    explained = Explained(message, remedy_for(spec), private=True, choices=spec.values)
    if spec.type == "bool":
        return Annotated[bool, documented, explained]
    if spec.type == "int":
        low, high = _range(spec)
        return Annotated[int, Field(ge=low, le=high, title=title, description=described(spec)), explained]
    if spec.type == "choice":
        return Annotated[Literal[spec.values], documented, explained]
    return Annotated[date, FactDay(), documented, explained]


def described(spec: FactSpec) -> str:
    """Return what a fact means, with its subject in front: the document lists facts by subject."""
    subject = subjects("facts").get(spec.key)
    return f"{subject}: {spec.definition}" if subject is not None else spec.definition


def _range(spec: FactSpec) -> tuple[int, int]:
    return spec.minimum or 0, MAX_NUMBER if spec.maximum is None else spec.maximum


def describe_type(spec: FactSpec) -> str:
    """Return a fact's type in words."""
    if spec.type == "choice":
        return "one of " + ", ".join(spec.values)
    if spec.type == "int":
        return "a whole number from {} to {}".format(*_range(spec))
    return {"bool": "true or false", "date": "a date from 1900 to 2200"}[spec.type]


def remedy_for(spec: FactSpec) -> str:
    """Return what to send for a fact. It names a form and never a value: `send true` could reverse a fact."""
    if spec.type == "choice":
        return f"send one of them as text: {', '.join(spec.values)}"
    return {
        "bool": "send true or false, without quotation marks",
        "date": "send it as YYYY-MM-DD, such as 2019-04-02; a date-time is read as its London day",
        "int": "send the number in digits, without quotation marks",
    }[spec.type]


def facts_type(
    name: str, description: str, members: Callable[[object], object], kind: Callable[[FactSpec], Any] = fact_type
) -> Any:
    """Return the annotation of an object of facts; `members` is called first, `kind` gives the type of each fact."""
    types = {key: kind(shared_vocabulary().facts[key]) for key in subjects("facts")}
    shape = cast(Any, TypedDict)(name, types, total=False)
    shape.__doc__ = description
    # A profile's own facts pass the shape and are read by `resolve_facts`; they are not documented here.
    shape.__pydantic_config__ = ConfigDict(
        extra="allow", strict=True, json_schema_extra={"additionalProperties": False}
    )
    return Annotated[shape, BeforeValidator(members)]


def members_of(value: object) -> Mapping[str, object]:
    """Return what was sent as facts. Raises the fault of a value that is no object."""
    if type(value) is not dict and not isinstance(value, Mapping):
        raise invalid("facts are a JSON object", 'send { "fact": value }', private=True)
    return value


@dropping
def _members(value: object) -> object:
    return drop_absent(members_of(value))


if TYPE_CHECKING:
    Facts = dict[str, FactValue]
else:
    Facts = facts_type(
        "Facts",
        "What is known of the child and the circumstances; every fact is optional. Null and an empty text are absent.",
        _members,
    )


@lru_cache(maxsize=1024)
def _adapter(spec: FactSpec) -> TypeAdapter[FactValue]:
    annotation: Any = fact_type(spec)
    return TypeAdapter(annotation)


def read_fact(spec: FactSpec, value: object) -> FactValue | None:
    """Return a fact's value from JSON, None where it does not fit the fact's type."""
    try:
        return _adapter(spec).validate_python(value, strict=True)
    except ValidationError:
        return None


def resolve_facts(
    faults: Faults, facts: Mapping[str, object] | None, specs: Mapping[str, FactSpec], path: str
) -> dict[str, FactValue]:
    """Return the facts by a profile's own words, those of the shared vocabulary being validated already.

    Adds a fault for each unknown name and each `local_` fact that does not fit; its value is never repeated.
    """
    if not facts:
        return {}
    shared = shared_vocabulary().facts
    if facts.keys() <= shared.keys():
        return cast(dict[str, FactValue], facts)
    resolved: dict[str, FactValue] = {}
    for key, value in facts.items():
        if key in shared:
            resolved[key] = cast(FactValue, value)
        elif (spec := specs.get(key)) is None:
            faults.unknown(join(path, str(key)[:100]), "fact", str(key), specs)
        elif value not in ABSENT:
            read = read_fact(spec, value)
            if read is None:
                where, message = join(path, key[:100]), f"this must be {describe_type(spec)}"
                near = nearest_choices(value, spec.values)
                faults.collected.append(Fault(where, message, remedy_for(spec), nearest=near))
            else:
                resolved[key] = read
    return resolved
