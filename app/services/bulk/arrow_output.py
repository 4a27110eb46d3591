"""Write answers as Arrow record batches of typed columns: dates as dates, instants in UTC, lists as lists.

pyarrow is an extra, and is imported where it is used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from app.engine.results import Calculation, Obligation, Undetermined
from app.services.bulk.columns import DATE, KINDS, LINE, RULE, Kind, Line, Status, message
from app.services.calculation.request import ResolvedRequest
from app.services.calculation.response import ENGINE_VERSION, calculation_id, request_warnings
from app.services.problems import Problem

if TYPE_CHECKING:
    import pyarrow as pa

CALCULATION_ID = "calculation_id"
STAMPS: dict[str, Kind] = {"engine_version": "text", "standards": "text"}


@cache
def arrow_types() -> dict[Kind, Any]:
    """Return the Arrow type of each kind of value."""
    import pyarrow as pa

    instant = pa.timestamp("us", tz="UTC")
    readings = [
        *(("reading", pa.string()), ("due_date", pa.date32()), ("due_at", instant), ("section", pa.string())),
        *(("document", pa.string()), ("needs", pa.list_(pa.string()))),
    ]
    faults = [("path", pa.string()), ("message", pa.string()), ("remedy", pa.string())]
    return {
        "text": pa.string(),
        "texts": pa.list_(pa.string()),
        "day": pa.date32(),
        "instant": instant,
        "number": pa.int32(),
        "hours": pa.float64(),
        "truth": pa.bool_(),
        "readings": pa.list_(pa.struct(readings)),
        "faults": pa.list_(pa.struct(faults)),
    }


def answer_schema(carried: Sequence[pa.Field] = ()) -> pa.Schema:
    """Return the columns of the answers, the carried ones first."""
    return typed_schema(KINDS, carried)


def typed_schema(kinds: Mapping[str, Kind], carried: Sequence[pa.Field] = ()) -> pa.Schema:
    """Return columns by the kinds of their values, and the stamps of what answered; the carried ones first."""
    import pyarrow as pa

    types = arrow_types()
    carried = [_without_dictionary(field) for field in carried]
    own = [pa.field(name, types[kind]) for name, kind in {**kinds, **STAMPS}.items()]
    names = {field.name for field in carried}
    return pa.schema([*carried, *(field for field in own if field.name not in names)])


class ArrowTable:
    """Collects rows, and gives them as record batches. What a row says of a line or of a rule is written once for each.

    `standards` is the digest of every profile and calendar that answers: with it a row can be made again.
    """

    def __init__(self, standards: str, *, ids: bool = False) -> None:
        self._standards = standards
        self._ids = ids
        self._lines: list[Line] = []
        self._rules: list[Sequence[object]] = []
        self._rule_of: dict[object, int] = {}
        self._line_rows: list[int] = []
        self._rule_rows: list[int | None] = []
        self._items: list[Obligation | None] = []
        self._status: list[Status] = []
        self._messages: list[str | None] = []

    def write_problem(self, number: int, reference: str | None, problem: Problem) -> None:
        """Add one row for a line that cannot be answered."""
        line = Line(number, reference, problem=problem)
        self._begin(line)
        self._add("fault", None, None, message(line, None))

    def write_answer(self, number: int, request: ResolvedRequest, result: Calculation) -> None:
        """Add a row for each obligation and each undetermined rule, or one row that says there is neither."""
        self._begin(Line(number, request.reference, request, (*request_warnings(request), *result.warnings)))
        for item in result.obligations:
            says = item.template
            rule = self._rule_of.get(id(says))
            if rule is None:
                # The table holds on to the template, so that its identity is not used again.
                rule = self._rule(id(says), [*(column.value(says) for column in RULE), says])
            self._add("due", rule, item, None)
        for waiting in result.undetermined:
            self._add("undetermined", self._waiting(waiting), None, waiting.reason)
        if not result.obligations and not result.undetermined:
            self._add("nothing_due", None, None, None)

    def _begin(self, line: Line) -> None:
        self._lines.append(line)

    def _waiting(self, item: Undetermined) -> int:
        key = (id(item.rule), item.duty, item.timing, item.reason, item.needs, item.from_date)
        found = self._rule_of.get(key)
        return self._rule(key, [column.undetermined(item) for column in RULE]) if found is None else found

    def _rule(self, key: object, values: Sequence[object]) -> int:
        self._rule_of[key] = len(self._rules)
        self._rules.append(values)
        return len(self._rules) - 1

    def _add(self, status: Status, rule: int | None, item: Obligation | None, text: str | None) -> None:
        self._line_rows.append(len(self._lines) - 1)
        self._rule_rows.append(rule)
        self._status.append(status)
        self._messages.append(text)
        self._items.append(item)

    @property
    def rows(self) -> Sequence[int]:
        """Return for each row the place of its line among the lines of this table."""
        return self._line_rows

    def batch(self, carried: pa.RecordBatch | None = None) -> pa.RecordBatch:
        """Return everything as one batch; `carried` has a row for each line, whose columns are repeated.

        What is repeated stands once, in the dictionary of its column: `written_out` does so without.
        """
        import pyarrow as pa

        lines, rules = pa.array(self._line_rows, pa.int32()), pa.array(self._rule_rows, pa.int32())
        columns: dict[str, Any] = {}
        if carried is not None:
            columns |= {name: take_rows(carried.column(name), lines) for name in carried.schema.names}
        columns["status"] = pa.array(self._status, pa.string()).dictionary_encode()
        for column in LINE:
            if column.name not in columns:
                value = column.value
                columns[column.name] = typed_array(column.kind, [value(line) for line in self._lines]).take(lines)
        for each in DATE:
            get = each.value
            columns[each.name] = typed_array(each.kind, [None if item is None else get(item) for item in self._items])
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


def stamps(standards: str, rows: int) -> dict[str, pa.Array]:
    """Return the columns that say what answered, the same in every row."""
    import pyarrow as pa

    first = pa.array([0] * rows, pa.int32())
    texts = {"engine_version": ENGINE_VERSION, "standards": standards}
    return {name: pa.DictionaryArray.from_arrays(first, pa.array([text])) for name, text in texts.items()}


def without_dictionaries(schema: pa.Schema) -> pa.Schema:
    """Return a schema whose columns have the types of their values."""
    import pyarrow as pa

    return pa.schema([_without_dictionary(each) for each in list(schema)])


def _without_dictionary(field: pa.Field) -> pa.Field:
    import pyarrow as pa

    if pa.types.is_string_view(field.type):
        return field.with_type(pa.string())
    return field.with_type(field.type.value_type) if pa.types.is_dictionary(field.type) else field


def take_rows(column: pa.Array, rows: pa.Array) -> pa.Array:
    """Return some rows of a column. pyarrow takes none of views of text."""
    import pyarrow as pa

    return (column.cast(pa.string()) if pa.types.is_string_view(column.type) else column).take(rows)


def written_out(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Return a batch with the columns of a schema, none of them a dictionary."""
    import pyarrow as pa

    columns = [batch.column(name) for name in schema.names]
    written = [each.dictionary_decode() if isinstance(each, pa.DictionaryArray) else each for each in columns]
    return pa.RecordBatch.from_arrays(written, schema=schema)


def typed_array(kind: Kind, values: Sequence[Any]) -> Any:
    """Return values as an Arrow array of their kind; lists that are repeated are converted once."""
    import pyarrow as pa

    type_ = arrow_types()[kind]
    if kind == "instant":
        # Counted here: pyarrow converts numbers many times faster than it does zoned times.
        return pa.array([None if each is None else round(each.timestamp() * 1_000_000) for each in values], type_)
    if kind not in {"texts", "readings", "faults"}:
        return pa.array(values, type_)
    places: dict[Any, int] = {}
    rows = [places.setdefault(None if each is None else tuple(each), len(places)) for each in values]
    return pa.array([_entries(kind, each) for each in places], type_).take(pa.array(rows, pa.int32()))


def _entries(kind: Kind, values: tuple[Any, ...] | None) -> list[Any] | None:
    if values is None:
        return None
    if kind == "readings":
        return [each._asdict() for each in values]
    if kind == "faults":
        return [{"path": each.path, "message": each.message, "remedy": each.remedy} for each in values]
    return list(values)


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


def read_batch(stream: bytes) -> pa.RecordBatch:
    """Return the one batch of a stream."""
    import pyarrow as pa

    with pa.ipc.open_stream(stream) as reader:
        return reader.read_next_batch()


def to_stream(batch: pa.RecordBatch) -> bytes:
    """Return one batch as a whole Arrow stream."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue().to_pybytes())
