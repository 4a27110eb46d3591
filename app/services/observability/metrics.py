"""Metrics for operators: calculations, requests, problems, and the age of the snapshot.

Several workers are several processes. If `PROMETHEUS_MULTIPROC_DIR` is set before this module is imported, as
`deadlines serve --workers` does, each process writes its numbers to a file there, and any worker answers with the sum.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})
OWN_REGISTRY = CollectorRegistry()

CALCULATIONS = Counter(
    "deadlines_calculations",
    "Events calculated, by the profile version that answered.",
    ["profile", "version"],
    registry=OWN_REGISTRY,
)
REQUESTS = Histogram(
    "deadlines_request_seconds",
    "Time from a request's head to the end of its answer.",
    ["method", "route", "status"],
    buckets=SECONDS,
    registry=OWN_REGISTRY,
)
REFUSALS = Counter("deadlines_refusals", "Refusals, by the kind of problem.", ["type"], registry=OWN_REGISTRY)
REFRESH_FAILURES = Counter(
    "deadlines_refresh_failures", "Times the snapshot could not be confirmed or replaced.", registry=OWN_REGISTRY
)
UP = "deadlines_store_up"
STORE_UP = Gauge(
    UP,
    "1 if the store answered when last asked, and that was not long ago, else 0; of several workers, the worst.",
    multiprocess_mode="livemin",
    registry=OWN_REGISTRY,
)
CONFIRMED = "deadlines_snapshot_confirmed_timestamp_seconds"
CONFIRMED_AT = Gauge(
    CONFIRMED,
    "When the snapshot was last known to be the newest; of several workers, the longest ago.",
    multiprocess_mode="livemin",
    registry=OWN_REGISTRY,
)
ANSWERED = "deadlines_store_answered_timestamp_seconds"
ANSWERED_AT = Gauge(
    ANSWERED,
    "When the store last answered; of several workers, the longest ago.",
    multiprocess_mode="livemin",
    registry=OWN_REGISTRY,
)
KEY_REQUESTS = Counter(
    "deadlines_key_requests",
    "Requests with an API key, by the key's id and the first digit of the answer's status.",
    ["key", "status"],
    registry=OWN_REGISTRY,
)
RATE_STORE_FAILURES = Counter(
    "deadlines_rate_limit_failures",
    "Requests let through uncounted because the store of rates did not answer.",
    registry=OWN_REGISTRY,
)
LOG_LINES_LOST = Counter(
    "deadlines_log_lines_lost", "Lines of the log that standard error did not take.", registry=OWN_REGISTRY
)
CALENDAR_WARNINGS = Gauge(
    "deadlines_calendar_warnings",
    "Warnings about a calendar: it does not follow the one that it extends, or differs from the holidays package.",
    ["calendar"],
    multiprocess_mode="livemax",
    registry=OWN_REGISTRY,
)

# A metric with its labels is looked up once and cached: profiles, routes and problems are few, requests are many.
_calculations: dict[tuple[str, int], Counter] = {}
_requests: dict[tuple[str, str, int], Histogram] = {}
_refusals: dict[str, Counter] = {}
_key_requests: dict[tuple[str, int], Counter] = {}


def count_calculations(profile: str, version: int, number: int = 1) -> None:
    """Count events calculated under a profile version."""
    metric = _calculations.get((profile, version))
    if metric is None:
        metric = _calculations[profile, version] = CALCULATIONS.labels(profile, str(version))
    metric.inc(number)


def observe_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count one request and its seconds, under its route's template: the path that was sent is never a label."""
    metric = _requests.get((method, route, status))
    if metric is None:
        if method not in METHODS:
            method = "(other)"
        metric = _requests[method, route, status] = REQUESTS.labels(method, route, str(status))
    metric.observe(seconds)


def count_problem(kind: str) -> None:
    """Count one error response, by the kind of problem."""
    metric = _refusals.get(kind)
    if metric is None:
        metric = _refusals[kind] = REFUSALS.labels(kind)
    metric.inc()


def record_confirmed() -> None:
    """Record that the snapshot is the latest."""
    now = time.time()
    STORE_UP.set(1)
    ANSWERED_AT.set(now)
    CONFIRMED_AT.set(now)


def record_refresh_failure(*, reachable: bool) -> None:
    """Record that the snapshot could not be confirmed."""
    STORE_UP.set(1 if reachable else 0)
    if reachable:
        ANSWERED_AT.set(time.time())
    REFRESH_FAILURES.inc()


def count_lost_log_lines(lines: int) -> None:
    """Count lines of the log that could not be written."""
    LOG_LINES_LOST.inc(lines)


def set_calendar_warnings(warnings: Mapping[str, int]) -> None:
    """Set how many warnings there are about each calendar, by its key."""
    for key, number in warnings.items():
        CALENDAR_WARNINGS.labels(key).set(number)


def forget_process() -> None:
    """Remove this process's gauges at its end; its counters stay."""
    if MULTIPROCESS in os.environ:
        mark_process_dead(os.getpid())  # type: ignore[no-untyped-call]  # the library leaves it unannotated


def count_key_request(key: str, status: int) -> None:
    """Count one request under the id of the API key that it carried, which is no secret."""
    name = (key, status // 100)
    metric = _key_requests.get(name)
    if metric is None:
        metric = _key_requests[name] = KEY_REQUESTS.labels(key, f"{status // 100}xx")
    metric.inc()


def render_metrics(stale_seconds: float) -> tuple[bytes, str]:
    """Return every metric in the text format of Prometheus, and its media type.

    A store that has said nothing for `stale_seconds` counts as down: a process that waits for it cannot say so itself.
    """
    registry = CollectorRegistry()
    if MULTIPROCESS in os.environ:
        folder = Path(os.environ[MULTIPROCESS])
        _remove_killed(folder)
        registry.register(_AtThisMoment(MultiProcessCollector(CollectorRegistry(), str(folder)), stale_seconds))  # type: ignore[no-untyped-call]  # as above
    else:
        registry.register(_AtThisMoment(OWN_REGISTRY, stale_seconds))
    return generate_latest(registry), CONTENT_TYPE_LATEST


def _remove_killed(folder: Path) -> None:
    """Remove the gauges of workers that were killed: they could not do it themselves, and would count for ever."""
    for file in folder.glob("gauge_live*.db"):
        form = re.fullmatch(r".*_(\d+)\.db", file.name)
        if form is not None and not _is_alive(int(form[1])):
            file.unlink(missing_ok=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class _AtThisMoment(Collector):
    """Collects another collector's metrics, adds the snapshot's age, and takes a store that is silent for down."""

    def __init__(self, inner: Collector | CollectorRegistry, stale_seconds: float) -> None:
        self._inner = inner
        self._stale_seconds = stale_seconds

    def collect(self) -> Iterable[Metric]:
        families = {family.name: family for family in self._inner.collect()}
        now = time.time()
        answered = _value(families.get(ANSWERED))
        if answered is not None and answered > 0 and now - answered > self._stale_seconds and UP in families:
            families[UP].samples = [sample._replace(value=0.0) for sample in families[UP].samples]
        yield from families.values()
        since = _value(families.get(CONFIRMED))
        if since is not None and since > 0:
            yield GaugeMetricFamily(
                "deadlines_snapshot_age_seconds",
                "Seconds since the snapshot was last known to be the newest.",
                value=max(0.0, now - since),
            )


def _value(family: Metric | None) -> float | None:
    return family.samples[0].value if family is not None and family.samples else None
