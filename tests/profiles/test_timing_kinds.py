"""Every kind of timing explains itself, and its one registry entry reaches the schema, the template and the page."""

import tomllib
from datetime import date
from inspect import getmembers, isclass

import pytest
from jsonschema import Draft202012Validator

from app.calendars.packaged import load_packaged as load_calendars
from app.engine import fixed_days, milestones, timing
from app.engine.calculate import calculate
from app.engine.civil_time import Moment
from app.engine.timing import Counting, Timing
from app.profiles.document import load_profile
from app.profiles.schema import profile_schema
from app.profiles.template import template
from app.profiles.timings import KINDS
from app.services.zone import LONDON
from tests.house.files import ROOT
from tools.build_format_page import with_table

EXAMPLES = [(kind.key, example) for kind in KINDS.values() for example in kind.examples]
DOCUMENT = """format = 1
key = "my-council"
title = "My Council: practice standards"
calendar = "england-and-wales"
[documents.main]
title = "Practice Standards"
[[rules]]
id = "a-rule"
duty = "hold_icpc"
title = "Something to be done"
event = "strategy_discussion_held"
strength = "must"
source = [{{ section = "1" }}]
timing = {{ {timing} }}
"""
FACTS = {
    "child_date_of_birth": date(2012, 5, 4),
    "expected_delivery_date": date(2026, 6, 1),
    "placement_started_on": date(2025, 12, 1),
}
# What a kind of timing is counted by, whatever it is.
MEMBERS = sorted(name for name in vars(Timing) if not name.startswith("_"))
CLASSES = [
    item
    for module in (timing, milestones, fixed_days)
    for _, item in getmembers(module, isclass)
    if item.__module__ == module.__name__ and hasattr(item, "due_date") and item is not Timing
]


@pytest.mark.parametrize(("kind", "example"), EXAMPLES)
def test_every_kind_of_timing_explains_itself(kind: str, example: str) -> None:
    profile = load_profile(tomllib.loads(DOCUMENT.format(timing=example))).profile
    event, moment = "strategy_discussion_held", Moment(date(2025, 12, 18))
    facts = {key: value for key, value in FACTS.items() if key in profile.rules[0].facts()}
    result = calculate(profile, event, moment, facts, load_calendars()["england-and-wales"], LONDON, explained=True)
    how = profile.rules[0].readings[0].timing.explanation()
    assert isinstance(how, Counting) or how.strip()
    if kind == "undated":
        assert result.undetermined
        return
    explanation = result.obligations[0].explanation
    assert explanation is not None
    first, *_, last = explanation.steps
    assert first.date == explanation.day_zero == moment.day
    assert last.date == explanation.landed_on == result.obligations[0].due_date
    assert all(step.note for step in explanation.steps)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_no_kind_of_timing_inherits_an_answer(kind: type) -> None:
    assert len(CLASSES) >= 11
    assert [name for name in MEMBERS if name not in vars(kind)] == []


@pytest.mark.parametrize(("kind", "example"), EXAMPLES)
def test_the_schema_and_the_template_have_every_example(kind: str, example: str) -> None:
    document = tomllib.loads(DOCUMENT.format(timing=example))
    assert Draft202012Validator(profile_schema()).is_valid(document)
    assert f"timing = {{ {example} }}" in template()


def test_the_page_about_the_format_has_the_table_of_the_registry() -> None:
    page = (ROOT / "docs" / "profile-format.md").read_text(encoding="utf-8")
    assert with_table(page) == page
