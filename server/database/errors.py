# SPDX-License-Identifier: Apache-2.0
"""What can go wrong between us and PostgreSQL, in two words that the web answers with 503."""

import asyncpg
from sqlalchemy import exc


class DatabaseUnavailable(Exception):  # noqa: N818 # a state, as its reader sees it
    """No answer from the database now; the same request may succeed in a few seconds (F4-F9)."""


class DatabaseBusy(DatabaseUnavailable):
    """Every connection is taken; waited as long as a request may (F20)."""


# 08: connection, 25006: read-only (F19), 53: disk, memory or connections used up, 57P0x: shutdown.
_UNAVAILABLE = ("08", "25006", "53", "57P01", "57P02", "57P03", "57P05", "58")
_TOO_MANY_CONNECTIONS = "53300"
_STATEMENT_TIMEOUT = "57014"


def lost(error: BaseException) -> bool:
    """True where the connection is gone, so that what was asked may be asked again on a new one."""
    if isinstance(error, exc.DBAPIError):
        return (
            error.orig is not None
            and error.orig.__cause__ is not None
            and lost(error.orig.__cause__)
        )
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        return state.startswith("08") or state in ("57P01", "57P02", "57P03", "57P05")
    if isinstance(error, asyncpg.InternalClientError):
        return True  # the server's farewell came between two statements
    if isinstance(error, asyncpg.InterfaceError):
        return "clos" in str(error)  # "connection is closed", "was closed in the middle of …"
    return isinstance(error, OSError) and not isinstance(error, TimeoutError)


def unavailable(error: BaseException) -> DatabaseUnavailable | None:
    """The error as one of the two above; None where it is the caller's own (a constraint)."""
    if isinstance(error, DatabaseUnavailable):
        return error
    if isinstance(error, exc.TimeoutError):
        return DatabaseBusy("every database connection is in use")
    if isinstance(error, exc.DBAPIError):
        inner = error.orig.__cause__ if error.orig is not None else None
        if error.connection_invalidated:
            return DatabaseUnavailable("the database connection was lost")
        return unavailable(inner) if inner is not None else None
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        if state == _TOO_MANY_CONNECTIONS:
            return DatabaseBusy("the database takes no more connections")
        if state == _STATEMENT_TIMEOUT:
            return DatabaseUnavailable("the database took too long to answer")
        if state.startswith(_UNAVAILABLE):
            return DatabaseUnavailable(f"the database refuses for now: {error}")
        return None
    if isinstance(error, TimeoutError):
        return DatabaseUnavailable("the database took too long to answer")
    if isinstance(error, asyncpg.InterfaceError | asyncpg.InternalClientError) and lost(error):
        return DatabaseUnavailable("the database connection was lost")
    return None


def unreachable(error: BaseException) -> DatabaseUnavailable | None:
    """The same for the act of connecting, where the operating system's refusals count too."""
    if isinstance(error, OSError) and not isinstance(error, TimeoutError):
        return DatabaseUnavailable(f"the database cannot be reached: {error.strerror or error}")
    if isinstance(error, asyncpg.ObjectNotInPrerequisiteStateError):
        return DatabaseUnavailable(f"the database takes no connections for now: {error}")
    return unavailable(error)
