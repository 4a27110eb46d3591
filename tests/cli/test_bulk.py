"""A caseload from a file: in order, whatever is wrong with a line, interrupted and gone on with."""

import csv
import fcntl
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.cli import caseload, workers
from app.services.calculation.request import read_request
from app.services.calculation.response import calculate_response
from app.services.problems import Problem
from app.services.snapshot.offline import packaged_snapshot
from tests.cli.running import run
from tests.house.files import ROOT

EVENTS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("swindon", "strategy_discussion_held", {"section_47_initiated": True}),
    ("york", "referral_accepted", {}),
    ("swindon", "became_looked_after", {"child_date_of_birth": "2019-04-02"}),
    ("barnet", "placement_started", {"placement_type": "foster"}),
)


def requests(count: int) -> list[dict[str, Any]]:
    """Make some requests that differ."""
    found = []
    for number in range(count):
        profile, event, facts = EVENTS[number % len(EVENTS)]
        at = f"{2020 + number % 8}-{1 + number % 12:02}-{1 + number % 28:02}"
        body = {"profile": profile, "event": {"type": event, "occurred_at": at}, "facts": facts}
        found.append({**body, "reference": f"case-{number}"})
    return found


def as_ndjson(items: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(item) + "\n" for item in items)


def as_csv(items: list[dict[str, Any]]) -> str:
    facts = sorted({name for item in items for name in item["facts"]})
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["reference", "profile", "event", "at", *facts])
    for item in items:
        event = item["event"]
        given = [str(item["facts"].get(name, "")).upper() for name in facts]
        given = [text.lower() if name == "placement_type" else text for name, text in zip(facts, given, strict=True)]
        writer.writerow([item["reference"], item["profile"], event["type"], event["occurred_at"], *given])
    return out.getvalue()


@pytest.mark.parametrize("processes", ["1", "2"])
def test_each_line_is_answered_as_one_call_would_in_its_order(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processes: str
) -> None:
    items = requests(300)
    (tmp_path / "in.ndjson").write_text(as_ndjson(items), encoding="utf-8")
    # About twelve blocks: more than two processes are sent at once.
    assert 2 * workers.AHEAD < 12
    monkeypatch.setattr("app.cli.blocks.BLOCK_BYTES", (tmp_path / "in.ndjson").stat().st_size // 12)
    ran = run(capfd, "bulk", str(tmp_path / "in.ndjson"), str(tmp_path / "out.ndjson"), "-n", processes)
    assert ran.status == 0
    snapshot = packaged_snapshot()
    answers = (tmp_path / "out.ndjson").read_text(encoding="utf-8").splitlines()
    assert len(answers) == len(items)
    assert all(
        json.loads(line) == calculate_response(read_request(snapshot, item))
        for line, item in zip(answers, items, strict=True)
    )
    assert not (tmp_path / "out.ndjson.progress").exists()
    assert "300 lines answered" in ran.err


def test_csv_gives_a_row_for_each_obligation_and_for_each_open_question(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    items = requests(40)
    (tmp_path / "in.csv").write_text("\ufeff" + as_csv(items), encoding="utf-8")
    assert run(capfd, "bulk", str(tmp_path / "in.csv"), str(tmp_path / "out.csv"), "-n", "1").status == 0
    snapshot = packaged_snapshot()
    wanted = []
    for item in items:
        found: dict[str, Any] = calculate_response(read_request(snapshot, item))
        wanted += [(item["reference"], "due", each["rule"], each["due_date"]) for each in found["obligations"]]
        wanted += [(item["reference"], "undetermined", each["rule"], "") for each in found["undetermined"]]
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["reference"], row["status"], row["rule"], row["due_date"]) for row in csv.DictReader(file)]
    assert rows == wanted


def test_a_faulty_line_is_reported_in_its_place_and_fails_no_other(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    good = requests(4)
    bad = ["{", '{"profile": "nowhere"}', "[]", '{"profile": "swindon", "event": {"type": "x"}, "reference": "r"}']
    lines = [line for pair in zip(as_ndjson(good).splitlines(), bad, strict=True) for line in pair]
    (tmp_path / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    ran = run(capfd, "bulk", str(tmp_path / "in.jsonl"), str(tmp_path / "out.ndjson"), "-n", "1")
    assert ran.status == 1
    answers = [json.loads(line) for line in (tmp_path / "out.ndjson").read_text(encoding="utf-8").splitlines()]
    assert ["problem" in item for item in answers] == [False, True] * 4
    assert [item["line"] for item in answers[1::2]] == [2, 4, 6, 8]
    assert answers[7]["reference"] == "r"
    assert {fault["path"] for fault in answers[7]["problem"]["errors"]} == {"event.occurred_at", "event.type"}
    assert "4 lines with faults" in ran.err


def test_csv_lines_that_are_wrong_and_cells_with_line_breaks_keep_their_numbers(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = (
        "profile,event,at,reference\n"
        'york,referral_accepted,2026-01-05,"two\nlines"\n'
        "york,referral_accepted\n"
        "york,nothing,2026-01-05,=1+1\n"
        "\n"
        'york,referral_accepted,2026-01-05,"a ""quoted"" one"\n'
    )
    (tmp_path / "in.csv").write_text(text, encoding="utf-8")
    options = ("--columns", "line,reference,status,message", "--duty", "allocate_assessment", "-n", "1")
    assert run(capfd, "bulk", str(tmp_path / "in.csv"), str(tmp_path / "out.csv"), *options).status == 1
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["line"], row["status"]) for row in rows] == [
        ("2", "fault"),
        ("4", "fault"),
        ("5", "fault"),
        ("7", "due"),
    ]
    # A reference is one line of text; and no cell is taken for a formula by a spreadsheet.
    assert "printable" in rows[0]["message"]
    assert rows[2]["reference"] == "'=1+1"
    assert rows[3]["reference"] == 'a "quoted" one'


@pytest.mark.parametrize(
    ("header", "answers"),
    [
        ("profile,event,at,section_47", "section_47_initiated"),
        ("profile,event", "the column at is missing"),
        ("profile,event,at,at", "this column occurs twice"),
    ],
)
def test_a_header_that_cannot_be_read_is_refused_before_any_line(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, header: str, answers: str
) -> None:
    (tmp_path / "in.csv").write_text(header + "\n", encoding="utf-8")
    ran = run(capfd, "bulk", str(tmp_path / "in.csv"), str(tmp_path / "out.csv"))
    assert (ran.status, answers in ran.err) == (2, True)
    assert not (tmp_path / "out.csv").exists()


def test_an_output_that_is_there_is_not_overwritten_without_force(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "in.ndjson").write_text(as_ndjson(requests(3)), encoding="utf-8")
    (tmp_path / "out.ndjson").write_text("precious", encoding="utf-8")
    arguments = ("bulk", str(tmp_path / "in.ndjson"), str(tmp_path / "out.ndjson"), "-n", "1")
    assert run(capfd, *arguments).status == 2
    assert run(capfd, *arguments, "--resume").status == 2
    assert (tmp_path / "out.ndjson").read_text(encoding="utf-8") == "precious"
    assert run(capfd, *arguments, "--force").status == 0
    same = ("bulk", str(tmp_path / "in.ndjson"), str(tmp_path / "in.ndjson"), "--force")
    assert run(capfd, *same).status == 2
    assert (tmp_path / "in.ndjson").read_text(encoding="utf-8") == as_ndjson(requests(3))


@pytest.mark.parametrize("form", ["ndjson", "csv"])
@pytest.mark.parametrize("crashed", [False, True])
def test_an_interrupted_run_goes_on_to_the_same_answers(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, crashed: bool
) -> None:
    items = requests(400)
    source = tmp_path / f"in.{form}"
    source.write_text(as_ndjson(items) if form == "ndjson" else as_csv(items), encoding="utf-8")
    target, progress = tmp_path / f"out.{form}", tmp_path / f"out.{form}.progress"
    whole = workers.answer_blocks

    def interrupted(*arguments: Any) -> Iterator[Any]:
        for number, done in enumerate(whole(*arguments)):
            if number == 2:
                raise KeyboardInterrupt
            yield done

    monkeypatch.setattr(caseload, "answer_blocks", interrupted)
    monkeypatch.setattr(caseload, "SAVE_EVERY_SECONDS", 0.0)
    # In the middle: two of about eight blocks are answered.
    monkeypatch.setattr("app.cli.blocks.BLOCK_BYTES", source.stat().st_size // 8)
    ran = run(capfd, "bulk", str(source), str(target), "-n", "1")
    assert (ran.status, "continue with --resume" in ran.err) == (1, True)
    assert 40 <= json.loads(progress.read_text(encoding="utf-8"))["answered"] <= 160
    monkeypatch.setattr(caseload, "answer_blocks", whole)
    if crashed:
        # More had been written than is known to be complete.
        with target.open("ab") as file:
            file.write(b"half a line")
    other = run(capfd, "bulk", str(source), str(target), "-n", "1", "--resume", "--until", "2027-01-01")
    assert (other.status, "not those of the interrupted run" in other.err) == (2, True)
    assert run(capfd, "bulk", str(source), str(target), "-n", "1").status == 2
    resumed = run(capfd, "bulk", str(source), str(target), "-n", "1", "--resume")
    assert (resumed.status, "400 lines answered" in resumed.err) == (0, True)
    assert not progress.exists()
    assert run(capfd, "bulk", str(source), str(tmp_path / f"whole.{form}"), "-n", "1").status == 0
    assert target.read_bytes() == (tmp_path / f"whole.{form}").read_bytes()


def test_two_runs_never_write_one_output(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    source, target = tmp_path / "in.ndjson", tmp_path / "out.ndjson"
    source.write_text(as_ndjson(requests(3)), encoding="utf-8")
    with target.open("wb") as locked:
        fcntl.flock(locked, fcntl.LOCK_EX)
        ran = run(capfd, "bulk", str(source), str(target), "-n", "1", "--force")
    assert (ran.status, "another run is writing" in ran.err) == (2, True)
    assert run(capfd, "bulk", str(source), str(target), "-n", "1", "--force").status == 0


def test_memory_does_not_grow_with_the_number_of_lines(tmp_path: Path) -> None:
    """The most that one process ever had, after a file and after another of eight times its length."""
    script = (
        "import sys\n"
        "from app.cli import blocks, cli\n"
        "blocks.BLOCK_BYTES = 16 * 1024\n"
        "for count in sys.argv[2:]:\n"
        "    files = (f'{sys.argv[1]}/{count}.ndjson', f'{sys.argv[1]}/{count}.csv')\n"
        "    cli(['bulk', *files, '-n', '1'], standalone_mode=False)\n"
        # What `getrusage` says is at least what the process had that started this one.
        "    print(*(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))\n"
    )
    counts = ("500", "4000")
    for count in counts:
        (tmp_path / f"{count}.ndjson").write_text(as_ndjson(requests(int(count))), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path), *counts], cwd=ROOT, check=True, capture_output=True, text=True
    )
    few, many = map(int, done.stdout.split())
    # Answers that were collected would be more than what is written of them, 9 MB; caches that fill are 4.
    assert many - few < (tmp_path / "4000.csv").stat().st_size // 1024


def test_the_plan_is_checked_before_anything_is_read() -> None:
    from app.services.bulk import Plan, check_plan

    with pytest.raises(Problem) as refused:
        check_plan(
            packaged_snapshot(),
            Plan("ndjson", "csv", (), "swindn", "soon", True, duties=frozenset({"hold_icp"}), columns=("due",)),
        )
    assert {fault.path for fault in refused.value.faults} == {"profile", "until", "duty", "columns", "explain"}
    assert {name for fault in refused.value.faults for name in fault.nearest} >= {"swindon", "hold_icpc"}
