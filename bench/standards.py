"""Measure many councils' standards: start, memory and publishing. `python -m bench.standards --help` for their number.

Two servers of one worker each stand on one database, as two replicas do. The versions are those of the packaged
councils under other keys, each with another number of days.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import orjson

from app.services.access.api_keys import create_key
from app.services.ports import NewProfileVersion, WriteContext
from app.services.snapshot.checksum import digest
from app.services.snapshot.packaged import packaged_calendars, packaged_profiles
from app.store import SqlStore, open_store, upgrade
from bench.server import HERE, Server, memory, processor, started
from bench.table import Row, printed

SIZES = ((10, 5), (200, 20))
"""Councils, and versions of each; the second takes eight minutes."""
TOUCHED = 400
PATTERNS = ("barnet", "swindon", "wiltshire", "york")
EVENT = {"type": "strategy_discussion_held", "occurred_at": "2026-03-02T14:30:00+00:00"}
DEADLINE = 900.0
MAX_PUBLISH_SECONDS = 5.0


def rows() -> Iterator[Row]:
    """Measure ten councils, and two hundred with twenty versions each, on SQLite."""
    for councils, versions in SIZES:
        yield from rows_of(councils, versions)


def rows_of(councils: int, versions: int, url: str | None = None) -> Iterator[Row]:
    """Measure so many councils of so many versions each, on SQLite unless an empty database's `url` says otherwise."""
    number = councils * versions
    sizes = f"{councils} councils x {versions} versions"
    with tempfile.TemporaryDirectory(prefix="deadlines-standards-") as folder, ExitStack() as running:
        place = Path(folder)
        database = url or f"sqlite:///{place}/standards.db"
        with open_store(database, 60) as store:
            fill(store, councils, versions)
            secret = create_key(
                store, name=f"bench {os.getpid()}", scopes=("author", "publish"), profile_keys=None, context=_context()
            ).secret
        environment = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
            "DEADLINES_DATABASE_URL": database,
            "PYTHONPYCACHEPREFIX": f"{place}/bytecode",
        }
        service = [sys.executable, "-m", "app.cli", "serve", "--port"]
        subprocess.run(
            [sys.executable, "-m", "app.cli", "load"], check=True, env=environment, cwd=HERE, capture_output=True
        )
        one = running.enter_context(started("the first replica", service, environment, place, DEADLINE))
        used = processor(one.process.pid)
        yield Row(f"start to ready, {sizes}", f"{one.ready_after:.1f} s", f"processor: {used:.1f} s")
        yield Row(f"memory when ready, {sizes}", f"{memory(one.process.pid):.0f} MB")
        began = time.monotonic()
        _settle(one, place)
        yield Row(
            f"every version compiled once in the background, {sizes}",
            f"{time.monotonic() - began:.0f} s later",
            f"processor: {processor(one.process.pid) - used:.1f} s",
        )
        yield Row(f"memory at rest, {sizes}", f"{memory(one.process.pid):.0f} MB")
        yield from _touched(one, councils, versions, min(TOUCHED, number))
        two = running.enter_context(started("the second replica", service, environment, place, DEADLINE))
        _settle(two, place)
        yield from _published(one, two, secret, versions, sizes)


def fill(store: SqlStore, councils: int, versions: int) -> None:
    """Migrate the database, and publish what is packaged and every version of every council."""
    upgrade(store.engine)
    at = datetime(2025, 1, 1, tzinfo=UTC)
    packaged = packaged_profiles()
    store.load_packaged(packaged, packaged_calendars(), at=at, application_version="bench")
    patterns = [each for each in packaged if each.key in PATTERNS]
    for version in range(1, versions + 1):
        some = [variant(patterns[place % len(patterns)], place, version) for place in range(councils)]
        store.load_packaged(some, [], at=at.replace(month=1 + version % 12), application_version=f"bench {version}")


def variant(pattern: NewProfileVersion, council: int, version: int) -> NewProfileVersion:
    """Return a packaged council's profile under another key, with another number of working days."""
    document = cast(dict[str, Any], orjson.loads(orjson.dumps(pattern.resolved)))
    document["key"] = f"{pattern.key}-{council:03}"
    document["title"] = f"{document['title']}, {council}/{version}"
    _count_otherwise(document["rules"], 3 + (council + version) % 17)
    start = date(2000 + version % 25, 1, 1)
    document.pop("in_force_from", None)
    return replace(
        pattern,
        key=document["key"],
        title=document["title"],
        document=document,
        resolved=document,
        checksum=digest(document),
        in_force_from=start,
    )


def _count_otherwise(value: Any, days: int) -> bool:
    """Replace the first number of working days in a document."""
    if isinstance(value, list):
        return any(_count_otherwise(each, days) for each in value)
    if not isinstance(value, dict):
        return False
    if isinstance(value.get("working_days"), int):
        value["working_days"] = days
        return True
    return any(_count_otherwise(each, days) for each in value.values())


def _touched(one: Server, councils: int, versions: int, number: int) -> Iterator[Row]:
    """Ask for so many versions in turn, as a rude caller would, and meanwhile whether the service is ready."""
    slowest, done = 0.0, threading.Event()

    def watch() -> None:
        nonlocal slowest
        while not done.wait(0.02):
            began = time.perf_counter()
            _get(one, "/readyz")
            slowest = max(slowest, time.perf_counter() - began)

    watching = threading.Thread(target=watch)
    watching.start()
    used, began = processor(one.process.pid), time.perf_counter()
    for place in range(number):
        council, version = place % councils, 1 + place // councils % versions
        body = {"profile": key_of(council), "profile_version": version, "event": EVENT}
        _post(one, "/v1/calculations", body)
    each = (time.perf_counter() - began) / number
    done.set()
    watching.join()
    yield Row(
        f"{number} versions asked for in turn, each once",
        f"{each * 1000:.1f} ms each",
        f"processor: {(processor(one.process.pid) - used) / number * 1000:.1f} ms; slowest /readyz meanwhile",
        f"{slowest * 1000:.0f} ms",
    )
    yield Row(f"memory after these {number} versions", f"{memory(one.process.pid):.0f} MB")


def key_of(council: int) -> str:
    """Return the key of a council: `swindon-001`."""
    return f"{sorted(PATTERNS)[council % len(PATTERNS)]}-{council:03}"


def _published(one: Server, two: Server, secret: str, versions: int, sizes: str) -> Iterator[Row]:
    """Publish one more version at one replica, and ask the other one until it answers by it."""
    headers = {"X-API-Key": secret}
    key = key_of(0)
    document = orjson.loads(_get(one, f"/v1/profiles/{key}/versions/{versions}"))["document"]
    document["title"] += f", published {os.getpid()}"
    draft = orjson.loads(_post(one, f"/v1/profiles/{key}/drafts", {"document": document}, headers))
    used = processor(one.process.pid), processor(two.process.pid)
    began = time.perf_counter()
    body = {"in_force_from": "2026-01-01", "reason": "measured"}
    where = f"/v1/profiles/{key}/drafts/{draft['id']}/publish"
    published = orjson.loads(_post(one, where, body, {**headers, "If-Match": f'"{draft["revision"]}"'}))
    answered = time.perf_counter() - began
    ask = {"profile": key, "profile_version": published["version"], "event": EVENT}
    while not _answers(lambda: _post(two, "/v1/calculations", ask)):
        if time.perf_counter() - began > DEADLINE:
            raise RuntimeError("the other replica never answered by the new version")
        time.sleep(0.02)
    visible = time.perf_counter() - began
    spent = processor(one.process.pid) - used[0], processor(two.process.pid) - used[1]
    yield Row(f"publish: the request, {sizes}", f"{answered:.2f} s", f"processor: {spent[0]:.2f} s")
    yield Row(
        f"publish: until the other replica answers by it, {sizes}",
        f"{visible:.2f} s",
        f"its processor: {spent[1]:.2f} s",
        "",
        f"under {MAX_PUBLISH_SECONDS:g} s",
        visible < MAX_PUBLISH_SECONDS,
    )


def _settle(server: Server, place: Path) -> None:
    """Wait until a server has compiled every version once, which its log says."""
    began = time.monotonic()
    while "versions_checked" not in (place / f"{server.port}.log").read_text(encoding="utf-8"):
        if time.monotonic() - began > DEADLINE:
            raise RuntimeError(f"{server.name} is still compiling")
        time.sleep(0.2)


def _context() -> WriteContext:
    return WriteContext("key:bench", datetime.now(UTC))


def _answers(ask: Callable[[], bytes]) -> bool:
    try:
        ask()
    except urllib.error.HTTPError:
        return False
    return True


def _get(server: Server, path: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=60) as answer:
        return bytes(answer.read())


def _post(server: Server, path: str, body: object, headers: dict[str, str] | None = None) -> bytes:
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}{path}",
        orjson.dumps(body),
        {"Content-Type": "application/json", **(headers or {})},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - as above
        return bytes(answer.read())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.standards", description=__doc__)
    parser.add_argument("--councils", type=int, default=200)
    parser.add_argument("--versions", type=int, default=20)
    parser.add_argument("--url", help="an empty PostgreSQL database (default: SQLite in a temporary folder)")
    chosen = parser.parse_args()
    print(printed(list(rows_of(chosen.councils, chosen.versions, chosen.url))))
