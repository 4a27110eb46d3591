"""The application in which calculating fails, saying what it was given; for uvicorn to run."""

import asyncio
import logging
import warnings
from typing import Any, NoReturn

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import StreamingResponse

from app import main
from app.services.calculation import calculator, response
from app.services.calculation.request import ResolvedRequest
from tests.privacy.planted import FAILING_DATE, FAILURE

calculate = response.calculate_uncounted


def _failing(request: ResolvedRequest, *more: Any, **named: Any) -> Any:
    # Written out whole, with its profile, a request is some megabytes.
    if FAILING_DATE in repr(request.facts):
        given = (request, *more)
        warnings.warn(f"{FAILURE} {given}", stacklevel=1)
        _quietly(given)
        logging.getLogger("some.library").error("could not read\n%s", given)
        try:
            _raise(given)
        except ValueError:
            logging.getLogger("some.library").exception("gave up")
        _raise(given)
    return calculate(request, *more, **named)


def _raise(given: object) -> NoReturn:
    raise ValueError(f"{FAILURE} {given}")


def _quietly(given: object) -> None:
    async def forgotten() -> None:
        _raise(given)

    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:  # in a thread, where what takes long is calculated
        return
    _ = loop.create_task(forgotten())  # noqa: RUF006 - it is forgotten on purpose: nobody reads how it failed


def build() -> FastAPI:
    """The ordinary application, with a failure under a certain date of birth and one after an answer has begun."""
    # In a thread it is called by way of the function that counts, at once as the calculator imported it.
    response.calculate_uncounted = _failing
    calculator.calculate_uncounted = _failing  # type: ignore[attr-defined]  # imported there
    app = main.create_app()

    @app.get("/half")
    async def half(_: Request) -> StreamingResponse:
        async def parts() -> Any:
            yield b"begun"
            raise ValueError(FAILURE)

        return StreamingResponse(parts())

    return app
