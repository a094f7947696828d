# SPDX-License-Identifier: Apache-2.0
"""From a cookie or a bearer token to the viewer, cached, yet never older than the rights (X-09).

A cached viewer carries the tenant's access epoch. The planned read compares it inside its own
statement (`access_current` raises RB001) and then asks `current`; pages and writes ask `current`
at once, which is one statement. So a right given or taken acts on the very next request.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from math import inf
from time import monotonic
from typing import Any, Literal, NamedTuple, Protocol, TypeVar

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.permissions import Role, Viewer, effective
from server.services.access.grants import permissions_of

log = structlog.get_logger()

IDLE = timedelta(hours=8)  # a session unused for longer has ended (ASVS 7.3.1)
ABSOLUTE = timedelta(hours=24)  # and used or not after this (ASVS 7.3.2)
TOUCHED_EVERY = 60.0  # seconds between two writes of "last seen"
BEARER_PREFIX = "rub_"
_LONGEST_TOKEN = 128

Table = Literal["sessions", "api_tokens"]
K = TypeVar("K")
V = TypeVar("V")


class Store(Protocol):
    """The two doors of `server.database.Database` that signing in goes through."""

    def transaction(self, tenant_id: int | None) -> AbstractAsyncContextManager[AsyncSession]: ...

    async def read(
        self, tenant_id: int | None, sql: str, *args: object
    ) -> Sequence[Mapping[str, Any]]: ...


class Place(NamedTuple):
    """Where a session or token stands; it never moves, so it is looked for once."""

    table: Table
    tenant_id: int
    id: int


@dataclass(slots=True)
class Entry:
    viewer: Viewer
    ends: float  # on this process's clock; the database decides again when it seems over
    idle_ends: float
    touched: float  # when "last seen" was written, or its writing begun


_FIND = "SELECT set_config('rubrica.token_hash', :digest, true)"
# Rights and epoch in one statement: one snapshot, so never rights older than their epoch.
_VIEWER = """
SELECT u.id, u.name, u.full_name, u.role, u.locale, u.timezone, u.theme, u.density,
       p.permissions, n.default_region,
       coalesce((SELECT epoch FROM access_epochs WHERE tenant_id = u.tenant_id), 1) AS epoch,
"""
_PERSON = """
JOIN users u ON u.id = s.user_id AND u.is_active
JOIN tenants n ON n.id = u.tenant_id
LEFT JOIN profiles p ON p.id = u.profile_id
WHERE s.id = $1 AND s.revoked_at IS NULL
"""
_LOAD: dict[Table, str] = {
    "sessions": f"""{_VIEWER}
       NULL::text[] AS scopes,
       extract(epoch FROM s.expires_at - clock_timestamp())::float8 AS remaining,
       extract(epoch FROM clock_timestamp() - s.last_seen_at)::float8 AS unused
FROM sessions s {_PERSON} AND s.expires_at > clock_timestamp()
  AND s.last_seen_at + make_interval(secs => $2) > clock_timestamp()
""",
    "api_tokens": f"""{_VIEWER}
       s.scopes,
       extract(epoch FROM s.expires_at - clock_timestamp())::float8 AS remaining,
       extract(epoch FROM clock_timestamp() - s.last_used_at)::float8 AS unused
FROM api_tokens s {_PERSON} AND (s.expires_at IS NULL OR s.expires_at > clock_timestamp())
""",
}
_TOUCH: dict[Table, str] = {
    "sessions": "UPDATE sessions SET last_seen_at = clock_timestamp() WHERE id = :id"
    " AND revoked_at IS NULL AND last_seen_at + make_interval(secs => :every) < clock_timestamp()",
    "api_tokens": "UPDATE api_tokens SET last_used_at = clock_timestamp() WHERE id = :id AND"
    " (last_used_at IS NULL OR last_used_at + make_interval(secs => :every) < clock_timestamp())",
}


def token_digest(token: str) -> bytes:
    """What is stored of a token; as that is random, nobody finds it again from its SHA-256."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


class ViewerCache:
    """One a process. `idle` is the time without use after which a session has ended."""

    def __init__(
        self,
        *,
        idle: timedelta = IDLE,
        size: int = 10_000,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._idle = idle.total_seconds()
        self._every = min(TOUCHED_EVERY, self._idle / 4)
        self._size = size
        self._clock = clock
        self._places: OrderedDict[tuple[Table, bytes], Place] = OrderedDict()
        self._entries: OrderedDict[Place, Entry] = OrderedDict()
        self._epochs: dict[int, int] = {}
        self._writing: set[asyncio.Task[None]] = set()

    async def viewer_of_session(self, store: Store, token: str) -> Viewer | None:
        """Who the cookie's token signs in, or None when it is unknown, revoked or timed out."""
        return await self._viewer(store, "sessions", token)

    async def viewer_of_token(self, store: Store, bearer: str) -> Viewer | None:
        """Who a bearer token stands for, with its scopes, or None when it no longer counts."""
        if not bearer.startswith(BEARER_PREFIX):
            return None
        return await self._viewer(store, "api_tokens", bearer)

    async def current(self, store: Store, viewer: Viewer) -> Viewer | None:
        """The same person with the rights of this moment; None once signed out or timed out."""
        if viewer.session_id is not None:
            place = Place("sessions", viewer.tenant_id, viewer.session_id)
        elif viewer.token_id is not None:
            place = Place("api_tokens", viewer.tenant_id, viewer.token_id)
        else:
            return None
        entry = await self._load(store, place)
        return None if entry is None else entry.viewer

    # What a reader calls after RB001; the same act, under the name of the occasion.
    refresh = current

    async def drain(self) -> None:
        """Wait for the writes of "last seen" that are under way, before the database is closed."""
        await asyncio.gather(*self._writing)

    async def _viewer(self, store: Store, table: Table, token: str) -> Viewer | None:
        if not token or len(token) > _LONGEST_TOKEN:
            return None
        key = (table, token_digest(token))
        place = self._places.get(key)
        if place is None:
            place = await _find(store, *key)
            if place is None:
                return None
        entry = self._entries.get(place)
        if entry is None or not self._holds(entry):
            entry = await self._load(store, place)
            if entry is None:
                return None
        self._places[key] = place
        _forget(self._places, key, self._size)
        _forget(self._entries, place, self._size)
        if table == "sessions":
            entry.idle_ends = self._clock() + self._idle
        self._touch(store, place, entry)
        return entry.viewer

    def _holds(self, entry: Entry) -> bool:
        now = self._clock()
        known = self._epochs.get(entry.viewer.tenant_id, 0)
        return now < entry.ends and now < entry.idle_ends and entry.viewer.epoch >= known

    async def _load(self, store: Store, place: Place) -> Entry | None:
        limits = (self._idle,) if place.table == "sessions" else ()
        rows = await store.read(place.tenant_id, _LOAD[place.table], place.id, *limits)
        if not rows:
            self._entries.pop(place, None)
            return None
        remaining, unused = rows[0]["remaining"], rows[0]["unused"]
        now = self._clock()
        before = self._entries.get(place)
        entry = Entry(
            viewer=_built(rows[0], place),
            ends=inf if remaining is None else now + remaining,
            idle_ends=now + self._idle - unused if place.table == "sessions" else inf,
            touched=max(
                -inf if unused is None else now - unused, -inf if before is None else before.touched
            ),
        )
        # A slower answer of an earlier moment must not replace a newer one.
        if entry.viewer.epoch >= self._epochs.get(place.tenant_id, 0):
            self._epochs[place.tenant_id] = entry.viewer.epoch
            self._entries[place] = entry
        return entry

    def _touch(self, store: Store, place: Place, entry: Entry) -> None:
        now = self._clock()
        if now - entry.touched < self._every:
            return
        entry.touched = now
        task = asyncio.create_task(_write_seen(store, place, self._every))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)


def _forget(known: OrderedDict[K, V], used: K, size: int) -> None:
    """The one just used goes to the end, the ones unused for longest go."""
    if used in known:
        known.move_to_end(used)
    while len(known) > size:
        known.popitem(last=False)


async def _find(store: Store, table: Table, digest: bytes) -> Place | None:
    """The policy `by_token` shows the one row whose digest the transaction presents."""
    async with store.transaction(None) as session:
        await session.execute(text(_FIND), {"digest": digest.hex()})
        found = await session.execute(
            text(f"SELECT tenant_id, id FROM {table} WHERE token_hash = :digest"),
            {"digest": digest},
        )
        row = found.one_or_none()
    return None if row is None else Place(table, row.tenant_id, row.id)


async def _write_seen(store: Store, place: Place, every: float) -> None:
    try:
        async with store.transaction(place.tenant_id) as session:
            await session.execute(text(_TOUCH[place.table]), {"id": place.id, "every": every})
    except Exception as error:
        # Reads go on while the database takes no writes (F19); the next minute tries again.
        log.warning("access.last_seen_not_written", table=place.table, error=type(error).__name__)


def _built(row: Mapping[str, Any], place: Place) -> Viewer:
    role = Role(row["role"])
    permissions = effective(role, permissions_of(row["permissions"]))
    if row["scopes"] is not None:
        permissions &= permissions_of(row["scopes"])
    return Viewer(
        user_id=row["id"],
        tenant_id=place.tenant_id,
        name=row["name"],
        full_name=row["full_name"],
        role=role,
        permissions=permissions,
        locale=row["locale"],
        timezone=row["timezone"],
        region=row["default_region"],
        theme=row["theme"],
        density=row["density"],
        session_id=place.id if place.table == "sessions" else None,
        token_id=place.id if place.table == "api_tokens" else None,
        epoch=row["epoch"],
    )
