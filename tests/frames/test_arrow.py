"""Tables of events in memory: the service's answers in typed columns, whatever the table is made of."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest

from app.frames import arrow
from app.services.ports import NewProfileVersion
from app.services.problems import Problem
from app.services.snapshot.checksum import digest
from app.services.standards import Standards, calculate, judge, resolve
from tests.frames.every_event import answered, every_event, expected, request, standards, table

FACTS = pa.map_(pa.string(), pa.string())
BORN, INITIATED = "facts.child_date_of_birth", "facts.section_47_initiated"
AT = ("2025-12-18", date(2025, 12, 18))
SECTION_47 = pa.table(
    {
        "profile": ["swindon"],
        "event": ["strategy_discussion_held"],
        "at": ["2025-12-18"],
        "section_47_initiated": [True],
        "child": [510000],
    }
)


def swindon(**columns: Any) -> pa.Table:
    """Return one strategy discussion with other columns in place of some or added."""
    given = SECTION_47.drop_columns(["child"])
    for name, values in columns.items():
        array = values if isinstance(values, pa.Array) else pa.array(values)
        given = given.drop_columns([name]) if name in given.column_names else given
        given = given.append_column(name, array)
    return given


def test_every_event_of_every_profile_has_the_rows_of_the_service() -> None:
    rows = arrow.obligations(table(), standards(), ids=True).to_pylist()
    wanted = expected()
    assert {row["profile"] for row in wanted} >= set(standards().snapshot.profiles)
    assert {row["status"] for row in wanted} >= {"due", "undetermined"}
    assert [{name: row[name] for name in each} for row, each in zip(rows, wanted, strict=True)] == list(wanted)


def test_slices_and_batches_of_a_table_give_its_own_rows() -> None:
    whole = table()
    rows = arrow.obligations(whole, standards()).drop_columns(["line"]).to_pylist()
    cut = [whole.slice(start, 50) for start in range(0, whole.num_rows, 50)]
    parts = [arrow.obligations(each.combine_chunks().to_batches()[0], standards()) for each in cut]
    assert [row for each in parts for row in each.drop_columns(["line"]).to_pylist()] == rows
    twice = pa.concat_tables([whole.slice(0, 7), whole.slice(7)])
    assert arrow.obligations(twice, standards()).drop_columns(["line"]).to_pylist() == rows


@pytest.mark.parametrize(
    "convert",
    [
        lambda column: column.cast(pa.large_string()),
        lambda column: column.combine_chunks().dictionary_encode(),
        lambda column: column.cast(pa.string_view()),
    ],
    ids=["large_string", "dictionary", "string_view"],
)
def test_text_may_be_stored_in_any_way(convert: Any) -> None:
    whole = table().slice(0, 60)
    other = whole
    for place, field in enumerate(whole.schema):
        if field.type == pa.string():
            other = other.set_column(place, field.name, convert(whole.column(place)))
    options = {"carry": ["reference"]}
    assert arrow.obligations(other, standards(), **options).to_pylist() == (  # type: ignore[arg-type]  # as one dict
        arrow.obligations(whole, standards(), **options).to_pylist()  # type: ignore[arg-type]  # as one dict
    )


def test_a_table_without_rows_has_the_same_columns() -> None:
    full = arrow.obligations(SECTION_47, standards(), carry=["child"])
    for empty in (SECTION_47.slice(0, 0), SECTION_47.schema.empty_table()):
        assert arrow.obligations(empty, standards(), carry=["child"]).schema == full.schema
    batch = pa.RecordBatch.from_pylist([], SECTION_47.schema)
    assert arrow.obligations(batch, standards(), carry=["child"]).schema == full.schema
    judged = arrow.statuses(SECTION_47.drop_columns(["profile"]), standards(), "2026-01-31", profile="swindon")
    none = arrow.statuses(batch.drop_columns(["profile"]), standards(), "2026-01-31", profile="swindon")
    assert (none.num_rows, none.schema) == (0, judged.schema)


def test_a_column_of_nulls_is_as_if_it_were_not_there() -> None:
    without = arrow.obligations(swindon(), standards()).to_pylist()
    for nothing in (pa.nulls(1), pa.nulls(1, pa.date32()), pa.nulls(1, pa.bool_())):
        assert arrow.obligations(swindon(child_date_of_birth=nothing), standards()).to_pylist() == without


@pytest.mark.parametrize(
    ("at", "sent"),
    [
        (pa.array([date(2025, 7, 1)], pa.date32()), "2025-07-01"),
        (pa.array([date(2025, 7, 1)], pa.date64()), "2025-07-01"),
        (pa.array([datetime(2025, 6, 30, 23, tzinfo=UTC)], pa.timestamp("us", tz="UTC")), "2025-06-30T23:00:00+00:00"),
        (
            pa.array([datetime(2025, 6, 30, 23, tzinfo=UTC)], pa.timestamp("ms", tz="Europe/London")),
            "2025-06-30T23:00Z",
        ),
        (pa.array([datetime(2025, 6, 30, 23, tzinfo=UTC)], pa.timestamp("s", tz="+05:30")), "2025-06-30T23:00Z"),
        (pa.array([datetime(2025, 7, 1, 14, 30)], pa.timestamp("us")), "2025-07-01T14:30"),  # noqa: DTZ001 - local
        # pandas and SQL Server count in nanoseconds, which Python has not.
        (pa.array([1751380200000000001], pa.timestamp("ns")), "2025-07-01T14:30"),
        (pa.array([1751380200000000001], pa.timestamp("ns", tz="UTC")).dictionary_encode(), "2025-07-01T14:30Z"),
        (pa.array(["2025-07-01T14:30"]), "2025-07-01T14:30"),
        (pa.array(["2025-07-01"]), "2025-07-01"),
    ],
)
def test_a_moment_of_any_type_counts_as_its_text_does(at: pa.Array, sent: str) -> None:
    rows = arrow.obligations(swindon(at=at), standards()).to_pylist()
    event = {"type": "strategy_discussion_held", "occurred_at": sent}
    body = {"profile": "swindon", "event": event, "facts": {"section_47_initiated": True}, "reference": None}
    assert [(row["rule"], row["due_at"]) for row in rows] == [
        (row["rule"], row.get("due_at")) for row in answered(standards().snapshot, body)
    ]


@pytest.mark.parametrize(
    ("columns", "problem", "path"),
    [
        ({"profile": ["swindn"]}, "invalid-request", "profile"),
        ({"profile": pa.nulls(1, pa.string())}, "invalid-request", "profile"),
        ({"profile_version": [99]}, "invalid-request", "profile_version"),
        ({"event": ["strategy_discussion"]}, "invalid-request", "event.type"),
        ({"event": pa.nulls(1, pa.string())}, "invalid-request", "event.type"),
        ({"at": ["18/12/2025"]}, "invalid-request", "event.occurred_at"),
        ({"at": pa.nulls(1, pa.date32())}, "invalid-request", "event.occurred_at"),
        ({"at": [date(1066, 10, 14)]}, "no-version-in-force", "profile"),
        ({"section_47_initiated": ["perhaps"]}, "invalid-request", "facts.section_47_initiated"),
        ({"child_date_of_birth": [20190402]}, "invalid-request", "facts.child_date_of_birth"),
        ({"until": ["2099-01-01"]}, "invalid-request", "until"),
        ({"calendar": ["scotand"]}, "invalid-request", "calendar"),
        ({"reference": ["x" * 300]}, "invalid-request", "reference"),
        # What Arrow can say and Python cannot: a day far from ours, and text that is not UTF-8.
        ({"at": pa.array([2**62], pa.timestamp("s"))}, "invalid-request", "event.occurred_at"),
        ({"child_date_of_birth": pa.array([2**30], pa.int32()).cast(pa.date32())}, "invalid-request", BORN),
        ({"reference": pa.array([b"\xff"]).view(pa.string())}, "invalid-request", "reference"),
        ({"event": pa.array([b"\xff"]).view(pa.string())}, "invalid-request", "event.type"),
        ({"facts": ['{"section_47_initiated": true}']}, "invalid-request", "facts"),
        ({"facts": pa.array([[("section_47_initiated", "no")]], FACTS)}, "invalid-request", INITIATED),
        ({"facts": pa.array([[(BORN[6:], "2019-04-02"), (BORN[6:], "2020-04-02")]], FACTS)}, "invalid-request", BORN),
    ],
)
def test_a_row_at_fault_says_what_is_wrong_and_never_the_value(
    columns: dict[str, Any], problem: str, path: str
) -> None:
    given = pa.concat_tables([swindon(**columns), swindon(**columns)])
    first, second = arrow.obligations(given, standards()).to_pylist()
    assert (first["status"], first["problem"], first["line"]) == ("fault", problem, 1)
    assert {**second, "line": 1} == first
    assert path in {fault["path"] for fault in first["faults"]}
    assert [set(fault) for fault in first["faults"]] == [{"path", "message", "remedy"}] * len(first["faults"])
    assert all(fault["remedy"] for fault in first["faults"])
    assert not any(text in str(first) for text in ("18/12/2025", "20190402", "perhaps", "xxxx"))


def test_a_fault_changes_no_other_row() -> None:
    right = arrow.obligations(swindon(), standards()).drop_columns(["line"]).to_pylist()
    given = pa.concat_tables([swindon(at=["18/12/2025"]).select(swindon().column_names), swindon()])
    assert arrow.obligations(given, standards()).drop_columns(["line"]).to_pylist()[1:] == right


def test_a_column_that_is_neither_a_fact_nor_carried_is_refused_by_name() -> None:
    with pytest.raises(Problem) as refused:
        arrow.obligations(SECTION_47, standards())
    assert "child" in str([fault.message for fault in refused.value.faults])
    with pytest.raises(Problem) as refused:
        arrow.statuses(SECTION_47, standards(), "2026-01-31", profile="swindn", child="pupil")
    assert {fault.path for fault in refused.value.faults} == {"(header)", "profile"}


def test_a_key_named_as_a_column_of_the_answer_is_refused() -> None:
    given = swindon(status=["open"], due_date=["soon"], standards=["ours"], profile_version=[1])
    names = ("status", "due_date", "standards", "profile_version")
    with pytest.raises(Problem) as refused:
        arrow.obligations(given, standards(), carry=[*names, "at", "at"])
    said = [fault.message for fault in refused.value.faults]
    assert all(f"a column {name} of its own" in str(said) for name in names)
    assert "named twice" in str(said)
    events = SECTION_47.rename_columns(["duty" if name == "child" else name for name in SECTION_47.column_names])
    with pytest.raises(Problem) as refused:
        arrow.statuses(events.drop_columns(["profile"]), standards(), "2026-01-31", profile="swindon", child="duty")
    assert "a column duty of its own" in str([fault.message for fault in refused.value.faults])


def test_a_fact_that_passes_through_counts_as_well() -> None:
    right = arrow.obligations(swindon(), standards()).to_pylist()
    rows = arrow.obligations(swindon(), standards(), carry=["section_47_initiated", "at"]).to_pylist()
    assert [each["due_date"] for each in rows] == [each["due_date"] for each in right]
    assert {each["section_47_initiated"] for each in rows} == {True}


def test_keys_pass_through_with_their_types() -> None:
    given = swindon(child=pa.array([510000], pa.int64()), team=pa.array(["East"]).dictionary_encode())
    rows = arrow.obligations(given, standards(), carry=["child", "team"])
    assert rows.schema.field("child").type == pa.int64()
    assert {(row["child"], row["team"]) for row in rows.to_pylist()} == {(510000, "East")}


def test_a_lean_table_and_that_of_the_rules_say_what_the_full_one_says() -> None:
    keys = ("profile", "profile_version", "event", "rule", "phase", "reading", "timing")
    full = [row for row in arrow.obligations(table(), standards()).to_pylist() if row["status"] == "due"]
    lean = [row for row in arrow.obligations(table(), standards(), lean=True).to_pylist() if row["status"] == "due"]
    dimension = arrow.rules(standards()).to_pylist()
    said = {tuple(row[key] for key in keys): row for row in dimension}
    assert len(said) == len(dimension)
    assert [{**said[tuple(row[key] for key in keys)], **row} for row in lean] == full


def test_an_event_in_process_has_the_rows_of_its_table() -> None:
    row = next(each for each in every_event() if each["profile"] == "york")
    facts = {name: each for name, each in row.items() if name not in {"profile", "event", "at", "reference"}}
    found = calculate(standards(), resolve(standards(), row["profile"], row["event"], row["at"], facts))
    rows = answered(standards().snapshot, request(row))
    assert [each.due_date for each in found.obligations] == [
        each["due_date"] for each in rows if each["status"] == "due"
    ]


def test_a_child_s_rows_may_stand_anywhere_in_a_table_in_memory() -> None:
    events = [
        {"child": child, "event": event, "at": day, "section_47_initiated": said}
        for event, day, said in (
            ("strategy_discussion_held", date(2025, 12, 18), True),
            ("icpc_held", date(2026, 1, 15), None),
        )
        for child in ("a", "b", None)
    ]
    rows = arrow.statuses(pa.Table.from_pylist(events), standards(), date(2026, 1, 31), profile="swindon").to_pylist()
    case = {
        "profile": "swindon",
        "events": [
            {"type": "strategy_discussion_held", "occurred_at": "2025-12-18", "facts": {"section_47_initiated": True}},
            {"type": "icpc_held", "occurred_at": "2026-01-15"},
        ],
    }
    records = list(judge(standards(), case, "2026-01-31"))
    for child in ("a", "b"):
        mine = [row for row in rows if row["child"] == child]
        assert [(row["rule"], row["status"], row["working_days_taken"], row["due_at"]) for row in mine] == [
            (each.rule, each.status, each.working_days_taken, each.due_at) for each in records
        ]
    assert [row["status"] for row in rows if row["child"] is None] == ["fault", "fault"]


def two_versions() -> Standards:
    """Return the packaged standards with a second version of Swindon's, in force from June 2025."""
    state = standards().state
    first = next(each for each in state.profiles if each.key == "swindon")
    words = {**first.resolved, "title": "Swindon, revised"}
    revision = NewProfileVersion("swindon", "Swindon", words, words, digest(words), in_force_from=date(2025, 6, 1))
    second = revision.as_stored(2, at=first.published_at, by="publisher")
    return Standards.from_state(replace(state, profiles=(*state.profiles, second)))


def body(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as a request in JSON."""
    fields: dict[str, Any] = {name: row[name] for name in ("profile_version", "calendar") if name in row}
    facts = {name: value for name, value in row.items() if name not in fields}
    return {**request(facts), **fields}


def test_rows_of_one_batch_are_answered_as_if_each_were_sent_alone() -> None:
    revised = two_versions()
    alike = {"profile": "swindon", "event": "placement_started", "reference": "one"}
    sent: list[dict[str, Any]] = [
        {**alike, "at": "2025-05-31"},
        {**alike, "at": "2025-06-01"},
        {**alike, "at": "2025-06-01", "profile_version": 1},
        {**alike, "at": "2025-05-31T23:30:00Z"},
        {**alike, "at": "2025-06-02", "placement_started_on": date(2025, 6, 2)},
        {**alike, "at": "2025-06-02", "placement_started_on": date(2025, 6, 3)},
        {**alike, "at": "2025-06-02", "placement_type": "foster"},
        {**alike, "at": "2025-06-02", "placement_type": "fosters"},
        {**alike, "at": "2025-06-02", "placement_type": ""},
        {**alike, "at": "2019-12-31"},
        {**alike, "at": "2057-01-01"},
        {**alike, "at": "2025-06-02", "calendar": "scotland"},
        {**alike, "at": "2025-06-02", "reference": "two\nlines"},
        {**alike, "at": "2025-06-02", "child_date_of_birth": date(1066, 10, 14)},
    ]
    names = dict.fromkeys(name for row in sent for name in row)
    answer = arrow.obligations(pa.Table.from_pylist([{name: row.get(name) for name in names} for row in sent]), revised)
    wanted = [
        {**row, "line": line}
        for line, each in enumerate(sent, start=1)
        for row in answered(revised.snapshot, body(each))
    ]
    shown = [dict.fromkeys(each) for each in wanted]
    rows = answer.to_pylist()
    assert [
        {name: row[name] for name in each if name != "calculation_id"} for row, each in zip(rows, shown, strict=True)
    ] == [{name: value for name, value in each.items() if name != "calculation_id"} for each in wanted]
    assert {row["profile_version"] for row in rows} == {None, 1, 2}
    assert {row["line"] for row in rows if row["status"] == "fault"} == {6, 8, 10, 11, 13, 14}
