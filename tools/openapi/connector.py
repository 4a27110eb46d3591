"""A Power Platform custom connector: OpenAPI 2.0 with the extensions that its designer reads.

Only what a maker of flows needs is in it. Every field has a title and a sentence, every list to choose from is filled
by a list operation, and each operation answers in one shape. Swagger 2.0 knows no null: a field that may be absent or
null is marked `x-nullable`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from tools.openapi import openapi30

Json = dict[str, Any]

IMPORTANT, ADVANCED = "important", "advanced"
# The operations offered, and how prominently; those that fill lists are there for the designer and the curious.
OPERATIONS = {
    "get_due_date": IMPORTANT,
    "post_due_date": IMPORTANT,
    "add_working_days": IMPORTANT,
    "count_working_days": IMPORTANT,
    "check_working_day": IMPORTANT,
    "calculate": IMPORTANT,
    "list_profiles": ADVANCED,
    "list_event_types": ADVANCED,
    "list_duties": ADVANCED,
    "list_facts": ADVANCED,
    "list_calendars": ADVANCED,
    "get_form": ADVANCED,
}
LISTS: Mapping[str, Json] = {
    "profile": {
        "operationId": "ListProfiles",
        "parameters": {},
        "value-collection": "profiles",
        "value-path": "key",
        "value-title": "name",
    },
    "event": {
        "operationId": "ListEventTypes",
        "parameters": {"profile": {"parameter": "profile"}},
        "value-collection": "event_types",
        "value-path": "type",
        "value-title": "title",
    },
    "duty": {
        "operationId": "ListDuties",
        "parameters": {"profile": {"parameter": "profile"}, "event": {"parameter": "event"}},
        "value-collection": "duties",
        "value-path": "duty",
        "value-title": "title",
    },
    "calendar": {
        "operationId": "ListCalendars",
        "parameters": {},
        "value-collection": "calendars",
        "value-path": "key",
        "value-title": "title",
    },
}
# The designer takes one way to sign in.
SECURITY: Json = {
    "api_key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "A key of this service."},
}
# Where the facts of a request stand in it, and where it says the event that they matter to.
FORMS: Mapping[str, Mapping[str, str]] = {
    "DueDateRequest": {"profile": "profile", "event": "event", "duty": "duty"},
    "CalculationRequest": {"profile": "profile", "event": "event/type"},
}
DEFINITIONS = "#/definitions/"
HOST = "deadlines.example.org"
UPPER = {"cin": "CIN", "cp": "CP", "cla": "CLA", "icpc": "ICPC", "rcpc": "RCPC", "id": "ID", "ehc": "EHC", "pep": "PEP"}
TITLES = {
    "$schema": "Dialect",
    "additionalProperties": "Further properties",
    "q": "Words",
    "at": "When",
    "type": "Code",
    "occurred_at": "When",
    "more": "Further obligations",
    "needs": "Facts needed",
}
DROPPED = frozenset({"nullable", "anyOf", "oneOf", "title", "example", "not"})


def convert(document: Mapping[str, Any], host: str = HOST) -> Json:
    """Return the connector definition of an OpenAPI 3.1 document. `host` is replaced by the maker's own on import."""
    source = openapi30.convert(document)
    schemas: Json = source["components"]["schemas"]
    paths: Json = {}
    for path, item in source["paths"].items():
        for method, operation in item.items():
            if operation["operationId"] in OPERATIONS:
                paths.setdefault(path, {})[method] = _operation(operation, schemas)
    info = source["info"]
    connector: Json = {
        "swagger": "2.0",
        "info": {
            "title": info["title"],
            "description": sentence(info["description"].split("\n\n")[0].replace("\n", " ")),
            "version": info["version"],
            **({"license": info["license"]} if "license" in info else {}),
        },
        "host": host,
        "basePath": "/",
        "schemes": ["https"],
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "paths": paths,
        "definitions": {},
        "securityDefinitions": deepcopy(SECURITY),
        "security": [{name: []} for name in SECURITY],
    }
    connector["definitions"] = dict(sorted(_reached(connector["paths"], schemas).items()))
    return connector


def _operation(operation: Json, schemas: Json) -> Json:
    parameters = [_parameter(item, schemas) for item in operation.get("parameters", []) if item["in"] != "header"]
    body = operation.get("requestBody")
    if body is not None:
        schema = body["content"]["application/json"]["schema"]
        parameters.append(
            {
                "name": "body",
                "in": "body",
                "required": True,
                "x-ms-summary": "Request",
                "description": "What is asked.",
                "x-ms-visibility": IMPORTANT,
                "schema": _schema(schema, schemas),
            }
        )
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
    text = operation.get("description") or operation["summary"]
    return {
        "operationId": pascal(operation["operationId"]),
        "summary": operation["summary"],
        "description": sentence(" ".join(text.split())),
        "x-ms-visibility": OPERATIONS[operation["operationId"]],
        "parameters": parameters,
        "responses": {
            "200": {"description": "The answer.", "schema": _schema(answer, schemas)},
            "default": {"description": "A refusal: the body is application/problem+json and names every fault."},
        },
    }


def _parameter(parameter: Json, schemas: Json) -> Json:
    name = parameter["name"]
    schema = _schema(parameter["schema"], schemas)
    fields = {key: value for key, value in schema.items() if key not in {"description", "x-nullable"}}
    return {
        "name": name,
        "in": parameter["in"],
        "required": parameter.get("required", False),
        **_describe(
            name, parameter.get("description") or schema.get("description"), required=parameter.get("required", False)
        ),
        **fields,
        **_choices(name, fields, ""),
    }


def _schema(schema: Json, schemas: Json, within: str | None = None) -> Json:
    """Return a schema in 2.0's terms; of several shapes that are allowed, the first.

    `within` is the path of a request's body that the schema describes, None in an answer.
    """
    if "$ref" in schema:
        return {"$ref": schema["$ref"].replace(openapi30.PREFIX, DEFINITIONS)}
    for key in ("anyOf", "oneOf"):
        if key in schema:
            rest = {part: value for part, value in schema.items() if part not in {key, "nullable"}}
            return _schema({**schema[key][0], **rest, "nullable": _nullable(schema)}, schemas, within)
    if len(schema.get("allOf", [])) == 1 and "$ref" in schema["allOf"][0]:
        return _schema(schema["allOf"][0], schemas, within)
    members = {key: value for key, value in schema.items() if key not in DROPPED and (key, value) != ("default", None)}
    if _nullable(schema):
        members["x-nullable"] = True
    if "items" in members:
        members["items"] = _schema(members["items"], schemas, within)
    if members.get("type") == "array" and "items" not in members:
        members["items"] = {"type": "object"}
    if isinstance(members.get("additionalProperties"), bool | dict):
        members.pop("additionalProperties")
    if "properties" in members:
        required = members.get("required", [])
        members["properties"] = {
            key: _property(key, part, schemas, within, required=key in required)
            for key, part in members["properties"].items()
        }
    members.setdefault("type", "object" if "properties" in members or not members.get("enum") else "string")
    return members


def _property(name: str, schema: Json, schemas: Json, within: str | None, *, required: bool) -> Json:
    """One property: titled and described. Nothing may stand next to a reference, so its schema is copied."""
    inner = f"{within}/{name}" if within is not None else None
    target = _schema(schema, schemas, inner)
    text = schema.get("description")
    if "$ref" in target:
        original = schemas[target["$ref"].removeprefix(DEFINITIONS)]
        text = text or original.get("description")
        target = _schema(original, schemas, inner)
    rest = {key: value for key, value in target.items() if key != "description"}
    chosen = {} if within is None else _choices("event" if inner == "body/event/type" else name, target, "body/")
    return {**rest, **_describe(name, text or target.get("description"), required=required), **chosen}


def _nullable(schema: Json) -> bool:
    return bool(schema.get("nullable")) or any(
        part.get("nullable") for key in ("anyOf", "oneOf") for part in schema.get(key, [])
    )


def _describe(name: str, text: str | None, *, required: bool) -> Json:
    title = titled(name)
    return {
        "x-ms-summary": title,
        "description": sentence(text) if text else f"The {title[:1].lower() + title[1:]}.",
        "x-ms-visibility": IMPORTANT if required else ADVANCED,
    }


def _choices(name: str, schema: Json, prefix: str) -> Json:
    """Return the list that fills a text field, in both of the forms that designers read."""
    if name not in LISTS or schema.get("type") != "string":
        return {}
    values = LISTS[name]
    return {
        "x-ms-dynamic-values": deepcopy(values),
        "x-ms-dynamic-list": {
            "operationId": values["operationId"],
            "parameters": {
                key: {"parameterReference": f"{prefix}{part['parameter']}"}
                for key, part in values["parameters"].items()
            },
            "itemsPath": values["value-collection"],
            "itemValuePath": values["value-path"],
            "itemTitlePath": values["value-title"],
        },
    }


def _reached(paths: Json, schemas: Json) -> Json:
    """Every definition that the paths refer to, and those that these refer to."""
    reached: Json = {}
    waiting = _names(paths)
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        reached[name] = _schema(schemas[name], schemas, "body" if name.endswith("Request") else None)
        if name in FORMS:
            _ask_for_facts(reached[name]["properties"], FORMS[name], schemas["Facts"]["properties"])
        waiting |= _names(reached[name]) - reached.keys()
    return reached


def _ask_for_facts(properties: Json, fields: Mapping[str, str], facts: Json) -> None:
    """Show just the facts that matter to the event chosen: a form that the service gives, not a hundred fields."""
    for name in facts:
        properties.pop(name, None)
    properties["facts"] = {
        "type": "object",
        **_describe("facts", properties["facts"]["description"], required=True),
        "x-ms-dynamic-schema": {
            "operationId": "GetForm",
            "parameters": {name: {"parameter": place.replace("/", ".")} for name, place in fields.items()},
        },
        "x-ms-dynamic-properties": {
            "operationId": "GetForm",
            "parameters": {name: {"parameterReference": f"body/{place}"} for name, place in fields.items()},
        },
    }


def _names(value: object) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"].removeprefix(DEFINITIONS)} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(_names(part) for part in value.values()))
    if isinstance(value, list):
        return set().union(*(_names(part) for part in value))
    return set()


def titled(name: str) -> str:
    """`last_working_day` as a field's title: Last working day."""
    if name in TITLES:
        return TITLES[name]
    words = [UPPER.get(word, word) for word in name.replace("-", "_").split("_")]
    return f"{words[0][:1].upper()}{words[0][1:]} {' '.join(words[1:])}".strip()


def pascal(name: str) -> str:
    """`get_due_date` as an operation's id: GetDueDate."""
    return "".join(word.title() for word in name.split("_"))


def sentence(text: str) -> str:
    """Return a description as the designer wants it: it starts with a capital and ends with a full stop."""
    line = re.sub(r"\s+", " ", text).strip()
    line = line[:1].upper() + line[1:]
    return line if line.endswith((".", "!", "?")) else f"{line}."
