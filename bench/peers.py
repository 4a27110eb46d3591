"""The peers of the service's own route: the same bytes from routes that calculate nothing.

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

from app.api.schemas.calculation import CalculationAnswer
from app.services.calculation.request import CalculationRequest

PATH = "/v1/calculations"
ANSWER = Path(os.environ["BENCH_ANSWER"]).read_bytes() if "BENCH_ANSWER" in os.environ else b"{}"


async def _bare(request: Request) -> Response:
    await request.body()
    return Response(ANSWER, media_type="application/json")


bare = Starlette(routes=[Route(PATH, _bare, methods=["POST"])])

validated = FastAPI()


@validated.post(PATH)
async def _validated(body: CalculationRequest) -> CalculationAnswer:  # noqa: ARG001 - validated by FastAPI, and not used
    return CalculationAnswer.model_validate(orjson.loads(ANSWER))


def structured() -> Starlette:
    """Return a route that decodes the request and encodes an answer of structures with msgspec."""
    msgspec: Any = importlib.import_module("msgspec")
    event = msgspec.defstruct("Event", [("type", str), ("occurred_at", str)])
    request_type = msgspec.defstruct("Calculation", [("profile", str), ("event", event), ("facts", dict, {})])
    source: Any = msgspec.defstruct("Source", [("document", str), ("section", str)])
    fields = list(orjson.loads(ANSWER)["obligations"][0])
    due: Any = msgspec.defstruct("Due", [(name, list[source] if name == "source" else Any) for name in fields])
    answer_type = msgspec.defstruct(
        "Answer", [(name, list[due] if name == "obligations" else Any) for name in orjson.loads(ANSWER)]
    )
    answer = msgspec.json.decode(ANSWER, type=answer_type)
    decoder, encoder = msgspec.json.Decoder(request_type), msgspec.json.Encoder()

    async def route(request: Request) -> Response:
        decoder.decode(await request.body())
        return Response(encoder.encode(answer), media_type="application/json")

    return Starlette(routes=[Route(PATH, route, methods=["POST"])])
