"""The memory of the processes that run the tests: given back after each module, and shown at the end."""

import ctypes
import gc
import os
import resource
import sys
from pathlib import Path

import pytest

MIB = 2**20
GC_THRESHOLDS = (10_000, 10, 50)

# Until the tests are collected: what is imported stays, and looking through it again and again takes seconds.
gc.disable()


def resident_bytes() -> int:
    """The memory of this process now, as Linux counts it."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Collect garbage from here on, and leave out what was imported and collected: it stays."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Give back what a module needed for a moment: after generated requests, glibc keeps gigabytes of free pages."""
    if sys.platform == "linux" and (nextitem is None or nextitem.path != item.path or resident_bytes() > 2**30):
        ctypes.CDLL(None).malloc_trim(0)


class Memory:
    """What each process had at its end, and at most."""

    def __init__(self) -> None:
        self.figures: list[str] = []

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        """Note the figures that a worker sends with its last message."""
        if figures := getattr(node, "workeroutput", {}).get("memory"):
            self.figures.append(figures)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Send the figures of a worker, or note those of the only process."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        figures = f"{resident_bytes() // MIB} MiB (at most {peak // MIB})"
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output["memory"] = figures
        elif not self.figures:
            self.figures.append(figures)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the figures in one line."""
        terminalreporter.write_line(f"memory of each process at its end: {', '.join(self.figures)}")


def pytest_configure(config: pytest.Config) -> None:
    """Follow the memory where Linux tells it."""
    if sys.platform == "linux":
        config.pluginmanager.register(Memory())
