"""Logging: one line for each thing that happened, as JSON, and nothing of what a caller sent.

Our own lines name what happened and carry fields chosen one by one. Libraries log sentences; of those, an exception is
kept as its type and place only, since its text could repeat what was sent.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import warnings
from typing import BinaryIO, TextIO, cast

import orjson
import structlog
from structlog.types import EventDict, Processor, WrappedLogger

from app.services.observability.request_lines import RequestLines
from app.settings import Settings

# A line of access log would carry the whole address, and so the facts of a flat question.
SILENCED = ("uvicorn.access", "httpx", "httpcore")
MANY_LINES = "\n"


class _BytesToStandardError:
    """Standard error as it stands when a line is written: a stream kept from the start may be closed by then.

    A line that cannot be written (a pipe nobody reads, a closed stream) is counted, and fails nothing else: no request
    and no watch ends because its log does.
    """

    def write(self, line: bytes) -> int:
        try:
            return sys.stderr.buffer.write(line)
        except (OSError, ValueError):
            _lost(line.count(b"\n"))
            return len(line)

    def write_now(self, lines: bytes) -> None:
        self.write(lines)
        self.flush()

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()


class _TextToStandardError(_BytesToStandardError):
    """The same for text."""

    def write(self, line: str) -> int:  # type: ignore[override]  # a stream of text, alike in all but that
        try:
            return sys.stderr.write(line)
        except (OSError, ValueError):
            _lost(line.count("\n"))
            return len(line)


access = structlog.get_logger("access")


class _Access:
    """How the line of a request is written: by itself where it is JSON and wanted, else like any other."""

    lines: RequestLines | None = None


def log_request(request_id: str, method: str, route: str, status: int, seconds: float) -> None:
    """Leave the line of one request: which route, never which address, and nothing that was sent."""
    milliseconds = round(seconds * 1000, 2)
    if _Access.lines is not None:
        _Access.lines.add(request_id, method, route, status, milliseconds)
        return
    access.info("request", request_id=request_id, method=method, route=route, status=status, milliseconds=milliseconds)


def configure(settings: Settings) -> None:
    """Set up logging once, for this process: ours, the server's, the libraries' and Python's warnings."""
    level = logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    _Access.lines = None
    if settings.log_json:
        stream = _BytesToStandardError()
        if level <= logging.INFO:
            _Access.lines = RequestLines(stream.write_now)
        structlog.configure(
            processors=[*shared, structlog.processors.JSONRenderer(serializer=orjson.dumps)],
            wrapper_class=structlog.make_filtering_bound_logger(level),
            logger_factory=structlog.BytesLoggerFactory(cast(BinaryIO, stream)),
            cache_logger_on_first_use=True,
        )
    else:
        structlog.configure(
            processors=[*shared, structlog.dev.ConsoleRenderer()],
            wrapper_class=structlog.make_filtering_bound_logger(level),
            logger_factory=structlog.WriteLoggerFactory(cast(TextIO, _TextToStandardError())),
            cache_logger_on_first_use=True,
        )
    _take_over_the_libraries(level, shared, in_json=settings.log_json)
    warnings.showwarning = _warned


def _lost(lines: int) -> None:
    # Only here: the counters settle on import whether several processes share them, and the server decides that later.
    from app.services.observability import metrics

    metrics.count_lost_log_lines(lines)


def error_location(error: BaseException) -> str:
    """The file and line an error was raised at, and nothing of what it says."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else "unknown"


def _take_over_the_libraries(level: int, shared: list[Processor], *, in_json: bool) -> None:
    renderer: Processor = (
        structlog.processors.JSONRenderer(serializer=_text) if in_json else structlog.dev.ConsoleRenderer()
    )
    handler = logging.StreamHandler(_TextToStandardError())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared, _without_what_was_sent],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            keep_exc_info=True,
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.asgi"):
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
    for name in SILENCED:
        silent = logging.getLogger(name)
        silent.handlers.clear()
        silent.propagate = False
        silent.setLevel(logging.CRITICAL + 1)


def _text(body: object, **_: object) -> str:
    return orjson.dumps(body, default=str).decode()


def _without_what_was_sent(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Keep the first line of a library's sentence, and of an exception its type and place."""
    record: logging.LogRecord = event["_record"]
    # The further lines are tracebacks and the like, which may repeat values.
    event["event"] = str(event["event"]).partition(MANY_LINES)[0]
    event.pop("exc_info", None)
    event.pop("stack_info", None)
    if record.exc_info and record.exc_info[1] is not None:
        event["error"] = type(record.exc_info[1]).__name__
        event["at"] = error_location(record.exc_info[1])
    record.exc_info = record.exc_text = record.stack_info = None
    return event


def _warned(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    del message, file, line
    structlog.get_logger("warnings").warning("warning", category=category.__name__, at=f"{filename}:{lineno}")
