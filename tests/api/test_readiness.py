"""/readyz and the metrics tell the truth: of a database that hangs, of lost guards, and of records that were altered."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from app.services.ports import SchemaMismatch, WriteContext
from app.services.snapshot.packaged import packaged_calendars, packaged_profiles
from app.store import SqlStore, grant_service_role, open_store, upgrade
from tests.api.application import EVENT, RunningApplication, fill, running_application, small
from tests.operations.test_metrics import value
from tests.postgres import Postgres
from tests.store.builders import NOON

ASKED = {"profile": "swindon", "event": EVENT, "facts": {"section_47_initiated": True}}
PATIENCE = 20


def eventually(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


def readiness(running: RunningApplication) -> dict[str, Any]:
    answer = running.client.get("/readyz")
    assert answer.status_code == 200, "calculations can be answered all the while"
    return answer.json()


def drop_guards(store: SqlStore) -> None:
    """Drop every trigger, as a restore of the data alone does."""
    postgresql = store.engine.dialect.name == "postgresql"
    listing = (
        "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal"
        if postgresql
        else "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    )
    with store.engine.begin() as connection:
        for name, table in connection.execute(text(listing)).all():
            connection.execute(text(f"DROP TRIGGER {name} ON {table}" if postgresql else f"DROP TRIGGER {name}"))


def test_while_the_database_hangs_what_needs_none_is_answered_and_readiness_and_metrics_say_so(
    postgres_outage: Postgres, postgres_url: str
) -> None:
    fill(postgres_url)
    with running_application(postgres_url, store_seconds=0.5) as running:
        admin = running.key("admin")
        before = running.client.post("/v1/calculations", json=ASKED).content
        with postgres_outage.suspended():
            eventually(lambda: readiness(running)["status"] == "degraded")
            assert readiness(running)["reason"] == "the database does not answer in time"
            assert value(running.client.get("/metrics").text, "deadlines_store_up") == 0
            started = time.monotonic()
            written = running.client.post("/v1/profiles/exampleton/drafts", json={"document": small()}, headers=admin)
            assert (written.status_code, written.json()["type"]) == (503, "/problems/store-unavailable")
            assert "does not answer in time" in written.json()["detail"]
            assert time.monotonic() - started < PATIENCE
            started = time.monotonic()
            assert running.client.post("/v1/calculations", json=ASKED, headers=admin).content == before
            timeline = {"profile": "swindon", "events": [EVENT], "as_of": "2026-03-03"}
            assert running.client.post("/v1/timelines", json=timeline).status_code == 200
            assert running.client.get("/v1/profiles/swindon").status_code == 200
            assert time.monotonic() - started < 5
        eventually(lambda: readiness(running)["status"] == "ready")
        assert value(running.client.get("/metrics").text, "deadlines_store_up") == 1


def test_a_check_that_never_returns_is_seen_by_its_age(
    here: RunningApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never() -> str:
        time.sleep(3)
        return "1"

    monkeypatch.setattr(here.live, "_stale_seconds", 0.5)
    monkeypatch.setattr(here.store, "state_token", never)
    eventually(lambda: readiness(here)["status"] == "degraded")
    assert readiness(here)["reason"].startswith(
        "the database does not answer in time: the last check that succeeded was"
    )
    from app.services.observability.metrics import render_metrics

    assert value(render_metrics(0.1)[0].decode(), "deadlines_store_up") == 0


def test_a_request_does_not_wait_for_ever_behind_a_refresh_that_hangs(
    here: RunningApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.services.snapshot.holder.LOCK_SECONDS", 0.1)
    with here.live._lock:
        started = time.monotonic()
        assert not here.live.refresh()
        assert time.monotonic() - started < 2


def test_a_disk_that_is_full_is_on_the_page_and_in_the_log(
    here: RunningApplication, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    author = here.key("author")
    from sqlalchemy import event

    with here.store.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    event.listen(here.store.engine, "connect", lambda raw, _: raw.execute(f"PRAGMA max_page_count = {pages}"))
    here.store.close()
    document = small(title="x" * 400_000)
    answer = here.client.post("/v1/profiles/exampleton/drafts", json={"document": document}, headers=author)
    assert answer.status_code == 503
    assert answer.json()["detail"].startswith("The disk of the database is full.")
    assert readiness(here)["reason"] == "the last write failed: the disk of the database is full"
    assert "store_unavailable" in "".join(capsys.readouterr())


@pytest.mark.parametrize("where", ["sqlite_url", "postgres_url"])
def test_a_revoked_key_is_refused_on_every_replica_also_where_the_triggers_are_lost(
    request: pytest.FixtureRequest, where: str
) -> None:
    url = request.getfixturevalue(where)
    fill(url)
    with running_application(url) as running:
        headers = running.key("admin", name="leaver")
        assert running.client.get("/v1/audit", headers=headers).status_code == 200
        with open_store(url) as elsewhere:
            drop_guards(elsewhere)
            (record,) = elsewhere.list_keys()
            elsewhere.revoke_key(record.id, context=WriteContext("key:op", NOON))
        eventually(lambda: running.client.get("/v1/audit", headers=headers).status_code == 401)


def test_what_is_published_and_withdrawn_elsewhere_arrives_without_triggers_too(here: RunningApplication) -> None:
    both = here.key("author", "publish")
    drop_guards(here.store)
    before = here.store.state_token()
    here.published(both, small(), in_force_from="2026-01-01", reason="x")
    published = here.store.state_token()
    here.client.post("/v1/profiles/exampleton/versions/1/withdraw", json={"reason": "x"}, headers=both)
    withdrawn = here.store.state_token()
    holiday = {"date": "2027-05-10", "name": "One-off", "source": "Parliament"}
    here.client.post("/v1/calendars/england-and-wales/bank-holidays", json=holiday, headers=both)
    assert int(before) < int(published) < int(withdrawn) < int(here.store.state_token())


def test_with_its_triggers_a_change_is_counted_once(here: RunningApplication) -> None:
    before = int(here.store.state_token())
    here.key("admin")
    assert int(here.store.state_token()) == before + 1


def test_the_service_does_not_start_on_a_database_that_lost_a_guard(filled_url: str) -> None:
    with open_store(filled_url) as store:
        drop_guards(store)
    with pytest.raises(SchemaMismatch, match="profile_version_unchanged"), running_application(filled_url):
        pass


def test_guards_that_are_lost_under_a_running_process_are_named(
    here: RunningApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.services.snapshot.holder.VERIFY_SECONDS", 0.1)
    drop_guards(here.store)
    eventually(lambda: readiness(here)["status"] == "degraded")
    assert "has lost the triggers" in readiness(here)["reason"]
    assert "api_key_counted" in readiness(here)["reason"]


def test_a_replica_of_the_earlier_version_starts_on_a_database_that_the_later_one_migrated(filled_url: str) -> None:
    with open_store(filled_url) as store, store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_later'"))
    with running_application(filled_url) as running:
        assert readiness(running)["status"] == "ready"


ALTERATIONS = {
    "the resolved document": "UPDATE profile_version SET resolved = replace(resolved, 'working_days', 'days')",
    "the author's document": "UPDATE profile_version SET document = replace(document, 'working_days', 'days')",
    "the title": "UPDATE profile_version SET title = 'Other'",
    "the first day": "UPDATE profile_version SET in_force_from = '2030-01-01'",
    "who published it": "UPDATE profile_version SET published_by = 'mallory'",
    "its existence": "DELETE FROM profile_version",
}


@pytest.mark.parametrize("what", ALTERATIONS)
def test_a_record_altered_under_a_running_process_is_not_taken_over_and_is_named(
    here: RunningApplication, what: str
) -> None:
    before = here.client.get("/v1/profiles/swindon/versions/1").content
    drop_guards(here.store)
    with here.store.engine.begin() as connection:
        connection.execute(text(f"{ALTERATIONS[what]} WHERE key = 'swindon'"))
    author = here.key("author")  # what makes every replica load anew
    eventually(lambda: readiness(here)["status"] == "degraded")
    assert "swindon" in readiness(here)["reason"]
    assert here.client.get("/v1/profiles/swindon/versions/1").content == before
    copy = here.client.post("/v1/profiles/swindon/drafts", json={}, headers=author)
    if copy.status_code == 201:
        assert "working_days" in copy.text
    assert here.client.post("/v1/calculations", json=ASKED).json()["type"] == "/problems/not-ready"
    assert here.client.post("/v1/calculations", json={**ASKED, "profile": "york"}).status_code == 200


def test_a_calendar_altered_under_a_running_process_is_named(here: RunningApplication) -> None:
    drop_guards(here.store)
    with here.store.engine.begin() as connection:
        connection.execute(text("UPDATE calendar_version SET document = replace(document, 'Christmas', 'Xmas')"))
    here.key("admin")
    eventually(lambda: readiness(here)["status"] == "degraded")
    assert "england-and-wales/1 was altered" in readiness(here)["reason"]


def test_the_service_works_as_a_role_that_can_do_nothing_else(postgres: Postgres, postgres_url: str) -> None:
    role = f"service_{time.time_ns()}"
    with open_store(postgres_url) as owner:
        upgrade(owner.engine)
        with owner.engine.begin() as connection:
            connection.execute(text(f"CREATE ROLE {role} LOGIN"))
        for _ in range(2):
            grant_service_role(owner.engine, role)
        owner.load_packaged(packaged_profiles(), packaged_calendars(), at=NOON, application_version="1")
        url = owner.engine.url.set(username=role).render_as_string(hide_password=False)
        with running_application(url) as running:
            both = running.key("author", "publish")
            draft = running.draft(both, small())
            where = f"/v1/profiles/exampleton/drafts/{draft['id']}"
            changed = running.client.put(where, json={"document": small(9)}, headers={**both, "If-Match": '"1"'}).json()
            assert running.publish(both, changed, in_force_from="2026-01-01", reason="x").status_code == 201
            other = running.draft(both, small())
            where = f"/v1/profiles/exampleton/drafts/{other['id']}"
            assert running.client.delete(where, headers={**both, "If-Match": "*"}).status_code == 204
            withdrawn = "/v1/profiles/exampleton/versions/1/withdraw"
            assert running.client.post(withdrawn, json={"reason": "x"}, headers=both).status_code == 200
            holiday = {"date": "2027-05-10", "name": "One-off", "source": "Parliament"}
            added = running.client.post("/v1/calendars/england-and-wales/bank-holidays", json=holiday, headers=both)
            assert added.status_code == 201
            (record,) = running.store.list_keys()
            running.store.expire_key(record.id, expires_at=None, context=WriteContext("key:op", NOON))
            running.store.revoke_key(record.id, context=WriteContext("key:op", NOON))
            assert readiness(running)["status"] == "ready"
            for statement in (
                "ALTER TABLE profile_version DISABLE TRIGGER ALL",
                "DROP TRIGGER api_key_kept ON api_key",
                "UPDATE profile_version SET resolved = '{}'",
                "UPDATE api_key SET scopes = '[]'",
                "UPDATE audit_record SET actor = 'nobody'",
                "DELETE FROM api_key",
                "TRUNCATE draft",
                "CREATE TABLE more (id integer)",
            ):
                with (
                    pytest.raises(Exception, match=r"permission denied|must be owner"),
                    running.store.engine.begin() as it,
                ):
                    it.execute(text(statement))
        with owner.engine.begin() as connection:
            connection.execute(text(f"DROP OWNED BY {role}"))
            connection.execute(text(f"DROP ROLE {role}"))
