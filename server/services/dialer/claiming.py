# SPDX-License-Identifier: Apache-2.0
"""Claims: the due entries in the order of section 7, each for one caller only (section 4).

A turn picks what is due (`turns`). If one entry makes it fail, the entries are taken one by one,
and that one is set aside (F21).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from server.services.dialer.claims import Claimed, Picked
from server.services.dialer.connections import Handle, connection_of
from server.services.dialer.faults import Step, belongs_to_entry, note_fault
from server.services.dialer.turns import claim_turn, first_due

ONE_BY_ONE = 20  # entries of one claim, where they cannot be claimed together


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Calls to make. `goes_on`: there may be more at once, as many that are due were refused."""

    calls: list[Claimed]
    goes_on: bool = False


async def claim(
    handle: Handle,
    campaign_id: int,
    limit: int,
    now: datetime | None = None,
    *,
    agents: Sequence[int] | None = None,
) -> list[Claimed]:
    """Up to `limit` calls to make, in the order of section 7; as many as lines are free.

    None while the campaign does not run or its window is closed. `now` None is the campaign's
    clock. The leases run by the database's clock: originate and queue timeout and 60 s.

    `agents` are those who are ready: what only one of them may have is theirs as well, one call
    each, and among callbacks theirs go first. In a campaign that rings agents first they get
    customers of their own alone, in the order of R-10 to R-12.
    """
    return (await claim_some(handle, campaign_id, limit, now, agents=agents)).calls


async def claim_some(
    handle: Handle,
    campaign_id: int,
    limit: int,
    now: datetime | None = None,
    *,
    agents: Sequence[int] | None = None,
) -> Taken:
    """As `claim`, for a caller who comes again at once where the gate refused many."""
    connection = await connection_of(handle)
    try:
        async with connection.transaction():
            taken = await claim_calls(connection, campaign_id, limit, now, agents=agents)
    except Exception as error:
        if not belongs_to_entry(error):
            raise
        taken = await claim_singly(connection, campaign_id, limit, now, agents=agents)
    return taken


async def claim_calls(
    handle: Handle,
    campaign_id: int,
    limit: int,
    now: datetime | None = None,
    *,
    agents: Sequence[int] | None = None,
) -> Taken:
    """As `claim`, for a caller who comes again at once where the gate refused many, and turns to
    `claim_singly` in a new transaction where one entry made this one fail."""
    connection = await connection_of(handle)
    calls: list[Claimed] = []
    goes_on = False
    while len(calls) < limit and not goes_on:
        batch = await claim_turn(connection, campaign_id, limit - len(calls), now, agents)
        calls.extend(picked.call for picked in batch.picked if picked.call is not None)
        goes_on = batch.goes_on
        if all(picked.call is not None for picked in batch.picked):
            break  # nobody gave a line back
    return Taken(calls=calls, goes_on=goes_on)


async def claim_singly(
    connection: asyncpg.Connection,
    campaign_id: int,
    limit: int,
    now: datetime | None = None,
    *,
    agents: Sequence[int] | None = None,
) -> Taken:
    """A few entries, each by itself: one that fails is set aside for a while, or parked."""
    calls: list[Claimed] = []
    faulty: list[int] = []
    looks = 0
    while len(calls) < limit and looks < ONE_BY_ONE:
        looks += 1
        entry_id = await first_due(connection, campaign_id, now, agents, faulty)
        if entry_id is None:
            return Taken(calls=calls)
        try:
            async with connection.transaction():
                batch = await claim_turn(
                    connection, campaign_id, 1, now, agents, faulty, is_single=True
                )
        except Exception as error:
            if not belongs_to_entry(error):
                raise
            faulty.append(entry_id)
            await _set_aside(connection, entry_id, error, now)
        else:
            if not batch.found and not batch.refused:
                break  # no line is free, or no agent
            calls.extend(picked.call for picked in batch.picked if picked.call is not None)
    return Taken(calls=calls, goes_on=looks == ONE_BY_ONE)


async def claim_batch(
    handle: Handle, campaign_id: int, limit: int, now: datetime | None = None
) -> list[Picked]:
    """The first due entries, as many as lines are free, without two that want one number.

    An entry that is passed over as blacklisted gives its line back only to the next batch.
    """
    connection = await connection_of(handle)
    return (await claim_turn(connection, campaign_id, limit, now)).picked


async def _set_aside(
    connection: asyncpg.Connection, entry_id: int, error: Exception, now: datetime | None
) -> None:
    try:
        async with connection.transaction():
            await note_fault(connection, entry_id, Step.CLAIM, error, now=now)
    except Exception as again:
        if not belongs_to_entry(again):
            raise  # else not even that can be written on it: it is passed over each time
