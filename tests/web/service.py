"""The service as it is run, over a database of its own, its log kept."""

import copy
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx

from app.services.access.api_keys import create_key
from app.services.ports import DraftContent, NewProfileVersion, WriteContext
from app.services.snapshot.checksum import digest
from app.services.snapshot.packaged import packaged_profiles
from app.store import open_store
from tests.api.application import filled_copy

START_UP_SECONDS = 30
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
# The second version of York, for the pages that tell versions apart.
SHORTER = 40
RENAMED = "Complete the single assessment <in good time> & well"


@dataclass(frozen=True)
class Service:
    """Where it answers, and what it wrote."""

    address: str
    log: Path
    database_url: str
    keys: dict[str, str]
    """The secrets of keys that were there from the start, by the name of their owner."""

    def written(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def key(self, name: str, scope: str) -> str:
        """Create an API key as an operator does, and return its secret."""
        command = [str(Path(sys.executable).with_name("deadlines")), "keys", "create", name, "--scope", scope]
        environment = {**os.environ, "DEADLINES_DATABASE_URL": self.database_url}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return done.stdout.strip()


def second_york() -> dict[str, Any]:
    """York with one rule shortened and renamed, one taken away and one added."""
    (york,) = [each for each in packaged_profiles() if each.key == "york"]
    document = copy.deepcopy(york.document)
    rules = document["rules"]
    (complete,) = [rule for rule in rules if rule["id"] == "assessment-complete"]
    complete["timing"] = {"within": {"working_days": SHORTER}}
    complete["title"] = RENAMED
    rules.append({**copy.deepcopy(complete), "id": "assessment-complete-again"})
    rules.remove(next(rule for rule in rules if rule["id"] == "assessment-before-care"))
    return document


# Who writes and publishes standards, and somebody who has no draft to read.
PEOPLE = {
    "Ann": ("author", "my-council"),
    "Bea": ("publish", "my-council"),
    "Cat": ("author", "nobody"),
    "Dot": ("publish", "swindon"),
}


def people(url: str) -> dict[str, str]:
    """Give a key to each of those people."""
    with open_store(url) as store:
        return {
            name: create_key(
                store, name=name, scopes=[scope], profile_keys=[profile], context=WriteContext("key:test", NOON)
            ).secret
            for name, (scope, profile) in PEOPLE.items()
        }


def publish(url: str, document: dict[str, Any]) -> None:
    """Publish a document as the next version of its key, in force from 2030."""
    who = WriteContext("key:test", NOON)
    with open_store(url) as store:
        draft = store.create_draft(
            document["key"], DraftContent(document, digest(document)), base_version=1, context=who
        )
        version = NewProfileVersion(
            key=document["key"],
            title=document["title"],
            document=document,
            resolved=document,
            checksum=digest(document),
            in_force_from=date(2030, 1, 1),
            reason="shorter",
        )
        store.publish_profile(draft.id, version, expected_revision=1, context=who)


@contextmanager
def serving(filled: Path, folder: Path) -> Iterator[Service]:
    """Run `deadlines serve` over a copy of everything packaged, until the test is over."""
    url = filled_copy(filled, folder)
    publish(url, second_york())
    keys = people(url)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    log = folder / "service.log"
    command = [str(Path(sys.executable).with_name("deadlines")), "serve", "--port", str(port)]
    environment = {**os.environ, "DEADLINES_DATABASE_URL": url, "DEADLINES_LOG_LEVEL": "DEBUG"}
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out, env=environment) as process:
        try:
            _wait(address, process, log)
            yield Service(address, log, url, keys)
        finally:
            process.terminate()
            process.wait(timeout=20)


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_UP_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            if httpx.get(f"{address}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"the service did not start: {log.read_text(encoding='utf-8')[-2000:]}")
