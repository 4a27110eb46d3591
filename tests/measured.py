"""Which tests the branch coverage of `app/` is measured by: those that reach most of it in the least time.

What is measured takes three times as long. Thousands of generated requests, laws and replays reach little that the other
tests do not, and what they would add is not counted: the figure is what is reached at least. A process that a test starts
is measured only where that part of the application is reached in no other way.
"""

import os
from collections.abc import Iterator

import pytest

# Folders that ask for other things than the application's code, and in the others what takes seconds and reaches what its
# neighbours reach.
NOT_MEASURED = (
    "tests/corpus/",
    "tests/deploy/",
    "tests/docs/",
    "tests/fuzz/",
    "tests/house/",
    "tests/load/",
    "tests/published/",
    "tests/api/test_documents.py::test_no_document_however_broken",
    "tests/cli/test_bulk.py::test_an_interrupted_run",
    "tests/cli/test_bulk.py::test_memory",
    "tests/cli/test_timeliness.py::test_several_processes",
    "tests/cli/test_workbooks.py",
    "tests/contract/test_printed_examples.py",
    "tests/contract/test_schemathesis.py",
    "tests/frames/test_spark.py",
    "tests/services/test_episode_laws.py",
    "tests/services/test_every_pair.py",
    "tests/services/test_linear_work.py",  # counts the lines that are run, by the same means
    "tests/services/test_timeline_laws.py",
    "tests/services/test_workbook_round_trip.py",
    "tests/web/test_docs_page.py",
    "tests/web/test_snapshots.py",
)
# Their service, or what limits a request before it is one, is a process of its own.
WITH_PROCESSES = (
    "tests/mcp/",
    "tests/operations/test_bodies.py",
    "tests/operations/test_metrics_port.py",
    "tests/web/",
)
VARIABLE = "COVERAGE_PROCESS_CONFIG"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the other tests out of the measurement."""
    for item in items:
        if item.nodeid.startswith(NOT_MEASURED):
            item.add_marker(pytest.mark.no_cover)


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
