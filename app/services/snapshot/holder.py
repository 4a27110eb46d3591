"""The snapshot in use, and the watch that replaces it when something was published."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from app.services.calculation.response import ALMANAC
from app.services.observability import metrics
from app.services.ports import Store, StoreUnavailable
from app.services.snapshot.snapshot import EMPTY, Snapshot, build_snapshot

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Health:
    """How far the snapshot can be trusted to be the newest: what went wrong last, and how long ago it was in step."""

    ready: bool
    trouble: str | None
    age_seconds: float


class SnapshotHolder:
    """Holds one immutable snapshot, and swaps it whole: a request sees the old or the new, never half of each.

    Calculations read `snapshot` and touch no database. While the store cannot be reached the snapshot stays; `health`
    says so, and the watch goes on asking until it can be reached again.
    """

    def __init__(self, store: Store, refresh_seconds: float) -> None:
        self.store = store
        self.snapshot: Snapshot = EMPTY
        self._refresh_seconds = refresh_seconds
        self._in_step_at = time.monotonic()
        self._trouble: str | None = "nothing was loaded yet"
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.after_load: Callable[[], None] | None = None

    def refresh(self) -> bool:
        """Load what was published since, if anything was. False where the store could not be reached or read."""
        with self._lock:
            try:
                token = self.store.state_token()
                if token != self.snapshot.token or self.snapshot.unusable:
                    found = build_snapshot(self.store.load_everything(), self.snapshot)
                else:
                    found = self.snapshot
                # A record that cannot be read is looked at again each time, and changes nothing until it is mended.
                if (found.token, found.unusable) != (self.snapshot.token, self.snapshot.unusable):
                    self.snapshot = found
                    # What it keeps holds on to the versions that it was kept of.
                    ALMANAC.clear()
                    if self.after_load is not None:
                        self.after_load()
                    log.info("snapshot", token=self.snapshot.token, profiles=len(self.snapshot.profiles))
                trouble = _unusable(self.snapshot)
                self._note(trouble)
                if trouble is None:
                    self._in_step_at = time.monotonic()
                    metrics.record_confirmed()
                else:
                    metrics.record_refresh_failure(reachable=True)
            except StoreUnavailable:
                self._note("the database does not answer")
                metrics.record_refresh_failure(reachable=False)
            except ValueError as error:
                self._note(f"a stored record cannot be used: {error}")
                metrics.record_refresh_failure(reachable=True)
            return self._trouble is None

    def _note(self, trouble: str | None) -> None:
        before, self._trouble = self._trouble, trouble
        if trouble is not None and trouble != before:
            log.warning("snapshot_kept", reason=trouble)

    def health(self) -> Health:
        """Whether calculations can be answered, and whether the store is in step."""
        return Health(self.snapshot.ready, self._trouble, time.monotonic() - self._in_step_at)

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
                self._note(f"refreshing failed: {type(error).__name__}")
                metrics.record_refresh_failure(reachable=True)


def freeze_gc() -> None:
    """Spare the collector from walking all that was loaded at every turn; what was replaced is collected first."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _unusable(snapshot: Snapshot) -> str | None:
    """What of the store cannot be used, as it is told to an operator."""
    if not snapshot.unusable:
        return None
    return "stored records cannot be used: " + "; ".join(
        f"{key} ({why})" for key, why in sorted(snapshot.unusable.items())
    )
