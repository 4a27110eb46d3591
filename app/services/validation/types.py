"""The types that requests share, each with its own wording of a fault."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, NamedTuple, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StrictBool,
    StrictInt,
    StringConstraints,
)
from pydantic_core import PydanticCustomError, core_schema

from app.engine.civil_time import Moment, UnreadableTime, read_moment
from app.services.zone import LONDON

MAX_VERSION = 1_000_000
MAX_REFERENCE_LENGTH = 200
MAX_REASON_LENGTH = 1000
MAX_DIGITS = 10
TRUTH_VALUES = {"true": True, "yes": True, "false": False, "no": False}
_WHOLE_NUMBER = re.compile(rf"-?[0-9]{{1,{MAX_DIGITS}}}")


def invalid(message: str, remedy: str, *, private: bool = False) -> PydanticCustomError:
    """Return the error of a custom type. A private value is never repeated to the caller."""
    return PydanticCustomError("invalid", "{message}", {"message": message, "remedy": remedy, "private": private})


class Explained(NamedTuple):
    """Annotate a type with what it must be and how to fix it, in place of Pydantic's own words."""

    message: str
    remedy: str
    private: bool = False
    choices: tuple[str, ...] = ()
    """The values allowed, where they are few: the nearest of them are named."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        # Pydantic replaces the error by itself, so that a valid value costs no call into Python.
        return core_schema.custom_error_schema(
            handler(source), "invalid", custom_error_message="{message}", custom_error_context=self._asdict()
        )


@dataclass(slots=True)
class EventTime:
    """A time as it was sent and the moment that it means: 2026-01-13, 2026-01-13T10:00 or an RFC 3339 instant.

    It is no tuple, which FastAPI reads as a parameter that is sent several times; and not frozen, which takes three
    times as long to make.
    """

    text: str
    moment: Moment

    @classmethod
    def read(cls, value: object) -> Self:
        """Read a date, a local London time or an instant."""
        if not isinstance(value, str):
            if isinstance(value, cls):
                return value
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


def parse_day(value: object) -> date:
    """Turn YYYY-MM-DD into a date, and a date-time into the London day that it lies in.

    Low-code tools and typed clients send a date as its first moment: 2026-05-01T00:00:00.000Z is 1 May, and so is
    2026-04-30T23:00:00Z, which is midnight in a London summer. Raises the custom error `invalid`.
    """
    if type(value) is date:
        return value
    if isinstance(value, str):
        try:
            return read_moment(value, LONDON).day
        except UnreadableTime:
            pass
    raise invalid("this must be a date", "send it as YYYY-MM-DD")


def integer_from_text(text: str) -> int | str:
    """Return the number that up to ten digits stand for, with a minus in front of one below zero; 007 is 7.

    Any other text is returned as it is, for a type to refuse: `+5` (which a URL makes ` 5`), `5.0`, `1_000`.
    """
    return int(text) if _WHOLE_NUMBER.fullmatch(text) else text


def integer_from_path(text: str) -> int | str:
    """Return the number that a part of a path is, as `integer_from_text` does; what has one address has one spelling.

    So 01, which is 1 elsewhere, is returned as it is.
    """
    number = integer_from_text(text)
    return number if str(number) == text else text


def truth_from_text(text: str) -> bool | str:
    """Return what true, false, yes or no stands for, in any case (a spreadsheet writes TRUE); another text as it is.

    1 and 0 are left for a type to refuse, since they may be counts.
    """
    return TRUTH_VALUES.get(text.lower(), text)


FROM_TEXT = BeforeValidator(lambda value: integer_from_text(value) if isinstance(value, str) else value)
"""Let a strict number be sent as text, in a query. It comes after the bounds, which the document would lose."""
WholeNumber = Annotated[StrictInt, FROM_TEXT]
Truth = Annotated[
    StrictBool, BeforeValidator(lambda value: truth_from_text(value) if isinstance(value, str) else value)
]
"""True or false in a query, where it is text."""
Day = Annotated[date, BeforeValidator(parse_day)]
VersionNumber = Annotated[
    StrictInt,
    Field(ge=1, le=MAX_VERSION),
    Explained("a version is a whole number from 1", "send the number in digits, without quotation marks or a point"),
]
VersionText = Annotated[VersionNumber, FROM_TEXT]
"""A version's number in a query."""


def is_reference(text: str) -> bool:
    """Return whether a text may be a reference: no tab, no NUL, nothing that turns the direction of writing."""
    return len(text) <= MAX_REFERENCE_LENGTH and text.isprintable()


def _reference(value: object) -> object:
    if isinstance(value, str) and not is_reference(value):
        raise ValueError
    return value


Reference = Annotated[
    str,
    Field(max_length=MAX_REFERENCE_LENGTH, description="Returned unchanged; never stored."),
    BeforeValidator(_reference),
    Explained("a reference is a short text", f"send up to {MAX_REFERENCE_LENGTH} printable characters", private=True),
]


def _one_line(value: str) -> str:
    if not value.replace("\n", " ").isprintable():
        raise ValueError
    return value


Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_REASON_LENGTH),
    AfterValidator(_one_line),
    Explained("a reason is a text", f"send 1 to {MAX_REASON_LENGTH} printable characters"),
]
"""Why something is done, in the doer's words; it is stored for ever and shown."""


class FromText:
    """Annotate a model that may also be sent as text alone: `"york"` for `{"profile": "york"}`.

    The document shows the object, for which generated clients have a class of its own; the field's description says
    that a text will do.
    """

    def __init__(self, field: str) -> None:
        self.field = field

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(self._as_object, handler(source))

    def _as_object(self, value: object) -> object:
        if isinstance(value, str):
            return {self.field: value}
        if isinstance(value, Mapping | BaseModel):
            return value
        raise invalid("this must be a text or an object", f"send the {self.field} as a text, or in an object")


class OneOrMany:
    """Annotate a list whose only item may also be sent by itself. The document shows the list."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(
            lambda value: value if isinstance(value, list) else [value], handler(source)
        )
