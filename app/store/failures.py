"""Translate database errors into the service layer's errors."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from app.services.ports import Conflict, StoreUnavailable

_UNREACHABLE = (
    exc.OperationalError,  # refused, gone, locked, timed out; on SQLite also a missing file or table
    exc.InterfaceError,
    exc.DisconnectionError,
    exc.TimeoutError,  # no connection free in the pool
)


# PostgreSQL's own codes, so that a service on SQLite need not import its driver.
_NO_SUCH_TABLE_OR_COLUMN = {"42P01", "42703"}
_READ_ONLY = "25006"


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise the service layer's error in place of the driver's, which stays as its cause.

    The message names no parameter, host or user, because it goes to the caller.
    """
    try:
        yield
    except _UNREACHABLE as failure:
        raise StoreUnavailable("the database does not answer") from failure
    except exc.IntegrityError as failure:
        raise Conflict("the database rejected the change") from failure
    except exc.DBAPIError as failure:
        code = getattr(failure.orig, "sqlstate", None)
        if code in _NO_SUCH_TABLE_OR_COLUMN:
            raise StoreUnavailable("the database has not been migrated to this version") from failure
        if failure.connection_invalidated or code == _READ_ONLY:
            raise StoreUnavailable("the database accepts no writes at present") from failure
        if isinstance(failure, exc.DatabaseError) and failure.orig.__class__.__name__ == "DatabaseError":
            raise StoreUnavailable("the database file cannot be read") from failure
        raise
    except exc.StatementError as failure:
        # A value that cannot be stored at all, such as NaN in a document, is the caller's mistake.
        if isinstance(failure.orig, ValueError | TypeError):
            raise failure.orig from None
        raise
