"""The commands, as a terminal sees them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import run
from tests.house.files import ROOT

CASE = ("swindon", "strategy_discussion_held", "2025-12-18T14:30", "--fact", "section_47_initiated=true")
HEAVY = ("alembic", "fastapi", "orjson", "pydantic", "rich", "sqlalchemy", "structlog", "tree_sitter", "uvicorn")


def test_nothing_heavy_is_imported_for_help() -> None:
    script = f"import sys, app.cli; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"


def test_every_command_has_help(capfd: pytest.CaptureFixture[str]) -> None:
    groups = {"profiles": ("list", "show", "validate", "new", "words", "handbook", "diff", "publish", "withdraw"),
              "calendars": ("list", "show", "import"), "keys": ("create", "list", "expire", "revoke")}  # fmt: skip
    ran = run(capfd, "--help")
    assert ran.status == 0
    for name in ("serve", "load", "calculate", "timeline", "check", "bulk", "audit", "openapi", "docs", *groups):
        assert name in ran.out
    for group, commands in groups.items():
        listed = run(capfd, group, "--help").out
        assert [name for name in commands if name not in listed] == []


def test_the_module_runs_like_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "profiles", "list"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert "swindon" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("calculate", "swindon"),
        ("calculate", "swindn", "strategy_discussion_held", "2025-12-18"),
        ("calculate", "swindon", "strategy_discussion_held", "18.12.2025"),
        (*("calculate", *CASE), "--fact", "section_47_initiated=true"),
        (*("calculate", *CASE), "--fact", "serious_risk"),
        (*("calculate", *CASE), "--until", "soon"),
        ("check", "swindon", "strategy_discussion_held", "2025-12-18", "hold_it", "2026-01-13"),
        ("profiles", "show", "nowhere"),
        ("profiles", "new", "My Council"),
        ("calendars", "show", "atlantis"),
        ("timeline", "none.json"),
        ("bulk", "none.csv", "out.csv"),
        ("keys", "create", "someone", "--scope", "everything"),
    ],
)
def test_wrong_use_is_reported_in_a_few_lines_and_ends_with_2(
    capfd: pytest.CaptureFixture[str], arguments: tuple[str, ...], loaded: Path
) -> None:
    ran = run(capfd, *arguments)
    assert ran.status == 2
    assert ran.err
    assert "Traceback" not in ran.err


def test_a_calculation_without_a_database_is_the_same_as_with_one(
    capfd: pytest.CaptureFixture[str], loaded: Path
) -> None:
    offline = run(capfd, "calculate", *CASE, "--json")
    online = run(capfd, "calculate", *CASE, "--json", "--store")
    assert offline.status == online.status == 0
    assert json.loads(offline.out) == json.loads(online.out)
    assert [item["due_date"] for item in json.loads(offline.out)["obligations"] if item["duty"] == "hold_icpc"] == [
        "2026-01-13"
    ]


def test_a_calculation_as_a_table(capfd: pytest.CaptureFixture[str]) -> None:
    ran = run(capfd, "calculate", *CASE, "--explain")
    assert ran.status == 0
    assert "Tue 2026-01-13" in ran.out
    assert "not counted (Christmas Day)" in ran.out
    assert "Not decided yet" in ran.out
    assert "warning: the document's own review date" in ran.out


def test_every_refusal_names_every_fault_and_the_nearest_word(capfd: pytest.CaptureFixture[str]) -> None:
    ran = run(capfd, "calculate", "swindon", "strategy_discusion_held", "2025-12-18", "--fact", "section_47=true")
    assert ran.status == 2
    assert "strategy_discussion_held" in ran.err
    assert "section_47_initiated" in ran.err
    assert ran.err.startswith("error: 2 faults found.")


def test_a_date_is_checked_and_the_mistake_is_named(capfd: pytest.CaptureFixture[str]) -> None:
    right = run(capfd, "check", *CASE[:3], "hold_icpc", "2026-01-13", *CASE[3:])
    assert (right.status, right.out.split(":")[0]) == (0, "right")
    wrong = run(capfd, "check", *CASE[:3], "hold_icpc", "2026-01-08", *CASE[3:])
    assert wrong.status == 1
    assert wrong.out.startswith("early by 5 days: due 2026-01-13")
    assert "would follow from: " in wrong.out
    checked = json.loads(run(capfd, "check", *CASE[:3], "hold_icpc", "2026-01-08", *CASE[3:], "--json").out)
    assert checked["verdict"] == "early"


def test_a_timeline_from_a_file(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    case = {
        "profile": "swindon",
        "events": [
            {"type": "strategy_discussion_held", "occurred_at": "2025-12-18", "facts": {"section_47_initiated": True}},
            {"type": "icpc_held", "occurred_at": "2026-01-15"},
        ],
    }
    (tmp_path / "case.json").write_text(json.dumps(case), encoding="utf-8")
    ran = run(capfd, "timeline", str(tmp_path / "case.json"), "--as-of", "2026-01-20", "--json")
    assert ran.status == 0
    found = {item["duty"]: item["status"] for item in json.loads(ran.out)["obligations"]}
    assert found["hold_icpc"] == "met_late"
    table = run(capfd, "timeline", str(tmp_path / "case.json"), "--as-of", "2026-01-20")
    assert "met late" in table.out
    for text, message in (("{", "at line 1, column"), ('{"as_of": 1, "as_of": 2}', "the key 'as_of' occurs twice")):
        (tmp_path / "case.json").write_text(text, encoding="utf-8")
        broken = run(capfd, "timeline", str(tmp_path / "case.json"))
        assert broken.status == 2
        assert "case.json: this is not JSON: " in broken.err
        assert message in broken.err


def test_profiles_are_listed_shown_and_searched(capfd: pytest.CaptureFixture[str]) -> None:
    listed = json.loads(run(capfd, "profiles", "list", "--json").out)
    assert {"york", "swindon", "wiltshire", "barnet", "cin-chapter", "statutory-england"} <= {
        item["key"] for item in listed["profiles"]
    }
    shown = json.loads(run(capfd, "profiles", "show", "swindon", "--event", "strategy_discussion_held", "--json").out)
    assert shown["rules"]
    assert all("strategy_discussion_held" in [*item["events"], *item["restarts_on"]] for item in shown["rules"])
    rule = json.loads(run(capfd, "profiles", "show", "swindon", "--rule", "icpc-held").out)
    assert rule["data"]["timing"] == {"within": {"working_days": 15}}
    words = run(capfd, "profiles", "words", "facts", "placement_type")
    assert "adoption" in words.out
    assert run(capfd, "profiles", "words", "duties", "zeppelin").status == 1


def test_calendars_are_listed_shown_and_imported(capfd: pytest.CaptureFixture[str], loaded: Path) -> None:
    shown = json.loads(run(capfd, "calendars", "show", "england-and-wales", "--year", "2026", "--json").out)
    assert [day["date"] for day in shown["days"]][:2] == ["2026-01-01", "2026-04-03"]
    before = json.loads(run(capfd, "calendars", "show", "england-and-wales", "--store", "--json").out)
    years = {day["date"][:4] for day in before["days"] if day["origin"] == "published"}
    events = [
        {"title": day["name"], "date": day["date"], "notes": ""} for day in before["days"] if day["date"][:4] == "2026"
    ]
    assert "2026" in years
    extra = {"title": "A day of celebration", "date": "2026-07-06", "notes": ""}
    file = loaded / "bank-holidays.json"
    listing = {"england-and-wales": {"division": "england-and-wales", "events": [*events, extra]}}
    file.write_text(json.dumps(listing), encoding="utf-8")
    dry = run(capfd, "calendars", "import", "england-and-wales", str(file), "--dry-run")
    assert (dry.status, "added: 2026-07-06 A day of celebration" in dry.out) == (0, True)
    done = run(capfd, "calendars", "import", "england-and-wales", str(file), "--reason", "as announced")
    assert (done.status, "published england-and-wales version 2" in done.out) == (0, True)
    again = run(capfd, "calendars", "import", "england-and-wales", str(file))
    assert (again.status, "is already up to date" in again.out) == (0, True)
    moved = ("check", "swindon", "strategy_discussion_held", "2026-07-01", "hold_icpc", "2026-07-23")
    assert run(capfd, *moved, "--fact", "section_47_initiated=true", "--store").status == 0
    assert run(capfd, *moved, "--fact", "section_47_initiated=true").status == 1


def test_keys_are_made_listed_ended_and_never_shown_again(capfd: pytest.CaptureFixture[str], loaded: Path) -> None:
    made = run(capfd, "keys", "create", "case system", "-s", "calculate", "--expires", "2099-03-31")
    secret = made.out.strip()
    assert (made.status, secret.startswith("pd_")) == (0, True)
    listed = run(capfd, "keys", "list", "--json")
    assert secret not in listed.out
    (key,) = json.loads(listed.out)["keys"]
    assert (key["name"], key["standing"], key["expires_at"][:10]) == ("case system", "active", "2099-03-31")
    assert run(capfd, "keys", "expire", key["id"], "--never").status == 0
    assert run(capfd, "keys", "revoke", key["id"]).status == 0
    assert run(capfd, "keys", "revoke", key["id"]).status == 1
    assert json.loads(run(capfd, "keys", "list", "--json").out)["keys"][0]["standing"] == "revoked"
    audit = json.loads(run(capfd, "audit", "--json", "--limit", "3").out)["records"]
    assert [item["action"] for item in audit] == ["key.revoked", "key.expiry_set", "key.created"]
    assert audit[0]["actor"].startswith("cli:")


def test_a_store_that_is_not_there_is_reported(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEADLINES_DATABASE_URL", f"sqlite:///{tmp_path}/none.db")
    ran = run(capfd, "keys", "list")
    assert (ran.status, "deadlines load" in ran.err) == (2, True)
    assert not (tmp_path / "none.db").exists()


def test_a_new_file_is_never_written_over(capfd: pytest.CaptureFixture[str], loaded: Path) -> None:
    assert run(capfd, "profiles", "new", "own").status == 0
    again = run(capfd, "profiles", "new", "own")
    assert (again.status, "already exists" in again.err) == (2, True)
    assert run(capfd, "profiles", "validate", "own.toml", "--quiet").out == ""


def test_publishing_needs_a_valid_profile_and_a_first_day_and_is_done_once(
    capfd: pytest.CaptureFixture[str], loaded: Path
) -> None:
    assert run(capfd, "profiles", "new", "own").status == 0
    refused = run(capfd, "profiles", "publish", "own.toml")
    assert (refused.status, "in_force_from" in refused.err) == (2, True)
    backdated = run(capfd, "profiles", "publish", "own.toml", "--in-force-from", "2020-01-01")
    assert (backdated.status, "reason" in backdated.err) == (2, True)
    done = run(capfd, "profiles", "publish", "own.toml", "--in-force-from", "beginning", "--reason", "first version")
    assert (done.status, done.out) == (0, "published own version 1, in force from beginning\n")
    again = run(capfd, "profiles", "publish", "own.toml", "--in-force-from", "beginning", "--reason", "again")
    assert (again.status, again.out) == (0, "own version 1 is just this already, in force from beginning\n")
    (loaded / "broken.toml").write_text('key = "own"\n', encoding="utf-8")
    broken = run(capfd, "profiles", "publish", "broken.toml")
    assert (broken.status, "broken.toml:1:1: error: 'title' is missing" in broken.err) == (1, True)
    drafts = [item["action"] for item in json.loads(run(capfd, "audit", "--json").out)["records"]]
    # What was refused leaves no draft behind.
    assert drafts.count("draft.created") - drafts.count("draft.deleted") == 1
    withdrawn = run(capfd, "profiles", "withdraw", "own", "1", "--reason", "published too early")
    assert withdrawn.status == 0


def test_two_pairs_of_eyes_leave_a_draft_for_somebody_else(
    capfd: pytest.CaptureFixture[str], loaded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEADLINES_TWO_PAIRS_OF_EYES", "true")
    run(capfd, "profiles", "new", "own")
    assert run(capfd, "profiles", "publish", "own.toml", "--in-force-from", "beginning", "--reason", "x").status == 1
    stored = run(capfd, "profiles", "publish", "own.toml", "--draft")
    draft = stored.out.split()[1]
    alone = run(capfd, "profiles", "publish-draft", "own", draft, "--in-force-from", "beginning", "--reason", "x")
    assert (alone.status, "somebody else has to" in alone.err) == (2, True)
    monkeypatch.setenv("LOGNAME", "another")
    other = run(capfd, "profiles", "publish-draft", "own", draft, "--in-force-from", "beginning", "--reason", "x")
    assert (other.status, other.out) == (0, "published own version 1, in force from beginning\n")


def test_a_limit_that_was_missed_before_its_episode_ended_is_shown_so(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    events = [("became_looked_after", "2026-01-05"), ("ceased_to_be_looked_after", "2026-06-30")]
    case = {"profile": "swindon", "events": [{"type": kind, "occurred_at": day} for kind, day in events]}
    (tmp_path / "case.json").write_text(json.dumps(case), encoding="utf-8")
    assert "ended, missed" in run(capfd, "timeline", str(tmp_path / "case.json"), "--as-of", "2026-07-20").out


@pytest.mark.parametrize(
    ("event", "at", "way"),
    [("referral_received", "2026-01-05T09:00", "later"), ("icpc_scheduled", "2026-01-13T10:00", "earlier")],
)
def test_hours_are_explained_with_the_way_they_are_counted(
    capfd: pytest.CaptureFixture[str], event: str, at: str, way: str
) -> None:
    out = run(capfd, "calculate", "swindon", event, at, "--explain").out
    assert f"hours of elapsed time {way}: " in out
    assert "later or earlier" not in out


def test_the_check_of_a_date_cites_the_section_of_the_reading_that_leads(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "alt.toml").write_text(
        """
format = 1
key = "alt-test"
title = "Alternatives"
calendar = "england-and-wales"
in_force_from = 2023-06-01
[documents.main]
title = "Main paper"
[[rules]]
id = "r"
duty = "complete_assessment"
title = "Complete the assessment"
event = "referral_accepted"
timing = { within = { working_days = 45 } }
strength = "must"
source = [{ section = "3.2" }]
discharged_by = ["assessment_authorised"]
reading = "the stricter"
[[rules.alternatives]]
timing = { within = { working_days = 20 } }
reading = "20 working days of the appendix"
section = "Appendix A"
""",
        encoding="utf-8",
    )
    case = (str(tmp_path / "alt.toml"), "referral_accepted", "2026-01-05")
    for command in (("calculate", *case, "--json"), ("calculate", *case)):
        assert "Appendix A" in run(capfd, *command).out
    assert "(section Appendix A)" in run(capfd, "check", *case, "complete_assessment", "2026-02-02").out


@pytest.mark.parametrize(
    "command", [("profiles", "handbook"), ("profiles", "json"), ("profiles", "workbook"), ("check",)]
)
def test_a_key_that_only_a_store_has_is_answered_with_where_to_look(
    capfd: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    rest = ("strategy_discussion_held", "2025-12-18", "hold_icpc", "2026-01-05") if command == ("check",) else ()
    ran = run(capfd, *command, "our-council", *rest)
    assert ran.status == 2
    assert "There is no profile our-council." in ran.err
    assert "add --store" in ran.err
    assert "--server URL" in ran.err
    assert "`errors`" not in ran.err


def test_a_key_in_place_of_a_file_is_answered_with_how_its_file_is_written(capfd: pytest.CaptureFixture[str]) -> None:
    ran = run(capfd, "profiles", "validate", "our-council")
    assert ran.status == 2
    assert "there is no file our-council" in ran.err
    assert "deadlines profiles json our-council --store > our-council.json" in ran.err


def test_a_single_fault_is_not_said_to_be_listed_elsewhere(capfd: pytest.CaptureFixture[str]) -> None:
    ran = run(capfd, "calculate", "swindon", "strategy_discussion_hold", "2025-12-18")
    assert ran.status == 2
    assert "`errors`" not in ran.err
