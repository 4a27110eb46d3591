"""Describe the fields of the published document that do not describe themselves, from `glossary.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

Json = dict[str, Any]
TYPES: dict[type, str] = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array"}


@cache
def glossary() -> dict[str, list[Any]]:
    """Return the description of each name, followed by an example where there is one."""
    file = resources.files(__package__).joinpath("glossary.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def describe_fields(schemas: Json) -> None:
    """Give each property without a description the glossary's, and its example where it is of the property's type."""
    words = glossary()
    for shape, schema in schemas.items():
        for name, field in schema.get("properties", {}).items():
            if (entry := words.get(f"{shape}.{name}") or words.get(name)) is None:
                continue
            field.setdefault("description", entry[0])
            if len(entry) > 1 and not {"example", "examples", "default"} & field.keys() and _fits(field, entry[1]):
                field["examples"] = [entry[1]]


def _fits(field: Json, value: object) -> bool:
    """Return True if an example may be what the field holds: of its simple type, and a date only where one is meant."""
    options = [field, *field.get("anyOf", [])]
    kind = TYPES[type(value)]
    for option in options:
        named = option.get("type")
        if kind in ([named] if isinstance(named, str) else named or []):
            items = option.get("items", {})
            if kind == "array" and value and items.get("type") != "string":
                return False
            date_like = option.get("format") in {"date", "date-time"}
            return not date_like or (option["format"] == "date-time") == ("T" in str(value))
    return False
