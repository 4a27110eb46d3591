"""The typed functions: the service's own answers, from typed values, in a process that loads little else."""

import json
import pickle
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.services.calculation.request import read_request
from app.services.calculation.response import calculate_response
from app.services.ports import ApiKeyRecord, StoredState
from app.services.snapshot.bundle import write_bundle
from app.services.snapshot.offline import packaged_state
from app.services.standards import Problem, Standards, calculate, judge, resolve, working_days_taken
from app.services.timelines import timeline
from tests.cases.reading import cases, request

STANDARDS = Standards.packaged()
LONDON = ZoneInfo("Europe/London")
LIBRARY = "app.services.standards, app.services.bulk, app.frames.arrow, app.frames.spark"
LIGHT = {
    *("annotated_types", "jiter", "orjson", "prometheus_client", "pydantic", "pydantic_core"),
    *("typing_extensions", "typing_inspection", "tzdata"),
}


@pytest.mark.parametrize(
    ("at", "sent"),
    [
        (date(2025, 7, 1), "2025-07-01"),
        (datetime(2025, 6, 30, 23, 0, tzinfo=UTC), "2025-06-30T23:00:00Z"),
        (datetime(2025, 7, 1, 0, 0, tzinfo=LONDON), "2025-07-01T00:00:00+01:00"),
        (datetime(2025, 7, 1, 14, 30), "2025-07-01T14:30:00"),  # noqa: DTZ001 - London's own time
        ("2025-07-01T14:30", "2025-07-01T14:30"),
    ],
)
def test_typed_values_are_answered_as_their_json_is(at: Any, sent: str) -> None:
    facts: dict[str, Any] = {
        "section_47_initiated": True,
        "child_date_of_birth": date(2019, 4, 2),
        "placement_type": None,
    }
    typed = resolve(STANDARDS, "swindon", "strategy_discussion_held", at, facts, until=date(2026, 1, 1))
    body = {
        "profile": "swindon",
        "event": {"type": "strategy_discussion_held", "occurred_at": sent},
        "facts": {"section_47_initiated": True, "child_date_of_birth": "2019-04-02"},
        "until": "2026-01-01",
    }
    as_json: Any = calculate_response(read_request(STANDARDS.snapshot, body))
    found = calculate(STANDARDS, typed)
    assert [(each.rule.id, each.due_at) for each in found.obligations] == [
        (each["rule"], datetime.fromisoformat(each["due_at"])) for each in as_json["obligations"]
    ]
    assert [each.rule.id for each in found.undetermined] == [each["rule"] for each in as_json["undetermined"]]


def test_every_fault_is_raised_at_once_without_a_value() -> None:
    with pytest.raises(Problem) as refused:
        resolve(STANDARDS, "swindon", "strategy_discussion", "1/7/2025", {"child_date_of_birth": 20190402})
    assert {fault.path for fault in refused.value.faults} == {
        "event.type",
        "event.occurred_at",
        "facts.child_date_of_birth",
    }
    assert "20190402" not in str(refused.value.as_json())


@pytest.mark.parametrize(("profile", "case"), cases("enquiries", "care", "plans"))
def test_a_case_is_judged_as_its_timeline_shows_it(profile: str, case: dict[str, Any]) -> None:
    body = {**request(profile, case), "until": str(case["as_of"])[:10]}
    shown: Any = timeline(STANDARDS.snapshot, body)
    records = list(judge(STANDARDS, body))
    same = ("status", "child", "profile_version", "rule", "due_date", "days_taken", "late_by_days", "overdue_by_days")
    more = ("missed", "excused", "trackable", "observable", "done_by", "ended_by", "superseded_by", "provisional")

    def written(value: object) -> object:
        return value.isoformat() if isinstance(value, date) else value

    found = [each for each in records if each.status not in {"undetermined", "nothing_due"}]
    assert [[written(getattr(each, name)) for name in (*same, *more)] for each in found] == [
        [each[name] for name in (*same, *more)] for each in shown["obligations"]
    ]
    assert [each.obligation_id for each in found] == [each["id"] for each in shown["obligations"]]
    waiting = [(each.rule, each.needs) for each in records if each.status == "undetermined"]
    assert sorted(waiting) == sorted((each["rule"], tuple(each["needs"])) for each in shown["undetermined"])


def test_a_case_that_owes_nothing_says_so() -> None:
    case = {"profile": "swindon", "events": [], "reference": "c1"}
    (record,) = judge(STANDARDS, case, date(2026, 1, 1))
    assert (record.status, record.reference) == ("nothing_due", "c1")


def test_working_days_are_counted_by_the_calendar_whatever_a_rule_counts_in() -> None:
    facts = {"placement_type": "foster", "long_term_placement_agreed": False}
    placed = {"type": "placement_started", "occurred_at": date(2025, 12, 22), "facts": facts}
    visited = {"type": "cla_visit_made", "occurred_at": date(2025, 12, 29)}
    records = judge(STANDARDS, {"profile": "statutory-england", "events": [placed, visited]}, date(2026, 1, 5))
    done = [each for each in records if each.done_on is not None]
    # From Monday 22 to Monday 29 December: the 23rd and 24th, then Christmas, Boxing Day and a weekend, then the 29th.
    assert {(each.days_taken, each.working_days_taken) for each in done} == {(7, 3)}
    assert working_days_taken(STANDARDS, date(2025, 12, 22), date(2025, 12, 29)) == 3
    assert working_days_taken(STANDARDS, date(2025, 12, 29), date(2025, 12, 22)) == -3
    with pytest.raises(Problem):
        working_days_taken(STANDARDS, date(1066, 10, 14), date(2025, 12, 29))


def test_standards_travel_whole_and_without_a_key(tmp_path: Path) -> None:
    key = ApiKeyRecord(
        "1", "case system", "abcd1234", "5f2a-hash", ("calculate",), None, datetime(2026, 1, 1, tzinfo=UTC)
    )
    state = packaged_state()
    served = Standards.from_state(StoredState(state.token, state.profiles, state.calendars, (key,)))
    travelled = pickle.dumps(served)
    assert b"5f2a-hash" not in travelled
    assert len(travelled) < 1_000_000
    back = pickle.loads(travelled)
    assert (back, back.digest, back.pins) == (served, STANDARDS.digest, STANDARDS.pins)
    assert back.calculator is served.calculator
    (tmp_path / "standards.json").write_bytes(write_bundle(state))
    assert Standards.from_file(tmp_path / "standards.json") == STANDARDS
    with pytest.raises(AttributeError):
        served.digest = "another"  # type: ignore[misc]  # that is the point


def loaded_by(modules: str) -> list[str]:
    """Return the names of all modules that a new process has after these imports."""
    script = f"import sys, json\n{modules and 'import ' + modules}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    return list(json.loads(done.stdout))


def test_it_loads_neither_the_web_s_nor_the_database_s_libraries() -> None:
    loaded, bare = loaded_by(LIBRARY), loaded_by("")
    tops = {name.split(".")[0] for name in set(loaded) - set(bare)} - set(sys.stdlib_module_names)
    assert not tops & {"fastapi", "starlette", "uvicorn", "sqlalchemy", "alembic", "psycopg", "typer", "jinja2"}
    assert {name for name in tops if not name.startswith("_")} == {"app", *LIGHT}
    # A ratio and no time: beside what the service loads before it has its routes.
    assert len(loaded) < len(loaded_by("app.main")) * 2 / 3
