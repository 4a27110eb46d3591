"""What the document prints as an example works as it is printed, for every operation, with a key that may do it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.api.application import create_app
from app.services.snapshot.holder import SnapshotHolder
from app.settings import Settings
from app.store import open_store
from tests.api.application import filled_copy
from tests.contract.printed_state import MULTIPART, XLSX, prepare, workbook
from tests.published.walking import committed

OPERATIONS: list[tuple[str, str, dict[str, Any]]] = sorted(
    (
        (path, method, operation)
        for path, item in committed("openapi.json")["paths"].items()
        for method, operation in item.items()
    ),
    key=lambda one: one[2]["operationId"],
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Give a database that holds what the examples name, and the key."""
    file = tmp_path_factory.mktemp("printed") / "template.db"
    return file, prepare(f"sqlite:///{file}")


@contextmanager
def calling(url: str, secret: str) -> Iterator[TestClient]:
    with open_store(url) as store:
        app = create_app(SnapshotHolder(store, 60), Settings(database_url=url))
        with TestClient(app, raise_server_exceptions=False, headers={"X-API-Key": secret}) as client:
            yield client


@pytest.fixture(scope="module")
def reading(template: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Give a service that nothing is written to."""
    file, secret = template
    with calling(filled_copy(file, tmp_path_factory.mktemp("reading")), secret) as client:
        yield client


def writes(operation: dict[str, Any]) -> bool:
    """Whether an operation may change what is stored."""
    scopes = {scope for needs in operation["security"] for named in needs.values() for scope in named}
    return bool(scopes & {"author", "review", "publish"})


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS, ids=[one[2]["operationId"] for one in OPERATIONS])
def test_an_operation_works_as_it_is_printed(
    reading: TestClient,
    template: tuple[Path, str],
    tmp_path: Path,
    path: str,
    method: str,
    operation: dict[str, Any],
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
    wanted = {status for status in operation["responses"] if status.startswith("2")}
    for number, (media_type, body) in enumerate(bodies(operation)):
        sent = sent_as(media_type, body)
        named = {**headers, **sent.pop("headers", {})}
        if method != "get" and writes(operation):
            file, secret = template
            folder = tmp_path / str(number)
            folder.mkdir()
            with calling(filled_copy(file, folder), secret) as client:
                answer = client.request(method, path, params=query, headers=named, **sent)
        else:
            answer = reading.request(method, path, params=query, headers=named, **sent)
        assert str(answer.status_code) in wanted, f"{media_type}: {answer.text[:500]}"


def sent_as(media_type: str | None, body: Any) -> dict[str, Any]:
    """Give a printed body as a client sends it: fields as form fields, files as files."""
    if media_type is None:
        return {}
    if media_type == MULTIPART:
        files = [("file", ("return.csv", text)) for text in body["file"]]
        return {"files": files, "data": {name: text for name, text in body.items() if name != "file"}}
    content = workbook() if media_type == XLSX else json.dumps(body) if media_type == "application/json" else body
    return {"content": content, "headers": {"Content-Type": media_type}}


def bodies(operation: dict[str, Any]) -> Iterator[tuple[str | None, Any]]:
    """Give each printed body with its media type; none for an operation without."""
    content = operation.get("requestBody", {}).get("content", {})
    if not content:
        yield None, None
    for media_type, part in content.items():
        printed = [shown["value"] for shown in part.get("examples", {}).values()]
        if not printed and "example" in part:
            printed = [part["example"]]
        assert printed or media_type != "application/json", media_type
        for body in printed:
            # Some generators know a file as bytes alone; its form is then in the address.
            yield XLSX if operation["operationId"].endswith("_xlsx") else media_type, body
