"""What is wrong with a calendar, said all at once."""

from collections.abc import Iterable
from typing import NamedTuple


class Fault(NamedTuple):
    """One thing wrong: where (`days[3].date`; empty for the whole), what, and what would mend it."""

    path: str
    message: str
    remedy: str

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        return f"{where}{self.message}; {self.remedy}"


class CalendarFaults(ValueError):
    """A calendar, or a change to one, that cannot be accepted; `faults` holds every reason."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))

    def __reduce__(self) -> tuple[type["CalendarFaults"], tuple[tuple[Fault, ...]]]:
        return CalendarFaults, (self.faults,)
