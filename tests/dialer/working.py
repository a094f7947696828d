# SPDX-License-Identifier: Apache-2.0
"""Workers of a test's centre, and what has to hold whatever happened to them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import perf_counter

from server.database import Database
from server.dialer.worker import run_dialer
from server.telephony import Drivers
from tests.services.dialer.centre import Centre

WRONG = {
    "contacts neither open nor closed, or more than once": """
        SELECT c.id FROM contacts c WHERE
          (SELECT count(*) FROM hopper_entries e WHERE e.contact_id = c.id)
          + (SELECT count(*) FROM final_results f WHERE f.contact_id = c.id) <> 1""",
    "attempts without a row in the history, or the other way round": """
        SELECT s.id FROM (SELECT id, total_attempts FROM hopper_entries
                          UNION ALL SELECT entry_id, total_attempts FROM final_results) s
        LEFT JOIN (SELECT entry_id, count(*) FILTER (WHERE unique_id IS NOT NULL) AS calls,
                     count(*) FILTER (WHERE status = 'LOST') AS lost
                   FROM call_attempts GROUP BY 1) h ON h.entry_id = s.id
        WHERE s.total_attempts NOT BETWEEN coalesce(h.calls, 0)
          AND coalesce(h.calls + h.lost, 0)""",
    "numbers dialed twice in a round": """
        SELECT entry_id FROM call_attempts WHERE status <> 'LOST'
        GROUP BY entry_id, round, number HAVING count(*) > 1""",
    "counters that the history does not rebuild": """
        SELECT p.id FROM hopper_phones p WHERE p.no_answer <> (SELECT count(*) FROM call_attempts a
          WHERE a.entry_id = p.entry_id AND a.number = p.number AND a.status = 'NO_ANSWER')""",
    "calls that the tallies miss": """
        SELECT 1 WHERE (SELECT count(*) FROM call_attempts WHERE status <> 'BLACKLIST')
          <> (SELECT coalesce(sum(attempts), 0) FROM attempt_tallies)""",
    "answers that the hours miss": """
        SELECT 1 WHERE (SELECT (count(*), count(*) FILTER (WHERE status <> 'ANSWER'))
                        FROM call_attempts WHERE status IN ('ANSWER', 'DROP', 'ABANDONED'))
          <> (SELECT (coalesce(sum(answered), 0)::bigint, coalesce(sum(abandoned), 0)::bigint)
              FROM answer_hours)""",
    "numbers of nobody": """
        SELECT id FROM hopper_phones WHERE entry_id NOT IN (SELECT id FROM hopper_entries)""",
}


async def wrong(centre: Centre) -> list[str]:
    """The invariants of dial-machine section 10 and J1 to J4 that do not hold."""
    return [name for name, sql in WRONG.items() if await centre.rows(sql)]


async def people(centre: Centre, number: int, *, additional: bool = True) -> int:
    """A list of so many contacts, with two numbers each unless told otherwise."""
    await centre.rows(
        "INSERT INTO contacts (first_name, name_key, given_key, phone) "
        "SELECT 'c', 'c', 'c', '+39' || 60000000 + n FROM generate_series(1, $1) n",
        number,
    )
    if additional:
        await centre.rows(
            "INSERT INTO additional_phones (contact_id, number, position) "
            "SELECT id, '+39' || 70000000 + id, 0 FROM contacts"
        )
    found = await centre.rows("SELECT id FROM contacts ORDER BY id")
    return await centre.list_of(*[int(str(row[0])) for row in found])


@asynccontextmanager
async def working(
    centre: Centre, workers: int = 1, drivers: Drivers | None = None
) -> AsyncIterator[None]:
    """So many workers, each with connections of its own; told to stop at the end."""
    stop = asyncio.Event()
    databases = [Database(centre.database.url, pool_size=3) for _ in range(workers)]
    tasks = []
    for database in databases:
        await database.start()
        tasks.append(asyncio.create_task(run_dialer(database, stop, drivers)))
    try:
        yield
    finally:
        stop.set()
        began = perf_counter()
        await asyncio.gather(*tasks)
        assert perf_counter() - began < 10  # reliability F3
        for database in databases:
            await database.stop()


async def until(centre: Centre, sql: str, *args: object, seconds: float = 15) -> None:
    """Wait until a statement has a row; the first one may take as long as given."""
    ends = perf_counter() + seconds
    while not await centre.rows(sql, *args):
        assert perf_counter() < ends, f"still not so after {seconds} s: {sql}"
        await asyncio.sleep(0.02)
