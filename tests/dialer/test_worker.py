# SPDX-License-Identifier: Apache-2.0
"""Dialer workers: they finish campaigns, whatever happens to them (reliability section 4)."""

import asyncio
import json
import os
import signal
import sys
from time import perf_counter

from server.services.dialer import attach_list, confirm_originate, hold_claims
from tests.conftest import as_owner
from tests.dialer.working import people, until, working, wrong
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
