"""Calculations of one turn of the loop are answered together, and none takes another with it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from app.api.answer_queue import MAX_TOGETHER, AnswerQueue
from app.services.calculation.calculator import Answer, CalculationService, Calculator
from app.services.event_loop import NeedsThread
from app.services.problems import Problem
from app.services.snapshot.offline import packaged_snapshot, packaged_state
from app.services.snapshot.snapshot import Snapshot, build_snapshot

EVENT = {"type": "strategy_discussion_held", "occurred_at": "2025-12-18T14:30:00+00:00"}
BODY = {"profile": "swindon", "event": EVENT, "facts": {"section_47_initiated": True}}
PACKAGED = packaged_snapshot()
# What is not compiled yet is left to a thread.
PACKAGED.latest_profile("swindon")
PACKAGED.calendar("england-and-wales")


class Holder:
    """Holds one snapshot, as a SnapshotHolder does."""

    def __init__(self, snapshot: Snapshot = PACKAGED) -> None:
        self.snapshot = snapshot


def dumped(**more: object) -> bytes:
    return json.dumps({**BODY, **more}).encode()


def answered(*bodies: bytes, snapshot: Snapshot = PACKAGED) -> list[Answer | BaseException]:
    async def ask() -> list[Answer | BaseException]:
        service = CalculationService(Holder(snapshot))  # type: ignore[arg-type]  # all that is read of a holder
        queue = AnswerQueue(service)
        return await asyncio.gather(*map(queue.answer, bodies), return_exceptions=True)

    return asyncio.run(ask())


def test_each_gets_its_own_answer_and_a_faulty_one_its_own_problem() -> None:
    number = 2 * MAX_TOGETHER + 5
    bodies = [dumped(reference=f"case-{n}", **({"until": "tomorrow"} if n % 7 == 3 else {})) for n in range(number)]
    for n, answer in enumerate(answered(*bodies)):
        if n % 7 == 3:
            assert isinstance(answer, Problem)
            assert answer.kind == "invalid-request"
        else:
            assert isinstance(answer, tuple)
            assert f'"reference":"case-{n}"'.encode() in (answer[1] or b"")


@pytest.mark.parametrize("more", [{"until": "2027-01-01"}, {"explain": True}])
def test_what_may_be_long_is_left_to_be_calculated_by_itself(more: dict[str, object]) -> None:
    long, usual = answered(dumped(**more), dumped())
    assert isinstance(long, tuple)
    assert long[1] is None
    assert isinstance(usual, tuple)
    assert usual[1] is not None


def test_a_version_that_is_not_compiled_yet_is_left_to_a_thread() -> None:
    snapshot = build_snapshot(packaged_state())
    (left,) = answered(dumped(), snapshot=snapshot)
    assert isinstance(left, NeedsThread)
    Calculator(snapshot).answer_together([dumped()])
    (answer,) = answered(dumped(), snapshot=snapshot)
    assert isinstance(answer, tuple)


def test_an_unexpected_error_takes_no_other_request_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    serialize = Calculator.serialize

    def broken(self: Calculator, request: Any, result: Any) -> bytes:
        if request.reference == "broken":
            raise RuntimeError("planted")
        return serialize(self, request, result)

    monkeypatch.setattr(Calculator, "serialize", broken)
    first, second, third = answered(dumped(reference="first"), dumped(reference="broken"), dumped(reference="last"))
    assert isinstance(first, tuple)
    assert isinstance(second, RuntimeError)
    assert isinstance(third, tuple)


def test_without_a_snapshot_each_answer_says_so() -> None:
    for answer in answered(dumped(), dumped(), snapshot=Snapshot("")):
        assert isinstance(answer, Problem)
        assert answer.kind == "not-ready"


def test_a_caller_who_has_gone_holds_up_nobody() -> None:
    async def ask() -> Answer:
        queue = AnswerQueue(CalculationService(Holder()))  # type: ignore[arg-type]  # all that is read of a holder
        gone, still_there = queue.answer(dumped()), queue.answer(dumped())
        gone.cancel()
        return await still_there

    assert asyncio.run(ask())[1]
