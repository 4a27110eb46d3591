"""A running application over a real store, and callers with the keys they were given."""

import copy
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from app.api.application import create_app
from app.services.access.api_keys import create_key
from app.services.ports import WriteContext
from app.services.snapshot.holder import SnapshotHolder
from app.services.snapshot.packaged import packaged_calendars, packaged_profiles
from app.settings import Settings
from app.store import SqlStore, open_store, upgrade
from tests.compiled_once import compiled_once

Headers = dict[str, str]


def fill(url: str) -> None:
    """Migrate a database and load what comes with the application."""
    with open_store(url) as store:
        upgrade(store.engine)
        store.load_packaged(
            packaged_profiles(), packaged_calendars(), at=datetime(2026, 1, 5, 9, tzinfo=UTC), application_version="1"
        )


def filled_copy(template: Path, folder: Path) -> str:
    """Give a new SQLite database that holds what the template holds."""
    target = folder / "deadlines.db"
    shutil.copyfile(template, target)
    return f"sqlite:///{target}"


class RunningApplication:
    """The application under test, and whoever calls it."""

    def __init__(self, client: TestClient, store: SqlStore, live: SnapshotHolder) -> None:
        self.client = client
        self.store = store
        self.live = live
        self._names: set[str] = set()

    def key(self, *scopes: str, only: list[str] | None = None, name: str | None = None, **more: Any) -> Headers:
        """Make a key with these scopes and give the header that sends it."""
        issued = create_key(
            self.store,
            name=name or self._new_name("-".join([*scopes, *(only or [])])),
            scopes=scopes,
            profile_keys=only,
            context=WriteContext("key:test", more.pop("at", None) or datetime.now(UTC)),
            **more,
        )
        self.live.refresh()
        return {"X-API-Key": issued.secret}

    def _new_name(self, wanted: str) -> str:
        """Give a name that no other key has: the wanted one, the first time."""
        name = next(name for name in (wanted, *(f"{wanted} {n}" for n in range(2, 1000))) if name not in self._names)
        self._names.add(name)
        return name

    def draft(self, headers: Headers, document: dict[str, Any], key: str | None = None) -> dict[str, Any]:
        """Begin a draft that is expected to be kept."""
        where = f"/v1/profiles/{key or document['key']}/drafts"
        answer = self.client.post(where, json={"document": document}, headers=headers)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def publish(self, headers: Headers, draft: dict[str, Any], **body: Any) -> Any:
        """Publish a draft at the revision given."""
        where = f"/v1/profiles/{draft['key']}/drafts/{draft['id']}/publish"
        return self.client.post(where, json=body, headers={**headers, "If-Match": f'"{draft["revision"]}"'})

    def published(self, headers: Headers, document: dict[str, Any], **body: Any) -> dict[str, Any]:
        """Begin a draft and publish it."""
        answer = self.publish(headers, self.draft(headers, document), **body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def due(self, **request: Any) -> list[str]:
        """The due dates that a calculation gives."""
        answer = self.client.post("/v1/calculations", json=request)
        assert answer.status_code == 200, answer.text
        return [item["due_date"] for item in answer.json()["obligations"]]


@contextmanager
def running_application(url: str, **settings: Any) -> Iterator[RunningApplication]:
    """Run the application over a database."""
    chosen = Settings(database_url=url, **settings)
    with compiled_once(), open_store(url, chosen.store_seconds) as store:
        live = SnapshotHolder(store, 0.2, chosen.stale_seconds)
        with TestClient(create_app(live, chosen)) as client:
            yield RunningApplication(client, store, live)


SMALL: dict[str, Any] = {
    "format": 1,
    "key": "exampleton",
    "title": "Exampleton: practice standards",
    "authority": "Exampleton",
    "calendar": "england-and-wales",
    "documents": {"main": {"title": "Practice Standards"}},
    "rules": [
        {
            "id": "icpc-held",
            "duty": "hold_icpc",
            "title": "Hold the initial child protection conference",
            "event": "strategy_discussion_held",
            "timing": {"within": {"working_days": 15}},
            "responsible": ["Chair"],
            "strength": "must",
            "source": [{"section": "1.1"}],
        },
        {
            "id": "discussion-recorded",
            "duty": "record_strategy_actions",
            "title": "Record the strategy discussion",
            "event": "strategy_discussion_held",
            "timing": {"within": {"working_days": 1}},
            "responsible": ["Manager"],
            "strength": "should",
            "source": [{"section": "1.2"}],
        },
    ],
}
EVENT = {"type": "strategy_discussion_held", "occurred_at": "2026-03-02"}


def small(days: int = 15, **changes: Any) -> dict[str, Any]:
    """A profile of two rules, the conference within so many working days."""
    document = copy.deepcopy(SMALL) | changes
    document["rules"][0]["timing"] = {"within": {"working_days": days}}
    return document
