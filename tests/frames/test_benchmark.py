"""The benchmark of data frames: it measures the core anywhere, and says what it leaves out where Spark cannot be run."""

import re

import pytest

from bench import frames


def test_the_core_s_load_is_measured_in_a_process_of_its_own() -> None:
    loaded, answered = frames.core(starts=1)
    assert re.fullmatch(r"\d\.\d\d s", loaded.measured)
    assert loaded.target == "under 0.5 s"
    assert loaded.met is not None
    assert answered.measured >= loaded.measured


@pytest.mark.parametrize(("java", "python"), [(None, "python"), ("/usr/bin/java", "")])
def test_where_spark_cannot_be_run_the_table_says_so(
    monkeypatch: pytest.MonkeyPatch, java: str | None, python: str
) -> None:
    monkeypatch.setattr("bench.frames.shutil.which", lambda _: java)
    monkeypatch.setattr("bench.frames.interpreter", lambda: python)
    (row,) = frames.spark(events=10, children=1)
    assert row.measured.startswith("left out: ")
    assert ("java" if java is None else "make spark") in row.measured
    assert row.met is None
