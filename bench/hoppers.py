# SPDX-License-Identifier: Apache-2.0
"""Hoppers to measure with: contacts who may be called now, open entries, every gate on."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import asyncpg

from server.database import Database

GATES = {
    "policies": ["CALLING_HOURS"],
    "rules": json.dumps(
        [
            {
                "kind": "CAP",
                "counted": "PERSON",
                "most": 7,
                "hours": 168,
                "reach": "ALL_CAMPAIGNS",
            }
        ]
    ),
    "max_attempts_per_number": 5,
}
CONTACTS = """
INSERT INTO contacts (first_name, name_key, given_key, phone, priority, time_zone)
SELECT 'c' || i, 'c' || i, 'c' || i, '+39' || 3000000000 + i, 1 + i % 3, $3
FROM generate_series($1::bigint, $2::bigint) i
"""
# As a campaign stands after a while: most wait for a retry, one in five of them due.
ENTRIES = """
INSERT INTO hopper_entries (campaign_id, contact_id, state, bucket, priority, scheduled_at,
  current_number, primary_number)
SELECT $1, id, CASE WHEN id % 4 = 0 THEN 'READY' ELSE 'WAIT_RETRY' END,
  CASE WHEN id % 4 = 0 THEN 4 ELSE 3 END, priority,
  clock_timestamp() + (id % 50 - 10) * interval '1 hour' - interval '1 second', phone, phone
FROM contacts WHERE id > $2
"""
PHONES = """
INSERT INTO hopper_phones (entry_id, number, position)
SELECT id, current_number, 0 FROM hopper_entries WHERE campaign_id = $1
"""
# Those who are due were called before, within the week that a rule looks back on.
HISTORY = """
INSERT INTO call_attempts (campaign_id, contact_id, entry_id, round, position, number, status,
  started_at, ended_at, policy_version)
SELECT campaign_id, contact_id, id, 1, 0, current_number, 'BUSY',
  clock_timestamp() - interval '50 hours', clock_timestamp() - interval '50 hours', 1
FROM hopper_entries WHERE campaign_id = $1 AND id % 50 < 10
"""


def daytime() -> str:
    """A place where people may be called now."""
    places = ("Europe/Rome", "America/New_York", "America/Los_Angeles", "Asia/Tokyo", "Asia/Dubai")
    now = datetime.now(UTC)
    hours = {place: now.astimezone(ZoneInfo(place)).hour for place in places}
    return min(places, key=lambda place: abs(hours[place] - 14))


async def new_campaign(connection: asyncpg.Connection, name: str, **columns: object) -> int:
    given: dict[str, object] = {
        "name": name,
        "name_key": name,
        "state": "RUNNING",
        "additional_phones_after": 0,
        "simultaneous_lines": 10_000,
        "simulation": '{"seconds": 0}',
        **columns,
    }
    places = ", ".join(f"${place}" for place in range(1, len(given) + 1))
    campaign_id: int = await connection.fetchval(
        f"INSERT INTO campaigns ({', '.join(given)}) VALUES ({places}) RETURNING id",
        *given.values(),
    )
    return campaign_id


async def fill(database: Database, size: int) -> int:
    """A campaign of its own with so many open entries."""
    async with database.connection(1, seconds=3600) as connection:
        newest: int = await connection.fetchval("SELECT coalesce(max(id), 0) FROM contacts")
        campaign_id = await new_campaign(connection, f"open {size}", **GATES)
        await connection.execute(CONTACTS, newest + 1, newest + size, daytime())
        await connection.execute(ENTRIES, campaign_id, newest)
        await connection.execute(PHONES, campaign_id)
        await connection.execute(HISTORY, campaign_id)
    owner = await asyncpg.connect(database.url)
    await owner.execute("VACUUM ANALYZE hopper_entries, hopper_phones, contacts, call_attempts")
    await owner.execute("CHECKPOINT")
    await owner.close()
    return campaign_id
