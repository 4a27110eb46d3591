"""Every answer that any test receives is compared with what its endpoint returned: a response model drops nothing.

FastAPI leaves out of an answer what its response model does not name, without a word. Here that is an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import fastapi.routing
import orjson
import pytest


class FieldDropped(AssertionError):
    """An endpoint returned a field that its response model does not name."""


def dropped(returned: object, sent: object, path: str = "") -> Iterator[str]:
    """Yield the path of each field that was returned and not sent. A field without a value may be left out."""
    if isinstance(returned, Mapping):
        shown = sent if isinstance(sent, Mapping) else {}
        for key, value in returned.items():
            if key in shown:
                yield from dropped(value, shown[key], f"{path}.{key}")
            elif value is not None:
                yield f"{path}.{key}"
    elif isinstance(returned, list | tuple) and isinstance(sent, list):
        for index, (value, shown_value) in enumerate(zip(returned, sent, strict=True)):
            yield from dropped(value, shown_value, f"{path}[{index}]")


@pytest.fixture(scope="session", autouse=True)
def nothing_is_dropped() -> Iterator[None]:
    """Make an answer fail from which its response model drops a field."""
    serialize = fastapi.routing.serialize_response

    async def serialize_whole(**options: Any) -> Any:
        sent = await serialize(**options)
        shown = orjson.loads(sent) if isinstance(sent, bytes) else sent
        if lost := list(dropped(options["response_content"], shown)):
            raise FieldDropped(f"{options['field']} drops {', '.join(lost[:10])}")
        return sent

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fastapi.routing, "serialize_response", serialize_whole)
        yield
