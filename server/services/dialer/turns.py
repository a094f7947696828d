# SPDX-License-Identifier: Apache-2.0
"""One turn of claiming: due entries picked, the gate asked, calls given out.

Where a campaign has no rules of its own a claim is one statement. Where it has, the first due
entries are locked, the gate is asked about them in the same transaction, those that may call are
claimed and the others held, until there are enough or none is due.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import asyncpg

from server.domain.campaigns.modes import DialMode
from server.services.dialer.campaigns import DialedCampaign, read_campaign, read_use
from server.services.dialer.claims import Claimed, Picked, call_of, claimed
from server.services.dialer.connections import begin_claiming
from server.services.dialer.gating import Due, Reasons, ask, hold_of
from server.services.dialer.holds import hold_entries, take_back
from server.services.dialer.lanes import For
from server.services.dialer.pacing import allowance
from server.services.dialer.passing import claim_by_machine
from server.services.dialer.picking import CLAIM, LOCK, TAKE

AT_ONCE = 250  # entries that the gate is asked about together
REFUSED_AT_ONCE = 500  # in one turn: then others have theirs, and the caller comes again
TAKEN_BACK = 100  # held entries at least whose time has come, so that their order is the lanes'


@dataclass(slots=True)
class Batch:
    """What one turn has picked so far, in its order; None until the machine has said."""

    found: dict[int, Picked | None] = field(default_factory=dict)
    for_machine: dict[int, str] = field(default_factory=dict)  # entries, and what they want
    without: list[int] = field(default_factory=list)
    refused: int = 0
    goes_on: bool = False

    def add(self, call: Claimed) -> None:
        self.found[call.entry_id] = Picked(call.entry_id, (), call)

    def leave_to_machine(self, entry_id: int, number: str) -> None:
        self.found[entry_id] = None
        self.for_machine[entry_id] = number

    @property
    def picked(self) -> list[Picked]:
        return [picked for picked in self.found.values() if picked is not None]


async def claim_turn(
    connection: asyncpg.Connection,
    campaign_id: int,
    limit: int,
    now: datetime | None,
    agents: Sequence[int] | None = None,
    without: Sequence[int] = (),
    *,
    is_single: bool = False,
) -> Batch:
    """As many as lines and agents are free. `without` entries are passed over; `is_single` looks
    at the first due entry and at no other."""
    await begin_claiming(connection)
    campaign = await read_campaign(connection, campaign_id, now)
    whom = _whom(campaign, agents)
    batch = Batch(without=list(without))
    if not campaign.dials or whom is None:
        return batch
    up, has_holds = await read_use(connection, campaign_id)
    free = min(limit, campaign.lines - up)
    free = await allowance(connection, campaign, free) if free > 0 else 0
    pick = _pick_gated if campaign.has_rules else _pick
    given = [] if whom is For.ANYBODY else [list(agents or ())]
    while len(batch.found) < free and not batch.goes_on:
        most = max(free - len(batch.found), TAKEN_BACK)
        has_more = has_holds and await take_back(connection, campaign, most) == most
        found = await pick(connection, campaign, whom, free - len(batch.found), given, batch)
        if is_single or not (found or has_more):
            break
    for picked in await claim_by_machine(connection, campaign, list(batch.for_machine)):
        batch.found[picked.entry_id] = picked
    return batch


async def first_due(
    connection: asyncpg.Connection,
    campaign_id: int,
    now: datetime | None,
    agents: Sequence[int] | None,
    without: Sequence[int],
) -> int | None:
    """The entry that a single turn would look at."""
    await begin_claiming(connection)
    campaign = await read_campaign(connection, campaign_id, now)
    whom = _whom(campaign, agents)
    if not campaign.dials or whom is None:
        return None
    _, has_holds = await read_use(connection, campaign_id)
    if has_holds:
        await take_back(connection, campaign, TAKEN_BACK)
    given = [] if whom is For.ANYBODY else [list(agents or ())]
    rows = await connection.fetch(
        LOCK[campaign.settings.dial_order, whom],
        *(campaign.id, campaign.now, 1, [], list(without)),
        *given,
    )
    return rows[0]["id"] if rows else None


def _whom(campaign: DialedCampaign, agents: Sequence[int] | None) -> For | None:
    """None: the campaign's calls are for agents, and none is there."""
    if campaign.mode is DialMode.AGENT_FIRST:
        return For.OWNER if agents else None
    return For.ANYBODY if agents is None else For.AGENTS


async def _pick(
    connection: asyncpg.Connection,
    campaign: DialedCampaign,
    whom: For,
    wanted: int,
    agents: list[list[int]],
    batch: Batch,
) -> bool:
    """Claim up to `wanted`; whether another look may find more."""
    rows = await connection.fetch(
        CLAIM[campaign.settings.dial_order, whom],
        campaign.id,
        campaign.now,
        wanted,
        list(batch.for_machine.values()),
        [*batch.for_machine, *batch.without],
        campaign.settings.lease,
        Reasons(campaign).of(None),
        *agents,
    )
    for row in rows:
        if row["of_number"] == 1:
            call = claimed(row, campaign)
            if call is None:
                batch.leave_to_machine(row["id"], row["current_number"])
            else:
                batch.add(call)
    return len(rows) == wanted and any(row["of_number"] > 1 for row in rows)


async def _pick_gated(
    connection: asyncpg.Connection,
    campaign: DialedCampaign,
    whom: For,
    wanted: int,
    agents: list[list[int]],
    batch: Batch,
) -> bool:
    """The same, past the gate. The more it has refused, the more are asked about together."""
    asked = min(AT_ONCE, max(wanted, batch.refused))
    rows = await connection.fetch(
        LOCK[campaign.settings.dial_order, whom],
        campaign.id,
        campaign.now,
        asked,
        list(batch.for_machine.values()),
        [*batch.for_machine, *batch.without],
        *agents,
    )
    first = [row for row in rows if row["of_number"] == 1]
    due = [_due(row) for row in first if not row["is_for_machine"]]
    verdicts = dict(zip((one.id for one in due), await ask(connection, campaign, due), strict=True))
    allowed: dict[int, str] = {}
    holds, reasons = [], Reasons(campaign)
    for row in first:
        entry_id, verdict = row["id"], verdicts.get(row["id"])
        if verdict is not None and not verdict.allowed:
            holds.append(hold_of(entry_id, verdict, campaign))
        elif wanted > 0:
            wanted -= 1
            if verdict is None:
                batch.leave_to_machine(entry_id, row["current_number"])
            else:
                batch.found[entry_id] = None
                allowed[entry_id] = reasons.of(verdict)
    await _take(connection, campaign, {row["id"]: row for row in first}, allowed, batch)
    await hold_entries(connection, holds, campaign.hold_version)
    batch.refused += len(holds)
    batch.goes_on = batch.refused >= REFUSED_AT_ONCE
    return len(rows) == asked or len(first) < len(rows)


async def _take(
    connection: asyncpg.Connection,
    campaign: DialedCampaign,
    picked: dict[int, asyncpg.Record],
    allowed: dict[int, str],
    batch: Batch,
) -> None:
    if not allowed:
        return
    rows = await connection.fetch(
        TAKE, list(allowed), campaign.now, campaign.settings.lease, list(allowed.values())
    )
    for entry_id, token, lease_until in rows:
        batch.add(call_of(picked[entry_id], campaign, token, lease_until))


def _due(row: asyncpg.Record) -> Due:
    return Due(
        id=row["id"],
        contact_id=row["contact_id"],
        list_id=row["list_id"],
        number=row["current_number"],
        is_callback=row["is_callback"],
        is_owner_only=row["is_owner_only"],
    )
