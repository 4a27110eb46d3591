"""The log goes where standard error is when a line is written, and a log that cannot be written fails nothing else."""

from __future__ import annotations

import asyncio
import io
import logging
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from app.services.observability import logging as logs
from app.settings import Settings
from tests.api.application import RunningApplication
from tests.operations.test_metrics import value


def text_file() -> io.TextIOWrapper[io.BytesIO]:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


@pytest.fixture(params=[True, False], ids=["json", "text"])
def log(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A logger of its own, whose first line was written to a standard error that has been closed since."""
    before, root = structlog.get_config(), logging.getLogger()
    handlers, level, showwarning = root.handlers[:], root.level, warnings.showwarning
    first = text_file()
    monkeypatch.setattr(sys, "stderr", first)
    logs.configure(Settings(log_json=request.param))
    log = structlog.get_logger("tests")
    log.warning("first")
    assert b"first" in first.buffer.getvalue()
    first.close()
    yield log
    structlog.configure(**before)
    root.handlers[:], warnings.showwarning = handlers, showwarning
    root.setLevel(level)


def test_a_line_goes_to_the_standard_error_of_its_moment(log: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    second = text_file()
    monkeypatch.setattr(sys, "stderr", second)
    log.warning("second", reason="moved")
    assert b"second" in second.buffer.getvalue()
    assert second.buffer.getvalue().count(b"\n") == 1


def test_a_log_that_cannot_be_written_is_counted_and_fails_nothing(
    log: Any, here: RunningApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = here.client.get("/metrics").text
    closed = text_file()
    closed.close()
    with monkeypatch.context() as while_closed:
        while_closed.setattr(sys, "stderr", closed)
        log.warning("lost")
    after = here.client.get("/metrics").text
    lost = "deadlines_log_lines_lost_total"
    assert value(after, lost) == value(before, lost) + 1
    with monkeypatch.context() as while_closed:
        while_closed.setattr(sys, "stderr", closed)
        log_file = logs._BytesToStandardError()
        log_file.write(b"a\nb\nc\n")
        log_file.flush()
    assert value(here.client.get("/metrics").text, lost) == value(after, lost) + 3


def test_lines_written_together_are_no_longer_than_a_pipe_takes_undivided(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several workers write to one pipe: a longer write could have another's line in its middle."""
    parts: list[bytes] = []

    class Pipe(io.BytesIO):
        def write(self, data: Any) -> int:
            parts.append(bytes(data))
            return len(data)

    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(Pipe(), write_through=True))
    log_file = logs._BytesToStandardError()
    lines = [b"%d" % number * 300 + b"\n" for number in range(40)] + [b"long" * 2000 + b"\n", b"last\n"]

    async def one_turn() -> None:
        for line in lines:
            log_file.write(line)
            log_file.flush()
        assert not parts

    asyncio.run(one_turn())
    assert b"".join(parts) == b"".join(lines)
    assert all(part.endswith(b"\n") and (len(part) <= 4096 or part == lines[-2]) for part in parts)
    assert len(parts) < len(lines) / 3
