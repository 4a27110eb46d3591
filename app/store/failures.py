"""What the database's own failures mean to the caller."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from app.services.ports import Conflict, StoreUnavailable

_OUT_OF_REACH = (
    exc.OperationalError,  # refused, gone, locked, timed out; on SQLite also a missing file or table
    exc.InterfaceError,
    exc.DisconnectionError,
    exc.TimeoutError,  # no connection free in the pool
)


# PostgreSQL's own codes, so that a service on SQLite need not import its driver.
_NO_SUCH_TABLE_OR_COLUMN = {"42P01", "42703"}
_READ_ONLY = "25006"


@contextmanager
def translated() -> Iterator[None]:
    """Raise what the service knows instead of what the driver says; the driver's word stays as the cause.

    The message names no parameter, host or user, because it goes to the caller.
    """
    try:
        yield
    except _OUT_OF_REACH as failure:
        raise StoreUnavailable("the database does not answer") from failure
    except exc.IntegrityError as failure:
        raise Conflict("the database refused the change") from failure
    except exc.DBAPIError as failure:
        code = getattr(failure.orig, "sqlstate", None)
        if code in _NO_SUCH_TABLE_OR_COLUMN:
            raise StoreUnavailable("the database has not been migrated to what this version needs") from failure
        if failure.connection_invalidated or code == _READ_ONLY:
            raise StoreUnavailable("the database takes no writes at present") from failure
        if isinstance(failure, exc.DatabaseError) and failure.orig.__class__.__name__ == "DatabaseError":
            raise StoreUnavailable("the database file cannot be read") from failure
        raise
    except exc.StatementError as failure:
        # A value that cannot be written at all, such as NaN in a document: the caller's mistake, said plainly.
        if isinstance(failure.orig, ValueError | TypeError):
            raise failure.orig from None
        raise
