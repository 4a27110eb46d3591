"""The worst legal requests, half of them never read: nothing is wrong, memory is bounded, ordinary callers are served."""

from pathlib import Path

from bench.rude import run


def test_ordinary_callers_are_answered_right_next_to_rude_ones(tmp_path: Path) -> None:
    found = run(tmp_path, seconds=8, callers=16)
    assert found.faults() == []
    assert found.statuses.total() > 10
    assert found.unread > 10
    assert len(found.seconds["calculations"]) > 100
    assert len(found.seconds["health"]) > 50
