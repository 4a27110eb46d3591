"""Every part of a JSON document."""

import json
from collections.abc import Iterator
from typing import Any

from tests.house.files import ROOT


def committed(name: str) -> dict[str, Any]:
    """Read a generated document as it is committed."""
    found: dict[str, Any] = json.loads((ROOT / "openapi" / name).read_text(encoding="utf-8"))
    return found


def walk(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Give every part with its path."""
    yield path, value
    if isinstance(value, dict):
        for key, part in value.items():
            yield from walk(part, f"{path}/{key}")
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from walk(part, f"{path}/{index}")


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Give the operations by their ids."""
    return {operation["operationId"]: operation for path in document["paths"].values() for operation in path.values()}
