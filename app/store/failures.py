"""Translate database errors into the service layer's errors, each outage by its kind."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from app.services.ports import Conflict, Outage, StoreUnavailable

# PostgreSQL's own codes, so that a service on SQLite need not import its driver. The longest prefix that fits counts.
_BY_SQLSTATE: dict[str, Outage] = {
    "57014": "hangs",  # cancelled by statement_timeout
    "25P": "hangs",  # the session waited for us too long
    "55P03": "locked",
    "40": "locked",  # a deadlock, or a serialisation that failed
    "53100": "full",
    "53": "refused",  # no memory, or too many connections
    "57P": "stopped",  # stopping, crashed or starting
    "08": "stopped",
    "28": "refused",  # the password, or the rules of who may connect
    "3D": "refused",  # there is no database of that name
    "25006": "read_only",
    "42501": "not_permitted",
    "42P01": "not_migrated",
    "42703": "not_migrated",
    "58": "unreadable",  # an error of the file system below the server
}
_BY_SQLITE_CODE: dict[int, Outage] = {
    sqlite3.SQLITE_ERROR: "not_migrated",  # no such table or column
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_READONLY: "read_only",
}
_SQLITE_SHARED_MEMORY = sqlite3.SQLITE_IOERR_SHMSIZE
"""What a full disk is to SQLite where it is not the database itself, but the index of its log, that has to grow."""


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise the service layer's error in place of the driver's, which stays as its cause.

    The message names no parameter, host or user, because it goes to the caller.
    """
    try:
        yield
    except exc.IntegrityError as failure:
        raise Conflict("the database rejected the change") from failure
    except exc.TimeoutError as failure:
        raise StoreUnavailable("busy") from failure  # no connection free in the pool
    except exc.DisconnectionError as failure:
        raise StoreUnavailable("stopped") from failure
    except exc.DBAPIError as failure:
        outage = _outage(failure)
        if outage is None:
            raise
        raise StoreUnavailable(outage) from failure
    except exc.StatementError as failure:
        # A value that cannot be stored at all, such as NaN in a document, is the caller's mistake.
        if isinstance(failure.orig, ValueError | TypeError):
            raise failure.orig from None
        raise


def _outage(failure: exc.DBAPIError) -> Outage | None:
    """Return in which way the database failed, None if the statement itself was wrong."""
    cause = failure.orig
    if isinstance(cause, sqlite3.Error):
        if isinstance(cause, sqlite3.OperationalError):
            code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_CANTOPEN)
            # The lowest byte is the primary code.
            return "full" if code == _SQLITE_SHARED_MEMORY else _BY_SQLITE_CODE.get(code & 0xFF, "unreadable")
        return "unreadable" if type(cause) is sqlite3.DatabaseError else None
    state = getattr(cause, "sqlstate", None) or ""
    for length in (5, 3, 2):
        if (outage := _BY_SQLSTATE.get(state[:length])) is not None:
            return outage
    if not isinstance(failure, exc.OperationalError | exc.InterfaceError) and not failure.connection_invalidated:
        return None
    # The driver's own errors have no code: nobody listens, nobody answers, or the server's first word was a refusal.
    if "Timeout" in type(cause).__name__:
        return "hangs"
    return _of_refusal(str(cause))


def _of_refusal(text: str) -> Outage:
    if "FATAL" not in text:
        return "stopped"
    return "stopped" if "starting up" in text or "shutting down" in text else "refused"
