"""The error that lists what is wrong with a calendar."""

from __future__ import annotations

from collections.abc import Iterable

from app.documents.faults import Fault


class InvalidCalendar(ValueError):
    """A calendar, or a change to one, is not valid; `faults` lists every reason."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))

    def __reduce__(self) -> tuple[type[InvalidCalendar], tuple[tuple[Fault, ...]]]:
        return InvalidCalendar, (self.faults,)
