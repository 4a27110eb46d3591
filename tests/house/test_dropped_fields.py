from __future__ import annotations

from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient
from pydantic import BaseModel, ValidationError

from app.api.calculation_route import CalculationRoute
from app.api.routing import ContractRoute
from tests.api.application import RunningApplication
from tests.api.conftest import filled_database, filled_url, here
from tests.dropped_fields import FieldDropped, check_written

__all__ = ["filled_database", "filled_url", "here"]


class Source(BaseModel):
    section: str


class Answer(BaseModel):
    rule: str
    sources: list[Source] = []


SOUND: dict[str, Any] = {"rule": "icpc", "sources": [{"section": "3.1"}], "note": None}


def client(answer: dict[str, Any]) -> TestClient:
    app = FastAPI()

    @app.get("/answer", response_model=Answer)
    async def read() -> dict[str, Any]:
        return answer

    return TestClient(app)


def test_an_answer_whose_model_names_everything_passes() -> None:
    assert client(SOUND).get("/answer").json()["rule"] == "icpc"


@pytest.mark.parametrize(
    ("answer", "lost"),
    [
        ({**SOUND, "due_date": "2026-01-05"}, r"\.due_date"),
        ({**SOUND, "sources": [{"section": "3.1", "url": "https://example.org"}]}, r"\.sources\[0\]\.url"),
    ],
)
def test_no_response_model_drops_a_field_in_silence_while_tests_run(answer: dict[str, Any], lost: str) -> None:
    with pytest.raises(FieldDropped, match=lost):
        client(answer).get("/answer")


@pytest.mark.parametrize(
    ("answer", "lost"),
    [
        ({**SOUND, "due_date": "2026-01-05"}, r"\.due_date"),
        ({**SOUND, "sources": [{"section": "3.1", "url": "https://example.org"}]}, r"\.sources\[0\]\.url"),
    ],
)
def test_no_answer_that_is_written_by_hand_says_what_its_model_does_not(answer: dict[str, Any], lost: str) -> None:
    router = APIRouter(route_class=ContractRoute)

    @router.get("/answer", response_model=Answer)
    async def read() -> JSONResponse:
        return JSONResponse(answer)

    app = FastAPI()
    app.include_router(router)
    with pytest.raises(FieldDropped, match=lost):
        TestClient(app).get("/answer")


def test_no_answer_that_is_written_by_hand_lacks_what_its_model_needs() -> None:
    with pytest.raises(ValidationError, match="rule"):
        check_written(Answer, b'{"sources": []}')


def test_the_shortcut_of_a_calculation_is_read_by_its_model_too(here: RunningApplication) -> None:
    route = next(each for each in here.client.app.state.routes if isinstance(each, CalculationRoute))  # type: ignore[attr-defined]  # an ASGI application
    before = check_written.cache_info().misses
    # An answer that no other test of this process has.
    body = {
        "profile": "swindon",
        "event": {"type": "strategy_discussion_held", "occurred_at": "2025-12-18"},
        "reference": "the shortcut and its model",
    }
    for address in ("/v1/calculations", "/v1/calculations?bom=false"):
        assert here.client.post(address, json=body).status_code == 200
    assert check_written.cache_info().misses == before + 1
    assert route.response_model.__name__ == "CalculationAnswer"
