"""Rules with days in force of their own: before and after them an answer says so, and nothing gives way to them."""

from __future__ import annotations

from tests.engine.builders import due, profile_of, run

REGULATION = """
[[rules]]
id = "regulation"
event = "became_looked_after"
basis = "regulations"
title = "Appoint the reviewing officer"
timing = { within = { working_days = 5 } }
in_force = { from = 2011-04-01 }
"""
RELAXED = """
[[rules]]
id = "relaxed"
event = "became_looked_after"
basis = "regulations"
title = "Appoint the reviewing officer, as relaxed"
timing = { within = { weeks = 24 } }
in_force = { from = 2020-04-24, to = 2020-09-25 }
exception_to = "regulation"
"""


def test_the_answer_to_an_event_before_the_law_says_so() -> None:
    profile = profile_of(REGULATION)
    answer = run(profile, "became_looked_after", "2011-03-31", {})
    assert due(answer) == []
    assert [item.because for item in answer.not_applicable] == ["the rule was not in force on the day of the event"]
    assert answer.warnings == ("this timescale is law from 2011-04-01: Appoint the reviewing officer",)
    assert run(profile, "became_looked_after", "2011-04-01", {}).warnings == ()


def test_the_answer_to_an_event_after_the_last_day_says_so() -> None:
    ended = REGULATION.replace("{ from = 2011-04-01 }", "{ to = 2014-04-21 }")
    answer = run(profile_of(ended), "became_looked_after", "2014-04-22", {})
    assert answer.warnings == ("this timescale is no longer law from 2014-04-22: Appoint the reviewing officer",)


def test_rules_of_one_day_share_a_warning_and_guidance_is_not_called_law() -> None:
    guidance = REGULATION.replace('"regulation"', '"guidance"').replace('"regulations"', '"statutory_guidance"')
    second = REGULATION.replace('"regulation"', '"second"').replace("Appoint", "Tell")
    answer = run(profile_of(REGULATION + second + guidance), "became_looked_after", "2010-01-01", {})
    assert answer.warnings == (
        "this timescale is statutory guidance from 2011-04-01: Appoint the reviewing officer",
        "these timescales are law from 2011-04-01: Appoint the reviewing officer; Tell the reviewing officer",
    )


def test_a_rule_that_would_not_apply_anyway_is_not_missed() -> None:
    profile = profile_of(REGULATION + "when = { emergency_placement = true }\n")
    assert run(profile, "became_looked_after", "2010-01-01", {"emergency_placement": False}).warnings == ()
    assert run(profile, "became_looked_after", "2010-01-01", {}).warnings != ()


def test_an_exception_leads_only_while_it_is_in_force() -> None:
    profile = profile_of(REGULATION + RELAXED)
    assert due(run(profile, "became_looked_after", "2020-06-01", {})) == ["2020-11-16"]
    after = run(profile, "became_looked_after", "2020-09-28", {})
    assert due(after) == ["2020-10-05"]
    assert after.warnings == ()
