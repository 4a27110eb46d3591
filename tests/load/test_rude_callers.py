"""The worst legal requests, half of them never read: nothing is wrong, memory is bounded, ordinary callers are served."""

from pathlib import Path

from bench.rude import run


def test_ordinary_callers_are_answered_right_next_to_rude_ones(tmp_path: Path) -> None:
    # Two seconds of a full processor, in which the long answers alone are sent; `make load` sends everything, for longer.
    found = run(tmp_path, seconds=2, callers=8, short=True)
    assert found.faults() == []
    # Each of the four callers that read was answered, by one that works for long too.
    assert found.statuses.total() >= 4
    assert any(each.endswith(": 200") for each in found.statuses)
    assert found.unread >= 8
    assert len(found.seconds["calculations"]) > 20
    assert len(found.seconds["health"]) > 10
