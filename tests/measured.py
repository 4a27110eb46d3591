"""Which tests the branch coverage of `app/` is measured by: those that reach most of it in the least time.

What is measured takes half as long again. Thousands of generated requests, laws and replays reach little that the other
tests do not, and what they would add is not counted: the figure is what is reached at least. A process that a test starts
is measured only where that part of the application is reached in no other way.

The lists are what a greedy search found among all test files: measured by all of them, the coverage was 95.9%; by those
left, about 94%, for a third of the time.
"""

import os
from collections.abc import Iterator

import pytest
from coverage import Coverage

# Folders that ask for other things than the application's code or reach what the others reach, and in the others the files
# that take seconds to reach what their neighbours reach.
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
    "tests/api/test_access.py",
    "tests/api/test_answer_queue.py",
    "tests/api/test_authority.py",
    "tests/api/test_budgets.py",
    "tests/api/test_calculation_route.py",
    "tests/api/test_one_definition.py",
    "tests/api/test_replicas.py",
    "tests/api/test_without_database.py",
    "tests/api/test_workbooks.py",
    "tests/calendars/test_changes.py",
    "tests/calendars/test_laws.py",
    "tests/cli/test_broken_files.py",
    "tests/cli/test_bulk.py",
    "tests/cli/test_bulk_tables.py",
    "tests/cli/test_workbooks.py",
    "tests/contract/test_printed_examples.py",
    "tests/contract/test_schemathesis.py",
    "tests/engine/test_counting_laws.py",
    "tests/frames/test_spark.py",
    "tests/mcp/test_http.py",
    "tests/operations/test_bodies.py",
    "tests/operations/test_headers.py",
    "tests/operations/test_http_manners.py",
    "tests/operations/test_logs.py",
    "tests/operations/test_metrics.py",
    "tests/operations/test_streams.py",
    "tests/services/test_episode_laws.py",
    "tests/services/test_every_pair.py",
    "tests/services/test_linear_work.py",  # counts the lines that are run, by the same means
    "tests/services/test_result_cache.py",
    "tests/services/test_snapshot.py",
    "tests/services/test_steady_series.py",
    "tests/services/test_timeline_laws.py",
    "tests/services/test_workbook_files.py",
    "tests/services/test_workbook_round_trip.py",
    "tests/store/test_concurrency.py",
    "tests/store/test_crashes.py",
    "tests/store/test_guards.py",
    "tests/store/test_migrations.py",
    "tests/store/test_outage.py",
    "tests/web/test_browser.py",
    "tests/web/test_closures.py",
    "tests/web/test_docs_page.py",
    "tests/web/test_draft_reading.py",
    "tests/web/test_drafts.py",
    "tests/web/test_manager_pages.py",
    "tests/web/test_pages.py",
    "tests/web/test_snapshots.py",
    "tests/web/test_year_report.py",
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
