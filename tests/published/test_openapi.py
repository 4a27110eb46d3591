"""The OpenAPI documents are what they say they are, and what 3.0 says is what 3.1 says."""

from typing import Any

import pytest
from jsonschema import Draft4Validator, Draft202012Validator
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator
from referencing import Registry
from referencing.jsonschema import DRAFT4, DRAFT202012

from tests.published.walking import committed, operations, walk
from tools.openapi import openapi30

NEW = committed("openapi.json")
OLD = committed("openapi-3.0.json")
# Keywords of JSON Schema that 3.0 does not have.
FOREIGN = {"const", "$defs", "$schema", "prefixItems", "patternProperties", "propertyNames", "contentMediaType", "if"}


def test_the_document_is_valid_openapi_3_1() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(NEW).iter_errors()] == []


def test_the_document_is_valid_openapi_3_0() -> None:
    assert OLD["openapi"].startswith("3.0.")
    assert [error.message for error in OpenAPIV30SpecValidator(OLD).iter_errors()] == []


def test_the_3_0_document_has_no_null_type_and_no_newer_keyword() -> None:
    schemas = OLD["components"]["schemas"]
    for path, part in walk(schemas):
        if not isinstance(part, dict) or path.endswith("/properties"):
            continue
        kind = part.get("type")
        assert kind is None or isinstance(kind, str | dict), path
        assert kind != "null", path
        assert not FOREIGN & part.keys(), path
        assert "$ref" not in part or len(part) == 1, path
        assert not isinstance(part.get("examples"), list), path


def test_both_documents_offer_the_same_operations_with_the_same_parameters() -> None:
    before, after = operations(NEW), operations(OLD)
    assert list(before) == list(after)
    for name, operation in before.items():
        assert [item["name"] for item in operation.get("parameters", [])] == [
            item["name"] for item in after[name].get("parameters", [])
        ]
        assert operation["responses"].keys() == after[name]["responses"].keys()


def test_every_operation_says_what_it_does_under_an_id_that_reads_well() -> None:
    for name, operation in operations(NEW).items():
        assert name == name.lower(), name
        assert name.replace("_", "").isalpha(), name
        assert operation["summary"], name
        assert operation["description"], name
        assert operation["tags"], name


VALUES = [
    (
        "Explanation",
        {"day_zero": "2026-01-01", "counted_in": "days", "steps": [], "landed_on": "2026-01-02", "conditions": []},
    ),
    ("Alternative", {"reading": "calendar days", "due_date": None, "due_at": None, "section": None}),
    ("Alternative", {"reading": 3, "due_date": None, "due_at": None, "section": None}),
    ("Alternative", {"reading": None, "due_date": None, "due_at": None, "section": None}),
    ("Step", {"date": "2026-01-01", "counted": None, "note": ""}),
    ("Step", {"date": "2026-01-01", "counted": "one", "note": ""}),
    ("ProblemFault", {"path": "(body)", "message": "", "remedy": "", "value": None, "nearest": []}),
    ("ProblemFault", {"path": "(body)", "message": "", "remedy": "", "value": {}, "nearest": []}),
]


@pytest.mark.parametrize(("name", "value"), VALUES)
def test_a_schema_takes_the_same_values_in_both_documents(name: str, value: dict[str, Any]) -> None:
    """Read as JSON Schema, `nullable` being put back as the null that it stands for."""
    new = Draft202012Validator(
        {"$ref": f"urn:new#/components/schemas/{name}"},
        registry=Registry().with_resource("urn:new", DRAFT202012.create_resource(NEW)),
    )
    old = Draft4Validator(
        {"$ref": f"urn:old#/components/schemas/{name}"},
        registry=Registry().with_resource("urn:old", DRAFT4.create_resource(_with_nulls(OLD))),
    )
    assert new.is_valid(value) == old.is_valid(value)
    assert not new.is_valid({})


def _with_nulls(part: Any) -> Any:
    if isinstance(part, list):
        return [_with_nulls(item) for item in part]
    if not isinstance(part, dict):
        return part
    found = {key: _with_nulls(item) for key, item in part.items() if key != "nullable"}
    return {"anyOf": [found, {"type": "null"}]} if part.get("nullable") is True else found


B = {"$ref": "#/components/schemas/B"}
STRING, INTEGER, NULL = ({"type": name} for name in ("string", "integer", "null"))


def document(**schemas: Any) -> dict[str, Any]:
    return {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {}, "components": {"schemas": schemas}}


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
        ({"type": ["string", "integer"]}, {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        ({"anyOf": [STRING, NULL], "title": "T"}, {"type": "string", "title": "T", "nullable": True}),
        (
            {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
            {
                "anyOf": [{"type": "string", "nullable": True}, {"type": "integer", "nullable": True}],
                "nullable": True,
            },
        ),
        ({**B, "description": "d"}, {"description": "d", "allOf": [B]}),
        ({"anyOf": [B, {"type": "null"}]}, {"allOf": [B], "nullable": True}),
        ({"const": 1, "examples": [1, 2]}, {"enum": [1], "example": 1}),
        ({"type": "integer", "exclusiveMinimum": 3}, {"type": "integer", "minimum": 3, "exclusiveMinimum": True}),
        ({"properties": {"const": {"const": "x"}}}, {"properties": {"const": {"enum": ["x"]}}}),
        ({"type": "null"}, {"nullable": True, "enum": [None]}),
        ({"type": "object", "additionalProperties": True}, {"type": "object", "additionalProperties": True}),
    ],
)
def test_each_newer_way_of_saying_it_is_said_in_the_older_way(new: dict[str, Any], old: dict[str, Any]) -> None:
    source = document(A=new, B={"type": "object", "properties": {"x": {"type": ["integer", "null"]}}})
    before = str(source)
    found = openapi30.convert(source)
    assert found["components"]["schemas"]["A"] == old
    assert str(source) == before
