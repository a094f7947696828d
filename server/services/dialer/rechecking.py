# SPDX-License-Identifier: Apache-2.0
"""The second look, right before a number is rung: whatever has changed since the claim counts.

The whole gate is asked, however short a while ago it was: a third of what the claim has cost.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from server.services.blacklists import NUMBER_STOPPED, PERSON_STOPPED
from server.services.dialer.campaigns import DialedCampaign, read_campaigns
from server.services.dialer.claims import Claimed
from server.services.dialer.connections import Handle, connection_of, use_indexes
from server.services.dialer.entries import HELD_SEEN, Claim, columns_of
from server.services.dialer.gating import Due, ask, hold_of
from server.services.dialer.holds import Hold, hold_entries
from server.services.dialer.leases import release

_OF_CALL = {
    "tenant": "e.tenant_id",
    "campaign": "e.campaign_id",
    "list": "e.list_id",
    "is_callback": "e.is_callback",
}
# Blacklisted, or told to close after its call: given back, and the next claim sees to the rest.
_STILL = f"""
SELECT e.id, e.claim_token, e.campaign_id, e.contact_id, e.list_id, e.current_number,
  e.is_callback, e.is_owner_only,
  e.close_after_call IS NOT NULL
  OR {NUMBER_STOPPED.format(number="e.current_number", **_OF_CALL)}
  OR {PERSON_STOPPED.format(contact="e.contact_id", **_OF_CALL)} AS is_stopped
FROM {HELD_SEEN}
WHERE e.state = 'DIALING'
"""


async def recheck(
    handle: Handle, claims: Sequence[Claimed], now: datetime | None = None
) -> set[UUID]:
    """The tokens of those claims that may still be dialed; the others are given back.

    The campaign may have stopped or its hours be over, the person may have opted out, a rule may
    refuse the call by now: its entry is then held with the reason. A claim that is no longer the
    caller's is not dialed either.
    """
    connection = await connection_of(handle)
    await use_indexes(connection)
    rows = await connection.fetch(
        _STILL, *columns_of([(call.entry_id, call.token) for call in claims])
    )
    campaigns = await read_campaigns(connection, {row["campaign_id"] for row in rows}, now)
    dialed: set[UUID] = set()
    for campaign in campaigns.values():
        mine = [row for row in rows if row["campaign_id"] == campaign.id]
        dialed |= await _recheck(connection, campaign, mine)
    return dialed


async def _recheck(
    connection: asyncpg.Connection, campaign: DialedCampaign, rows: Sequence[asyncpg.Record]
) -> set[UUID]:
    given_back: list[Claim] = []
    holds: list[Hold] = []
    open_rows = []
    for row in rows:
        if campaign.dials and not row["is_stopped"]:
            open_rows.append(row)
        else:
            given_back.append((row["id"], row["claim_token"]))
    if open_rows and campaign.has_rules:
        verdicts = await ask(connection, campaign, [_due(row) for row in open_rows])
        for row, verdict in zip(open_rows, verdicts, strict=True):
            if not verdict.allowed:
                given_back.append((row["id"], row["claim_token"]))
                holds.append(hold_of(row["id"], verdict, campaign))
    if given_back:
        await release(connection, given_back, campaign.now)
        await hold_entries(connection, holds, campaign.hold_version)
    refused = {token for _, token in given_back}
    return {row["claim_token"] for row in rows} - refused


def _due(row: asyncpg.Record) -> Due:
    return Due(
        id=row["id"],
        contact_id=row["contact_id"],
        list_id=row["list_id"],
        number=row["current_number"],
        is_callback=row["is_callback"],
        is_owner_only=row["is_owner_only"],
    )
