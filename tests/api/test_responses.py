"""Which form an answer has, by the Accept header."""

import pytest
from pydantic_core import PydanticCustomError

from app.api.responses import CALENDAR, CSV, JSON, accepted_form

OFFERED = (JSON, CALENDAR, CSV)


@pytest.mark.parametrize(
    ("header", "form"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("text/csv", CSV),
        ("TEXT/CSV; charset=utf-8", CSV),
        ("text/html, */*;q=0.1", JSON),
        ("text/csv, text/calendar", CSV),
        ("text/calendar;q=0.5, text/csv", CSV),
        ("text/*", CALENDAR),
        ("application/json;q=0, */*", CALENDAR),
        ("text/calendar;q=0, text/*, application/json;q=0.5", CSV),
        ("*/*, text/csv;q=0.5", JSON),
    ],
)
def test_a_caller_gets_the_form_that_it_prefers(header: str, form: str) -> None:
    assert accepted_form(header, OFFERED) == form


@pytest.mark.parametrize("header", ["text/html", "application/json;q=0", "text/csv;q=much", "*/*;q=0"])
def test_a_caller_who_takes_none_of_the_forms_learns_which_there_are(header: str) -> None:
    with pytest.raises(PydanticCustomError) as refused:
        accepted_form(header, OFFERED)
    assert all(form in str((refused.value.context or {}).values()) for form in OFFERED)
