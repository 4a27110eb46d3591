"""Facts as people and spreadsheets write them: one way of reading, wherever the text comes from."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from app.profiles.vocabulary import shared_vocabulary
from app.services.bulk import Plan, answer_block
from app.services.calculation.calculator import Calculator
from app.services.calculation.fact_parsing import fact_from_text, fact_specs
from app.services.calculation.flat import due_date
from app.services.calculation.flat_request import DueDateQuery
from app.services.calculation.request import CalculationRequest
from app.services.calculation.working_days import AddQuery
from app.services.problems import Problem
from app.services.validation import integer_from_path, integer_from_text
from app.web.forms import from_pairs, request_body
from tests.services.worlds import small

FACTS = shared_vocabulary().facts
BOOLEAN = next(key for key, spec in sorted(FACTS.items()) if spec.type == "bool")
NUMBER = next(key for key, spec in sorted(FACTS.items()) if spec.type == "int")
CHOICE = next(key for key, spec in sorted(FACTS.items()) if spec.type == "choice")
DATE = "became_looked_after_on" if "became_looked_after_on" in FACTS else "date_of_birth"

EXAMPLES = [
    (BOOLEAN, "true", True),
    (BOOLEAN, "TRUE", True),
    (BOOLEAN, "Yes", True),
    (BOOLEAN, " no ", False),
    (BOOLEAN, "FALSE", False),
    (BOOLEAN, "1", "1"),
    (BOOLEAN, "007", "007"),
    (NUMBER, "7", 7),
    (NUMBER, "007", 7),
    (NUMBER, "-", "-"),
    (NUMBER, "7.0", "7.0"),
    (NUMBER, "\u0667", "\u0667"),
    (NUMBER, "12345678901", "12345678901"),
    (CHOICE, "true", "true"),
    (CHOICE, "007", "007"),
    (DATE, "2019-04-02", "2019-04-02"),
    ("no_such_fact", "yes", "yes"),
]


@pytest.mark.parametrize(("fact", "text", "value"), EXAMPLES)
def test_a_fact_written_as_text_has_one_value(fact: str, text: str, value: object) -> None:
    assert fact_from_text(FACTS.get(fact), text) == value
    assert type(fact_from_text(FACTS.get(fact), text)) is type(value)


@pytest.mark.parametrize(("fact", "text", "value"), [each for each in EXAMPLES if each[0] in FACTS])
def test_a_form_reads_it_alike(fact: str, text: str, value: object) -> None:
    form = from_pairs([("profile", "small"), ("event", "icpc_held"), ("date", "2026-01-05"), (f"fact.{fact}", text)])
    assert request_body(form, "small", FACTS)["facts"] == {fact: value}


@pytest.mark.parametrize(("fact", "text", "value"), [each for each in EXAMPLES if each[0] in {BOOLEAN, NUMBER}])
def test_a_url_reads_it_alike(fact: str, text: str, value: object) -> None:
    query = {"profile": "small", "event": "icpc_held", "at": "2026-01-05", "duty": "hold_icpc", fact: text}
    if isinstance(value, str):
        with pytest.raises(ValidationError, match=fact):
            DueDateQuery.model_validate(query)
    else:
        assert DueDateQuery.model_validate(query).facts_sent(small()) == {fact: value}


def test_a_spreadsheet_reads_it_alike() -> None:
    plan = Plan("csv", "csv", header=("profile", "event", "at", "section_47_initiated"), columns=("status",))
    rows = b"small,strategy_discussion_held,2025-12-18,%s\n"
    found = [answer_block(Calculator(small()), plan, rows % text, 2).output for text in (b"TRUE", b"yes", b"1")]
    assert found == [b"due\r\n", b"due\r\n", b"fault\r\n"]


@pytest.mark.parametrize(("text", "number"), [("2", 2), ("-2", -2), ("0", 0), ("2147483647", 2147483647)])
def test_a_whole_number_is_digits_with_a_minus_below_zero(text: str, number: int) -> None:
    assert integer_from_text(text) == integer_from_path(text) == number


@pytest.mark.parametrize(
    "text", ["two", "", "1_0", "+5", "5.0", "1e3", " 10", "10 ", "10\n", "--1", "\u0667", "1" * 11]
)
def test_any_other_text_is_no_number(text: str) -> None:
    assert integer_from_text(text) == integer_from_path(text) == text


@pytest.mark.parametrize("text", ["007", "-01", "-0", "00"])
def test_zeros_in_front_count_for_nothing_except_in_a_path_which_has_one_spelling(text: str) -> None:
    assert integer_from_text(text) == int(text)
    assert integer_from_path(text) == text


def test_the_facts_of_an_unknown_profile_are_those_of_all() -> None:
    assert fact_specs(small(), "nowhere") == fact_specs(small()) == fact_specs(small(), "small")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2019-04-02", date(2019, 4, 2)),
        ("2019-04-02T00:00:00.0000000Z", date(2019, 4, 2)),
        ("2019-04-01T23:00:00Z", date(2019, 4, 2)),
        ("2019-04-01T22:59:59Z", date(2019, 4, 1)),
        ("2019-04-02T00:00:00+01:00", date(2019, 4, 2)),
        ("2019-04-02T09:30", date(2019, 4, 2)),
    ],
)
def test_a_date_time_is_the_london_day_that_it_lies_in_wherever_a_date_is_taken(text: str, day: date) -> None:
    request = CalculationRequest.model_validate(
        {
            "profile": "small",
            "event": {"type": "placement_started", "occurred_at": "2019-01-02"},
            "facts": {"child_date_of_birth": text},
            "until": text,
        }
    )
    assert request.until == day
    assert (request.facts or {})["child_date_of_birth"] == day
    assert AddQuery.model_validate({"calendar": "england-and-wales", "start": text, "days": "1"}).start == day


@pytest.mark.parametrize("value", ["false", "no", 0])
def test_no_remedy_tells_a_caller_to_reverse_a_fact(value: object) -> None:
    with pytest.raises(Problem) as refused:
        due_date(small(), {"profile": "small", "event": "icpc_held", "at": "2026-01-05", "section_47_initiated": value})
    (fault,) = [fault for fault in refused.value.faults if fault.path == "section_47_initiated"]
    assert fault.remedy == "send true or false, without quotation marks"
