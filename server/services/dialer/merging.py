# SPDX-License-Identifier: Apache-2.0
"""What a merge of contacts does to their open stays: one survives a campaign (X-28)."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from server.domain.dialer import IN_CALL, FinalReason, FinalRow, close, join, surviving
from server.domain.merging import MergeEntryEffect
from server.services.dialer.campaigns import DialedCampaign, read_campaigns
from server.services.dialer.connections import begin_loading, use_indexes
from server.services.dialer.entries import (
    ENTRY_COLUMNS,
    Numbers,
    Stay,
    read_numbers,
    read_stays,
)
from server.services.dialer.waking import wake_dialer
from server.services.dialer.writing import Writing

_CAMPAIGNS = """
SELECT campaign_id FROM hopper_entries WHERE contact_id = ANY($1::bigint[])
UNION SELECT campaign_id FROM campaign_lists WHERE list_id = ANY($2::bigint[])
"""
_OPEN = f"""
SELECT {ENTRY_COLUMNS} FROM hopper_entries e
WHERE e.contact_id = ANY($1::bigint[]) ORDER BY e.campaign_id, e.id
"""
_HELD = f"{_OPEN.rstrip()} FOR UPDATE OF e"
# Before the others leave: an agent that one of them was promised to stays promised.
_OWNER = """
UPDATE hopper_entries e SET owner_id = o.owner_id FROM hopper_entries o
WHERE e.id = $1 AND e.owner_id IS NULL AND o.id = ANY($2::bigint[]) AND o.owner_id IS NOT NULL
"""
_OWNED = """
UPDATE hopper_entries e SET contact_id = $2, priority = $3, primary_number = $4::text,
  is_unique = e.is_unique AND NOT EXISTS (SELECT 1 FROM hopper_entries o
    WHERE o.campaign_id = e.campaign_id AND o.primary_number = $4::text AND o.is_unique
      AND o.id <> e.id)
WHERE e.id = $1
"""


@dataclass(frozen=True, kw_only=True)
class JoinedStay:
    """What became of the open stays in one campaign; `survivor` stands as it is afterwards."""

    campaign: DialedCampaign
    effect: MergeEntryEffect
    survivor: Stay
    owner_id: int  # the contact whose stay it was
    others: tuple[Stay, ...]
    final: FinalRow | None

    @property
    def contact_ids(self) -> tuple[int, ...]:
        return (self.owner_id, *(stay.contact_id for stay in self.others))


async def take_turns(connection: asyncpg.Connection, campaign_ids: Collection[int]) -> None:
    """Wait for every campaign's turn to load, in the order in which everybody does."""
    for campaign_id in sorted(set(campaign_ids)):
        await begin_loading(connection, campaign_id)


async def hold_stays(
    connection: asyncpg.Connection,
    contact_ids: Sequence[int],
    campaign_ids: Collection[int] = (),
    list_ids: Collection[int] = (),
) -> None:
    """Take the turns of these campaigns, and of those that call the lists or have the contacts."""
    rows = await connection.fetch(_CAMPAIGNS, list(contact_ids), list(list_ids))
    await take_turns(connection, [*campaign_ids, *(row[0] for row in rows)])


async def preview_joins(
    connection: asyncpg.Connection,
    master_id: int,
    contact_ids: Sequence[int],
    numbers: Numbers,
) -> tuple[list[JoinedStay], tuple[int, ...]]:
    """What `join_stays` would do if the master had these numbers; or who is on a call just now."""
    rows = await connection.fetch(_OPEN, list(contact_ids))
    stays = await read_stays(connection, rows)
    if called := {stay.contact_id for stay in stays if stay.entry.state in IN_CALL}:
        return [], tuple(sorted(called))
    campaigns = await read_campaigns(connection, {stay.campaign_id for stay in stays})
    return _join(stays, campaigns, master_id, numbers), ()


async def join_stays(
    connection: asyncpg.Connection, master_id: int, contact_ids: Sequence[int]
) -> list[JoinedStay]:
    """Call it once the master has all numbers, and before the other contacts go.

    Their stays were held before, and none of them is on a call.
    """
    await use_indexes(connection)
    rows = await connection.fetch(_HELD, list(contact_ids))
    if not rows:
        return []
    stays = await read_stays(connection, rows)
    campaigns = await read_campaigns(connection, {stay.campaign_id for stay in stays})
    numbers = (await read_numbers(connection, [master_id]))[master_id]
    joined = _join(stays, campaigns, master_id, numbers)
    leaving = Writing()
    for one in joined:
        others = [stay.id for stay in one.others]
        await connection.execute(_OWNER, one.survivor.id, others)
        for stay in one.others:
            final = close(stay.entry, FinalReason.MERGED, one.campaign.now)
            if final is not None:
                leaving.close(stay, final)
    await leaving.write(connection)
    staying = Writing()
    for one in joined:
        stay = one.survivor
        await connection.execute(_OWNED, stay.id, master_id, stay.entry.priority, numbers.primary)
        stay.contact_id = master_id
        if one.final is not None:
            staying.close(stay, one.final)
        else:
            staying.change(stay, one.campaign)
    await staying.write(connection)
    for one in joined:
        await wake_dialer(connection, one.campaign.id)
    return joined


def _join(
    stays: Sequence[Stay],
    campaigns: Mapping[int, DialedCampaign],
    master_id: int,
    numbers: Numbers,
) -> list[JoinedStay]:
    by_campaign: defaultdict[int, list[Stay]] = defaultdict(list)
    for stay in stays:
        by_campaign[stay.campaign_id].append(stay)
    return [
        _join_one(found, campaigns[campaign_id], master_id, numbers, campaigns[campaign_id].now)
        for campaign_id, found in by_campaign.items()
    ]


def _join_one(
    stays: Sequence[Stay],
    campaign: DialedCampaign,
    master_id: int,
    numbers: Numbers,
    now: datetime,
) -> JoinedStay:
    own = next((stay.entry for stay in stays if stay.contact_id == master_id), None)
    chosen = surviving([stay.entry for stay in stays], own)
    survivor = next(stay for stay in stays if stay.entry is chosen)
    others = tuple(stay for stay in stays if stay is not survivor)
    chosen.primary_number = numbers.primary
    final = join(chosen, [stay.entry for stay in others], numbers.phones(), campaign.settings, now)
    if final is not None:
        effect = MergeEntryEffect.CLOSED
    elif others:
        effect = MergeEntryEffect.JOINED
    else:
        effect = MergeEntryEffect.KEPT if own is not None else MergeEntryEffect.MOVED
    return JoinedStay(
        campaign=campaign,
        effect=effect,
        survivor=survivor,
        owner_id=survivor.contact_id,
        others=others,
        final=final,
    )
