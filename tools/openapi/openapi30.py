"""OpenAPI 3.1 to 3.0: for tools that lag behind."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

Json = dict[str, Any]

VERSION = "3.0.3"
NULL = {"type": "null"}
PREFIX = "#/components/schemas/"
DROPPED = frozenset(
    {
        *("$schema", "$id", "$comment"),
        *("patternProperties", "propertyNames", "unevaluatedProperties"),
        *("contentMediaType", "contentSchema"),
    }
)
NAMED = frozenset({"properties"})
SEVERAL = frozenset({"allOf", "anyOf", "oneOf"})
ONE = frozenset({"items", "not", "additionalProperties"})


def convert(document: Mapping[str, Any]) -> Json:
    """Return the same API as a true 3.0 document: no type null, no keyword that 3.0 does not have."""
    converted: Json = deepcopy(dict(document))
    converted["openapi"] = VERSION
    converted.pop("jsonSchemaDialect", None)
    converted.pop("webhooks", None)
    info = {key: value for key, value in converted["info"].items() if key != "summary"}
    if "license" in info:
        info["license"] = {key: value for key, value in info["license"].items() if key != "identifier"}
    converted["info"] = info
    components = converted.get("components", {})
    schemas: Json = components.get("schemas", {})
    dialect = _Dialect()
    if schemas:
        components["schemas"] = {name: dialect.schema(schema) for name, schema in schemas.items()}
    for path in converted["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict):
                _operation(operation, dialect)
    return converted


def _operation(operation: Json, dialect: _Dialect) -> None:
    # In 3.0 only OAuth schemes have scopes.
    for alternative in operation.get("security", []):
        for name in alternative:
            alternative[name] = []
    for parameter in operation.get("parameters", []):
        parameter["schema"] = dialect.schema(parameter["schema"])
    _content(operation.get("requestBody", {}), dialect)
    for response in operation["responses"].values():
        _content(response, dialect)
        for header in response.get("headers", {}).values():
            header["schema"] = dialect.schema(header["schema"])


def _content(holder: Json, dialect: _Dialect) -> None:
    for media in holder.get("content", {}).values():
        if "schema" in media:
            media["schema"] = dialect.schema(media["schema"])


class _Dialect:
    """Puts one schema after another into 3.0's terms."""

    def schema(self, schema: Any) -> Any:
        """Convert one schema; a boolean one stays as it is, where 3.0 allows it."""
        if not isinstance(schema, dict):
            return schema
        converted: Json = {}
        for key, value in schema.items():
            if key in DROPPED:
                continue
            if key in NAMED:
                converted[key] = {name: self.schema(part) for name, part in value.items()}
            elif key in SEVERAL:
                converted[key] = [part if part == NULL else self.schema(part) for part in value]
            elif key in ONE:
                converted[key] = self.schema(value)
            elif key == "examples":
                converted["example"] = value[0]
            elif key == "const":
                converted["enum"] = [value]
            else:
                converted[key] = value
        _bounds(converted)
        return self._reference(self._nullable(converted))

    def _nullable(self, schema: Json) -> Json:
        """Say `nullable` for whatever allowed null."""
        kind = schema.get("type")
        if isinstance(kind, list):
            types = [item for item in kind if item != "null"]
            rest = {key: value for key, value in schema.items() if key != "type"}
            typed = {"type": types[0]} if len(types) == 1 else {"anyOf": [{"type": item} for item in types]}
            return {**typed, **rest, **({"nullable": True} if "null" in kind else {})}
        if kind == "null":
            return {**{key: value for key, value in schema.items() if key != "type"}, "nullable": True, "enum": [None]}
        for key in ("anyOf", "oneOf"):
            if NULL not in schema.get(key, []):
                continue
            others = [part for part in schema[key] if part != NULL]
            rest = {name: value for name, value in schema.items() if name != key}
            if len(others) > 1:
                # Each part has to allow null, since `nullable` next to anyOf speaks of a type that is not there; the
                # generators of clients look for it there all the same.
                return {**rest, key: [{**part, "nullable": True} for part in others], "nullable": True}
            if "$ref" in others[0]:
                return {**rest, "allOf": others, "nullable": True}
            return {**others[0], **rest, "nullable": True}
        return schema

    @staticmethod
    def _reference(schema: Json) -> Json:
        if "$ref" not in schema or len(schema) == 1:
            return schema
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        return {**rest, "allOf": [*rest.get("allOf", []), {"$ref": schema["$ref"]}]}


def _bounds(schema: Json) -> None:
    for edge, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        value = schema.get(exclusive)
        if isinstance(value, int | float) and not isinstance(value, bool):
            schema[edge] = value
            schema[exclusive] = True
