"""What the low-code page sends is answered as the page says, and its fields are those of the service."""

import json
import re

import pytest
from fastapi.testclient import TestClient

from tests.docs.blocks import Block, blocks
from tests.house.files import ROOT
from tests.published.walking import committed, operations

PAGE = ROOT / "docs" / "low-code.md"
FENCED = [block for block in blocks(PAGE) if block.language in {"http", "json"}]
CALLS = [(FENCED[index], FENCED[index + 1]) for index in range(0, len(FENCED), 2)]
CONNECTOR = committed("power-platform.json")


@pytest.mark.parametrize(("asked", "wanted"), CALLS, ids=[asked.text.split("?")[0].strip() for asked, _ in CALLS])
def test_a_call_is_answered_as_shown(client: TestClient, asked: Block, wanted: Block) -> None:
    assert (asked.language, wanted.language) == ("http", "json")
    line, _, body = asked.text.partition("\n")
    method, address = line.split(" ", 1)
    sent = json.loads(body) if body.strip() else None
    answer = client.request(method, address, json=sent)
    assert answer.status_code == 200, answer.text
    shown = json.loads(wanted.text)
    assert {key: answer.json()[key] for key in shown} == shown


def test_the_command_is_copied_as_it_stands(client: TestClient) -> None:
    (block,) = [item for item in blocks(PAGE) if item.language == "console"]
    address = re.search(r"'https://deadlines\.example\.org(/[^']+)'", block.text)
    assert address is not None
    assert client.get(address[1]).json()["due_date"] == "2026-01-13"


def test_a_date_of_birth_is_refused_in_an_address(client: TestClient) -> None:
    asked = next(json.loads(body) for asked, _ in CALLS if (body := asked.text.partition("\n")[2].strip()))
    refused = client.get("/v1/due-dates", params=asked)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["path"] == "child_date_of_birth"


def test_the_names_on_the_page_are_those_of_the_connector() -> None:
    text = PAGE.read_text(encoding="utf-8")
    found = operations(CONNECTOR)
    for name in ("GetDueDate", "PostDueDate"):
        assert f"**{found[name]['summary']}**" in text
    assert "**CheckWorkingDay**" in text
    assert "CheckWorkingDay" in found
    titles = {item["x-ms-summary"] for item in found["GetDueDate"]["parameters"]}
    table = text.split("### In a flow", 1)[1].split("###", 1)[0]
    for title in ("Profile", "Event", "When", "Duty"):
        assert f"| {title} |" in table
        assert title in titles
    key = CONNECTOR["securityDefinitions"]["api_key"]
    assert f"**Parameter name** `{key['name']}`" in text


def test_every_recipe_tells_a_date_that_may_come_earlier_from_one_that_may_not() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for recipe in ("### In a flow", "## n8n", "## Zapier"):
        part = re.split(r"\n##+ ", text.split(recipe, 1)[1], maxsplit=1)[0]
        assert "`due`" in part, recipe
        assert "`due_unless`" in part, recipe
