"""Settings of the process that serves: how threads take turns, how rarely garbage is collected, memory returned.

They are a process's and not an application's: tests build hundreds of applications in one, which Python's ordinary
collection frees.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from contextlib import suppress

SWITCH_SECONDS = 0.001
# Of malloc.h.
M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
GC_THRESHOLDS = (700, 10, 1000)


def prepare_process() -> None:
    """Set up the process for serving."""
    # A thread that computes gives way to the event loop after this long; Python's own 5 ms would be waited for several
    # times in each request.
    sys.setswitchinterval(SWITCH_SECONDS)
    # A full collection stops every thread for a fifth of a second while a long answer is put together, and finds
    # nothing: what a request makes has no cycles.
    gc.set_threshold(*GC_THRESHOLDS)
    return_memory()


def exclude_imports() -> None:
    """Exclude what the start has made from garbage collection, and collect from here on: what was imported stays."""
    gc.freeze()
    gc.enable()


def return_memory() -> None:
    """Let the C library give the memory of long bodies and answers back to the system as soon as they are gone.

    By default it keeps what it once had, in a part of its own for each thread. This is of glibc alone.
    """
    with suppress(AttributeError, OSError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_MMAP_THRESHOLD, 256 * 1024)
        mallopt(M_ARENA_MAX, 2)
