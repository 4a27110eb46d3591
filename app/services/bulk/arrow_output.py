"""Write answers as Arrow record batches of typed columns. What rows have in common is written once for all of them.

pyarrow is an extra, and is imported where it is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, get_args

from app.engine.results import Calculation, Obligation, Undetermined
from app.services.bulk.arrow_values import stamps, take_rows, to_stream, typed_array, typed_schema
from app.services.bulk.columns import DATE, KINDS, LINE, RULE, Kind, Line, Status, message
from app.services.calculation.request import ResolvedRequest
from app.services.calculation.response import calculation_id, request_warnings
from app.services.problems import Problem

if TYPE_CHECKING:
    import pyarrow as pa

CALCULATION_ID = "calculation_id"
STATUSES: tuple[Status, ...] = get_args(Status)
DUE, UNDETERMINED, NOTHING_DUE, FAULT = range(len(STATUSES))


def answer_schema(carried: Sequence[pa.Field] = ()) -> pa.Schema:
    """Return the columns of the answers, the carried ones first."""
    return typed_schema(KINDS, carried)


class ArrowTable:
    """Collects rows, and gives them as record batches. What a row says of a line or of a rule is written once for each.

    `standards` is the digest of every profile and calendar that answers: with it a row can be made again.
    """

    def __init__(self, standards: str, *, ids: bool = False) -> None:
        self._standards = standards
        self._ids = ids
        self._lines: list[Line] = []
        self._events: list[Line] = []
        self._event_of: dict[object, int] = {}
        self._line_events: list[int] = []
        self._rules: list[Sequence[object]] = []
        self._rule_of: dict[object, int] = {}
        self._items: list[Obligation] = []
        # Of each row: its line, its rule and its obligation by their places, its status and what is said of it.
        self._line_rows: list[int] = []
        self._rule_rows: list[int | None] = []
        self._item_rows: list[int | None] = []
        self._status: list[int] = []
        self._messages: list[str | None] = []

    def write_problem(self, number: int, reference: str | None, problem: Problem) -> None:
        """Add one row for a line that cannot be answered."""
        line = Line(number, reference, problem=problem)
        self._begin(line, None)
        self._add(FAULT, None, message(line, None))

    def write_answer(self, number: int, request: ResolvedRequest, result: Calculation) -> None:
        """Add a row for each obligation and each undetermined rule, or one row that says there is neither."""
        line = Line(number, request.reference, request, (*request_warnings(request), *result.warnings))
        self._begin(line, (id(request.profile), id(request.calendar), request.event))
        rule_of = self._rule_of
        for item in result.obligations:
            # The table holds on to the template, so that its identity is not used again.
            place = rule_of.get(id(item.template))
            self._rule_rows.append(self._due_rule(item) if place is None else place)
        rows, items = len(result.obligations), len(self._items)
        self._items.extend(result.obligations)
        self._item_rows.extend(range(items, items + rows))
        self._line_rows.extend([len(self._lines) - 1] * rows)
        self._status.extend([DUE] * rows)
        self._messages.extend([None] * rows)
        for waiting in result.undetermined:
            self._add(UNDETERMINED, self._waiting(waiting), waiting.reason)
        if not result.obligations and not result.undetermined:
            self._add(NOTHING_DUE, None, None)

    def _begin(self, line: Line, event: object) -> None:
        place = self._event_of.get(event)
        if place is None:
            place = self._event_of[event] = len(self._events)
            self._events.append(line)
        self._line_events.append(place)
        self._lines.append(line)

    def _due_rule(self, item: Obligation) -> int:
        says = item.template
        return self._rule(id(says), [*(column.value(says) for column in RULE), says])

    def _waiting(self, item: Undetermined) -> int:
        key = (id(item.rule), item.duty, item.timing, item.reason, item.needs, item.from_date)
        rule = self._rule_of.get(key)
        return self._rule(key, [column.undetermined(item) for column in RULE]) if rule is None else rule

    def _rule(self, key: object, values: Sequence[object]) -> int:
        self._rule_of[key] = len(self._rules)
        self._rules.append(values)
        return len(self._rules) - 1

    def _add(self, status: int, rule: int | None, text: str | None) -> None:
        self._line_rows.append(len(self._lines) - 1)
        self._rule_rows.append(rule)
        self._item_rows.append(None)
        self._status.append(status)
        self._messages.append(text)

    @property
    def rows(self) -> Sequence[int]:
        """Return for each row the place of its line among the lines of this table."""
        return self._line_rows

    def batch(self, carried: pa.RecordBatch | None = None) -> pa.RecordBatch:
        """Return everything as one batch; `carried` has a row for each line, whose columns are repeated.

        What is repeated stands once, in the dictionary of its column: `written_out` does so without.
        """
        import pyarrow as pa

        lines = pa.array(self._line_rows, pa.int32())
        columns: dict[str, Any] = {}
        if carried is not None:
            columns |= {name: take_rows(carried.column(name), lines) for name in carried.schema.names}
        columns |= {name: each for name, each in self._of_lines(lines).items() if name not in columns}
        status = pa.array(self._status, pa.int32())
        columns["status"] = pa.DictionaryArray.from_arrays(status, pa.array(STATUSES))
        items = pa.array(self._item_rows, pa.int32())
        for each in DATE:
            values = typed_array(each.kind, list(map(each.value, self._items)))
            columns[each.name] = values.take(items) if len(items) > len(values) else values
        rules = pa.array(self._rule_rows, pa.int32())
        for place, rule_column in enumerate(RULE):
            values = typed_array(rule_column.kind, [values[place] for values in self._rules])
            columns[rule_column.name] = pa.DictionaryArray.from_arrays(rules, values)
        columns["message"] = pa.array(self._messages, pa.string()).dictionary_encode()
        columns |= stamps(self._standards, len(self._status))
        if self._ids:
            identities = [None if line.request is None else calculation_id(line.request) for line in self._lines]
            columns[CALCULATION_ID] = typed_array("text", identities).take(lines)
        kinds: dict[str, Kind] = {**KINDS, CALCULATION_ID: "text"} if self._ids else KINDS
        names = typed_schema(kinds, list(carried.schema) if carried is not None else ()).names
        return pa.RecordBatch.from_arrays([columns[name] for name in names], names)

    def _of_lines(self, lines: pa.Array) -> dict[str, Any]:
        """Return the columns about lines; what those of one event and version share is a dictionary."""
        import pyarrow as pa

        events = pa.array(self._line_events, pa.int32()).take(lines)
        columns = {}
        for each in LINE:
            if each.shared:
                values = typed_array(each.kind, list(map(each.value, self._events)))
                columns[each.name] = pa.DictionaryArray.from_arrays(events, values)
            else:
                columns[each.name] = typed_array(each.kind, list(map(each.value, self._lines))).take(lines)
        return columns


class ArrowOutput:
    """The answers of a block as an Arrow stream of its own, schema included: a file of them can be gone on with.

    `carried` has the columns that pass through, a row for each line of the block.
    """

    def __init__(self, standards: str, carried: pa.RecordBatch | None = None) -> None:
        self._carried = carried
        self._table = ArrowTable(standards)
        self.write_problem = self._table.write_problem
        self.write_answer = self._table.write_answer

    def take(self) -> bytes:
        """Return everything that was written."""
        return to_stream(self._table.batch(self._carried))
