"""Values as Arrow arrays of typed columns: dates as dates, instants in UTC, lists as lists.

pyarrow is an extra, and is imported where it is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from app.services.bulk.columns import Kind
from app.services.calculation.response import ENGINE_VERSION

if TYPE_CHECKING:
    import pyarrow as pa

STAMPS: dict[str, Kind] = {"engine_version": "text", "standards": "text"}
LISTED: Mapping[Kind, Mapping[str, Kind]] = {
    "texts": {},
    "readings": {
        "reading": "text",
        "due_date": "day",
        "due_at": "instant",
        "section": "text",
        "document": "text",
        "needs": "texts",
    },
    "faults": {"path": "text", "message": "text", "remedy": "text"},
}
"""The kinds whose values are lists, with the members of their entries; the entries of `texts` are texts."""


@cache
def arrow_types() -> dict[Kind, Any]:
    """Return the Arrow type of each kind of value."""
    import pyarrow as pa

    types: dict[Kind, Any] = {
        "text": pa.string(),
        "day": pa.date32(),
        "instant": pa.timestamp("us", tz="UTC"),
        "number": pa.int32(),
        "hours": pa.float64(),
        "truth": pa.bool_(),
    }
    for listed, members in LISTED.items():
        fields = [pa.field(name, types[kind]) for name, kind in members.items()]
        types[listed] = pa.list_(pa.struct(fields) if fields else pa.string())
    return types


def typed_schema(kinds: Mapping[str, Kind], carried: Sequence[pa.Field] = ()) -> pa.Schema:
    """Return columns by the kinds of their values, and the stamps of what answered; the carried ones first."""
    import pyarrow as pa

    types = arrow_types()
    carried = [_without_dictionary(field) for field in carried]
    own = [pa.field(name, types[kind]) for name, kind in {**kinds, **STAMPS}.items()]
    names = {field.name for field in carried}
    return pa.schema([*carried, *(field for field in own if field.name not in names)])


def typed_array(kind: Kind, values: Sequence[Any]) -> Any:
    """Return values as an Arrow array of their kind; lists that are repeated are converted once."""
    import pyarrow as pa

    type_ = arrow_types()[kind]
    if kind == "instant":
        return pa.array(_microseconds(values), type_)
    if kind not in LISTED:
        return pa.array(values, type_)
    places: dict[Any, int] = {}
    rows = [places.setdefault(None if each is None else tuple(each), len(places)) for each in values]
    return _listed(kind, list(places)).take(pa.array(rows, pa.int32()))


def _microseconds(values: Iterable[Any]) -> list[int | None]:
    """Return instants as numbers, which pyarrow converts many times faster; each object is looked at once."""
    counted: dict[int, int | None] = {id(None): None}
    numbers: list[int | None] = []
    for each in values:
        key = id(each)
        if key not in counted:
            counted[key] = round(each.timestamp() * 1_000_000)
        numbers.append(counted[key])
    return numbers


def _listed(kind: Kind, lists: Sequence[tuple[Any, ...] | None]) -> Any:
    """Return lists as an array; an offset of None stands for a list that is None."""
    import pyarrow as pa

    entries = [entry for each in lists if each for entry in each]
    offsets: list[int | None] = []
    end = 0
    for each in lists:
        offsets.append(None if each is None else end)
        end += len(each or ())
    type_ = arrow_types()[kind]
    members = LISTED[kind].items()
    inner: Any = (
        pa.StructArray.from_arrays(
            [typed_array(of, list(map(attrgetter(name), entries))) for name, of in members],
            fields=list(type_.value_type),
        )
        if members
        else pa.array(entries, type_.value_type)
    )
    return pa.ListArray.from_arrays(pa.array([*offsets, end], pa.int32()), inner, type=type_)


def stamps(standards: str, rows: int) -> dict[str, pa.Array]:
    """Return the columns that say what answered, the same in every row."""
    import pyarrow as pa

    first = pa.array([0] * rows, pa.int32())
    texts = {"engine_version": ENGINE_VERSION, "standards": standards}
    return {name: pa.DictionaryArray.from_arrays(first, pa.array([text])) for name, text in texts.items()}


def _without_dictionary(field: pa.Field) -> pa.Field:
    import pyarrow as pa

    if pa.types.is_string_view(field.type):
        return field.with_type(pa.string())
    return field.with_type(field.type.value_type) if pa.types.is_dictionary(field.type) else field


def python_values(column: pa.Array) -> list[Any]:
    """Return the values of a column as Python has them; nanoseconds are cut off to microseconds.

    A value that Python has not, such as a day of the year 20,000 or text that is not UTF-8, is bytes: no field and no
    fact takes bytes, so its row is refused, and the others are answered.
    """
    import pyarrow as pa

    if isinstance(column, pa.DictionaryArray):
        column = column.dictionary_decode()
    values: list[Any]
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    try:
        values = column.to_pylist()
    except (OverflowError, ValueError):
        values = [_python_value(each) for each in column]
    return values


def _python_value(scalar: pa.Scalar) -> Any:
    try:
        return scalar.as_py()
    except (OverflowError, ValueError):
        return scalar.as_buffer().to_pybytes() if hasattr(scalar, "as_buffer") else str(scalar.value).encode()


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
