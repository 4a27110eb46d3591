"""Log one JSON line for each event, with nothing that a caller sent.

Our own lines name what happened, with fields chosen one by one. Libraries log sentences; of an exception only its type
and place are logged, since its text could repeat what was sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
import warnings
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO, cast

import orjson

from app.services.observability.structured import structlog
from app.settings import Settings

if TYPE_CHECKING:
    from structlog.types import EventDict, Processor, WrappedLogger

MAX_UNDIVIDED_BYTES = 4096
"""What Linux writes to a pipe undivided (PIPE_BUF): workers share one, and their lines must not mix."""
# An access log line would contain the whole URL, and so the facts of a flat request; `mcp` logs headers, and errors
# with their text; `python_multipart` logs a byte of a form that it cannot read. What fails there is logged by us.
SILENCED = ("uvicorn.access", "httpx", "httpcore", "mcp", "sse_starlette", "python_multipart")


class _BytesToStandardError:
    """Writes to whatever standard error is at that moment: a stream stored at the start may be closed by then.

    A line that cannot be written (a closed pipe) is counted and fails nothing else: no request ends because of its log.
    """

    def __init__(self) -> None:
        self._lines: deque[bytes] = deque()
        self._flushing: asyncio.AbstractEventLoop | None = None

    def write(self, lines: bytes) -> int:
        """Take lines, to be written by `flush`."""
        self._lines.append(lines)
        return len(lines)

    def flush(self) -> None:
        """Write; on an event loop at the end of its turn, so that a busy server writes many lines at once."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._write_all()
            return
        if self._flushing is not loop:
            self._flushing = loop
            loop.call_soon(self._write_all)

    def _write_all(self) -> None:
        self._flushing = None
        data, start = b"".join(self._take_all()), 0
        while start < len(data):
            whole = data.rfind(b"\n", start, start + MAX_UNDIVIDED_BYTES) + 1
            end = whole or data.find(b"\n", start) + 1 or len(data)
            try:
                sys.stderr.buffer.write(data[start:end])
                sys.stderr.flush()
            except (OSError, ValueError):
                _count_lost(data.count(b"\n", start, end))
            start = end

    def _take_all(self) -> Iterator[bytes]:
        with contextlib.suppress(IndexError):  # no more; another thread may take some meanwhile
            while True:
                yield self._lines.popleft()


class _TextToStandardError(_BytesToStandardError):
    """Does the same for text."""

    def write(self, lines: str) -> int:  # type: ignore[override]  # a stream of text, alike in all but that
        return super().write(lines.encode(sys.stderr.encoding, "backslashreplace"))


class RequestLogger(structlog.BoundLoggerBase):
    """Logs requests, a line for each: the usual way to a line costs twice what the line does."""

    def requests(self, events: Iterable[dict[str, Any]]) -> None:
        """Log them by the configured processors, and write their lines together."""
        lines = [self._process(event) for event in events]
        self._logger.info((b"\n" if isinstance(lines[0], bytes) else "\n").join(lines))

    def _process(self, event: Any) -> Any:
        for process in self._processors:
            event = process(self._logger, "info", event)
        return event


log = structlog.get_logger("access")
access = structlog.wrap_logger(None, wrapper_class=RequestLogger)


def log_requests(events: Iterable[dict[str, Any]]) -> None:
    """Leave the lines of requests: which route, never which address, and nothing that was sent."""
    if log.is_enabled_for(logging.INFO):
        access.requests(events)


def configure(settings: Settings) -> None:
    """Set up logging for this process: our own, the server's, the libraries' and Python's warnings."""
    level = logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO)
    shared: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if settings.log_json:
        structlog.configure(
            processors=[_render_json],
            wrapper_class=structlog.make_filtering_bound_logger(level),
            logger_factory=structlog.BytesLoggerFactory(cast(BinaryIO, _BytesToStandardError())),
            cache_logger_on_first_use=True,
        )
    else:
        structlog.configure(
            processors=[*shared, structlog.dev.ConsoleRenderer()],
            wrapper_class=structlog.make_filtering_bound_logger(level),
            logger_factory=structlog.WriteLoggerFactory(cast(TextIO, _TextToStandardError())),
            cache_logger_on_first_use=True,
        )
    _configure_libraries(level, shared, in_json=settings.log_json)
    warnings.showwarning = _log_warning


def _render_json(_: WrappedLogger, level: str, event: EventDict) -> bytes:
    """Render one of our own lines in a single step: every request leaves one, and each further processor costs time."""
    event["level"] = level
    event["timestamp"] = datetime.now(UTC)
    return orjson.dumps(event, default=repr, option=orjson.OPT_UTC_Z)


def _count_lost(lines: int) -> None:
    # Imported late: on import the counters decide whether several processes share them, which the server sets later.
    from app.services.observability import metrics

    metrics.count_lost_log_lines(lines)


def error_location(error: BaseException) -> str:
    """Return the file and line where an error was raised, without its text."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else "unknown"


def _configure_libraries(level: int, shared: list[Processor], *, in_json: bool) -> None:
    renderer: Processor = (
        structlog.processors.JSONRenderer(serializer=_text) if in_json else structlog.dev.ConsoleRenderer()
    )
    handler = logging.StreamHandler(_TextToStandardError())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared, _strip_sent_values],
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
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = False
        library.setLevel(logging.CRITICAL + 1)


def _text(body: object, **_: object) -> str:
    return orjson.dumps(body, default=str).decode()


def _strip_sent_values(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Reduce a library's message to its first line, and an exception to its type and place."""
    record: logging.LogRecord = event["_record"]
    # Further lines are tracebacks and the like, which may repeat values.
    event["event"] = str(event["event"]).partition("\n")[0]
    event.pop("exc_info", None)
    event.pop("stack_info", None)
    if record.exc_info and record.exc_info[1] is not None:
        event["error"] = type(record.exc_info[1]).__name__
        event["at"] = error_location(record.exc_info[1])
    record.exc_info = record.exc_text = record.stack_info = None
    return event


def _log_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    del message, file, line
    structlog.get_logger("warnings").warning("warning", category=category.__name__, at=f"{filename}:{lineno}")
