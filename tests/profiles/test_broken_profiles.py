"""One broken profile for each way of being wrong, and what is said of it to the letter."""

from pathlib import Path

import pytest

from app.cli.diagnostics import format_diagnostics
from app.services.publishing.diagnostics import diagnose
from app.services.snapshot.offline import packaged_snapshot
from tests.cli.running import run

FOLDER = Path(__file__).parent / "broken"
BROKEN = sorted(FOLDER.glob("*.toml"))
SNAPSHOT = packaged_snapshot()


@pytest.mark.parametrize("file", BROKEN, ids=lambda file: file.stem)
def test_a_broken_profile_is_reported_where_it_is_broken_and_what_would_mend_it(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    diagnosis = diagnose(text, SNAPSHOT)
    assert diagnosis.errors
    assert format_diagnostics(diagnosis, text, file.name) == file.with_suffix(".txt").read_text(encoding="utf-8")


def test_there_are_many_ways_and_each_has_its_message() -> None:
    assert len(BROKEN) >= 80
    assert [file.name for file in FOLDER.glob("*.txt") if not file.with_suffix(".toml").exists()] == []
    messages = {
        line.split(": ", 2)[2]
        for file in BROKEN
        for line in (file.with_suffix(".txt").read_text().splitlines())
        if ": error: " in line
    }
    assert len(messages) >= 70


def test_the_command_tells_the_same_and_ends_with_faults(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(FOLDER)
    ran = run(capfd, "profiles", "validate", "several-at-once.toml", "when-unknown-fact.toml")
    assert ran.status == 1
    assert ran.out == "".join(
        (FOLDER / f"{name}.txt").read_text(encoding="utf-8") for name in ("several-at-once", "when-unknown-fact")
    )


@pytest.mark.parametrize("prefix", ["\ufeff", ""])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_byte_order_mark_and_windows_line_ends_do_not_move_the_place(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, prefix: str, ending: str
) -> None:
    text = (FOLDER / "rule-unknown-duty.toml").read_text(encoding="utf-8")
    (tmp_path / "own.toml").write_bytes((prefix + text.replace("\n", ending)).encode())
    ran = run(capfd, "profiles", "validate", str(tmp_path / "own.toml"))
    assert f"{tmp_path}/own.toml:11:8: error: unknown duty 'hold_icpcs'" in ran.out


def test_columns_are_counted_in_characters_and_the_caret_stands_below(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = (FOLDER / "rule-unknown-duty.toml").read_text(encoding="utf-8")
    (tmp_path / "own.toml").write_text(
        text.replace('source = [{ section = "5.1" }]', 'source = [{ section = "ééö" }, { sect = "2" }]'),
        encoding="utf-8",
    )
    ran = run(capfd, "profiles", "validate", str(tmp_path / "own.toml"))
    line = 'source = [{ section = "ééö" }, { sect = "2" }]'
    assert f"  16 | {line}\n     | {' ' * line.index('sect =')}^^^^\n" in ran.out


def test_what_is_not_there_is_wrong_use_and_what_is_no_text_is_a_fault_with_its_place(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(capfd, "profiles", "validate", str(tmp_path / "none.toml")).status == 2
    (tmp_path / "latin.toml").write_bytes(b'title = "\xe9"')
    ran = run(capfd, "profiles", "validate", str(tmp_path / "latin.toml"))
    assert ran.status == 1
    assert "latin.toml:1:10: error: this is not UTF-8 text" in ran.out
    assert "save it as UTF-8" in ran.out
