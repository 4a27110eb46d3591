"""The memory of the processes that run the tests: given back where it grows, and shown at the end."""

import ctypes
import gc
import os
import resource
import sys
from pathlib import Path

import pytest

MIB = 2**20
MAX_GROWTH = 256 * MIB
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


class Trimmer:
    """Gives back what tests needed for a moment: after generated requests, glibc keeps gigabytes of free pages."""

    def __init__(self) -> None:
        self._after_last = resident_bytes()

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_teardown(self) -> None:
        """Give back where much was needed since the last time: it takes longer than most tests."""
        if resident_bytes() > self._after_last + MAX_GROWTH:
            ctypes.CDLL(None).malloc_trim(0)
            self._after_last = resident_bytes()


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
        config.pluginmanager.register(Trimmer())
