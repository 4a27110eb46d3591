"""Settings and fixtures of all tests."""

import functools
import os
from pathlib import Path

import httpx
import pytest
from httpx._config import create_ssl_context
from httpx._transports import default as httpx_transports
from hypothesis import HealthCheck, settings

pytest_plugins = [
    "tests.postgres",
    "tests.chromium",
    "tests.running",
    "tests.dropped_fields",
    "tests.memory",
    "tests.measured",
]

# No deadline: an example that takes long on a busy machine is no failure. In CI the examples are the same each time, so
# that a failure can be repeated; on a developer's machine they are new each time, and failing ones are saved.
settings.register_profile("desk", deadline=None)
settings.register_profile(
    "ci", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci" if os.environ.get("CI") else "desk")

# A developer's environment must not affect a test. The settings are removed on import, before any module reads them.
for _name in [name for name in os.environ if name.startswith("DEADLINES_")]:
    del os.environ[_name]

# Each client of httpx, and so each `httpx.get`, reads the certificates of all authorities, which takes 26 ms.
setattr(httpx_transports, "create_ssl_context", functools.cache(create_ssl_context))  # noqa: B010 - not exported

# A busy machine may take longer than the five seconds that httpx waits for an answer.
for _call in (httpx.get, httpx.post):
    _call.__kwdefaults__ = {**(_call.__kwdefaults__ or {}), "timeout": 60}

# No test asks the government's site for anything.
os.environ["DEADLINES_BANK_HOLIDAYS_URL"] = ""


# They take long and wait for other processes. They come first, so that at the end no worker waits for another one, and so
# in one worker, which then starts the only browser and the only service of the pages.
LONGEST = ("tests/load/", "tests/published/test_generated_clients.py", "tests/web/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest tests first."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Give the URL of a SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path}/deadlines.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Give an empty database of each kind that the service supports: a test that asks for it runs on both."""
    return request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param])
