"""What the document prints as an example works as it is printed, for every operation that a visitor may try."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.published.walking import committed

OPERATIONS: list[tuple[str, str, dict[str, Any]]] = sorted(
    (
        (path, method, operation)
        for path, item in committed("openapi.json")["paths"].items()
        for method, operation in item.items()
    ),
    key=lambda one: one[2]["operationId"],
)
# What a fresh service has not got, and what needs a key of more scope.
ELSEWHERE = {401, 404, 412}


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS, ids=[one[2]["operationId"] for one in OPERATIONS])
def test_an_operation_works_as_it_is_printed(
    client: TestClient, path: str, method: str, operation: dict[str, Any]
) -> None:
    query: dict[str, Any] = {}
    headers: dict[str, Any] = {}
    for parameter in operation.get("parameters", []):
        if "example" not in parameter:
            assert not parameter.get("required"), parameter["name"]
            continue
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", str(parameter["example"]))
        else:
            (query if parameter["in"] == "query" else headers)[parameter["name"]] = str(parameter["example"])
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    examples = [shown["value"] for shown in content.get("examples", {}).values()] or [content.get("example")]
    for body in examples if content else [None]:
        answer = client.request(method, path, params=query, headers=headers, json=body)
        assert answer.status_code < 400 or answer.status_code in ELSEWHERE, answer.text[:500]
