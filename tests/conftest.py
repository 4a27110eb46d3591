"""What every test may ask for."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.postgres", "tests.chromium", "tests.running"]

# No deadline: an example that takes long on a busy machine is no failure. In CI the examples are the same each time, so
# that a red run can be repeated; at the desk they are new each time, and the failing ones are kept.
settings.register_profile("desk", deadline=None)
settings.register_profile(
    "ci", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci" if os.environ.get("CI") else "desk")

# The service's own settings: a developer's shell must not sway a test. Removed on import, before any module reads them.
for _name in [name for name in os.environ if name.startswith("DEADLINES_")]:
    del os.environ[_name]


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Give the URL of a SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path}/deadlines.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Give an empty database of each kind that the service supports: a test that asks for it runs on both."""
    return request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param])
