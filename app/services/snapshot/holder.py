"""Hold the current snapshot, and replace it when something was published."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from app.services.observability import metrics
from app.services.observability.structured import get_logger
from app.services.ports import SchemaMismatch, Store, StoreUnavailable
from app.services.ports.errors import OUTAGES
from app.services.snapshot.snapshot import EMPTY, Snapshot, build_snapshot

log = get_logger(__name__)

LOCK_SECONDS = 5.0
"""How long a request waits for another thread's refresh."""
VERIFY_SECONDS = 60.0
"""How often the schema and its triggers are checked again: they may be lost under a running process."""


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

    def __init__(self, store: Store, refresh_seconds: float, stale_seconds: float = 30.0) -> None:
        self.store = store
        self.snapshot: Snapshot = EMPTY
        self._refresh_seconds = refresh_seconds
        self._stale_seconds = stale_seconds
        self._verified_at: float | None = None
        self._confirmed_at = time.monotonic()
        self._error: str | None = "nothing has been loaded yet"
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.after_load: Callable[[], None] | None = None

    def refresh(self) -> bool:
        """Load what was published since, if anything. Returns False if the store cannot be reached or read.

        Also if another thread is at it for so long that the store must be hanging: nobody waits behind it for ever.
        """
        if not self._lock.acquire(timeout=LOCK_SECONDS):
            return False
        try:
            self._refresh()
        finally:
            self._lock.release()
        return self._error is None

    def _refresh(self) -> None:
        try:
            self._verify()
            self._load()
        except StoreUnavailable as failure:
            self._record(str(failure), reachable=False, outage=failure.outage)
        except SchemaMismatch as mismatch:
            self._record(str(mismatch), reachable=True)
        except ValueError as broken:
            self._record(f"a stored record cannot be used: {broken}", reachable=True)
        else:
            self._record(_unusable(self.snapshot), reachable=True)

    def _verify(self) -> None:
        """Check the schema and its triggers before anything is loaded, and again from time to time."""
        now = time.monotonic()
        if self._verified_at is None or now - self._verified_at > VERIFY_SECONDS:
            self.store.verify()
            self._verified_at = now

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

    def _record(self, error: str | None, *, reachable: bool, outage: str | None = None) -> None:
        before, self._error = self._error, error
        if error is None:
            self._confirmed_at = time.monotonic()
            metrics.record_confirmed()
            return
        metrics.record_refresh_failure(reachable=reachable)
        if error != before:
            log.warning("snapshot_kept", reason=error, **({"outage": outage} if outage else {}))

    def health(self) -> Health:
        """Return whether calculations can be answered, and whether the snapshot is current. Asks no database."""
        age = time.monotonic() - self._confirmed_at
        error = self._error
        if error is None and age > self._stale_seconds:
            error = f"{OUTAGES['hangs']}: the last check that succeeded was {age:.0f} seconds ago"
        if error is None and (failure := self.store.write_failure()) is not None:
            error = f"the last write failed: {failure}"
        return Health(self.snapshot.ready, error, age)

    def start(self) -> None:
        """Load once, then watch in the background. Raises SchemaMismatch if the database cannot be trusted.

        A database that cannot be reached is waited for; the watch verifies it before it loads from it.
        """
        try:
            self._verify()
        except StoreUnavailable:
            pass
        except SchemaMismatch as mismatch:
            log.error("schema", reason=str(mismatch))  # noqa: TRY400 - the reason says it all
            raise
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

    A snapshot is some hundred thousand objects that live until the next publication. The first replaces nothing.
    """
    if gc.get_freeze_count():
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
