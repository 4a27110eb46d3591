"""What a document or a request costs grows with its length and not with its square: counted in lines of Python run."""

from __future__ import annotations

import sys
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

import pytest

from app.documents.faults import nearest_names
from app.profiles.vocabulary import shared_vocabulary
from app.services.calculation.flat import due_date
from app.services.comparison import compare
from app.services.problems import Problem
from app.services.publishing.drafts import head_of
from app.services.publishing.profile_file import SentFile
from app.services.publishing.validation import validate
from app.services.timelines import timeline
from bench.rude_requests import ALTERNATIVES, PROFILE, RULE
from bench.whole_cases import followed, visited
from tests.services.worlds import packaged

SERIES = {"type": "cp_plan_started", "occurred_at": "2026-01-05"}


def lines_run(work: Callable[[], object]) -> int:
    """How many lines of Python a piece of work runs: a measure that no other work on the machine disturbs."""
    count = 0

    def line(*_: object) -> Any:
        nonlocal count
        count += 1
        return line

    before = sys.gettrace()
    sys.settrace(line)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def alternatives(number: int) -> dict[str, Any]:
    return {**PROFILE, "rules": [{**RULE, "reading": "r", "alternatives": ALTERNATIVES[:number]}]}


def unknown_events(number: int) -> dict[str, Any]:
    return {**PROFILE, "rules": [{**RULE, "id": f"r{n}", "event": f"strategy_discusion_{n}"} for n in range(number)]}


def exceptions(number: int) -> dict[str, Any]:
    rules = [{**RULE, "id": f"r{n}", **({"exception_to": f"r{n - 1}"} if n else {})} for n in range(number)]
    return {**PROFILE, "rules": rules}


def conditions(number: int) -> dict[str, Any]:
    return {**PROFILE, "rules": [{**RULE, "when": {"any": [{"serious_risk": True}] * number}}]}


@pytest.mark.parametrize("document", [alternatives, unknown_events, exceptions, conditions])
def test_validation_grows_with_the_document(document: Callable[[int], dict[str, Any]]) -> None:
    snapshot = packaged()
    validate(document(10), snapshot)

    def work(number: int) -> int:
        return lines_run(lambda: validate(document(number), snapshot))

    assert work(800) < 5 * work(200)


def toml_rules(number: int) -> SentFile:
    return SentFile(b"".join(b'[[rules]]\nid = "r%d"\n' % place for place in range(number)), "toml")


def csv_rules(number: int) -> SentFile:
    lines = b"".join(b"r%d,hold_icpc,t,strategy_discusion\n" % place for place in range(number))
    return SentFile(b"id,duty,title,event\n" + lines, "csv")


@pytest.mark.parametrize("file", [toml_rules, csv_rules])
def test_the_validation_of_a_file_grows_with_its_rules(file: Callable[[int], SentFile]) -> None:
    snapshot = packaged()

    def work(number: int) -> int:
        return lines_run(lambda: file(number).read(head_of(snapshot, None)).validate(snapshot))

    work(20)
    assert work(320) < 5 * work(80)


def test_eight_thousand_alternatives_are_each_read() -> None:
    found = validate(alternatives(8_000), packaged())
    assert found.valid
    assert found.profile is not None
    assert len(found.profile.rules[0].readings) == 8_001


def test_a_comparison_grows_with_the_obligations_that_have_no_equal_on_the_other_side() -> None:
    def work(until: str) -> int:
        body = {"before": {"profile": "swindon"}, "after": {"profile": "barnet"}, "events": [SERIES], "until": until}
        return lines_run(lambda: compare(packaged(), body))

    work("2026-02-05")
    assert work("2034-01-05") < 5 * work("2028-01-05")


@pytest.mark.parametrize("profile", ["swindon", "barnet"])
def test_what_is_to_come_grows_with_the_years_it_is_followed(profile: str) -> None:
    def work(years: int) -> int:
        return lines_run(lambda: timeline(packaged(), followed(profile, years)))

    work(1)
    assert work(8) < 5 * work(2)


def test_a_case_grows_with_its_events() -> None:
    def work(events: int) -> int:
        return lines_run(lambda: timeline(packaged(), visited(events)))

    work(20)
    assert work(240) < 5 * work(60)


def unknown_facts(number: int, *, nested: bool) -> dict[str, Any]:
    """Give a flat request with so many facts that there are not."""
    facts = {f"unheard_of_{n}": True for n in range(number)}
    asked = {"profile": "swindon", "event": "strategy_discussion_held", "at": "2025-12-18"}
    return {**asked, "facts": facts} if nested else {**asked, **facts}


@pytest.mark.parametrize("nested", [False, True])
def test_of_many_unknown_facts_those_that_are_not_listed_cost_next_to_nothing(nested: bool) -> None:
    def refused(number: int) -> None:
        with pytest.raises(Problem):
            due_date(packaged(), unknown_facts(number, nested=nested))

    refused(300)
    listed = lines_run(lambda: refused(300))
    assert lines_run(lambda: refused(3_000)) < 1.1 * listed


@pytest.mark.parametrize("number", [5, 50])
def test_only_the_first_unknown_names_of_a_document_are_searched_for(number: int) -> None:
    found = validate(unknown_events(number + 100), packaged())
    searched = [fault for fault in found.errors if fault.nearest]
    assert len(found.errors) == number + 100
    assert len(searched) == 50


def slips() -> list[tuple[str, list[str]]]:
    """Every event and fact of the vocabulary, with a letter left out, doubled or exchanged."""
    vocabulary = shared_vocabulary()
    found = []
    for names in (sorted(vocabulary.events), sorted(vocabulary.facts)):
        for place, name in enumerate(names):
            cut = 1 + place % (len(name) - 2)
            spoiled = (
                name[:cut] + name[cut + 1 :],
                name[:cut] + name[cut] + name[cut:],
                name[:cut] + "x" + name[cut + 1 :],
            )
            found += [(spoiled[place % 3], names)]
    return found


def test_the_nearest_name_of_a_slip_is_found_as_comparing_with_every_name_would() -> None:
    for text, names in slips():
        wanted = get_close_matches(text, names, n=1, cutoff=0.8)
        assert nearest_names(text, names)[:1] == tuple(wanted), text


def test_the_names_near_a_part_of_one_are_found() -> None:
    assert "hold_icpc" in nearest_names("icpc", ["hold_icpc", "visit_child", "hold_core_group"])
    assert nearest_names("working_dys", ["working_days", "weekdays", "months"])[0] == "working_days"
    assert nearest_names("zzz", ["working_days"]) == ()


def test_a_search_compares_few_names_however_many_there_are() -> None:
    few = [f"placement_kind_{place}" for place in range(50)]
    many = [f"placement_kind_{place}" for place in range(400)]
    for names in (few, many):
        nearest_names("placement_kin_1", names)
    ratio = lines_run(lambda: nearest_names("placement_kin_1", many)) / lines_run(
        lambda: nearest_names("placement_kin_1", few)
    )
    assert ratio < 6
