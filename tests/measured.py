"""Which tests the branch coverage of `app/` is measured by: all but those that cost much and reach little more.

What is measured takes half as long again. Thousands of generated requests, laws and replays reach little that the other
tests do not: measured by all tests, the coverage would be 0.8 points higher. So the figure is what is reached at least.
A process that a test starts is measured only where that part of the application is reached in no other way.
"""

import os
from collections.abc import Iterator

import pytest
from coverage import Coverage

NOT_MEASURED = (
    "tests/cases/",
    "tests/corpus/",
    "tests/deploy/",
    "tests/docs/",
    "tests/examples/",
    "tests/fuzz/",
    "tests/house/",
    "tests/load/",
    "tests/privacy/",
    "tests/published/",
    "tests/cli/test_bulk.py",
    "tests/contract/test_printed_examples.py",
    "tests/contract/test_schemathesis.py",
    "tests/services/test_episode_laws.py",
    "tests/services/test_every_pair.py",
    "tests/services/test_linear_work.py",  # counts the lines that are run, by the same means
    "tests/services/test_timeline_laws.py",
    "tests/services/test_workbook_round_trip.py",
)
# Their service, or what limits a request before it is one, is a process of its own.
WITH_PROCESSES = (
    "tests/mcp/test_http.py",
    "tests/operations/test_bodies.py",
    "tests/operations/test_http_manners.py",
    "tests/services/test_standards.py",
    "tests/web/",
)
VARIABLE = "COVERAGE_PROCESS_CONFIG"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the other tests out of the measurement."""
    for item in items:
        if item.nodeid.startswith(NOT_MEASURED):
            item.add_marker(pytest.mark.no_cover)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Let no worker be measured as a process of its own besides: that would go on while pytest-cov leaves a test out."""
    os.environ.pop(VARIABLE, None)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Stop what pytest-cov starts in a worker before it knows that it is one, and would never stop."""
    if is_worker(session.config) and (early := Coverage.current()) is not None:
        early.stop()


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """Measure in one worker what collecting imports: it is the same in all, and takes half as long again."""
    measuring = Coverage.current()
    if measuring is None or not is_worker(session.config) or os.environ["PYTEST_XDIST_WORKER"] == "gw0":
        return (yield)
    measuring.stop()
    try:
        return (yield)
    finally:
        measuring.start()


def is_worker(config: pytest.Config) -> bool:
    """Tell whether this process is one of several that run the tests."""
    return hasattr(config, "workerinput")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Take away what makes coverage.py start in a new process, where that process is not to be measured."""
    setting = os.environ.get(VARIABLE)
    if setting is None or item.nodeid.startswith(WITH_PROCESSES):
        return (yield)
    del os.environ[VARIABLE]
    try:
        return (yield)
    finally:
        os.environ[VARIABLE] = setting
