from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel

from tests.dropped_fields import FieldDropped


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
