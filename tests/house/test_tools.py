"""What an assistant's tools take is what the published requests take, and all of it fits in a small context."""

import json
from typing import Any

import pytest

from app.mcp.tools import INCLUDE, TOOLS, Tool

MAX_LIST_BYTES = 8 * 1024
EVERY = pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
# What is shown of an answer is no part of the request.
OWN = {("timeline", INCLUDE)}


def differences(tool: str, taken: dict[str, Any], published: dict[str, Any], within: dict[str, Any]) -> list[str]:
    """List the properties of a tool that the published request has not, or has with another type."""
    found = []
    for name, schema in taken.get("properties", {}).items():
        if (tool, name) in OWN:
            continue
        if name not in published["properties"]:
            found.append(f"{name} is not published")
            continue
        theirs, ours = published["properties"][name], schema
        if "items" in ours:
            theirs, ours = theirs["items"], ours["items"]
        theirs = within[theirs["$ref"].rpartition("/")[2]] if "$ref" in theirs else theirs
        if theirs.get("type") != ours["type"] or theirs.get("enum") != ours.get("enum"):
            found.append(f"{name} has another type")
        if "properties" in ours:
            found += [f"{name}.{each}" for each in differences(tool, ours, theirs, within)]
    return found


@EVERY
def test_every_property_of_a_tool_is_one_of_the_published_request(tool: Tool) -> None:
    published = tool.request.model_json_schema()
    schema = tool.input_schema()
    assert differences(tool.name, schema, {"properties": {}, **published}, published.get("$defs", {})) == []
    assert set(published.get("required", ())) <= set(schema.get("required", ()))


def test_a_property_that_is_not_published_is_recognised() -> None:
    tool = TOOLS[3]
    published = tool.request.model_json_schema()
    wrong = {"properties": {"profiel": {"type": "string"}, "until": {"type": "integer"}}}
    assert differences(tool.name, wrong, published, published["$defs"]) == [
        "profiel is not published",
        "until has another type",
    ]


@EVERY
def test_facts_are_an_open_object(tool: Tool) -> None:
    facts = tool.input_schema()["properties"].get("facts")
    assert facts is None or (facts["type"] == "object" and "properties" not in facts)


def test_the_descriptions_name_no_address_that_an_assistant_cannot_open() -> None:
    assert not [tool.name for tool in TOOLS if "/v1/" in json.dumps(tool.input_schema()) + tool.description]


def test_the_whole_list_of_tools_is_small() -> None:
    listed = [[tool.name, tool.title, tool.description, tool.input_schema()] for tool in TOOLS]
    assert len(json.dumps(listed)) < MAX_LIST_BYTES - 1024  # the protocol's own members take the rest
