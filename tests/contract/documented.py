"""Whether an answer is what OpenAPI describes: every field there, and none that it does not name."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel


def undocumented(model: type[BaseModel], answer: Any) -> list[str]:
    """The places where an answer says something that its model does not. Raises where the model asks for more."""
    read = model.model_validate_json(json.dumps(answer))
    return list(_beyond(answer, read.model_dump(mode="json", exclude_unset=True), ""))


def _beyond(sent: Any, described: Any, path: str) -> list[str]:
    if isinstance(sent, dict):
        if not isinstance(described, dict):
            return [path]
        own = [f"{path}.{key}" for key in sent if key not in described]
        inner = [_beyond(sent[key], described[key], f"{path}.{key}") for key in sent if key in described]
        return [*own, *(place for places in inner for place in places)]
    if isinstance(sent, list) and isinstance(described, list):
        return [
            place
            for index, (one, other) in enumerate(zip(sent, described, strict=True))
            for place in _beyond(one, other, f"{path}[{index}]")
        ]
    return []
