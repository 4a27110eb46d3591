"""The OpenAPI document: what FastAPI finds of the routes, with the requests and the vocabulary put in."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from app import __version__
from app.api.routers import cases
from app.api.schemas.calculation import CalculationRequest
from app.api.schemas.common import ProblemDetails
from app.engine.facts import FactSpec
from app.profiles.vocabulary import shared_vocabulary
from app.services.calculation.flat import FIELDS, NUMBERS, PERSONAL

REFS = "#/components/schemas/{model}"
DESCRIPTION = """What is due, when, by whom, and from which paragraph: English children's social care practice standards
as versioned, cited data.

Send an event under a profile to `POST /v1/calculations`. Refusals are `application/problem+json` and list every fault
at once. Clients should expect new fields and new values of enumerations.
"""
DATES = ("date", "date-time")
METHODS = ("get", "post", "put", "delete", "patch")


def fact_schema(spec: FactSpec) -> dict[str, Any]:
    """One fact as a JSON Schema property."""
    schema: dict[str, Any] = {"bool": {"type": "boolean"}, "int": {"type": "integer"}}.get(
        spec.type, {"type": "string"}
    )
    schema = {**schema, "description": spec.definition}
    if spec.type == "date":
        schema["format"] = "date"
    if spec.type == "choice":
        schema["enum"] = list(spec.values)
    if spec.type == "int":
        schema["minimum"] = spec.minimum or 0
        schema["maximum"] = spec.maximum if spec.maximum is not None else 1_000_000
    return schema


def build(app: FastAPI) -> dict[str, Any]:
    """The whole document, the same at every call."""
    document = get_openapi(
        title="Practice Deadlines",
        version=__version__,
        description=DESCRIPTION,
        routes=app.routes,
        license_info={"name": "MIT", "identifier": "MIT"},
        summary="Due dates of children's social care practice standards in England.",
    )
    components = document.setdefault("components", {})
    schemas: dict[str, Any] = components.setdefault("schemas", {})
    for mode in ("serialization", "validation"):
        models = [
            (model, mode)
            for model in ((CalculationRequest, *cases.MODELS) if mode == "validation" else (ProblemDetails,))
        ]
        _, found = models_json_schema(models, ref_template=REFS)  # type: ignore[arg-type]  # mode is one of two literals
        schemas.update(found["$defs"])
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    facts = {key: fact_schema(spec) for key, spec in sorted(shared_vocabulary().facts.items())}
    sent = {key: _or_absent(schema) for key, schema in facts.items()}
    schemas["Facts"]["properties"] = sent
    schemas["DueDateRequest"] = due_date_request(sent)
    for path in document["paths"].values():
        for method in METHODS:
            if method in path:
                _operation(path[method], facts)
    _as_requests_are_read(document)
    components["securitySchemes"] = {
        "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "An API key."},
        "Bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key, or a token of the configured issuer.",
        },
        "Basic": {"type": "http", "scheme": "basic", "description": "An API key as the password; any user name."},
    }
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    return document


def _as_requests_are_read(document: dict[str, Any]) -> None:
    """Say of requests what is true of them all: an empty text is an absent value, and a batch takes whatever comes."""
    schemas = document["components"]["schemas"]
    bodies = [
        content["schema"]
        for path in document["paths"].values()
        for operation in path.values()
        for content in operation.get("requestBody", {}).get("content", {}).values()
    ]
    seen: set[str] = set()
    while bodies:
        schema = bodies.pop()
        if not isinstance(schema, dict):
            continue
        name = str(schema.get("$ref", "")).removeprefix("#/components/schemas/")
        if name in schemas and name not in seen:
            seen.add(name)
            bodies.append(schemas[name])
        for key, inner in schema.get("properties", {}).items():
            schema["properties"][key] = _or_empty(inner)
        for key in ("properties", "$defs"):
            bodies.extend(schema.get(key, {}).values())
        for key in ("anyOf", "oneOf", "allOf"):
            bodies.extend(schema.get(key, []))
        bodies.extend(schema[key] for key in ("items", "additionalProperties") if key in schema)
    items = schemas["BatchRequest"]["properties"]["items"]
    items["items"] = {"anyOf": [items["items"], {}], "description": "What is no request is answered by a problem."}


def _or_absent(schema: dict[str, Any]) -> dict[str, Any]:
    """A fact, or null or an empty text, which say that it is not known."""
    described = {key: schema[key] for key in ("description",) if key in schema}
    inner = {key: value for key, value in schema.items() if key not in described}
    return {**described, "anyOf": [inner, {"type": "string", "maxLength": 0}, {"type": "null"}]}


def _or_empty(schema: dict[str, Any]) -> dict[str, Any]:
    """A date or a time, or an empty text; low-code tools send that where nothing was filled in."""
    empty = {"type": "string", "maxLength": 0}
    if schema.get("format") in DATES:
        inner = {key: schema[key] for key in ("type", "format") if key in schema}
        return {**{key: value for key, value in schema.items() if key not in inner}, "anyOf": [inner, empty]}
    if any(isinstance(each, dict) and each.get("format") in DATES for each in schema.get("anyOf", [])):
        return {**schema, "anyOf": [*schema["anyOf"], empty]}
    return schema


def due_date_request(facts: dict[str, Any]) -> dict[str, Any]:
    """The flat request: the fixed fields and every fact side by side."""
    texts = {
        "profile": "A key from /v1/profiles.",
        "event": "A code from /v1/event-types.",
        "at": "When it happened: a date, an instant or a London date-time.",
        "duty": "A key from /v1/duties.",
        "calendar": "Absent: the profile's own.",
        "profile_version": "Absent: the version in force on the event's date.",
        "calendar_version": "Absent: the latest.",
    }
    fixed: dict[str, Any] = {
        name: {
            **({"type": "integer", "minimum": 1} if name in NUMBERS else {"type": "string"}),
            "description": texts[name],
        }
        for name in FIELDS
    }
    return {
        "type": "object",
        "title": "DueDateRequest",
        "description": "One flat object: the fields and any facts.",
        "properties": {**fixed, **facts},
        "required": ["profile", "event", "at", "duty"],
        "additionalProperties": False,
    }


def _operation(operation: dict[str, Any], facts: dict[str, Any]) -> None:
    stray = operation["responses"].get("422", {}).get("content", {}).get("application/json")
    if stray is not None and "HTTPValidationError" in str(stray):
        operation["responses"]["422"] = {
            "description": "The request cannot be understood as it stands.",
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
        }
    for status in ("304",):
        operation["responses"].get(status, {}).pop("content", None)
    if operation.pop("x-flat-parameters", False):
        request = due_date_request(facts)
        operation["parameters"] = [
            {
                "name": name,
                "in": "query",
                "required": name in request["required"],
                "description": schema.get("description", name.replace("_", " ")),
                "schema": {key: value for key, value in schema.items() if key != "description"},
            }
            for name, schema in request["properties"].items()
            if name not in PERSONAL
        ]
    # Absent, empty and null parameters are told apart by the service, with a remedy for each.
    for parameter in operation.get("parameters", []):
        parameter["schema"].pop("title", None)
        _plain(parameter)


def _plain(parameter: dict[str, Any]) -> None:
    """A parameter as it is sent: never null, of the type that its text stands for, and required where it is."""
    schema: dict[str, Any] = parameter["schema"]
    if schema.pop("x-required", False):
        parameter["required"] = True
    variants = schema.get("anyOf", [])
    if {"type": "null"} in variants and len(variants) == 2:
        rest = {key: value for key, value in schema.items() if key != "anyOf"}
        parameter["schema"] = {**next(item for item in variants if item != {"type": "null"}), **rest}
