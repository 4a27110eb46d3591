"""Bound how deeply a document is nested."""

from __future__ import annotations

from collections.abc import Mapping

# Most values are texts, and the question whether one is a mapping takes long.
CONTAINERS = (dict, list, Mapping)


def is_deeper_than(value: object, limit: int) -> bool:
    """Return whether objects and lists are nested more than `limit` deep: a scalar has depth 0, `{"a": []}` depth 2.

    Works level by level, so that no document exhausts the stack.
    """
    level = [value]
    for _ in range(limit + 1):
        inner: list[object] = []
        containers = False
        for item in level:
            if not isinstance(item, str) and isinstance(item, CONTAINERS):
                containers = True
                inner.extend(item.values() if isinstance(item, Mapping) else item)
        if not containers:
            return False
        level = inner
    return True
