"""The versions that are compiled at present: at most so many, and those that nobody wanted for longest give way."""

from __future__ import annotations

import threading
import weakref
from typing import Protocol

MAX_COMPILED = 256
"""Profiles and calendars together; about 0.3 MiB each."""
SHARE_LET_GO = 4
"""When there are too many, one in so many is let go at once: caches that hold on to them are then emptied seldom."""


class Compilable(Protocol):
    """A published version, which may be compiled and let go again."""

    used: int

    def let_go(self) -> None:
        """Forget what was compiled."""


class Forgetful(Protocol):
    """A cache of what was made from compiled versions."""

    def forget(self) -> None:
        """Empty the cache, from whichever thread."""


class CompiledVersions:
    """What the versions of one snapshot share with those of the next: which are compiled, and which cannot be.

    A version is used when it is chosen to answer. How long ago that was is counted in compilations.
    """

    def __init__(self, most: int = MAX_COMPILED) -> None:
        self.most = most
        self.clock = 0
        """How many versions have been compiled; a version that is used notes it."""
        self.caches: weakref.WeakSet[Forgetful] = weakref.WeakSet()
        """What holds on to compiled versions, and is emptied when some are let go."""
        self.faults: dict[tuple[str, int, str], str] = {}
        """Why a version cannot be compiled, by key, number and checksum. The next snapshot names its key."""
        self._lock = threading.Lock()
        self._versions: set[Compilable] = set()

    def __len__(self) -> int:
        return len(self._versions)

    @property
    def is_full(self) -> bool:
        """Return True if the next version compiled would let others go."""
        return len(self._versions) >= self.most

    def add(self, item: Compilable) -> None:
        """Add a version that has just been compiled, and let others go where there are too many."""
        with self._lock:
            self.clock += 1
            item.used = self.clock
            self._versions.add(item)
            if len(self._versions) <= self.most:
                return
            number = max(len(self._versions) - self.most, self.most // SHARE_LET_GO)
            for each in sorted(self._versions, key=lambda version: version.used)[:number]:
                self._versions.discard(each)
                each.let_go()
        for cache in list(self.caches):
            cache.forget()

    def replace(self, before: Compilable, after: Compilable) -> None:
        """Take a version in place of the same one as it was before it was withdrawn, or another one followed it."""
        with self._lock:
            if before in self._versions:
                self._versions.discard(before)
                self._versions.add(after)
