"""Compare two profiles' answers to the same event, aligned by duty."""

from __future__ import annotations

from dataclasses import dataclass

from app.engine.results import NotApplicable, Obligation, Undetermined
from app.web.results import Result
from app.web.words import count

MAX_IN_CELL = 3


@dataclass(frozen=True, slots=True)
class Cell:
    """One profile's answer for one duty."""

    due: tuple[Obligation, ...]
    waiting: tuple[Undetermined, ...]
    passed_over: tuple[NotApplicable, ...]

    @property
    def shown(self) -> tuple[Obligation, ...]:
        """Return the obligations shown."""
        return self.due[:MAX_IN_CELL]

    @property
    def more(self) -> int:
        """Return how many obligations are not shown."""
        return len(self.due) - len(self.shown)


@dataclass(frozen=True, slots=True)
class Row:
    """One duty under both profiles."""

    duty: str
    title: str
    left: Cell
    right: Cell

    @property
    def difference(self) -> str:
        """Describe how the first due dates differ."""
        if not (self.left.due and self.right.due):
            return ""
        first, second = self.left.due[0], self.right.due[0]
        days = (second.due_date - first.due_date).days
        if days:
            return f"{count(abs(days), 'day')} {'later' if days > 0 else 'earlier'}"
        if first.due_at != second.due_at:
            return "the same day, another hour"
        return "the same day"


def compare(left: Result, right: Result) -> tuple[Row, ...]:
    """Return a row for each duty in either answer, the earliest first, then those without a date."""
    columns = [cells(left), cells(right)]
    titles: dict[str, str] = {}
    for result in (right, left):
        titles |= {item.duty: item.title for item in result.calculation.undetermined}
        titles |= {item.duty: item.template.title for item in reversed(result.shown)}
    nothing = Cell((), (), ())
    rows = [Row(duty, titles[duty], columns[0].get(duty, nothing), columns[1].get(duty, nothing)) for duty in titles]
    return tuple(sorted(rows, key=_order))


def cells(result: Result) -> dict[str, Cell]:
    """Group a result by duty."""
    due: dict[str, list[Obligation]] = {}
    waiting: dict[str, list[Undetermined]] = {}
    passed: dict[str, list[NotApplicable]] = {}
    for obligation in result.shown:
        due.setdefault(obligation.duty, []).append(obligation)
    for undetermined in result.calculation.undetermined:
        waiting.setdefault(undetermined.duty, []).append(undetermined)
    for not_applicable in result.calculation.not_applicable:
        passed.setdefault(not_applicable.rule.duty, []).append(not_applicable)
    return {
        duty: Cell(tuple(due.get(duty, ())), tuple(waiting.get(duty, ())), tuple(passed.get(duty, ())))
        for duty in {*due, *waiting, *passed}
    }


def _order(row: Row) -> tuple[bool, str, str]:
    ends = [cell.due[0].due_at.isoformat() for cell in (row.left, row.right) if cell.due]
    return not ends, min(ends, default=""), row.duty
