"""Two replicas on one PostgreSQL: what one publishes the other answers, soon and never by half."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx
import pytest

from app.services.access.api_keys import create_key
from app.services.ports import WriteContext
from app.store import open_store
from tests.api.application import EVENT, fill, small
from tests.api.replicas import replicas

ASKED = {"profile": "exampleton", "event": EVENT}
DUE_BY_VERSION = {1: ["2026-03-03", "2026-03-23"], 2: ["2026-03-03", "2026-03-16"]}


@pytest.fixture
def pair(postgres_url: str) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    fill(postgres_url)
    with open_store(postgres_url) as store:
        context = WriteContext("key:test", datetime.now(UTC))
        secret = create_key(store, name="Ann", scopes=["author", "publish"], context=context).secret
    with replicas(2, postgres_url) as clients:
        for client in clients:
            client.headers["X-API-Key"] = secret
        one, other = clients
        yield one, other


def drafted(client: httpx.Client, days: int) -> str:
    answer = client.post("/v1/profiles/exampleton/drafts", json={"document": small(days)})
    assert answer.status_code == 201, answer.text
    return f"/v1/profiles/exampleton/drafts/{answer.json()['id']}/publish"


def publish(client: httpx.Client, where: str) -> httpx.Response:
    body = {"in_force_from": "2026-01-01", "reason": "agreed late"}
    return client.post(where, json=body, headers={"If-Match": '"1"'})


def await_version(client: httpx.Client, version: int) -> float:
    """Ask until the version answers, each answer on the way being whole; give the seconds that it took."""
    started = time.monotonic()
    while True:
        answer = client.post("/v1/calculations", json=ASKED)
        took = time.monotonic() - started
        if answer.status_code == 200:
            body = answer.json()
            dates = [item["due_date"] for item in body["obligations"]]
            assert dates == DUE_BY_VERSION[body["profile"]["version"]]
            if body["profile"]["version"] == version:
                return took
        else:
            assert answer.json()["errors"][0]["path"] == "profile", answer.text
        assert took < 10
        time.sleep(0.02)


def test_what_one_publishes_the_other_answers_within_two_seconds_and_never_by_half(
    pair: tuple[httpx.Client, httpx.Client],
) -> None:
    one, other = pair
    for version, days in ((1, 15), (2, 10)):
        where = drafted(one, days)
        assert publish(one, where).status_code == 201
        with ThreadPoolExecutor() as pool:
            here, there = pool.map(await_version, (one, other), (version, version))
        assert here < 0.5
        assert there < 2
    # A calculation's bytes do not tell which replica it came from.
    assert one.post("/v1/calculations", json=ASKED).content == other.post("/v1/calculations", json=ASKED).content


def test_two_who_publish_the_same_draft_at_once_make_one_version(pair: tuple[httpx.Client, httpx.Client]) -> None:
    where = drafted(pair[0], 15)
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(publish, pair, (where, where)))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["type"] == "/problems/conflict"
    assert (refused.json()["key"], refused.json()["version"]) == ("exampleton", 1)
    time.sleep(1.5)
    for client in pair:
        assert [item["version"] for item in client.get("/v1/profiles/exampleton").json()["versions"]] == [1]


def test_two_who_change_a_calendar_at_once_are_both_heard(pair: tuple[httpx.Client, httpx.Client]) -> None:
    def add(client: httpx.Client, day: str) -> httpx.Response:
        body = {"date": day, "name": f"Holiday of {day}", "source": "Parliament"}
        return client.post("/v1/calendars/england-and-wales/bank-holidays", json=body)

    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(add, pair, ("2027-05-10", "2027-05-17")))
    assert sorted(answer.json()["version"] for answer in answers) == [2, 3]
    second = pair[0] if answers[0].json()["version"] == 3 else pair[1]
    days = [item["date"] for item in second.get("/v1/calendars/england-and-wales/versions/3").json()["days"]]
    assert {"2027-05-10", "2027-05-17"} <= set(days)
