"""Requests against the service as it is run, while standards are published and the database goes away and comes back.

`make load` sends 1,000,000; the tests send what 20 seconds allow. Two workers serve a PostgreSQL database of their own.
Each answer is compared, byte for byte but its reference, with a calculation made here from the published documents,
by a process that has never seen the service's memory. What must hold:

- every calculation is answered 200 and right, under the version that answered, which is never older than one seen to be
  published before the request by more than the time a refresh takes (while the database is away: by any time);
- writes are answered 201, or 503 while the database is away; nothing else is a 5xx;
- the workers' memory at the end is what it was after the first tenth, within a tolerance.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from app.services.access.api_keys import create_key
from app.services.calculation.request import read_request
from app.services.calculation.response import calculate_response
from app.services.ports import StoreUnavailable, WriteContext
from app.services.snapshot.packaged import packaged_calendars, packaged_profiles
from app.services.snapshot.snapshot import Snapshot, build_snapshot
from app.store import SqlStore, open_store, upgrade
from tests.api.application import small
from tests.postgres import Postgres
from tests.serving import Serving, serving

KEY = "exampleton"
FORCE = {"in_force_from": "2026-01-01", "reason": "The run's own."}
STALE_SECONDS = 5.0
# Less than uvicorn keeps an idle connection open.
IDLE_SECONDS = 3.0
MEMORY_GROWTH = 0.15
MEMORY_SLACK = 24 * 1024 * 1024
EVENTS = (
    "strategy_discussion_held",
    "referral_accepted",
    "became_looked_after",
    "cp_plan_started",
    "placement_started",
)
PROFILES = ("swindon", "york", "wiltshire", "barnet", "cin-chapter", "statutory-england")


@dataclass
class Outcome:
    """What a run found."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    versions: set[int] = field(default_factory=set)
    published: int = 0
    outages: int = 0
    seconds: float = 0.0
    memory: list[int] = field(default_factory=list)
    slowest: float = 0.0

    @property
    def calculations(self) -> int:
        """How many calculations were answered."""
        return sum(count for (kind, _), count in self.statuses.items() if kind == "calculation")

    def faults(self) -> list[str]:
        """Return what did not hold, in words."""
        allowed = {("calculation", 200), ("write", 201), ("write", 503)}
        faults = [
            f"{count} of {kind} were {status}"
            for (kind, status), count in self.statuses.items()
            if (kind, status) not in allowed
        ]
        faults += self.wrong[:10]
        if len(self.memory) >= 10:
            settled, last = max(self.memory[: len(self.memory) // 10 + 1]), self.memory[-1]
            if last > settled * (1 + MEMORY_GROWTH) + MEMORY_SLACK:
                faults.append(f"memory grew from {settled >> 20} MiB to {last >> 20} MiB")
        return faults


class Expected:
    """The right answers, calculated here: from what is packaged, and from each version as this process published it."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        self._snapshot: Snapshot = build_snapshot(store.load_everything())
        self._answers: dict[tuple[int, int], bytes] = {}
        self.requests = list(_requests())
        self.live_request = len(self.requests)
        self.ordinary = [n for n, each in enumerate(self.requests) if not each["until"] and not each["explain"]]
        """The places of those that ask for what is due next."""
        self.requests.append(
            {"profile": KEY, "event": {"type": "strategy_discussion_held", "occurred_at": "2026-03-02"}}
        )

    def reload(self) -> None:
        """Read what was published, independently of the service. Raises StoreUnavailable."""
        self._snapshot = build_snapshot(self._store.load_everything())

    def check(self, number: int, body: bytes) -> tuple[str | None, int]:
        """Return what is wrong with an answer (None: nothing) and the version it names. Raises StoreUnavailable."""
        answer = json.loads(body)
        version = int(answer["profile"]["version"])
        wanted = self._answers.get((number, version))
        if wanted is None:
            wanted = self._answers[number, version] = self._calculated(self.requests[number], version)
        if _comparable(answer) != wanted:
            return f"request {number} under version {version}: another answer", version
        return None, version

    def _calculated(self, request: dict[str, Any], version: int) -> bytes:
        """Return the answer as it had to be when this version was the latest."""
        key = str(request["profile"])
        if self._snapshot.profile_version(key, version) is None:
            self.reload()
        until_then = tuple(each for each in self._snapshot.profiles[key] if each.version <= version)
        then = replace(self._snapshot, profiles={**self._snapshot.profiles, key: until_then})
        return _comparable(json.loads(json.dumps(calculate_response(read_request(then, request)))))


def _comparable(body: dict[str, Any]) -> bytes:
    return json.dumps({**body, "reference": None}, sort_keys=True).encode()


def _requests() -> Sequence[dict[str, Any]]:
    chance = random.Random(20261122)
    requests: list[dict[str, Any]] = []
    for profile in PROFILES:
        for event in EVENTS:
            for _ in range(4):
                day = datetime(2026, 4, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(700 * 24 * 60))
                born = (day - timedelta(days=chance.randrange(200, 5_000))).date().isoformat()
                requests.append(
                    {
                        "profile": profile,
                        "event": {"type": event, "occurred_at": day.isoformat()},
                        "facts": {"child_date_of_birth": born},
                        "until": (day + timedelta(days=200)).date().isoformat() if chance.random() < 0.3 else None,
                        "explain": chance.random() < 0.2,
                    }
                )
    return requests


class Run:
    """One run against a server: callers, an author who publishes, a database that fails, a watch on memory."""

    def __init__(self, server: Serving, postgres: Postgres, expected: Expected, secret: str) -> None:
        self.server = server
        self.postgres = postgres
        self.expected = expected
        self.outcome = Outcome()
        self._headers = {"X-API-Key": secret}
        self._left = 0
        self._began = self._until = 0.0
        self._latest: list[tuple[float, int]] = []
        self._up_since = time.monotonic()
        self._up = True
        self._outage: asyncio.Task[None] | None = None
        self._pending: list[tuple[int, bytes, float]] = []

    async def perform(
        self, requests: int, seconds: float, callers: int, outage_every: float, pause_seconds: float
    ) -> Outcome:
        """Send so many requests, or for so long, whichever ends first; each caller pauses after an answer."""
        self._left, self._began = requests, time.monotonic()
        self._until = self._began + seconds
        others = [
            asyncio.create_task(work)
            for work in (self._publish(), self._outages(outage_every), self._watch(requests, seconds))
        ]
        try:
            await asyncio.gather(*(self._call(index, pause_seconds) for index in range(callers)))
        finally:
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            if self._outage is not None:
                await asyncio.wait([self._outage])
            await asyncio.to_thread(self.postgres.start)
        for task in others:
            if not task.cancelled() and task.exception() is not None:
                self.outcome.wrong.append(f"the run itself failed: {task.exception()!r}")
        self.outcome.seconds = time.monotonic() - self._began
        pending, self._pending = self._pending, []
        for number, body, sent in pending:
            self._judge(number, body, sent)
        if self._pending:
            self.outcome.wrong.append(f"{len(self._pending)} answers could not be compared")
        self.outcome.memory.append(self.server.resident_bytes())
        return self.outcome

    def _going_on(self) -> bool:
        return self._left > 0 and time.monotonic() < self._until

    async def _call(self, index: int, pause_seconds: float) -> None:
        chance = random.Random(index)
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        answered = time.monotonic()
        while self._going_on():
            self._left -= 1
            # Half of the requests go to the profile that is being published.
            number = (
                self.expected.live_request if chance.random() < 0.5 else chance.randrange(self.expected.live_request)
            )
            body = json.dumps({**self.expected.requests[number], "reference": f"{index}-{self._left}"}).encode()
            if time.monotonic() - answered > IDLE_SECONDS:
                # What is judged here may wait for the database, and a server closes a connection that nobody uses.
                writer.close()
                reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
            sent = time.monotonic()
            writer.write(
                b"POST /v1/calculations HTTP/1.1\r\nHost: load\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
            )
            status, body = await read_answer(reader)
            answered = time.monotonic()
            self.outcome.slowest = max(self.outcome.slowest, answered - sent)
            self.outcome.statuses["calculation", status] += 1
            if status == 200:
                self._judge(number, body, sent)
            else:
                self.outcome.wrong.append(
                    f"request {number} was {status} after {sent - self._began:.1f} s: {body[:300]!r}"
                )
            await asyncio.sleep(pause_seconds)
        writer.close()
        await writer.wait_closed()

    def _judge(self, number: int, body: bytes, sent: float) -> None:
        try:
            wrong, version = self.expected.check(number, body)
        except StoreUnavailable:
            # A version that is not known here yet, and the database is away: compared when it is back.
            self._pending.append((number, body, sent))
            return
        except Exception as error:  # noqa: BLE001 - whatever cannot be compared is a wrong answer
            self.outcome.wrong.append(f"request {number}: {type(error).__name__} {error}")
            return
        if wrong:
            self.outcome.wrong.append(wrong)
        if number == self.expected.live_request:
            self.outcome.versions.add(version)
            settled = sent - STALE_SECONDS
            due = max((each for at, each in self._latest if at < settled), default=0)
            if self._up and self._up_since < settled and version < due:
                self.outcome.wrong.append(f"version {version} answered {STALE_SECONDS} s after {due} was published")

    async def _publish(self) -> None:
        """Publish one version after the other, as an author; without the database each step is 503."""
        days = 0
        async with httpx.AsyncClient(base_url=self.server.origin, headers=self._headers, timeout=60) as client:
            while True:
                days += 1
                version = await self._one(client, 1 + days % 20)
                if version:
                    # Published: known here before an answer under it can be compared is not certain, so at once.
                    self._latest.append((time.monotonic(), version))
                    self.outcome.published += 1
                await asyncio.sleep(0.5)

    async def _one(self, client: httpx.AsyncClient, days: int) -> int:
        document = small(days)
        draft = await client.post(f"/v1/profiles/{KEY}/drafts", json={"document": document})
        self.outcome.statuses["write", draft.status_code] += 1
        if draft.status_code != 201:
            return 0
        made = draft.json()
        published = await client.post(
            f"/v1/profiles/{KEY}/drafts/{made['id']}/publish", json=FORCE, headers={"If-Match": f'"{made["revision"]}"'}
        )
        self.outcome.statuses["write", published.status_code] += 1
        return int(published.json()["version"]) if published.status_code == 201 else 0

    async def _outages(self, every: float) -> None:
        crash = False
        while True:
            await asyncio.sleep(every)
            # One that has begun comes to its end, also where the run ends meanwhile: two starts at once fail.
            self._outage = asyncio.create_task(self._go_away(min(2.0, every / 2), crash))
            await asyncio.shield(self._outage)
            crash = not crash

    async def _go_away(self, seconds: float, crash: bool) -> None:
        self._up = False
        await asyncio.to_thread(self.postgres.stop, crash=crash)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(self.postgres.start)
        self._up, self._up_since = True, time.monotonic()
        self.outcome.outages += 1

    async def _watch(self, requests: int, seconds: float) -> None:
        started = time.monotonic()
        while True:
            self.outcome.memory.append(self.server.resident_bytes())
            if sys.stderr.isatty():
                done, age = self.outcome.calculations, time.monotonic() - started
                sys.stderr.write(
                    f"\r{done:,} of {requests:,}, {age:.0f} s of {seconds:.0f}, {done / max(age, 1):,.0f}/s "
                )
            await asyncio.sleep(max(0.2, min(5.0, seconds / 50)))


async def read_answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Read one response: its status, and its body of a declared length or in chunks."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = int(head[9:12])
    if b"\r\ntransfer-encoding: chunked\r\n" in head:
        chunks: list[bytes] = []
        while size := int(await reader.readuntil(b"\r\n"), 16):
            chunks.append(await reader.readexactly(size))
            await reader.readexactly(2)
        await reader.readexactly(2)
        return status, b"".join(chunks)
    lengths = [line.partition(b":")[2] for line in head.split(b"\r\n") if line.startswith(b"content-length:")]
    return status, await reader.readexactly(int(lengths[0]) if lengths else 0)


def load(
    postgres: Postgres,
    folder: Path,
    *,
    requests: int,
    seconds: float,
    callers: int,
    outage_every: float,
    pause_seconds: float = 0,
) -> Outcome:
    """Prepare a database, serve it by two workers and send the load."""
    url = postgres.create()
    with open_store(url) as store:
        upgrade(store.engine)
        at = datetime(2026, 1, 5, 9, tzinfo=UTC)
        store.load_packaged(packaged_profiles(), packaged_calendars(), at=at, application_version="1")
        context = WriteContext("key:load", datetime.now(UTC))
        secret = create_key(store, name="load", scopes=["admin"], context=context).secret
        with serving(url, folder / "log", workers=2, log_level="WARNING", refresh_seconds="0.5") as server:
            expected = Expected(store)
            begin(server, expected, secret)
            run = Run(server, postgres, expected, secret)
            return asyncio.run(run.perform(requests, seconds, callers, outage_every, pause_seconds))


def begin(server: Serving, expected: Expected, secret: str) -> None:
    """Publish the first version, and wait until both workers have it: every request can be answered."""
    with httpx.Client(base_url=server.origin, headers={"X-API-Key": secret}, timeout=60) as client:
        draft = client.post(f"/v1/profiles/{KEY}/drafts", json={"document": small(10)}).raise_for_status().json()
        client.post(
            f"/v1/profiles/{KEY}/drafts/{draft['id']}/publish",
            json=FORCE,
            headers={"If-Match": f'"{draft["revision"]}"'},
        ).raise_for_status()
    request, agreed, until = expected.requests[expected.live_request], 0, time.monotonic() + 30
    while agreed < 20:
        agreed = agreed + 1 if httpx.post(f"{server.origin}/v1/calculations", json=request).status_code == 200 else 0
        if time.monotonic() > until:
            raise TimeoutError("the first version does not answer")
        # One worker may answer many times in a row; within two seconds the other has looked for what is new as well.
        time.sleep(0.1)
    expected.reload()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a load and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=4 * 3600)
    parser.add_argument("--callers", type=int, default=16)
    parser.add_argument("--outage-every", type=float, default=30)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        postgres = Postgres(Path(folder))
        try:
            outcome = load(
                postgres,
                Path(folder),
                requests=options.requests,
                seconds=options.seconds,
                callers=options.callers,
                outage_every=options.outage_every,
            )
        finally:
            postgres.close()
    settled = max(outcome.memory[: len(outcome.memory) // 10 + 1])
    print(
        f"\n{outcome.calculations:,} calculations in {outcome.seconds:,.0f} s, "
        f"{outcome.calculations / outcome.seconds:,.0f} a second"
    )
    print(
        f"{outcome.published} versions published, {len(outcome.versions)} of them answered; {outcome.outages} outages"
    )
    print(
        f"memory of both workers: {settled >> 20} MiB after the first tenth, {outcome.memory[-1] >> 20} MiB at the end"
    )
    print(f"slowest answer {outcome.slowest * 1000:,.0f} ms; answers: {dict(outcome.statuses)}")
    for fault in outcome.faults():
        print(f"FAULT: {fault}")
    return 1 if outcome.faults() else 0


if __name__ == "__main__":
    sys.exit(main())
