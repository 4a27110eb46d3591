"""How many requests a caller may send, if a limit is set, and the headers that tell how many are left.

Counted by the `limits` library, in this process's memory or in Redis for all processes together; by the key's or
token's name where there is one, else by address. A sliding window, so that no burst fits around a boundary.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

from starlette.requests import Request

from app.services.observability import metrics
from app.services.observability.structured import get_logger
from app.services.problems import Fault, Problem
from app.settings import Settings

if TYPE_CHECKING:
    # Imported where a limit is set, and not where none is: that keeps start-up short.
    from limits import RateLimitItem
    from limits.aio.storage import Storage

log = get_logger("rates")

POLICY = "default"
REDIS = ("redis://", "rediss://", "unix://")
# A store of rates that hangs must not hold up what it only counts.
REDIS_OPTIONS: dict[str, Any] = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5}
HEADERS = "rate_headers"


class Rates:
    """Takes one from a caller's allowance. Where no limit is set, `limited` is false and nothing is counted.

    While Redis does not answer requests are let through: a limit protects the service, and must not stop it.
    """

    def __init__(self, settings: Settings) -> None:
        self.limited = bool(settings.rate_limit)
        if not self.limited:
            return
        from limits.aio.strategies import SlidingWindowCounterRateLimiter

        self._item = _item(settings.rate_limit)
        self._storage = _storage(settings.rate_limit_storage)
        self._limiter = SlidingWindowCounterRateLimiter(self._storage)
        window = self._item.get_expiry()
        self._policy = f'"{POLICY}";q={self._item.amount};w={window}'
        self._warned = False

    async def close(self) -> None:
        """Close the connections to the store of rates."""
        bridge = getattr(self._storage, "bridge", None) if self.limited else None
        if bridge is not None:
            await bridge.storage.aclose()

    async def take(self, request: Request, who: str) -> None:
        """Count one request. Raises Problem, too-many-requests, where nothing is left."""
        from limits.errors import StorageError

        try:
            allowed = await self._limiter.hit(self._item, who)
            reset_time, remaining = await self._limiter.get_window_stats(self._item, who)
        except StorageError as error:
            metrics.RATE_STORE_FAILURES.inc()
            if not self._warned:
                log.warning("rates_not_counted", error=type(error.storage_error).__name__)
            self._warned = True
            return
        self._warned = False
        seconds = max(1, math.ceil(reset_time - time.time()))
        headers = {"RateLimit-Policy": self._policy, "RateLimit": f'"{POLICY}";r={max(0, remaining)};t={seconds}'}
        setattr(request.state, HEADERS, headers)
        if not allowed:
            raise Problem(
                "too-many-requests",
                f"At most {self._item} for each caller; wait {seconds} seconds.",
                [Fault("(request)", "too many were sent before this one", f"send it again in {seconds} seconds")],
                headers={"Retry-After": str(seconds)},
            )


def address_of(request: Request) -> str:
    """Return what a caller without a key is counted by."""
    return f"address:{request.client.host}" if request.client is not None else "address:unknown"


def _item(text: str) -> RateLimitItem:
    from limits import parse

    try:
        return parse(text)
    except ValueError:
        raise ValueError(f"DEADLINES_RATE_LIMIT is {text!r}; write it like 600/minute") from None


def _storage(uri: str) -> Storage:
    from limits.aio.storage import MemoryStorage, RedisStorage

    if uri == "memory://":
        return MemoryStorage(wrap_exceptions=True)
    if uri.startswith(REDIS):
        return RedisStorage(f"async+{uri}", wrap_exceptions=True, implementation="redispy", **REDIS_OPTIONS)
    # The address itself may hold a password, so it is not repeated.
    raise ValueError("DEADLINES_RATE_LIMIT_STORAGE is memory:// or redis://host:port/number")
