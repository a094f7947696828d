# SPDX-License-Identifier: Apache-2.0
"""Merges of two contacts with 20 numbers and 500 calls each, and undoing them: `bench.merges`.

Each pair is open in a campaign and has tags, lists and values in common. A preview, the merge and
its undoing are each one transaction, as one request of the API is.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg

from server.database import Database
from server.database.embedded import ServerHold
from server.database.migrations import migrate
from server.domain.permissions import ALL_PERMISSIONS, Role, Viewer
from server.services.contacts.merging import merge_contacts, preview_merge, undo_merge
from server.services.tenants import ensure_tenant

NUMBERS, CALLS = 20, 500
_CENTRE = """
INSERT INTO contact_item_types (name, name_key, order_by, color) VALUES
  ('Office', 'office', 1, '#B8D8F0'), ('Home', 'home', 2, '#F4DDB8');
INSERT INTO contact_lists (name, name_key) VALUES ('Spring', 'spring'), ('Summer', 'summer');
INSERT INTO tags (name, name_key) VALUES ('VIP', 'vip'), ('Late payer', 'late payer');
INSERT INTO master_data_fields (name, name_key, display_name, scope, type)
  SELECT 'f' || n, 'f' || n, 'Field ' || n, 'CONTACT', 'TEXT' FROM generate_series(1, 10) n;
INSERT INTO campaigns (name, name_key, state) VALUES ('Offers', 'offers', 'RUNNING');
INSERT INTO campaign_lists (campaign_id, list_id)
  SELECT c.id, l.id FROM campaigns c CROSS JOIN contact_lists l;
"""
_CONTACTS = """
INSERT INTO contacts (first_name, last_name, name_key, given_key, phone)
SELECT 'Ada ' || n, 'Rossi', 'rossi ada ' || n, 'ada ' || n || ' rossi', '+3906' || (1000000 + n)
FROM generate_series(1, $1) n
"""
# Every pair has half of its numbers in common.
_CHILDREN = (
    f"""INSERT INTO additional_phones (contact_id, number, item_type_id, position)
    SELECT c.id, '+3902' || (10000000 + (c.id + 1) / 2 * 100 + (c.id % 2) * 10 + n),
      (SELECT id FROM contact_item_types ORDER BY id LIMIT 1 OFFSET n % 2), n
    FROM contacts c CROSS JOIN generate_series(1, {NUMBERS - 1}) n""",
    """INSERT INTO list_members (list_id, contact_id)
    SELECT l.id, c.id FROM contact_lists l, contacts c""",
    "INSERT INTO contact_tags (tag_id, contact_id) SELECT t.id, c.id FROM tags t, contacts c",
    """INSERT INTO field_values (contact_id, field_id, text_value, text_key)
    SELECT c.id, f.id, 'v' || c.id, 'v' || c.id FROM contacts c, master_data_fields f""",
    """INSERT INTO hopper_entries (campaign_id, contact_id, state, bucket, scheduled_at,
      current_number, primary_number, total_attempts)
    SELECT k.id, c.id, 'WAIT_RETRY', 3, now() + interval '1 day', c.phone, c.phone, 3
    FROM campaigns k, contacts c""",
    """INSERT INTO hopper_phones (entry_id, number, position, no_answer)
    SELECT e.id, e.current_number, 0, 1 FROM hopper_entries e
    UNION ALL SELECT e.id, p.number, p.position, 1 FROM hopper_entries e
    JOIN additional_phones p ON p.contact_id = e.contact_id""",
    f"""INSERT INTO call_attempts (campaign_id, contact_id, entry_id, round, position, number,
      status, started_at, ended_at, policy_version)
    SELECT k.id, c.id, 1, 1, 0, c.phone, 'BUSY', now(), now(), 1
    FROM campaigns k, contacts c, generate_series(1, {CALLS}) n""",
)


async def prepare(database: Database, tenant: int, pairs: int) -> list[tuple[int, int]]:
    """The pairs, neighbours by their ids."""
    async with database.connection(tenant, seconds=300) as connection:
        await connection.execute(_CENTRE)
        await connection.execute(_CONTACTS, pairs * 2)
        for statement in _CHILDREN:
            await connection.execute(statement)
        ids = [row[0] for row in await connection.fetch("SELECT id FROM contacts ORDER BY id")]
    return list(zip(ids[::2], ids[1::2], strict=True))


async def timed(name: str, work: list[Callable[[], Awaitable[None]]]) -> None:
    """Milliseconds of each, one after the other."""
    took = []
    for one in work:
        began = time.perf_counter()
        await one()
        took.append((time.perf_counter() - began) * 1000)
    took.sort()
    p95 = took[int(len(took) * 0.95)]
    print(f"{name:10} p50 {statistics.median(took):6.1f} ms   p95 {p95:6.1f} ms   n={len(took)}")


async def measure(url: str, pairs: int) -> None:
    await asyncio.to_thread(migrate, url)
    database = Database(url)
    await database.start()
    async with database.transaction(None) as session:
        tenant = await ensure_tenant(session, "merges")
    viewer = Viewer(
        user_id=None,  # type: ignore[arg-type] # the system itself
        tenant_id=tenant,
        name="bench",
        full_name="bench",
        role=Role.ADMIN,
        permissions=ALL_PERMISSIONS,
    )
    found = await prepare(database, tenant, pairs)
    owner = await asyncpg.connect(url)
    await owner.execute("VACUUM ANALYZE")
    await owner.close()
    seen: dict[int, str] = {}
    merges: list[int] = []

    def look(pair: tuple[int, int]) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            async with database.transaction(tenant) as session:
                seen[pair[0]] = (await preview_merge(session, viewer, pair)).fingerprint

        return run

    def merge(pair: tuple[int, int]) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            async with database.transaction(tenant) as session:
                done = await merge_contacts(session, viewer, pair, pair[0], seen=seen[pair[0]])
            merges.append(done.merge_id)

        return run

    def undo(place: int) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            async with database.transaction(tenant) as session:
                await undo_merge(session, viewer, merges[place])

        return run

    print(f"two contacts with {NUMBERS} numbers and {CALLS} calls each, open in a campaign")
    await timed("preview", [look(pair) for pair in found])
    await timed("merge", [merge(pair) for pair in found])
    await timed("undo", [undo(place) for place in range(len(found))])
    await database.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=100)
    pairs = parser.parse_args().pairs
    with tempfile.TemporaryDirectory(prefix="rubrica-merges-") as folder:
        Path(folder).chmod(0o755)
        hold = ServerHold(Path(folder) / "data")
        try:
            asyncio.run(measure(hold.take(), pairs))
        finally:
            hold.release()


if __name__ == "__main__":
    main()
