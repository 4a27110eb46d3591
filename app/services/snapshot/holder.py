"""Hold the current snapshot, and replace it when something was published."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.services.observability import metrics
from app.services.observability.structured import get_logger
from app.services.ports import AlreadyRead, SchemaMismatch, Store, StoreUnavailable
from app.services.ports.errors import OUTAGES
from app.services.snapshot.compiled import MAX_COMPILED, CompiledVersions
from app.services.snapshot.published import Published
from app.services.snapshot.snapshot import Snapshot, build_snapshot

log = get_logger(__name__)

LOCK_SECONDS = 5.0
"""How long a request waits for another thread's refresh."""
VERIFY_SECONDS = 60.0
"""How often the schema and its triggers are checked again: they may be lost under a running process."""
READ_AGAIN = 100
"""So many stored documents are compared with what is in memory whenever something is loaded, and with each check of
the schema, in turn: an altered one is noticed within a minute where there are few, of thousands within the hour."""

COLLECT_AFTER = 25
"""So many versions are compiled and let go in the background before their garbage is collected: some megabytes."""


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

    Loading checks checksums. The watch then compiles every version once, in the background, so that one which this
    version of the application cannot read is named though nobody wants it.
    """

    def __init__(
        self,
        store: Store,
        refresh_seconds: float,
        stale_seconds: float = 30.0,
        max_compiled: int = MAX_COMPILED,
    ) -> None:
        self.store = store
        self.snapshot = Snapshot("", compiled=CompiledVersions(max_compiled))
        self._refresh_seconds = refresh_seconds
        self._stale_seconds = stale_seconds
        self._verified_at: float | None = None
        self._confirmed_at = time.monotonic()
        self._error: str | None = "nothing has been loaded yet"
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._read_again = 0
        self._settled = False
        self._checked = 0
        self.when_loaded: Callable[[], None] | None = None
        """Called when the first snapshot is loaded, and once more when its versions are compiled: both are to stay."""

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
            verified = self._verify()
            self._load(anew=verified)
        except StoreUnavailable as failure:
            self._record(str(failure), reachable=False, outage=failure.outage)
        except SchemaMismatch as mismatch:
            self._record(str(mismatch), reachable=True)
        except ValueError as broken:
            self._record(f"a stored record cannot be used: {broken}", reachable=True)
        else:
            self._record(_unusable(self.snapshot), reachable=True)

    def _verify(self) -> bool:
        """Check the schema and its triggers, before anything is loaded and from time to time. Returns if it did."""
        now = time.monotonic()
        if self._verified_at is not None and now - self._verified_at <= VERIFY_SECONDS:
            return False
        self.store.verify()
        self._verified_at = now
        return True

    def _load(self, *, anew: bool) -> None:
        """Load where something was published, where a record cannot be used, or `anew`, to look for altered ones."""
        before = self.snapshot
        # A record that cannot be read is tried again each time, and changes nothing until it is repaired.
        faulty = before.unusable or before.compiled.faults
        if not anew and not faulty and self.store.state_token() == before.token:
            return
        latest = build_snapshot(self.store.load_everything(self._already_read(before)), before)
        if latest == before:
            return
        self.snapshot = latest
        if not before.ready and latest.ready:
            self._say_loaded()
        log.info("snapshot", token=latest.token, profiles=len(latest.profiles))

    def _already_read(self, snapshot: Snapshot) -> AlreadyRead:
        """Return what need not be read again, without those whose turn it is to be compared with what is stored."""
        read = snapshot.read
        if self._read_again >= len(read.profiles) + len(read.calendars):
            self._read_again = 0
        turn = range(self._read_again, self._read_again + READ_AGAIN)
        self._read_again = turn.stop
        return AlreadyRead(
            {name: each for place, (name, each) in enumerate(read.profiles.items()) if place not in turn},
            {
                name: each
                for place, (name, each) in enumerate(read.calendars.items(), len(read.profiles))
                if place not in turn
            },
        )

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
        while not self._stop.wait(self._check_some(time.monotonic() + self._refresh_seconds)):
            try:
                self.refresh()
            except Exception as error:  # noqa: BLE001 - whatever a record holds, the watch must outlive it
                self._record(f"refreshing failed: {type(error).__name__}", reachable=True)

    def _check_some(self, until: float) -> float:
        """Compile what nobody has compiled yet, one version at a time; return how long is left of the time that it had.

        Requests go first: after each version there is a pause as long as it took.
        """
        snapshot = self.snapshot
        for item in _unchecked(snapshot):
            started = time.monotonic()
            if started >= until:
                return 0.0
            item.check()
            self._checked += 1
            if snapshot.compiled.is_full:
                self._settle()
                # What was compiled and let go has cycles. Few objects are looked at: what stays is left out.
                if self._checked % COLLECT_AFTER == 0:
                    gc.collect()
            if self._stop.wait(time.monotonic() - started):
                return 0.0
        if self._checked:
            self._settle()
            log.info("versions_checked", versions=self._checked, faulty=len(snapshot.compiled.faults))
            self._checked = 0
        return max(0.0, until - time.monotonic())

    def _settle(self) -> None:
        """Say once that everything which stays compiled is there."""
        if not self._settled:
            self._settled = True
            self._say_loaded()

    def _say_loaded(self) -> None:
        if self.when_loaded is not None:
            self.when_loaded()


def _unchecked(snapshot: Snapshot) -> Iterator[Published[Any, Any]]:
    """Yield the versions that nobody has compiled yet: first the latest of each key, which answer most requests."""
    latest: tuple[Mapping[str, Sequence[Published[Any, Any]]], ...] = (snapshot.calendars, snapshot.profiles)
    for groups in latest:
        yield from (versions[-1] for versions in groups.values() if not versions[-1].checked)
    for groups in reversed(latest):
        yield from (item for versions in groups.values() for item in versions if not item.checked)


def _unusable(snapshot: Snapshot) -> str | None:
    """Return which stored records cannot be used, and why, for an operator; None if all can."""
    if not snapshot.unusable:
        return None
    return "stored records cannot be used: " + "; ".join(
        f"{key} ({why})" for key, why in sorted(snapshot.unusable.items())
    )
