# SPDX-License-Identifier: Apache-2.0
"""Caps are exact, however many processes claim for however many campaigns (reliability 5, J6)."""

import asyncio
import json
import os
import sys

import pytest

from tests.services.dialer.centre import Centre

DIALER = """
import asyncio, sys, uuid
from server.database import Database
from server.domain.campaigns import CallStatus
from server.services.dialer import Report, claim, report
async def main():
    url, tenant, *campaigns = sys.argv[1:]
    database = Database(url, pool_size=2)
    await database.start()
    idle = 0
    async def dial(campaign):
        async with database.connection(int(tenant)) as connection:
            calls = await claim(connection, campaign, 3)
        results = [Report(entry_id=call.entry_id, token=call.token, status=CallStatus.NO_ANSWER,
                          unique_id=str(uuid.uuid4())) for call in calls]
        if results:
            async with database.connection(int(tenant)) as connection:
                await report(connection, results)
        return len(calls)
    while idle < 3:
        made = await asyncio.gather(*(dial(int(campaign)) for campaign in campaigns))
        idle = 0 if any(made) else idle + 1
    await database.stop()
asyncio.run(main())
"""
CAPS = {
    "person": ({"rules": [{"counted": "PERSON", "most": 4}]}, "contact_id", 4),
    "number": ({"max_attempts_per_number": 5}, "number", 5),
}


@pytest.mark.parametrize("counted", CAPS)
async def test_four_processes_and_three_campaigns_do_not_overshoot_a_cap(
    counted: str, centre: Centre
) -> None:
    """Each contact is open in every campaign, on two numbers that others have as well."""
    given, column, most = CAPS[counted]
    rules = [
        {"kind": "CAP", "hours": 24, "reach": "ALL_CAMPAIGNS", **rule}
        for rule in given.get("rules", [])
    ]
    columns = {key: value for key, value in given.items() if key != "rules"}
    contacts = [
        await centre.contact(f"+3906{place:06}", (f"+3907{place % 4:06}", None))
        for place in range(12)
    ]
    campaigns = [
        await centre.loaded(
            *contacts,
            wait=0,
            additional_phones_after=0,
            global_max_retry=100,
            rules=json.dumps(rules),
            **columns,
        )
        for _ in range(3)
    ]
    await centre.rows("UPDATE retry_settings SET max_retry = 100")
    # Due before the workers' clocks, which are real.
    await centre.rows("UPDATE hopper_entries SET scheduled_at = clock_timestamp() - interval '1 s'")
    arguments = [centre.database.url, str(centre.tenant_id), *map(str, campaigns)]
    dialers = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", DIALER, *arguments, env=os.environ
        )
        for _ in range(4)
    ]
    assert [await dialer.wait() for dialer in dialers] == [0, 0, 0, 0]
    made = await centre.rows(
        f"SELECT {column}, count(*), count(DISTINCT campaign_id) > 1 FROM call_attempts GROUP BY 1"
    )
    counts = [int(str(count)) for _, count, _ in made]
    assert max(counts) == most
    # An entry whose next number is used up waits for it, and its other one may be called less.
    assert counted == "number" or counts == [most] * 12
    assert any(shared for _, _, shared in made)
    assert await centre.rows("SELECT DISTINCT hold_rule FROM hopper_entries") == [
        (f"{counted.upper()}_CAP",)
    ]
