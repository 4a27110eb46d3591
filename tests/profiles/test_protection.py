"""Which duties protect a child from harm, from which source, and what that does to closure days."""

from __future__ import annotations

import re
from datetime import date

import pytest

from app.calendars.changes import with_closure_days
from app.calendars.packaged import load_packaged
from app.engine.calculate import calculate
from app.engine.civil_time import read_moment
from app.engine.results import Obligation
from app.profiles.vocabulary import shared_vocabulary
from app.services.zone import LONDON
from tests.engine.builders import england, profile_of
from tests.profiles.packaged import profiles

CLOSED = with_closure_days(england(), [(date(2026, 12, day), "closure") for day in (24, 29, 30, 31)], "cabinet")
SOURCE = re.compile(r"\(.*(Act \d{4}, section|Working Together .* \d{4}, chapter|guidance .*\d{4}).*\)")
VOCABULARY = shared_vocabulary()
PROTECTING = {key for key in VOCABULARY.duties if VOCABULARY.protection(key)}
OWN = """
[vocabulary.duties.local_mentor]
definition = "Visit as a mentor."
family = "local_mentor"
after_end = "ends"
protection = "The mentor may be the only adult who sees the child."
"""


def due(rule: str, more: str = "") -> Obligation:
    """Give what is due within one working day of 23 December, as the council closes for Christmas."""
    timing = "timing = { within = { working_days = 1 } }"
    profile = profile_of(f'[[rules]]\nevent = "significant_harm_suspected"\n{timing}\n{rule}\n{more}')
    moment = read_moment("2026-12-23", LONDON)
    (item,) = calculate(profile, "significant_harm_suspected", moment, {}, CLOSED, LONDON).obligations
    return item


@pytest.mark.parametrize("duty", sorted(PROTECTING))
def test_whatever_protects_a_child_says_why_and_from_which_source(duty: str) -> None:
    assert SOURCE.search(VOCABULARY.protection(duty)), VOCABULARY.protection(duty)


def test_enquiries_conferences_core_groups_and_visits_under_a_plan_protect() -> None:
    assert {
        "hold_strategy_discussion",
        "see_child_for_section_47",
        "see_baby_for_section_47_awake",
        "complete_section_47",
        "hold_icpc",
        "hold_first_rcpc",
        "hold_first_core_group",
        "first_visit_on_protection_plan",
        "decide_contact",
    } <= PROTECTING
    assert PROTECTING.isdisjoint({"circulate_conference_minutes", "hold_cla_review", "complete_assessment"})


@pytest.mark.parametrize(
    ("rule", "day"),
    [
        ('duty = "see_child_for_section_47"', "2026-12-24"),
        ('duty = "see_child_for_section_47"\nclosures = "skip"', "2027-01-04"),
        ('duty = "acknowledge_referral"', "2027-01-04"),
        ('duty = "acknowledge_referral"\nclosures = "count"', "2026-12-24"),
    ],
)
def test_a_closure_puts_off_what_may_wait_unless_the_rule_says_otherwise(rule: str, day: str) -> None:
    assert due(rule).due_date.isoformat() == day


def test_a_duty_of_a_profile_s_own_is_protected_where_it_says_why() -> None:
    assert due('duty = "local_mentor"', OWN).due_date == date(2026, 12, 24)


def test_only_a_rule_that_says_so_itself_speaks_of_closure_days() -> None:
    assert due('duty = "see_child_for_section_47"').template.timing.startswith("within 1 working day of ")
    assert "closure" not in due('duty = "see_child_for_section_47"').template.timing
    assert "closure days counted" in due('duty = "see_child_for_section_47"\nclosures = "count"').template.timing


def test_no_date_under_a_packaged_calendar_depends_on_closures() -> None:
    assert all(calendar.without_closures is calendar for calendar in load_packaged().values())
    stated = [rule.id for profile in profiles().values() for rule in profile.rules if rule.closures_stated]
    assert stated == []
