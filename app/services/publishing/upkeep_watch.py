"""Look, apart from any request, whether the published calendars are as they should be, and remember what was found."""

from __future__ import annotations

import threading

from app.services.observability import metrics
from app.services.observability.structured import get_logger
from app.services.snapshot.holder import SnapshotHolder
from app.services.snapshot.snapshot import Snapshot

log = get_logger(__name__)


class UpkeepWatch:
    """Compares the calendars of a snapshot once, in a thread of its own, and gives the warnings that came of it."""

    def __init__(self, holder: SnapshotHolder) -> None:
        self._holder = holder
        self._lock = threading.Lock()
        self._compared: object = None
        self._warnings: tuple[str, ...] = ()
        self._thread: threading.Thread | None = None

    def warnings(self) -> tuple[str, ...]:
        """Return what was found last. Starts to look where calendars were published since; waits for nothing."""
        snapshot = self._holder.snapshot
        with self._lock:
            if snapshot.calendars is not self._compared:
                self._compared = snapshot.calendars
                self._thread = threading.Thread(
                    target=self._compare, args=(snapshot,), name="calendar-upkeep", daemon=True
                )
                self._thread.start()
        return self._warnings

    def wait(self) -> None:
        """Wait until the comparison that was started last has ended."""
        if self._thread is not None:
            self._thread.join()

    def _compare(self, snapshot: Snapshot) -> None:
        # The package of holidays takes a tenth of a second to import: no start waits for it.
        from app.services.publishing.calendar_upkeep import upkeep_warnings

        warnings = upkeep_warnings(snapshot)
        metrics.set_calendar_warnings({key: len(texts) for key, texts in warnings.items()})
        before, self._warnings = self._warnings, tuple(text for texts in warnings.values() for text in texts)
        if self._warnings != before:
            for text in self._warnings:
                log.warning("calendar", reason=text)
