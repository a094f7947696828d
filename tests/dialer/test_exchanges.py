# SPDX-License-Identifier: Apache-2.0
"""Workers that dial by an exchange, which says again what a real one said (architecture 6)."""

import asyncio
import socket
import uuid
from collections.abc import Callable
from time import perf_counter

from server.services.dialer import attach_list, claim
from server.services.telephony import read_exchanges
from tests.dialer.working import until, working, wrong
from tests.services.dialer.centre import Centre
from tests.telephony.asterisk.replay import ANY, Step, recording, replaying, shuffled

ATTEMPT = "SELECT 1 FROM call_attempts"


async def exchange_at(centre: Centre, port: int) -> int:
    return await centre.value(
        "INSERT INTO telephony_exchanges (name, name_key, url, username, secret)"
        " VALUES ('pbx', 'pbx', $1, 'rubrica', 'secret') RETURNING id",
        f"http://127.0.0.1:{port}/ari",
    )


async def dialed_by(centre: Centre, exchange_id: int, number: str = "+3906000002") -> None:
    """A running campaign with one number to call."""
    campaign = await centre.campaign(driver="ASTERISK", exchange_id=exchange_id)
    list_id = await centre.list_of(await centre.contact(number))
    await centre.within(lambda c: attach_list(c, campaign, list_id))


async def becomes(holds: Callable[[], bool], seconds: float = 10) -> None:
    end = perf_counter() + seconds
    while not holds():
        assert perf_counter() < end, "it did not become so"
        await asyncio.sleep(0.02)


async def test_a_call_by_the_exchange_is_one_row_of_the_history_however_its_events_come(
    centre: Centre,
) -> None:
    """F18 through a whole worker."""
    async with replaying(recording("busy")["steps"], shuffled(3), prefix=ANY) as replay:
        await dialed_by(centre, await exchange_at(centre, replay.port))
        async with working(centre):
            await until(centre, ATTEMPT)
    rows = await centre.rows("SELECT number, status, right(unique_id, 2) FROM call_attempts")
    assert rows == [("+3906000002", "BUSY", "-n")]
    # Named as any other worker would name it: by the exchange and the token of the claim.
    unique_id = str((await centre.rows("SELECT unique_id FROM call_attempts"))[0][0])
    mark = (await centre.within(read_exchanges)).popitem()[1].mark
    assert uuid.UUID(hex=unique_id.removeprefix(f"{mark}-").removesuffix("-n")).version == 4
    assert await wrong(centre) == []


async def test_nothing_is_claimed_while_the_exchange_is_away_and_dialing_begins_with_it(
    centre: Centre,
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    await dialed_by(centre, await exchange_at(centre, port))
    async with working(centre):
        await asyncio.sleep(2.5)
        assert await centre.rows("SELECT state, claim_token FROM hopper_entries") == [
            ("READY", None)
        ]
        async with replaying(recording("busy")["steps"], prefix=ANY, port=port):
            await until(centre, ATTEMPT, seconds=10)
    assert await centre.rows("SELECT status FROM call_attempts") == [("BUSY",)]


async def test_an_exchange_that_refuses_us_gets_no_calls(centre: Centre) -> None:
    """Wrong settings burn no attempts: nobody's counters grow."""
    refusal = {"status": 401, "body": {"message": "Authentication required"}}
    step: Step = {"request": {"method": "GET", "path": "/channels"}, "answer": refusal}
    async with replaying([step] * 50) as replay:
        await dialed_by(centre, await exchange_at(centre, replay.port))
        async with working(centre):
            await becomes(lambda: replay.asked.count("GET /channels") >= 2)
    assert set(replay.asked) == {"GET /channels"}
    assert await centre.rows("SELECT state FROM hopper_entries") == [("READY",)]


async def test_what_a_dead_worker_left_is_hung_up_but_not_whom_somebody_talks_to(
    centre: Centre,
) -> None:
    """F10: by the lease of the call, whose token stands in the channel's name."""
    external = await centre.campaign(driver="EXTERNAL")
    list_id = await centre.list_of(await centre.contact("+3906000024"))
    await centre.within(lambda c: attach_list(c, external, list_id))
    [held] = await centre.within(lambda c: claim(c, external, 1))
    async with replaying([]) as replay:
        exchange_id = await exchange_at(centre, replay.port)
        await centre.campaign(driver="ASTERISK", exchange_id=exchange_id, state="PAUSED")
        mark = (await centre.within(read_exchanges))[exchange_id].mark
        dead, talking = uuid.uuid4().hex, uuid.uuid4().hex
        ours = [f"{mark}-{dead}-n", f"{mark}-{held.token.hex}-n"]
        pair = [f"{mark}-{talking}-n", f"{mark}-{talking}-a"]
        others = ["1795320919.7", f"{mark}9-{dead}-n", f"{mark}-not.a.token-n"]
        channels = [{"id": name, "state": "Up"} for name in (*ours, *pair, *others)]
        left = f"{mark}-{dead}-b"
        bridges = [{"id": "b", "channels": pair}, {"id": left, "channels": ours[:1]}]
        for path, body in (("/channels", channels), ("/bridges", bridges)):
            request = {"method": "GET", "path": path}
            replay.steps.append({"request": request, "answer": {"status": 200, "body": body}})
        async with working(centre):
            await becomes(lambda: f"DELETE /channels/{ours[0]}" in replay.asked)
            await asyncio.sleep(0.3)
    deleted = {asked for asked in replay.asked if asked.startswith("DELETE")}
    assert deleted == {
        f"DELETE /channels/{ours[0]}",
        f"DELETE /channels/{others[2]}",
        f"DELETE /bridges/{left}",
    }


async def test_changed_settings_are_taken_over_for_the_next_calls(centre: Centre) -> None:
    async with (
        replaying([]) as old,
        replaying(recording("busy")["steps"], prefix=ANY) as new,
    ):
        exchange_id = await exchange_at(centre, old.port)
        await centre.campaign(driver="ASTERISK", exchange_id=exchange_id, state="PAUSED")
        async with working(centre):
            await becomes(lambda: "GET /channels" in old.asked)
            await centre.rows(
                "UPDATE telephony_exchanges SET url = $1", f"http://127.0.0.1:{new.port}/ari"
            )
            await becomes(lambda: "GET /channels" in new.asked)
            await dialed_by(centre, exchange_id)
            await until(centre, ATTEMPT)
    assert not [asked for asked in old.asked if asked.startswith("POST /channels")]
