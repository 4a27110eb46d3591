"""Answer the calculations that arrive in one turn of the event loop together, one step of the work after another."""

from __future__ import annotations

import asyncio

from app.services.calculation.calculator import Answer, CalculationService
from app.services.event_loop import on_event_loop
from app.services.problems import Problem

MAX_TOGETHER = 32
MAX_TOGETHER_BYTES = 32 * 1024


class AnswerQueue:
    """Collects the requests of one turn, and answers them at its end.

    A step that is repeated for several requests at once finds its code and data in the processor's caches: on a busy
    server that saves a third of the time. A single request is answered in the same turn as before.
    """

    def __init__(self, service: CalculationService) -> None:
        self._service = service
        self._waiting: list[tuple[bytes, asyncio.Future[Answer]]] = []

    def answer(self, body: bytes) -> asyncio.Future[Answer]:
        """Return what will be the answer to a request's body. It raises Problem where there is none."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._answer_all)
        future: asyncio.Future[Answer] = loop.create_future()
        self._waiting.append((body, future))
        return future

    def _answer_all(self) -> None:
        """Answer so many as take some milliseconds; further ones in the next turn, so that others have theirs."""
        size = 0
        for number, (body, _) in enumerate(self._waiting):
            size += len(body)
            if number == MAX_TOGETHER or (number and size > MAX_TOGETHER_BYTES):
                group, self._waiting = self._waiting[:number], self._waiting[number:]
                asyncio.get_running_loop().call_soon(self._answer_all)
                break
        else:
            group, self._waiting = self._waiting, []
        self._answer([each for each in group if not each[1].done()])

    def _answer(self, waiting: list[tuple[bytes, asyncio.Future[Answer]]]) -> None:
        try:
            with on_event_loop():
                answers = self._service.current().answer_together([body for body, _ in waiting])
        except Problem as problem:  # no snapshot can answer yet
            answers = [problem] * len(waiting)
        for (_, future), answer in zip(waiting, answers, strict=True):
            if isinstance(answer, tuple):
                future.set_result(answer)
            else:
                future.set_exception(answer)
