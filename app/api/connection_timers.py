"""End connections on which nothing begins, goes on or is read: the timers of the server's protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.api.unread_answers import MAX_STALL_SECONDS

if TYPE_CHECKING:
    import asyncio

    from app.api.pipelines import Cycle

MAX_HEAD_SECONDS = 20.0
MAX_LINGER_SECONDS = 5.0
# More than an import may have, unless the operator lets it have more.
MAX_LINGER_BYTES = 256 * 1024 * 1024
MAX_HALF_CLOSED_SECONDS = 1.0
# After the application's own limit, by which it counts and logs that its caller has gone.
MAX_UNTAKEN_SECONDS = MAX_STALL_SECONDS + 5
# The kernel says that something was taken when a third of its own buffer is free. Whoever needs longer for that third
# would not take the rest of it within the 30 seconds of grace either.
MAX_DRAINING_STALL_SECONDS = 10.0
# Less than those, at whose end the server would cut off whatever goes on, and log that as its own error.
MAX_DRAINING_SECONDS = 25.0
DRAINED_SECONDS = 1.0


class TimedProtocol(HttpToolsProtocol):
    """Bound how long a connection waits for a head, for the rest of a body that nobody reads, and for its reader."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._running: Cycle | None = None
        """What is being answered, or was last: `cycle` is what was received last."""
        self._head_timer: asyncio.TimerHandle | None = None
        self._linger_timer: asyncio.TimerHandle | None = None
        self._half_closed_timer: asyncio.TimerHandle | None = None
        self._reader_timer: asyncio.TimerHandle | None = None
        self._draining_timer: asyncio.TimerHandle | None = None
        self._is_draining = False
        self._has_moved = False
        """Something has arrived, or was taken, since the caller is watched."""

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timers."""
        self._stop_timer()
        self._stop_lingering()
        self._stop_watching()
        self._unset_keepalive_if_required()
        if self._half_closed_timer is not None:
            self._half_closed_timer.cancel()
        if self._draining_timer is not None:
            self._draining_timer.cancel()
        super().connection_lost(exc)

    def _start_timer(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(MAX_HEAD_SECONDS, self._on_timeout)

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _on_timeout(self) -> None:
        self._head_timer = None
        self._close()

    def _wait_for_next(self) -> None:
        """Give the next request the time between two."""
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection on which nothing begins."""
        self._close()

    def _linger(self) -> None:
        self._linger_timer = self.loop.call_later(MAX_LINGER_SECONDS, self._end_lingering)

    def _end_lingering(self) -> None:
        """Close the connection, where all that was written has been taken: its reader has the time from then."""
        if self.transport.get_write_buffer_size():
            self._linger()
            self._watch()
        else:
            self._close()

    def _stop_lingering(self) -> None:
        if self._linger_timer is not None:
            self._linger_timer.cancel()
            self._linger_timer = None

    def _close_unless_answered_soon(self) -> None:
        self._half_closed_timer = self.loop.call_later(MAX_HALF_CLOSED_SECONDS, self._close_unless_answered)

    def _close_unless_answered(self) -> None:
        if self.flow.write_paused:
            # Earlier answers are still being read.
            self._close_unless_answered_soon()
        elif not self.cycle.response_started:
            self._close()

    @property
    def _is_sending(self) -> bool:
        """Return True while a body arrives whose answer has begun."""
        running = self._running
        if running is None or self.transport.is_closing():
            return False
        return running.more_body and running.response_started and not running.response_complete

    @property
    def _awaits_body(self) -> bool:
        """Return True while the application has taken everything of a body, and more is to arrive."""
        running = self._running
        if running is None or running.response_complete:
            return False
        return running.more_body and not (running.body or self.flow.read_paused)

    @property
    def _is_half_closed(self) -> bool:
        """Return True if the caller has ended its side of the connection."""
        return self._half_closed_timer is not None

    def pause_writing(self) -> None:
        """Let the application wait for the reader, for as long as that takes something."""
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        """Let the application write on."""
        self._has_moved = True
        if not self._is_draining:
            self._stop_watching()
        super().resume_writing()

    def _drain(self) -> None:
        """Watch the caller from now on, and not for as long as else: the server is about to stop."""
        self._is_draining = True
        self._stop_watching()
        self._watch()
        self._draining_timer = self.loop.call_later(MAX_DRAINING_SECONDS, self._end_draining)

    def _end_draining(self) -> None:
        """End the connection, however its caller goes on; one whose answer is being calculated, when that is taken."""
        running = self._running
        is_calculated = running is None or running.response_complete or running.more_body
        if is_calculated or self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            self._draining_timer = self.loop.call_later(DRAINED_SECONDS, self._end_draining)

    def _close(self) -> None:
        """Close the connection when what is written has been taken."""
        self.transport.close()
        self._watch()

    def _watch(self) -> None:
        """Begin to look whether the reader takes what is written, if anything waits for it; always before the end."""
        unread = self.transport.get_write_buffer_size()
        if self._reader_timer is None and (unread or self._is_draining):
            self._has_moved = False
            seconds = MAX_DRAINING_STALL_SECONDS if self._is_draining else MAX_UNTAKEN_SECONDS
            self._reader_timer = self.loop.call_later(seconds, self._abort_stalled, unread)

    def _stop_watching(self) -> None:
        if self._reader_timer is not None:
            self._reader_timer.cancel()
            self._reader_timer = None

    def _abort_stalled(self, before: int) -> None:
        """End the connection where just as many bytes wait as before; a caller may read when it has sent all.

        While the server stops, one that sends is waited for only where something has arrived since, and one that has to
        send more is not waited for where nothing has.
        """
        self._reader_timer = None
        unread = self.transport.get_write_buffer_size()
        waits_for_caller = bool(unread or self._awaits_body) and not self._has_moved
        goes_on = not waits_for_caller if self._is_draining else self._is_sending
        if goes_on or unread != before:
            self._watch()
        else:
            self.transport.abort()
