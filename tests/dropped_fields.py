"""Every answer that any test receives is compared with its response model: nothing is dropped, nothing undocumented.

FastAPI leaves out of an answer what its response model does not name, without a word. Here that is an error. An answer
that an endpoint writes itself does not pass through its response model: here it is read by it, and a field that the
model does not name, or one that is missing, is an error too. What is streamed is read by tests/contract alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

import fastapi.routing
import orjson
import pytest
from pydantic import TypeAdapter

JSON = "application/json"
MODELLED: ContextVar[bool] = ContextVar("modelled", default=False)
"""Whether FastAPI has written the answer to the present request by its response model."""


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


@lru_cache(maxsize=4096)
def check_written(model: Any, data: bytes) -> None:
    """Raise FieldDropped for an answer with a field that the model does not name, ValidationError for one that lacks."""
    adapter = _adapter(model)
    shown = adapter.dump_python(adapter.validate_json(data), mode="json", by_alias=True, exclude_unset=True)
    if lost := list(dropped(orjson.loads(data), shown)):
        raise FieldDropped(f"{model.__name__} does not name {', '.join(lost[:10])}")


@lru_cache
def _adapter(model: Any) -> TypeAdapter[Any]:
    return TypeAdapter(model)


def model_of(route: fastapi.routing.APIRoute, status: int) -> Any:
    """Give the model that a route documents for an answer, None where it documents none."""
    named = route.responses.get(status, {}).get("model")
    return named or (route.response_model if status < 300 else None)


@pytest.fixture(scope="session", autouse=True)
def nothing_is_dropped() -> Iterator[None]:
    """Make an answer fail from which its response model drops a field, and one that says what its model does not."""
    from app.api.calculation_route import CalculationRoute
    from app.api.routing import ContractRoute

    serialize, handler = fastapi.routing.serialize_response, ContractRoute.get_route_handler
    answer_directly = CalculationRoute._answer

    async def serialize_whole(**options: Any) -> Any:
        sent = await serialize(**options)
        MODELLED.set(True)
        shown = orjson.loads(sent) if isinstance(sent, bytes) else sent
        if lost := list(dropped(options["response_content"], shown)):
            raise FieldDropped(f"{options['field']} drops {', '.join(lost[:10])}")
        return sent

    def checked_handler(route: ContractRoute) -> Any:
        handle = handler(route)

        async def handle_checked(request: Any) -> Any:
            MODELLED.set(False)
            response = await handle(request)
            model = model_of(route, response.status_code)
            body = getattr(response, "body", b"")
            if model is not None and body and not MODELLED.get() and response.media_type == JSON:
                check_written(model, bytes(body))
            return response

        return handle_checked

    async def checked_answer(route: CalculationRoute, *arguments: Any) -> Any:
        request, data = await answer_directly(route, *arguments)
        check_written(route.response_model, data)
        return request, data

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fastapi.routing, "serialize_response", serialize_whole)
        patch.setattr(ContractRoute, "get_route_handler", checked_handler)
        patch.setattr(CalculationRoute, "_answer", checked_answer)
        yield
