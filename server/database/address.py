# SPDX-License-Identifier: Apache-2.0
"""Where the database is: `DATABASE_URL` in one form, or refused in one line with the cure."""

from typing import TypedDict
from urllib.parse import SplitResult, urlsplit

from server.settings import SetupError

APP_ROLE = "rubrica_app"
CONNECT_TIMEOUT = 5.0
_SCHEMES = ("postgresql", "postgres", "postgresql+asyncpg", "postgresql+psycopg")


class ConnectArguments(TypedDict):
    """Keyword arguments of `asyncpg.connect`."""

    dsn: str
    timeout: float
    command_timeout: float | None
    statement_cache_size: int
    max_cached_statement_lifetime: int
    max_cacheable_statement_size: int
    server_settings: dict[str, str]


def plain_url(url: str) -> str:
    """The URL in libpq's form (`postgresql://…`), whichever driver the given one names."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        raise _no_url() from None
    if parts.scheme not in _SCHEMES:
        kind = parts.scheme or "something else"
        raise SetupError(
            f"DATABASE_URL names {kind}, Rubrica runs on PostgreSQL only: give "
            "postgresql://user:password@host:5432/name, or leave it unset for the embedded server"
        )
    if not all(_is_port(host) for host in parts.netloc.rpartition("@")[2].split(",")):
        raise _no_url()
    return _join(parts)


def _no_url() -> SetupError:
    """Says nothing of what stands there: a password that is not escaped looks like a port."""
    return SetupError(
        "DATABASE_URL is no URL: give postgresql://user:password@host:5432/name, and write "
        "# / ? @ [ ] in a password as %23 %2F %3F %40 %5B %5D"
    )


def _is_port(host: str) -> bool:
    """Whether what follows the colon of a host, if anything does, is a port."""
    port = host.rpartition("]")[2].rpartition(":")[2] if ":" in host.rpartition("]")[2] else ""
    return not port or (port.isdecimal() and len(port) < 6 and int(port) < 65536)


def of_database(url: str, name: str) -> str:
    """The same server's URL for another of its databases."""
    return _join(urlsplit(url)._replace(path=f"/{name}"))


def _join(parts: SplitResult) -> str:
    query = f"?{parts.query}" if parts.query else ""
    # Not urlunsplit: it drops an empty authority, which a socket's `postgresql:///name` needs.
    return f"postgresql://{parts.netloc}{parts.path}{query}"


def masked(url: str) -> str:
    """The URL with its password hidden, for a person to read."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    host = parts.netloc.rpartition("@")[2]
    return _join(parts._replace(netloc=f"{parts.username or ''}:***@{host}"))


def as_application(url: str, *, statement_timeout: float, name: str) -> ConnectArguments:
    """How the application connects: as a role that cannot bypass row-level security (D10).

    The role is a start-up setting, so `RESET ROLE` and `DISCARD ALL` come back to it and not to the
    role that owns the tables.
    """
    return ConnectArguments(
        dsn=plain_url(url),
        timeout=CONNECT_TIMEOUT,
        command_timeout=30.0,
        statement_cache_size=1024,
        max_cached_statement_lifetime=0,
        max_cacheable_statement_size=0,
        server_settings={
            "role": APP_ROLE,
            "application_name": name,
            "jit": "off",
            "timezone": "UTC",
            "idle_in_transaction_session_timeout": "60000",
            "statement_timeout": str(round(statement_timeout * 1000)),
        },
    )
