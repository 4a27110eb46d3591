"""The Power Platform connector is valid OpenAPI 2.0, and all of it is fit for a maker of flows to read."""

from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV2SpecValidator

from tests.house.files import ROOT
from tests.published.walking import committed, operations, walk
from tools.openapi.connector import OPERATIONS, pascal, sentence, titled

CONNECTOR = committed("power-platform.json")
SOURCE = operations(committed("openapi.json"))


def fields() -> Iterator[Any]:
    """Every parameter and every property, with its path."""
    for path, part in walk({"paths": CONNECTOR["paths"], "definitions": CONNECTOR["definitions"]}):
        if (
            isinstance(part, dict)
            and path.split("/")[-2:-1] in (["parameters"], ["properties"])
            and "x-ms-dynamic" not in path
        ):
            yield path, part


def test_it_is_valid_openapi_2_0_and_under_a_megabyte() -> None:
    assert CONNECTOR["swagger"] == "2.0"
    assert [error.message for error in OpenAPIV2SpecValidator(CONNECTOR).iter_errors()] == []
    assert (ROOT / "openapi" / "power-platform.json").stat().st_size < 1_000_000


def test_it_has_no_shape_that_designers_cannot_read() -> None:
    for path, part in walk(CONNECTOR):
        assert part is not None, path
        if isinstance(part, dict) and not path.endswith("/properties"):
            assert not {"anyOf", "oneOf", "allOf", "nullable", "const", "examples"} & part.keys(), path
            assert part.get("type") != "null", path


def test_every_field_has_a_title_a_sentence_and_a_place() -> None:
    seen = 0
    for path, part in fields():
        seen += 1
        assert part["x-ms-summary"][0].isupper() or part["x-ms-summary"][0].isdigit(), path
        assert not part["x-ms-summary"].endswith("."), path
        assert len(part["x-ms-summary"]) <= 80, path
        assert part["description"].endswith((".", "!", "?")), path
        assert part["x-ms-visibility"] in {"important", "advanced", "internal"}, path
    assert seen > 200


def test_what_is_required_is_shown_first_and_everything_else_has_a_type() -> None:
    for path, part in fields():
        if part.get("required") is True:
            assert part["x-ms-visibility"] == "important", path
        assert part.get("in") == "body" or "type" in part, path


def test_each_operation_answers_in_one_shape() -> None:
    found = operations(CONNECTOR)
    assert found.keys() == {pascal(name) for name in OPERATIONS}
    for name, operation in found.items():
        shaped = [code for code, response in operation["responses"].items() if "schema" in response]
        assert shaped == ["200"], name
        assert operation["summary"], name
        assert operation["description"].endswith("."), name
        assert operation["x-ms-visibility"] in {"important", "advanced"}, name


@pytest.mark.parametrize(
    ("path", "method", "name"),
    [
        ("/v1/due-dates", "get", "profile"),
        ("/v1/due-dates", "get", "event"),
        ("/v1/due-dates", "get", "duty"),
        ("/v1/due-dates", "get", "calendar"),
        ("/v1/working-days/add", "get", "calendar"),
        ("/v1/working-days/count", "get", "calendar"),
        ("/v1/working-days/check", "get", "calendar"),
    ],
)
def test_a_parameter_is_chosen_from_a_list(path: str, method: str, name: str) -> None:
    (parameter,) = [item for item in CONNECTOR["paths"][path][method]["parameters"] if item["name"] == name]
    assert_list(parameter)


@pytest.mark.parametrize(
    ("definition", "inner"),
    [
        ("CalculationRequest", ("profile",)),
        ("CalculationRequest", ("calendar",)),
        ("CalculationRequest", ("event", "type")),
        ("DueDateRequest", ("profile",)),
        ("DueDateRequest", ("event",)),
        ("DueDateRequest", ("duty",)),
        ("DueDateRequest", ("calendar",)),
    ],
)
def test_a_property_of_a_request_is_chosen_from_a_list(definition: str, inner: tuple[str, ...]) -> None:
    part = CONNECTOR["definitions"][definition]
    for name in inner:
        part = part["properties"][name]
    assert_list(part)


def assert_list(field: dict[str, Any]) -> None:
    """The list operation is there, and its answer has the collection and the fields that the choice is made of."""
    values = field["x-ms-dynamic-values"]
    operation = operations(CONNECTOR)[values["operationId"]]
    answer = operation["responses"]["200"]["schema"]["$ref"].removeprefix("#/definitions/")
    collection = CONNECTOR["definitions"][answer]["properties"][values["value-collection"]]
    entry = CONNECTOR["definitions"][collection["items"]["$ref"].removeprefix("#/definitions/")]
    assert {values["value-path"], values["value-title"]} <= entry["properties"].keys()
    known = {parameter["name"] for parameter in operation["parameters"]}
    assert values["parameters"].keys() <= known
    newer = field["x-ms-dynamic-list"]
    assert (newer["operationId"], newer["itemsPath"], newer["itemValuePath"], newer["itemTitlePath"]) == tuple(
        values[key] for key in ("operationId", "value-collection", "value-path", "value-title")
    )


def test_a_key_is_the_one_way_to_sign_in() -> None:
    assert next(iter(CONNECTOR["securityDefinitions"])) == "api_key"
    assert CONNECTOR["securityDefinitions"]["api_key"]["name"] == "X-API-Key"
    assert CONNECTOR["security"] == [{"api_key": []}]
    assert list(CONNECTOR["securityDefinitions"]) == ["api_key"]


def test_every_fact_is_a_typed_field_of_the_flat_calls() -> None:
    facts = {item["name"]: item for item in CONNECTOR["paths"]["/v1/due-dates"]["get"]["parameters"]}
    assert facts["section_47_initiated"]["type"] == "boolean"
    assert "foster" in facts["placement_type"]["enum"]
    # Dates about a child are sent in a body only: addresses are written to logs.
    assert "child_date_of_birth" not in facts


@pytest.mark.parametrize("definition", ["DueDateRequest", "CalculationRequest"])
def test_a_request_asks_for_just_the_facts_that_matter_to_its_event(definition: str) -> None:
    properties = CONNECTOR["definitions"][definition]["properties"]
    assert "section_47_initiated" not in properties
    form = properties["facts"]["x-ms-dynamic-properties"]
    operation = operations(CONNECTOR)[form["operationId"]]
    assert form["parameters"].keys() <= {parameter["name"] for parameter in operation["parameters"]}
    for place in form["parameters"].values():
        part: Any = CONNECTOR["definitions"][definition]
        for name in place["parameterReference"].removeprefix("body/").split("/"):
            part = part["properties"][name]
        assert part["type"] == "string"


def test_it_offers_nothing_that_the_service_does_not() -> None:
    assert OPERATIONS.keys() <= SOURCE.keys()
    for name in OPERATIONS:
        offered = {item["name"] for item in operations(CONNECTOR)[pascal(name)]["parameters"]} - {"body"}
        assert offered <= {item["name"] for item in SOURCE[name].get("parameters", [])}, name


def test_titles_and_sentences() -> None:
    assert titled("last_working_day") == "Last working day"
    assert titled("icpc_likely") == "ICPC likely"
    assert titled("at") == "When"
    assert pascal("get_due_date") == "GetDueDate"
    assert sentence("negative counts back") == "Negative counts back."
    assert sentence("Why  not?") == "Why not?"
