"""Hold the current snapshot, and replace it when something was published."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from app.services.observability import metrics
from app.services.ports import Store, StoreUnavailable
from app.services.snapshot.snapshot import EMPTY, Snapshot, build_snapshot

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the snapshot can answer and is current: the last error, and the seconds since it was last confirmed."""

    ready: bool
    error: str | None
    age_seconds: float


class SnapshotHolder:
    """Holds one immutable snapshot and replaces it as a whole: a request sees the old or the new, never half of each.

    Calculations read `snapshot` and touch no database. While the store cannot be reached, the snapshot stays in use,
    `health` reports it, and the watch keeps retrying.
    """

    def __init__(self, store: Store, refresh_seconds: float) -> None:
        self.store = store
        self.snapshot: Snapshot = EMPTY
        self._refresh_seconds = refresh_seconds
        self._confirmed_at = time.monotonic()
        self._error: str | None = "nothing has been loaded yet"
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.after_load: Callable[[], None] | None = None

    def refresh(self) -> bool:
        """Load what was published since, if anything. Returns False if the store cannot be reached or read."""
        with self._lock:
            reachable, error = True, None
            try:
                self._load()
                error = _unusable(self.snapshot)
            except StoreUnavailable:
                reachable, error = False, "the database does not answer"
            except ValueError as broken:
                error = f"a stored record cannot be used: {broken}"
            self._record(error, reachable=reachable)
            return error is None

    def _load(self) -> None:
        # A record that cannot be read is tried again each time, and changes nothing until it is repaired.
        if self.store.state_token() == self.snapshot.token and not self.snapshot.unusable:
            return
        latest = build_snapshot(self.store.load_everything(), self.snapshot)
        if (latest.token, latest.unusable) == (self.snapshot.token, self.snapshot.unusable):
            return
        self.snapshot = latest
        if self.after_load is not None:
            self.after_load()
        log.info("snapshot", token=latest.token, profiles=len(latest.profiles))

    def _record(self, error: str | None, *, reachable: bool) -> None:
        before, self._error = self._error, error
        if error is None:
            self._confirmed_at = time.monotonic()
            metrics.record_confirmed()
            return
        metrics.record_refresh_failure(reachable=reachable)
        if error != before:
            log.warning("snapshot_kept", reason=error)

    def health(self) -> Health:
        """Return whether calculations can be answered, and whether the snapshot is current."""
        return Health(self.snapshot.ready, self._error, time.monotonic() - self._confirmed_at)

    def start(self) -> None:
        """Load once, then watch in the background."""
        self.refresh()
        self._thread = threading.Thread(target=self._watch, name="snapshot-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the watch."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def _watch(self) -> None:
        while not self._stop.wait(self._refresh_seconds):
            try:
                self.refresh()
            except Exception as error:  # noqa: BLE001 - whatever a record holds, the watch must outlive it
                self._record(f"refreshing failed: {type(error).__name__}", reachable=True)


def freeze_gc() -> None:
    """Exclude everything loaded so far from garbage collection, after collecting what was replaced.

    A snapshot is some hundred thousand objects that live until the next publication.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _unusable(snapshot: Snapshot) -> str | None:
    """Return which stored records cannot be used, and why, for an operator; None if all can."""
    if not snapshot.unusable:
        return None
    return "stored records cannot be used: " + "; ".join(
        f"{key} ({why})" for key, why in sorted(snapshot.unusable.items())
    )
