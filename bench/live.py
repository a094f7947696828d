# SPDX-License-Identifier: Apache-2.0
"""Prints how many complete calls a second the live dialer makes on an embedded PostgreSQL.

    python -m bench.live [--contacts 100000] [--seconds 15]

Calls have no length. Complete is: claimed, result recorded, history row written, entry rescheduled
or closed, all committed. First one worker process, then four; then nothing may be lost or doubled.
Figure to reach: 1,000 a second with one.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import asyncpg

from server.database import Database
from server.database.embedded import ServerHold
from server.database.migrations import migrate
from server.services.dialer import attach_list

WORKER = """
import asyncio, sys, uvloop
from server.database import Database
from server.dialer.worker import run_dialer
async def main():
    database = Database(sys.argv[1], pool_size=5)
    await database.start()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(15, stop.set)
    await run_dialer(database, stop)
    await database.stop()
uvloop.run(main())
"""
CONTACTS = """
INSERT INTO contacts (first_name, name_key, given_key, phone, priority)
SELECT 'c' || i, 'c' || i, 'c' || i,
  '+39' || 3000000000 + i, 1 + i % 3 FROM generate_series(1, $1) i
"""
# One and a half further numbers a contact: none, one, two or three.
PHONES = """
INSERT INTO additional_phones (contact_id, number, item_type_id, position)
SELECT c.id, '+44' || 2000000000 + 4 * c.id + k, (SELECT min(id) FROM contact_item_types), k
FROM contacts c CROSS JOIN generate_series(1, c.id % 4) k
"""
CHECKS = {
    "calls recorded": "SELECT count(*) FROM call_attempts",
    "contacts neither open nor final, or both, or twice": """
        SELECT count(*) FROM contacts c WHERE
          (SELECT count(*) FROM hopper_entries e WHERE e.contact_id = c.id)
          + (SELECT count(*) FROM final_results f WHERE f.contact_id = c.id) <> 1""",
    "stays whose attempts are not their history": """
        SELECT count(*) FROM (
          SELECT id, total_attempts FROM hopper_entries
          UNION ALL SELECT entry_id, total_attempts FROM final_results) s
        LEFT JOIN (SELECT entry_id, count(*) AS calls FROM call_attempts GROUP BY 1) h
          ON h.entry_id = s.id
        WHERE s.total_attempts <> coalesce(h.calls, 0)""",
    "numbers dialed twice in a round": """
        SELECT count(*) FROM (SELECT 1 FROM call_attempts GROUP BY entry_id, round, number
                              HAVING count(*) > 1) d""",
    "tallied calls missing": """
        SELECT (SELECT count(*) FROM call_attempts)
          - (SELECT coalesce(sum(attempts), 0) FROM attempt_tallies)""",
    "claims left behind": "SELECT count(*) FROM hopper_entries WHERE state = 'DIALING'",
}


@contextmanager
def own_server() -> Iterator[str]:
    """An embedded PostgreSQL as safe as in production: it waits for the disk."""
    with tempfile.TemporaryDirectory(prefix="rubrica-bench-") as folder:
        Path(folder).chmod(0o755)
        with ServerHold(Path(folder) / "data") as hold:
            migrate(hold.url)
            yield hold.url


async def prepare(url: str, contacts: int) -> float:
    """A running campaign with a list of contacts; answers the seconds that loading took."""
    database = Database(url, pool_size=2)
    await database.start()
    async with database.connection(1, seconds=600) as connection:
        await connection.execute("INSERT INTO tenants (name) VALUES ('bench')")
        await connection.execute(
            "INSERT INTO contact_item_types (name, name_key, order_by, color) "
            "VALUES ('Office', 'office', 1, '#000000')"
        )
        await connection.execute(CONTACTS, contacts)
        await connection.execute(PHONES)
        list_id = await connection.fetchval(
            "INSERT INTO contact_lists (name, name_key) VALUES ('l', 'l') RETURNING id"
        )
        await connection.execute(
            "INSERT INTO list_members (list_id, contact_id) SELECT $1, id FROM contacts", list_id
        )
        campaign_id = await connection.fetchval(
            "INSERT INTO campaigns (name, name_key, state, additional_phones_after, "
            "simultaneous_lines, simulation) "
            "VALUES ('c', 'c', 'RUNNING', 0, 1000, '{\"seconds\": 0}') RETURNING id"
        )
    began = perf_counter()
    async with database.connection(1, seconds=600) as connection:
        loaded = await attach_list(connection, campaign_id, list_id)
    assert loaded.loaded == contacts, loaded
    await database.stop()
    return perf_counter() - began


async def dial(url: str, workers: int, seconds: float) -> float:
    """Calls a second of so many worker processes, from their first call on."""
    processes = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", WORKER, url, env=os.environ)
        for _ in range(workers)
    ]
    owner = await asyncpg.connect(url)
    count = "SELECT count(*) FROM call_attempts"
    before = at_start = await owner.fetchval(count)
    given_up = perf_counter() + 30
    while before == at_start:
        if perf_counter() > given_up:
            sys.exit("nobody dials: give more contacts, or see what the workers say")
        await asyncio.sleep(0.05)
        before = await owner.fetchval(count)
    began = perf_counter()
    await asyncio.sleep(seconds)
    made, lasted = await owner.fetchval(count) - before, perf_counter() - began
    for process in processes:
        process.terminate()
    for process in processes:
        assert await process.wait() == 0
    await owner.close()
    return made / lasted


async def check(url: str) -> dict[str, int]:
    """What must be 0, but for the first."""
    owner = await asyncpg.connect(url)
    found = {name: int(await owner.fetchval(sql)) for name, sql in CHECKS.items()}
    await owner.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=15)
    given = parser.parse_args()
    with own_server() as url:
        loading = asyncio.run(prepare(url, given.contacts))
        print(json.dumps({"contacts": given.contacts, "loaded in seconds": round(loading, 2)}))
        for workers in (1, 4):
            rate = asyncio.run(dial(url, workers, given.seconds))
            print(json.dumps({"workers": workers, "calls a second": round(rate)}))
        found = asyncio.run(check(url))
        print(json.dumps(found))
        if sum(found.values()) != found["calls recorded"]:
            sys.exit("calls were lost or doubled")


if __name__ == "__main__":
    main()
