# SPDX-License-Identifier: Apache-2.0
"""How many tries a log-in name and an address have (ASVS 6.3.1): the rule, and its one table.

A try is charged before the password is looked at, under the row's lock, and given back when it
was right: so neither many aliases of one request nor many requests at once get a try for nothing.
"""

import hashlib
import ipaddress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, kw_only=True)
class Limit:
    """`tries` failures in `window` lock for `first_lock`; each further one doubles the lock."""

    tries: int
    window: timedelta
    first_lock: timedelta
    longest_lock: timedelta
    memory: timedelta  # how long after a lock failures go on counting


NAME_LIMIT = Limit(
    tries=5,
    window=timedelta(hours=1),
    first_lock=timedelta(seconds=30),
    longest_lock=timedelta(minutes=15),
    memory=timedelta(hours=1),
)
ADDRESS_LIMIT = Limit(
    tries=50,
    window=timedelta(minutes=15),
    first_lock=timedelta(minutes=15),
    longest_lock=timedelta(minutes=15),
    memory=timedelta(0),
)


@dataclass(frozen=True, kw_only=True)
class Tries:
    """The failures that count, since when, and the moment until which nothing is tried."""

    count: int = 0
    first_at: datetime
    locked_until: datetime | None = None


def wait_of(tries: Tries, now: datetime) -> int:
    """Whole seconds until the next try may be made; 0: now."""
    if tries.locked_until is None or tries.locked_until <= now:
        return 0
    return ceil((tries.locked_until - now).total_seconds())


def charged(tries: Tries, limit: Limit, now: datetime) -> Tries:
    """With one more failure; old ones are forgotten first. The last try permitted also locks."""
    over = tries.first_at + limit.window
    if tries.locked_until is not None:
        over = max(over, tries.locked_until + limit.memory)
    if now >= over:
        tries = Tries(first_at=now)
    count = tries.count + 1
    if count < limit.tries:
        return replace(tries, count=count)
    doublings = min(count - limit.tries, 30)
    lock = min(limit.first_lock * 2**doublings, limit.longest_lock)
    return replace(tries, count=count, locked_until=now + lock)


def name_counter(name_key: str) -> str:
    return "name:" + _hashed(name_key)


def address_counter(ip: str) -> str | None:
    """An IPv6 customer owns 2^64 addresses, so all of these count as one."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return "ip:" + _hashed(ip) if ip else None
    if address.version == 6 and address.ipv4_mapped is None:
        return "ip:" + _hashed(str(ipaddress.ip_network((address, 64), strict=False)))
    return "ip:" + _hashed(str(getattr(address, "ipv4_mapped", None) or address))


async def charge(session: AsyncSession, name: str, address: str | None) -> int:
    """Count one try of both; the seconds to wait where one of them has none left, else 0.

    The name's row is locked before the address's, always, so two log-ins cannot wait in a circle.
    """
    limits = {name: NAME_LIMIT} | ({address: ADDRESS_LIMIT} if address else {})
    found: dict[str, Tries] = {}
    for key in limits:
        found[key], now = await _locked(session, key)
    wait = max(wait_of(tries, now) for tries in found.values())
    if not wait:
        for key, limit in limits.items():
            after = charged(found[key], limit, now)
            await session.execute(
                text(
                    "UPDATE login_failures SET count = :count, first_at = :first_at,"
                    " locked_until = :locked_until WHERE key = :key"
                ),
                {
                    "key": key,
                    "count": after.count,
                    "first_at": after.first_at,
                    "locked_until": after.locked_until,
                },
            )
    return wait


async def give_back(session: AsyncSession, name: str, address: str | None) -> None:
    """The try was right: the name starts anew, the address gets back its one."""
    await session.execute(text("DELETE FROM login_failures WHERE key = :key"), {"key": name})
    await session.execute(
        text(
            "UPDATE login_failures SET count = greatest(count - 1, 0), locked_until = NULL"
            " WHERE key = :key"
        ),
        {"key": address},
    )
    await session.execute(
        text(
            "DELETE FROM login_failures WHERE key IN (SELECT key FROM login_failures"
            " WHERE greatest(first_at, locked_until) < clock_timestamp() - interval '1 day'"
            " LIMIT 100 FOR UPDATE SKIP LOCKED)"
        )
    )


async def _locked(session: AsyncSession, key: str) -> tuple[Tries, datetime]:
    # DO UPDATE, not DO NOTHING: it locks the row, and returns it also where another has made it.
    row = (
        await session.execute(
            text(
                "INSERT INTO login_failures AS known (key) VALUES (:key)"
                " ON CONFLICT (key) DO UPDATE SET count = known.count"
                " RETURNING count AS failures, first_at, locked_until"
            ),
            {"key": key},
        )
    ).one()
    now = (await session.execute(text("SELECT clock_timestamp()"))).scalar_one()
    return Tries(count=row.failures, first_at=row.first_at, locked_until=row.locked_until), now


def _hashed(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
