"""Many calculations in one call."""

import tracemalloc
from typing import Any

import orjson
import pytest

from app.services.calculation.batch import ListBatch, lines
from app.services.calculation.calculator import Calculator
from app.services.problems import Problem
from app.services.work import CallerGone, Work, WorkBudget
from tests.services.worlds import batch, calculation, packaged, small

GOOD = {"profile": "small", "event": {"type": "section_47_started", "occurred_at": "2026-01-05"}}
BAD = {"profile": "smal", "event": {"type": "section_47_started", "occurred_at": "2026-01-05"}}


def test_answers_stand_in_the_order_of_the_items_and_one_fault_fails_only_its_own() -> None:
    answer: dict[str, Any] = batch(small(), {"items": [GOOD, BAD, 3, {**GOOD, "reference": "last"}]})
    assert answer["items"][0] == calculation(small(), GOOD)
    assert [item.get("status") for item in answer["items"]] == [None, 422, 422, None]
    assert answer["items"][3]["reference"] == "last"
    assert (answer["answered"], answer["failed"]) == (2, 2)


@pytest.mark.parametrize("body", [{}, {"items": 1}, {"items": [], "more": 1}, [], {"items": [GOOD] * 1001}])
def test_a_list_that_is_none_or_too_long_is_refused(body: dict[str, Any] | list[Any]) -> None:
    with pytest.raises(Problem):
        batch(small(), body)


def test_from_the_item_that_would_hold_too_many_on_each_is_refused_in_its_place() -> None:
    answer: dict[str, Any] = calculation(small(), GOOD)
    count = len(answer["obligations"])
    budget = WorkBudget(obligations=3 * count)
    answered: dict[str, Any] = batch(small(), {"items": [GOOD, BAD, GOOD, GOOD, GOOD, BAD]}, budget)
    items = answered["items"]
    assert [item.get("type") for item in items] == [
        *(None, "/problems/invalid-request", None, None),
        *("/problems/too-many-obligations", "/problems/too-many-obligations"),
    ]
    assert items[4]["errors"][0]["path"] == "until"
    assert (items[4]["budget"], items[5]["limit"]) == ("obligations", 3 * count)


def test_from_the_item_that_would_make_the_answer_too_large_on_each_is_refused_in_its_place() -> None:
    answered: dict[str, Any] = batch(small(), {"items": [GOOD] * 3}, WorkBudget(answer_bytes=4_000))
    refused = [item for item in answered["items"] if item.get("budget") == "answer_bytes"]
    assert 1 <= answered["answered"] < 3
    assert answered["items"][-len(refused) :] == refused
    assert len(refused) == answered["failed"]


def test_nobody_works_for_a_caller_who_has_gone() -> None:
    work = Work(WorkBudget())
    answering = ListBatch(Calculator(small()), [GOOD] * 3, work)
    assert len(answering.answer_some(1)) == 1
    work.stop()
    with pytest.raises(CallerGone):
        answering.answer_some(1)


def test_a_thousand_items_of_what_is_due_next_are_answered() -> None:
    item = {"profile": "york", "event": {"type": "became_looked_after", "occurred_at": "2026-01-05"}}
    answered: dict[str, Any] = batch(packaged(), {"items": [item] * 1_000})
    assert (answered["answered"], answered["failed"]) == (1_000, 0)
    assert sum(len(each["obligations"]) for each in answered["items"]) >= 10_000


def stream(data: bytes, size: int) -> list[bytes]:
    chunks = (data[start : start + size] for start in range(0, len(data), size))
    return b"".join(lines(Calculator(small()), chunks)).splitlines(keepends=True)


@pytest.mark.parametrize("size", [1, 7, 64, 100_000])
def test_each_line_is_answered_by_one_line_however_the_bytes_arrive(size: int) -> None:
    data = orjson.dumps(GOOD) + b"\r\n{bad\n\n" + orjson.dumps(BAD) + b"\n" + orjson.dumps(GOOD)
    answers = stream(data, size)
    assert len(answers) == 5
    assert answers[0] == answers[4] == orjson.dumps(calculation(small(), GOOD)) + b"\n"
    assert orjson.loads(answers[1])["type"].endswith("invalid-json")
    assert answers[2] == b"\n"
    assert orjson.loads(answers[3])["status"] == 422


def test_a_line_that_is_too_long_is_answered_in_its_place() -> None:
    chunks = [orjson.dumps(GOOD) + b"\n" + b"x" * 700, b"x" * 700, b"x" * 5_000 + b"\n" + orjson.dumps(GOOD) + b"\n"]
    answers = list(lines(Calculator(small()), chunks, max_line_bytes=1_000))
    assert [orjson.loads(item).get("status") for item in answers] == [None, 413, None]


def test_a_line_is_read_as_strictly_as_a_body() -> None:
    twice = b'{"profile": "york", ' + orjson.dumps(GOOD)[1:]
    good, refused = (orjson.loads(item) for item in lines(Calculator(small()), [orjson.dumps(GOOD), b"\n", twice]))
    assert "obligations" in good
    assert (refused["status"], refused["type"].rpartition("/")[2]) == (400, "invalid-json")
    assert "twice" in refused["errors"][0]["message"]


def test_memory_does_not_grow_with_the_number_of_lines() -> None:
    line = orjson.dumps({**GOOD, "reference": "r"}) + b"\n"

    def peak(count: int) -> int:
        tracemalloc.start()
        for _ in lines(Calculator(small()), (line for _ in range(count))):
            pass
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    peak(50)
    assert peak(2_000) < peak(200) + 200_000
