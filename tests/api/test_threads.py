"""Work in threads: so much at once, so much waiting, shared by callers in turn, and none for a caller who has gone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from app.api.threads import RequestThreads, WorkLimiter, cores, end_turns
from app.services import work
from app.services.event_loop import require_thread
from app.services.problems import Problem
from app.services.work import CallerGone


class Caller:
    """One request of a caller, who may go away."""

    def __init__(self, address: str = "192.0.2.1") -> None:
        self.scope: dict[str, Any] = {"state": {}, "client": (address, 1)}
        self._gone = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    def go(self) -> None:
        self._gone.set()


class Gate:
    """Work that goes on until it is opened, and says how much of it ran at once."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.running = 0
        self.most = 0
        self.order: list[str] = []
        self._lock = threading.Lock()

    def pass_through(self, name: str) -> str:
        with self._lock:
            self.running += 1
            self.most = max(self.most, self.running)
            self.order.append(name)
        assert self.open.wait(20)
        with self._lock:
            self.running -= 1
        return name


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(20):
            await test()

    asyncio.run(limited())


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - what is waited for happens in a thread, which sets no asyncio event
        await asyncio.sleep(0.005)


def test_no_more_runs_at_once_than_there_are_threads() -> None:
    async def test() -> None:
        limiter, gate = WorkLimiter(2), Gate()
        callers = [Caller() for _ in range(6)]
        done = [
            asyncio.ensure_future(limiter.run(each.scope, each.receive, gate.pass_through, str(n)))
            for n, each in enumerate(callers)
        ]
        await until(lambda: gate.running == 2)
        await asyncio.sleep(0.05)
        gate.open.set()
        assert sorted(await asyncio.gather(*done)) == list("012345")
        assert gate.most == 2

    run(test)


def test_heavy_work_is_as_wide_as_there_are_cores() -> None:
    assert cores() >= 1


def test_callers_take_turns_however_many_requests_one_of_them_sent_first() -> None:
    async def test() -> None:
        limiter, gate = WorkLimiter(1), Gate()
        sent = ["rude-1", "rude-2", "rude-3", "kind-1"]
        done = []
        for name in sent:
            caller = Caller(name[:4])
            done.append(asyncio.ensure_future(limiter.run(caller.scope, caller.receive, gate.pass_through, name)))
            await asyncio.sleep(0)
        await until(lambda: gate.running == 1)
        await asyncio.sleep(0.05)
        gate.open.set()
        await asyncio.gather(*done)
        assert gate.order == ["rude-1", "rude-2", "kind-1", "rude-3"]

    run(test)


def test_beyond_the_queue_a_request_is_refused_with_when_to_try_again() -> None:
    async def test() -> None:
        limiter, gate = WorkLimiter(1, max_waiting=1), Gate()
        callers = [Caller() for _ in range(3)]
        done = [
            asyncio.ensure_future(limiter.run(each.scope, each.receive, gate.pass_through, "x")) for each in callers[:2]
        ]
        await until(lambda: gate.running == 1)
        await asyncio.sleep(0.02)
        with pytest.raises(Problem) as refused:
            await limiter.run(callers[2].scope, callers[2].receive, gate.pass_through, "x")
        assert (refused.value.kind, refused.value.status) == ("overloaded", 503)
        assert int(refused.value.headers["Retry-After"]) > 0
        gate.open.set()
        assert await asyncio.gather(*done) == ["x", "x"]

    run(test)


def test_where_the_queue_is_full_it_is_the_caller_with_the_most_waiting_who_is_refused() -> None:
    async def test() -> None:
        limiter, gate = WorkLimiter(1, max_waiting=3), Gate()
        rude = [Caller("rude") for _ in range(4)]
        done = [
            asyncio.ensure_future(limiter.run(each.scope, each.receive, gate.pass_through, f"rude-{n}"))
            for n, each in enumerate(rude)
        ]
        await until(lambda: gate.running == 1)
        await asyncio.sleep(0.05)
        kind = Caller("kind")
        served = asyncio.ensure_future(limiter.run(kind.scope, kind.receive, gate.pass_through, "kind"))
        await asyncio.sleep(0.05)
        gate.open.set()
        assert await served == "kind"
        outcomes = await asyncio.gather(*done, return_exceptions=True)
        assert outcomes[:3] == ["rude-0", "rude-1", "rude-2"]
        assert isinstance(outcomes[3], Problem)
        assert outcomes[3].kind == "overloaded"

    run(test)


def test_a_caller_who_goes_while_it_waits_is_not_worked_for() -> None:
    async def test() -> None:
        limiter, gate = WorkLimiter(1), Gate()
        first, second, third = Caller("a"), Caller("b"), Caller("c")
        done = asyncio.ensure_future(limiter.run(first.scope, first.receive, gate.pass_through, "first"))
        await until(lambda: gate.running == 1)
        gone = asyncio.ensure_future(limiter.run(second.scope, second.receive, gate.pass_through, "second"))
        last = asyncio.ensure_future(limiter.run(third.scope, third.receive, gate.pass_through, "third"))
        await asyncio.sleep(0.02)
        second.go()
        with pytest.raises(CallerGone):
            await gone
        gate.open.set()
        assert [await done, await last] == ["first", "third"]
        assert gate.order == ["first", "third"]

    run(test)


def test_the_work_for_a_caller_who_goes_meanwhile_ends_at_its_next_step() -> None:
    async def test() -> None:
        limiter, caller = WorkLimiter(1), Caller()
        began = threading.Event()
        steps: list[int] = []

        def endless() -> None:
            while len(steps) < 10_000:
                work.count_step()
                steps.append(1)
                began.set()
                threading.Event().wait(0.005)

        done = asyncio.ensure_future(limiter.run(caller.scope, caller.receive, endless))
        await until(began.is_set)
        caller.go()
        with pytest.raises(CallerGone):
            await done
        assert len(steps) < 10_000

    run(test)


def test_a_turn_that_was_begun_lasts_until_it_ends() -> None:
    async def test() -> None:
        limiter, first, second = WorkLimiter(1), Caller("a"), Caller("b")
        await limiter.begin_turn(first.scope, first.receive)
        waiting = asyncio.ensure_future(limiter.run(second.scope, second.receive, lambda: "second"))
        assert await limiter.run(first.scope, first.receive, lambda: "first") == "first"
        await asyncio.sleep(0.02)
        assert not waiting.done()
        end_turns(first.scope)
        assert await waiting == "second"

    run(test)


def test_what_waits_for_the_database_gives_up_its_turn_for_heavy_work() -> None:
    async def test() -> None:
        heavy, database, first, second = WorkLimiter(1), WorkLimiter(1), Caller("a"), Caller("b")
        gate = Gate()
        await heavy.begin_turn(first.scope, first.receive)
        stored = asyncio.ensure_future(database.run(first.scope, first.receive, gate.pass_through, "stored"))
        await until(lambda: gate.running == 1)
        assert await heavy.run(second.scope, second.receive, lambda: "second") == "second"
        gate.open.set()
        assert await stored == "stored"

    run(test)


def test_a_stream_waits_for_its_turn_however_many_do() -> None:
    async def test() -> None:
        limiter, gate = WorkLimiter(1, max_waiting=0), Gate()
        first, stream = Caller("a"), Caller("b")
        done = asyncio.ensure_future(limiter.run(first.scope, first.receive, gate.pass_through, "first"))
        await until(lambda: gate.running == 1)
        part = asyncio.ensure_future(limiter.run_patiently(stream.scope, lambda: "part"))
        await asyncio.sleep(0.02)
        gate.open.set()
        assert [await done, await part] == ["first", "part"]

    run(test)


def test_short_work_runs_at_once_and_long_work_in_a_thread() -> None:
    async def test() -> None:
        caller = Caller()
        request: Any = type("Request", (), {"scope": caller.scope, "receive": caller.receive})()
        threads = RequestThreads(WorkLimiter(1), request)
        loop = threading.get_ident()

        def long() -> int:
            require_thread()
            return threading.get_ident()

        assert await threads.if_long(threading.get_ident) == loop
        assert await threads.if_long(long) != loop

    run(test)
