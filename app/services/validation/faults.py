"""Collect the faults of a request, and turn Pydantic's errors into them: path, message, remedy, nearest names."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any, cast, get_args

from pydantic import BaseModel, ValidationError
from typing_extensions import is_typeddict

from app.documents.reader import MAX_MEANING_SEARCHES, MAX_NEAREST_SEARCHES
from app.services.problems import (
    MAX_FAULTS,
    MAX_LISTED_NAMES,
    Fault,
    Problem,
    nearest_names,
    redact_for_display,
    summarise,
    unknown_name,
)

Location = tuple[str | int, ...]


class Faults:
    """Collect the faults of one request, to be raised together."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self.collected: list[Fault] = [*faults]
        self.kind = "invalid-request"

    def add(self, path: str, message: str, remedy: str, value: object = None, near: tuple[str, ...] = ()) -> None:
        """Add a fault; `value` is repeated to the caller, so it must not be a fact about a child."""
        self.collected.append(Fault(path, message, remedy, None if value is None else redact_for_display(value), near))

    def unknown(self, path: str, what: str, name: object, names: Collection[str]) -> None:
        """Add a fault about a name that does not exist, with the nearest names that do.

        None after more than a problem lists: a body may have 90,000 of them.
        """
        if len(self.collected) > MAX_FAULTS:
            return
        near: tuple[str, ...] = ()
        if len(self.collected) < MAX_NEAREST_SEARCHES:
            near = nearest_names(name, names, what if len(self.collected) < MAX_MEANING_SEARCHES else "")
        self.collected.append(unknown_name(path, what, name, names, near))

    def merge(self, other: Faults, rename: Callable[[str], str] = str) -> None:
        """Add other faults at places where there is none yet; `rename` gives the path of each here."""
        if not self.collected:
            self.kind = other.kind
        places = {fault.path for fault in self.collected}
        for fault in other.collected:
            path = rename(fault.path)
            if path not in places:
                places.add(path)
                self.collected.append(replace(fault, path=path))

    def raise_any(self) -> None:
        """Raise Problem with every fault collected, if there is one."""
        if self.collected:
            raise self.problem()

    def problem(self) -> Problem:
        """Return the problem that lists the faults."""
        return Problem(self.kind, summarise(self.collected), self.collected[:MAX_FAULTS])


def join(path: str, name: str) -> str:
    """Return a field's path below another's: `join("event", "type")` is `event.type`."""
    return f"{path}.{name}" if path else name


class Repeated:
    """Stand for a query parameter, or a part of a form, that was sent more than once; no type accepts it."""


QUOTED = re.compile(r"'([^']*)'")
"""One of the values that Pydantic names as allowed."""
Wording = Callable[[dict[str, Any]], tuple[str, str]]
_NUMBER: Wording = lambda _: ("this must be a whole number", "send digits alone")  # noqa: E731 - one of a table
_OBJECT: Wording = lambda _: ("this must be a JSON object", "send an object")  # noqa: E731 - one of a table
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
"""What is wrong and how to fix it, by Pydantic's type of error; each gets the error's context."""


def faults_of(
    errors: ValidationError | Sequence[Any], model: Any, path: str = "", whole: str = "(body)"
) -> list[Fault]:
    """Turn Pydantic's errors into faults: path, message, remedy, and the nearest names of an unknown field.

    `model` is what was validated against, `path` is put in front, `whole` names the request itself.
    """
    details = errors.errors(include_url=False) if isinstance(errors, ValidationError) else errors
    # One more than a problem lists, so that its detail can say that there are more.
    return [
        _fault(item, model, path, whole, search=place < MAX_NEAREST_SEARCHES)
        for place, item in enumerate(details[: MAX_FAULTS + 1])
    ]


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
    kind, context = error["type"], error.get("ctx", {})
    name = str(location[-1]) if location else ""
    # An unknown field has a name of the caller's, which may look like a tag.
    unknown = kind == "extra_forbidden"
    where = (join(path_of(location[:-1], path), name[:100]) if unknown else path_of(location, path)) or whole
    if isinstance(error.get("input"), Repeated):
        return Fault(where, "this is sent twice", "send it once")
    if kind == "missing":
        return Fault(where, "this field is missing", f"add {name}" if name else "send a body")
    if unknown:
        belongs = _where_it_belongs(model, location[:-1], name)
        if belongs is not None:
            remedy = f"move it into {belongs}"
            return Fault(where, f"this belongs in {belongs} and stands outside it", remedy, redact_for_display(name))
        return _unknown_field(where, name, _names_at(model, location[:-1]), search=search)
    message, remedy = WORDINGS[kind](context) if kind in WORDINGS else (error["msg"], "see the OpenAPI document")
    choices = context.get("choices") or QUOTED.findall(context.get("expected", ""))
    names = _names_at(model, location) if WORDINGS.get(kind) is _OBJECT else []
    if names:
        remedy = f"send an object with {', '.join(names)}"
    private = not location or context.get("private", False) or error.get("input") is None
    value = None if private else redact_for_display(error["input"])
    return Fault(where, message, remedy, value, nearest_choices(error.get("input"), choices) if search else ())


def nearest_choices(value: object, choices: Collection[str]) -> tuple[str, ...]:
    """Return the choices near a text that is none of them, also where the text itself is private."""
    return nearest_names(value, choices) if choices and isinstance(value, str) else ()


def _unknown_field(where: str, name: str, names: list[str], *, search: bool) -> Fault:
    near = nearest_names(name, names) if search else ()
    listed = near or (names if len(names) <= MAX_LISTED_NAMES else ())
    if not names:
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


def _where_it_belongs(model: Any, location: Location, name: str) -> str | None:
    """Return the path of the object of facts that a fact was put outside of; None for what is no fact there.

    A fact that stands within an event, or next to `profile`, is a field of the nearest `facts`.
    """
    for depth in range(len(location), -1, -1):
        for each in _models_at(model, location[:depth]):
            for key, field in each.model_fields.items():
                if name in _documented_members(field.annotation):
                    return path_of((*location[:depth], _name(each, key)))
    return None


def _documented_members(annotation: Any) -> Collection[str]:
    """Return the members of an object whose members are documented one by one, such as the facts; none of any other."""
    if is_typeddict(annotation):
        return cast(Collection[str], annotation.__annotations__)
    members_of = (_documented_members(inner) for inner in get_args(annotation) if not isinstance(inner, str))
    return next((members for members in members_of if members), ())


def _names_at(model: Any, location: Location) -> list[str]:
    """Return the names of the fields at a place in a request."""
    return sorted({_name(each, key) for each in _models_at(model, location) for key in each.model_fields})


def _models_at(model: Any, location: Location) -> list[type[BaseModel]]:
    models = models_in(model)
    for part in location:
        if isinstance(part, str) and not part.startswith("<"):
            fields = [
                each.model_fields[key] for each in models for key in each.model_fields if _name(each, key) == part
            ]
            models = [inner for field in fields for inner in models_in(field.annotation)]
    return models


def _name(model: type[BaseModel], key: str) -> str:
    return model.model_fields[key].alias or key
