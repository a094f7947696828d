# SPDX-License-Identifier: Apache-2.0
"""What dialers are told stays true whatever happens to servers, wire and database (section 4).

One campaign is dialed through the API by many at once, while one fault after the other is brought
about; afterwards the ledgers of the dialers are compared with the database (J1 to J10).
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from time import monotonic

import pytest

from server.database import Database
from server.database.migrations import migrate
from server.domain.permissions import Role
from server.models import User
from server.services.account.tokens import install_token
from tests.dialer.working import WRONG
from tests.faults.dialers import LONGEST_REQUEST, Dialers
from tests.faults.proxy import Wire
from tests.faults.site import Site, site
from tests.services.dialer.centre import Centre

PEOPLE = 250
RECOVERY = 5.0  # seconds to the first claim after a fault (J7)
pytestmark = pytest.mark.xdist_group("faults")

PREPARE = """
INSERT INTO contacts (first_name, name_key, given_key, phone)
SELECT 'c', 'c', 'c', '+39' || 60000000 + n FROM generate_series(1, $1) n
"""
NUMBERS = """
INSERT INTO additional_phones (contact_id, number, position)
SELECT id, '+39' || 70000000 + id, 0 FROM contacts
"""


@pytest.fixture
async def place() -> AsyncIterator[Site]:
    async with site() as found:
        await asyncio.to_thread(migrate, found.url)
        yield found


async def prepared(place: Site) -> tuple[str, str]:
    """A running campaign of many people with two numbers each, and a token for its dialers."""
    database = Database(place.url, pool_size=2)
    await database.start()
    rows = await database.read(None, "INSERT INTO tenants (name) VALUES ('own') RETURNING id")
    centre = Centre(database, rows[0][0])
    await centre.rows(PREPARE, PEOPLE)
    await centre.rows(NUMBERS)
    contacts = [row[0] for row in await centre.rows("SELECT id FROM contacts")]
    campaign_id = await centre.campaign(
        driver="EXTERNAL", wait=0, additional_phones_after=0, simultaneous_lines=500
    )
    await centre.attach(campaign_id, await centre.list_of(*contacts), datetime.now(UTC))
    async with database.transaction(centre.tenant_id) as session:
        user = User(name="pbx", name_key="pbx", full_name="PBX", role=Role.ADMIN)
        session.add(user)
        await session.flush()
        created = await install_token(
            session, user, name="pbx", scopes=["calls.claim", "campaigns.view"]
        )
    await database.stop()
    return f"campaign_{campaign_id}", created.secret


async def test_every_fault_in_turn_loses_and_doubles_nothing(place: Site) -> None:
    """F1 to F9 and F24."""
    campaign, token = await prepared(place)
    first, address = await place.serve()
    _, other = await place.serve()
    reaper = await place.dial()
    dialers = Dialers([address, other], token, campaign, 16)
    dialers.start()
    await dialers.until_claimed(monotonic(), 10)

    async def kill_a_server() -> None:  # F2
        first.kill()
        await first.wait()
        dialers.addresses.remove(address)

    async def stop_a_server() -> None:  # F3
        second, newer = await place.serve()
        dialers.addresses.append(newer)
        began = monotonic()
        second.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(second.wait(), 10) == 0
        dialers.addresses.remove(newer)
        assert monotonic() - began < 10

    async def kill_the_reaper() -> None:  # F24
        reaper.kill()
        await reaper.wait()
        await place.dial()
        await place.dial()

    async def partition() -> None:  # F7
        await place.proxy.set(Wire.SILENT)
        await asyncio.sleep(4)
        await place.proxy.set(Wire.WHOLE)

    async def answers_lost() -> None:  # F8
        for _ in range(3):
            await place.proxy.set(Wire.DEAF)
            await asyncio.sleep(0.3)
            await place.proxy.set(Wire.WHOLE)
            place.proxy.reset()
            await asyncio.sleep(0.3)

    async def refused() -> None:  # F9
        await place.proxy.set(Wire.REFUSED)
        await asyncio.sleep(4)
        await place.proxy.set(Wire.WHOLE)

    async def reset() -> None:  # F6
        for _ in range(5):
            place.proxy.reset()
            await asyncio.sleep(0.1)

    faults: dict[str, Callable[[], Awaitable[None]]] = {
        "F2 kill -9 of a server": kill_a_server,
        "F3 a server is stopped": stop_a_server,
        "F4 the database restarts": lambda: place.restart_database(signal.SIGINT),
        "F5 the database crashes": lambda: place.restart_database(signal.SIGQUIT, 1.0),
        "F6 every connection is reset": reset,
        "F7 nothing passes for 4 s": partition,
        "F8 answers are lost": answers_lost,
        "F9 no connection for 4 s": refused,
        "F24 the reaper is killed, two come": kill_the_reaper,
    }
    for name, fault in faults.items():
        await dialers.until_claimed(monotonic(), 10)
        await fault()
        taken = await dialers.until_claimed(monotonic(), 20)
        print(f"{name}: claimed again after {taken:.1f} s")
        assert taken <= RECOVERY, name
    await finished(place, dialers)
    await dialers.stop()
    await compare(place, dialers)


async def finished(place: Site, dialers: Dialers) -> None:
    """Until the hopper is empty; claims whose answers were lost (no request lasts
    that long) end as if their time had passed."""
    async with asyncio.timeout(60):
        while True:
            known = list(dialers.ledger.open)
            await place.rows(
                "UPDATE hopper_entries SET lease_until = clock_timestamp() - interval '1 second'"
                " WHERE state IN ('DIALING', 'CONNECTED') AND claimed_at < clock_timestamp()"
                " - interval '10 seconds' AND NOT claim_token::text = ANY($1::text[])",
                known,
            )
            if not await place.rows("SELECT 1 FROM hopper_entries LIMIT 1"):
                return
            await asyncio.sleep(0.3)


async def compare(place: Site, dialers: Dialers) -> None:
    ledger = dialers.ledger
    assert ledger.wrong == []
    assert ledger.slowest < LONGEST_REQUEST  # F7
    assert ledger.forged > 0
    assert ledger.refused == {}  # J10: whoever repeats a report is told that it stands
    for name, sql in WRONG.items():
        assert not await place.rows(sql), name
    rows = await place.rows("SELECT unique_id, entry_id, status FROM call_attempts")
    stored = {
        row["unique_id"]: (f"entry_{row['entry_id']}", row["status"])
        for row in rows
        if row["unique_id"]
    }
    assert ledger.accepted.items() <= stored.items()  # J3
    assert stored.items() <= ledger.reported.items()  # J4
    most = await place.rows(
        "SELECT entry_id FROM call_attempts WHERE status NOT IN ('LOST', 'ANSWER')"
        " GROUP BY entry_id, number, status HAVING count(*) > 3"
    )
    assert most == []  # J6
    assert len(ledger.accepted) > PEOPLE
