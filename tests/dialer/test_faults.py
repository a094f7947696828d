# SPDX-License-Identifier: Apache-2.0
"""Entries whose processing fails: others go on, and after three times they are parked (F21)."""

import json
from datetime import timedelta

from server.dialer.reaper import reap_tenant
from server.services.dialer import attach_list, claim, confirm_originate, release_parked
from tests.conftest import as_owner
from tests.dialer.test_worker import ALL_CLOSED, AT_ONCE, people, until, working, wrong
from tests.services.dialer.centre import NOW, Centre

PARKED = """
SELECT id, state, faults, held_until = 'infinity', claim_token IS NULL, lease_until IS NULL
FROM hopper_entries WHERE hold_rule = 'FAULT'
"""
KEPT = """
SELECT e.total_attempts, a.status, a.unique_id IS NOT NULL, e.round, e.last_number = a.number
FROM call_attempts a JOIN hopper_entries e ON e.id = a.entry_id WHERE e.id = $1
"""
TOLD = "SELECT hold_evidence FROM hopper_entries WHERE hold_rule = 'FAULT'"
ONE_LEFT = "SELECT 1 FROM hopper_entries HAVING count(*) = 1 AND bool_and(faults = 3)"


async def poisoned(centre: Centre) -> int:
    """An entry that has lost its numbers, which the dial machine cannot do without."""
    entry_id = await centre.value("SELECT min(id) + 3 FROM hopper_entries")
    await centre.rows("DELETE FROM hopper_phones WHERE entry_id = $1", entry_id)
    return entry_id


async def test_one_whose_result_cannot_be_recorded_is_parked_and_others_go_on(
    centre: Centre,
) -> None:
    campaign = await centre.campaign(simultaneous_lines=10, **AT_ONCE)
    list_id = await people(centre, 30)
    await centre.within(lambda c: attach_list(c, campaign, list_id))
    entry_id = await poisoned(centre)
    (row,) = await centre.rows("SELECT contact_id FROM hopper_entries WHERE id = $1", entry_id)
    async with working(centre, 2):
        await until(centre, ONE_LEFT)
        assert await centre.rows(PARKED) == [(entry_id, "READY", 3, True, True, True)]
        told = json.loads(str((await centre.rows(TOLD))[0][0]))
        assert (told["step"], told["error"], told["faults"]) == ("REPORT", "IndexError", 3)
        assert await centre.value("SELECT count(*) FROM final_results") == 29
        assert await centre.rows(KEPT, entry_id) == [(1, told["status"], True, 2, True)]
        # Mended, and let go on.
        await centre.rows(
            "INSERT INTO hopper_phones (entry_id, number, position) "
            "SELECT id, current_number, 0 FROM hopper_entries WHERE id = $1",
            entry_id,
        )
        assert await centre.within(lambda c: release_parked(c, [entry_id])) == [entry_id]
        assert await centre.within(lambda c: release_parked(c, [entry_id])) == []
        await until(centre, ALL_CLOSED)
    assert await wrong(centre) == []
    assert (
        await centre.value("SELECT count(*) FROM final_results WHERE contact_id = $1", row[0]) == 1
    )


async def test_one_that_cannot_be_claimed_is_set_aside_and_others_are_called(
    centre: Centre, own_database: str
) -> None:
    """Whatever raises: here the database itself, each time."""
    campaign = await centre.campaign(simultaneous_lines=100)
    list_id = await people(centre, 8)
    await centre.within(lambda c: attach_list(c, campaign, list_id, NOW))
    entry_id = await centre.value("SELECT min(id) + 3 FROM hopper_entries")
    async with as_owner(own_database) as owner:
        await owner.execute(f"""
            CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
              IF NEW.id = {entry_id} AND NEW.state = 'DIALING' THEN RAISE 'spoilt'; END IF;
              RETURN NEW; END $$;
            CREATE TRIGGER poison BEFORE UPDATE ON hopper_entries
              FOR EACH ROW EXECUTE FUNCTION poison()""")
    calls = await centre.within(lambda c: claim(c, campaign, 10, NOW))
    assert len(calls) == 7
    assert entry_id not in {call.entry_id for call in calls}
    assert (await centre.rows(PARKED.replace("'infinity'", "$1"), NOW + timedelta(seconds=10))) == [
        (entry_id, "READY", 1, True, True, True)
    ]
    for seconds in (9, 10, 20):
        at = NOW + timedelta(seconds=seconds)
        assert await centre.claim(campaign, at, 10) == []
    assert await centre.rows(PARKED) == [(entry_id, "READY", 3, True, True, True)]
    told = json.loads(str((await centre.rows(TOLD))[0][0]))
    assert (told["step"], told["reason"]) == ("CLAIM", "spoilt")


async def test_a_worker_goes_on_past_one_that_cannot_be_claimed(
    centre: Centre, own_database: str
) -> None:
    """Not even the fault can be written on it: it stays as it is, and stops nobody."""
    campaign = await centre.campaign(simultaneous_lines=10, **AT_ONCE)
    list_id = await people(centre, 20)
    await centre.within(lambda c: attach_list(c, campaign, list_id))
    entry_id = await centre.value("SELECT min(id) FROM hopper_entries")
    async with as_owner(own_database) as owner:
        await owner.execute(f"""
            CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
              IF NEW.id = {entry_id} THEN RAISE 'spoilt'; END IF; RETURN NEW; END $$;
            CREATE TRIGGER poison BEFORE UPDATE ON hopper_entries
              FOR EACH ROW EXECUTE FUNCTION poison()""")
    async with working(centre):
        await until(centre, "SELECT 1 FROM hopper_entries HAVING count(*) = 1", seconds=20)
    assert await centre.rows("SELECT id, state FROM hopper_entries") == [(entry_id, "READY")]


async def test_lost_calls_are_ended_past_one_that_cannot_be(centre: Centre) -> None:
    """Its number and its line are free once it is parked."""
    campaign = await centre.campaign(simultaneous_lines=10)
    list_id = await people(centre, 5)
    await centre.within(lambda c: attach_list(c, campaign, list_id, NOW))
    calls = await centre.claim(campaign)
    entry_id = await poisoned(centre)
    await centre.within(
        lambda c: confirm_originate(c, [(call.entry_id, call.token) for call in calls])
    )
    await centre.lease_is_over(*calls)
    for _ in range(3):
        await reap_tenant(centre.database, centre.tenant_id)
    assert await centre.value("SELECT count(*) FROM call_attempts WHERE status = 'LOST'") == 5
    assert await centre.rows(KEPT, entry_id) == [(1, "LOST", False, 2, True)]
    assert await centre.rows(PARKED) == [(entry_id, "READY", 3, True, True, True)]
    assert await centre.value("SELECT count(*) FROM hopper_entries WHERE state = 'DIALING'") == 0


async def test_a_campaign_ends_past_one_that_is_parked(centre: Centre, own_database: str) -> None:
    campaign = await centre.campaign()
    list_id = await people(centre, 4)
    await centre.within(lambda c: attach_list(c, campaign, list_id))
    entry_id = await centre.value("SELECT min(id) FROM hopper_entries")
    async with as_owner(own_database) as owner:
        await owner.execute(f"""
            CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
              IF OLD.id = {entry_id} THEN RAISE 'spoilt'; END IF; RETURN OLD; END $$;
            CREATE TRIGGER poison BEFORE DELETE ON hopper_entries
              FOR EACH ROW EXECUTE FUNCTION poison()""")
    await centre.rows("UPDATE campaigns SET ends_at = clock_timestamp()")
    for _ in range(4):
        await reap_tenant(centre.database, centre.tenant_id)
    assert await centre.rows(PARKED) == [(entry_id, "READY", 3, True, True, True)]
    assert await centre.rows("SELECT state FROM campaigns") == [("ENDED",)]
    assert len(await centre.reasons(campaign)) == 3
