"""What the service's own route is measured beside: the same bytes from routes that calculate nothing.

Run by uvicorn as `bench.peers:bare` and so on; BENCH_ANSWER names the file that holds the answer.
"""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any

import orjson
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.api.schemas.calculation import CalculationAnswer, CalculationRequest

PATH = "/v1/calculations"
ANSWER = Path(os.environ["BENCH_ANSWER"]).read_bytes() if "BENCH_ANSWER" in os.environ else b"{}"


async def _bare(request: Request) -> Response:
    await request.body()
    return Response(ANSWER, media_type="application/json")


bare = Starlette(routes=[Route(PATH, _bare, methods=["POST"])])

validated = FastAPI()


class Loose(CalculationRequest):
    """The published request; its facts are not declared here one by one."""

    facts: dict[str, Any] | None = None  # type: ignore[assignment]  # loose on purpose


@validated.post(PATH)
async def _validated(body: Loose) -> CalculationAnswer:  # noqa: ARG001 - read and validated, as FastAPI does
    return CalculationAnswer.model_validate(orjson.loads(ANSWER))


def structured() -> Starlette:
    """A route that decodes the request and encodes an answer of structures with msgspec."""
    msgspec: Any = importlib.import_module("msgspec")
    event = msgspec.defstruct("Event", [("type", str), ("occurred_at", str)])
    asked = msgspec.defstruct("Asked", [("profile", str), ("event", event), ("facts", dict, {})])
    source: Any = msgspec.defstruct("Source", [("document", str), ("section", str)])
    fields = list(orjson.loads(ANSWER)["obligations"][0])
    due: Any = msgspec.defstruct("Due", [(name, list[source] if name == "source" else Any) for name in fields])
    told = msgspec.defstruct(
        "Told", [(name, list[due] if name == "obligations" else Any) for name in orjson.loads(ANSWER)]
    )
    answer = msgspec.json.decode(ANSWER, type=told)
    decoder, encoder = msgspec.json.Decoder(asked), msgspec.json.Encoder()

    async def route(request: Request) -> Response:
        decoder.decode(await request.body())
        return Response(encoder.encode(answer), media_type="application/json")

    return Starlette(routes=[Route(PATH, route, methods=["POST"])])
