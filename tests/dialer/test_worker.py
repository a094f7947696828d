# SPDX-License-Identifier: Apache-2.0
"""Dialer workers: they finish campaigns, whatever happens to them (reliability section 4)."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import perf_counter

from server.database import Database
from server.dialer.worker import run_dialer
from server.services.dialer import attach_list, confirm_originate, hold_claims
from tests.conftest import as_owner
from tests.services.dialer.centre import Centre

AT_ONCE = {"additional_phones_after": 0, "wait": 0, "simulation": json.dumps({"seconds": 0})}
PROCESS = """
import asyncio, sys
from server.database import Database
from server.dialer.worker import run_dialer
async def main():
    database = Database(sys.argv[1], pool_size=3)
    await database.start()
    await run_dialer(database, asyncio.Event())
asyncio.run(main())
"""
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
    "numbers of nobody": """
        SELECT id FROM hopper_phones WHERE entry_id NOT IN (SELECT id FROM hopper_entries)""",
}


async def wrong(centre: Centre) -> list[str]:
    """The invariants of dial-machine section 10 and J1 to J4 that do not hold."""
    return [name for name, sql in WRONG.items() if await centre.rows(sql)]


async def people(centre: Centre, number: int) -> int:
    """A list of so many contacts with two numbers each."""
    await centre.rows(
        "INSERT INTO contacts (first_name, name_key, given_key, phone) "
        "SELECT 'c', 'c', 'c', '+39' || 60000000 + n FROM generate_series(1, $1) n",
        number,
    )
    await centre.rows(
        "INSERT INTO additional_phones (contact_id, number, position) "
        "SELECT id, '+39' || 70000000 + id, 0 FROM contacts"
    )
    return await centre.list_of(*[int(str(row[0])) for row in await centre.rows(_CONTACTS)])


@asynccontextmanager
async def working(centre: Centre, workers: int = 1) -> AsyncIterator[None]:
    """So many workers, each with connections of its own; told to stop at the end."""
    stop = asyncio.Event()
    databases = [Database(centre.database.url, pool_size=3) for _ in range(workers)]
    tasks = []
    for database in databases:
        await database.start()
        tasks.append(asyncio.create_task(run_dialer(database, stop)))
    try:
        yield
    finally:
        stop.set()
        began = perf_counter()
        await asyncio.gather(*tasks)
        assert perf_counter() - began < 10  # reliability F3
        for database in databases:
            await database.stop()


async def until(centre: Centre, sql: str, *, seconds: float = 15) -> None:
    """Wait until a statement has a row; the first one may take as long as given."""
    ends = perf_counter() + seconds
    while not await centre.rows(sql):
        assert perf_counter() < ends, f"still not so after {seconds} s: {sql}"
        await asyncio.sleep(0.02)


_CONTACTS = "SELECT id FROM contacts ORDER BY id"
ALL_CLOSED = "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM hopper_entries)"


async def test_workers_share_a_campaign_and_finish_it(centre: Centre) -> None:
    """F1 with four workers: no call doubled or lost, over rounds, limits and answers."""
    campaign = await centre.campaign(simultaneous_lines=40, **AT_ONCE)
    list_id = await people(centre, 120)
    async with working(centre, 4):
        # While they run: a notification wakes them, and nobody waits for the next poll.
        await centre.within(lambda c: attach_list(c, campaign, list_id))
        await until(centre, ALL_CLOSED)
    assert await wrong(centre) == []
    assert await centre.value("SELECT count(*) FROM final_results") == 120
    assert {reason for _, reason in await centre.reasons(campaign)} == {"REACHED", "RETRY_EXCEEDED"}


async def test_a_worker_that_stops_reports_or_gives_back_all_it_holds(centre: Centre) -> None:
    """F3: calls of minutes are let go and reported, nothing is left to the leases."""
    campaign = await centre.campaign(simultaneous_lines=12)
    list_id = await people(centre, 30)
    await centre.within(lambda c: attach_list(c, campaign, list_id))
    async with working(centre):
        await until(
            centre, "SELECT 1 FROM hopper_entries WHERE is_originate_confirmed HAVING count(*) = 12"
        )
    assert await centre.value("SELECT count(*) FROM hopper_entries WHERE state = 'DIALING'") == 0
    assert await centre.value("SELECT count(*) FROM call_attempts") == 12
    assert await wrong(centre) == []


async def test_a_worker_that_is_killed_loses_no_contact(centre: Centre) -> None:
    """F2, F10: kill -9 with calls up; when their leases end, another worker finishes."""
    campaign = await centre.campaign(
        simultaneous_lines=20,
        clock_rate=60,
        additional_phones_after=0,
        wait=0,
        simulation=json.dumps({"seconds": 1}),
    )
    list_id = await people(centre, 40)
    await centre.within(lambda c: attach_list(c, campaign, list_id))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROCESS, centre.database.url, env=os.environ
    )
    await until(centre, "SELECT 1 FROM call_attempts HAVING count(*) > 20")
    process.send_signal(signal.SIGKILL)
    await process.wait()
    left = await centre.value("SELECT count(*) FROM hopper_entries WHERE state = 'DIALING'")
    assert left > 0
    await centre.rows(
        "UPDATE hopper_entries SET lease_until = clock_timestamp() WHERE state = 'DIALING'"
    )
    await centre.rows("UPDATE campaigns SET simulation = '{\"seconds\": 0}'")
    async with working(centre):
        await until(
            centre,
            "SELECT 1 FROM call_attempts WHERE status = 'LOST' HAVING count(*) > 0",
            seconds=5,
        )
        await until(centre, ALL_CLOSED)
    assert await wrong(centre) == []
    assert await centre.value("SELECT count(*) FROM final_results") == 40
    assert await centre.value("SELECT count(*) FROM call_attempts WHERE status = 'LOST'") == left


async def test_dialing_goes_on_after_the_database_was_away(centre: Centre) -> None:
    """F4, F6, J7: every connection is cut, new ones are refused for a while, then all is well."""
    campaign = await centre.campaign(
        simultaneous_lines=8, simulation=json.dumps({"seconds": 0.01}), additional_phones_after=0
    )
    list_id = await people(centre, 150)
    await centre.within(lambda c: attach_list(c, campaign, list_id))
    name = centre.database.url.partition("?")[0].rpartition("/")[2]
    async with working(centre):
        await until(centre, "SELECT 1 FROM call_attempts HAVING count(*) > 20")
        async with as_owner(centre.database.url.replace(name, "postgres")) as server:
            await server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            await server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
            )
            await asyncio.sleep(1)
            await server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        made = await centre.value("SELECT count(*) FROM call_attempts")
        await until(centre, f"SELECT 1 FROM call_attempts HAVING count(*) > {made + 20}", seconds=5)
    assert await wrong(centre) == []


async def test_a_paused_campaign_claims_no_more_until_it_is_resumed(centre: Centre) -> None:
    campaign = await centre.campaign(
        simultaneous_lines=1, simulation=json.dumps({"seconds": 0.001}), additional_phones_after=0
    )
    list_id = await people(centre, 200)
    await centre.within(lambda c: attach_list(c, campaign, list_id))
    async with working(centre):
        await until(centre, "SELECT 1 FROM call_attempts")
        async with centre.database.connection(centre.tenant_id) as connection:
            await hold_claims(connection)
            await connection.execute("UPDATE campaigns SET state = 'PAUSED'")
        await until(centre, "SELECT 1 FROM hopper_entries HAVING bool_and(state <> 'DIALING')")
        made = await centre.value("SELECT count(*) FROM call_attempts")
        await asyncio.sleep(0.3)
        assert await centre.value("SELECT count(*) FROM call_attempts") == made
        await centre.rows("UPDATE campaigns SET state = 'RUNNING'")
        await until(centre, f"SELECT 1 FROM call_attempts HAVING count(*) > {made}", seconds=5)


async def test_what_waits_is_closed_when_the_campaigns_end_passes(centre: Centre) -> None:
    campaign = await centre.campaign(simultaneous_lines=1, simulation=json.dumps({"seconds": 9}))
    list_id = await people(centre, 5)
    await centre.within(lambda c: attach_list(c, campaign, list_id))
    async with working(centre):
        await until(centre, "SELECT 1 FROM hopper_entries WHERE is_originate_confirmed")
        await centre.rows("UPDATE campaigns SET ends_at = clock_timestamp()")
        await until(centre, "SELECT 1 FROM final_results HAVING count(*) = 4", seconds=5)
    reasons = [reason for _, reason in await centre.reasons(campaign)]
    assert reasons[:4] == ["CAMPAIGN_ENDED"] * 4


async def test_pages_are_told_a_few_times_a_second(centre: Centre) -> None:
    """Not once a call: a campaign of hundreds a second would drown who looks at it."""
    campaign = await centre.campaign(simultaneous_lines=50, **AT_ONCE)
    list_id = await people(centre, 60)
    told: list[str] = []
    unlisten = await centre.database.listen(f"campaign:{campaign}", told.append)
    began = perf_counter()
    async with working(centre):
        await centre.within(lambda c: attach_list(c, campaign, list_id))
        await until(centre, ALL_CLOSED)
        lasted = perf_counter() - began
    unlisten()
    assert await centre.value("SELECT count(*) FROM call_attempts") > 60
    assert 2 <= len(told) <= 4 + 4 * lasted


async def test_a_lost_lease_is_not_originated_again_by_its_old_worker(centre: Centre) -> None:
    """J5: a claim of a worker that stood still is reaped, dialed anew, and the late one refused."""
    contact = await centre.contact("+390612345000")
    campaign = await centre.campaign(simulation=json.dumps({"seconds": 0}))
    list_id = await centre.list_of(contact)
    await centre.within(lambda c: attach_list(c, campaign, list_id))
    (old,) = await centre.claim(campaign, at=None)  # type: ignore[arg-type]
    await centre.lease_is_over(old)
    async with working(centre):
        await until(centre, "SELECT 1 FROM call_attempts WHERE unique_id IS NOT NULL", seconds=5)
    held = await centre.within(lambda c: confirm_originate(c, [(old.entry_id, old.token)]))
    assert held == set()
    assert await centre.report(old) == "STALE"
    assert await centre.rows("SELECT status FROM call_attempts ORDER BY id LIMIT 1") == [("LOST",)]
