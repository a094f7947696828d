# SPDX-License-Identifier: Apache-2.0
"""What agents start themselves: previews they accepted, and their own customers (R-01, R-02)."""

from datetime import datetime

import asyncpg

from server.services.agents import TakenAgent, ready_agents, take_orders, take_ready_agent
from server.services.dialer import Claimed, claim, read_campaign, release
from server.services.dialer.pacing import is_spared

_RENEW = """
UPDATE hopper_entries e SET lease_until = clock_timestamp() + $3::interval
FROM unnest($1::bigint[], $2::uuid[]) AS held(id, token)
WHERE e.id = held.id AND e.claim_token = held.token AND e.state = 'DIALING'
"""


async def claim_for_agents(
    connection: asyncpg.Connection, campaign_id: int
) -> list[tuple[Claimed, TakenAgent]]:
    """For each agent whose automatic dialing goes on, the next of their own customers."""
    calls = []
    for user_id in await ready_agents(connection, campaign_id, auto_dialing=True):
        claimed = await claim(connection, campaign_id, 1, agents=[user_id])
        for call in claimed:
            if not await is_spared(connection, user_id):
                # A call of another campaign rings for this agent: it has the first right.
                await release(connection, [(call.entry_id, call.token)])
                continue
            agent = await take_ready_agent(
                connection,
                campaign_id,
                call.entry_id,
                call.token,
                call.contact_id,
                call.number,
                only=user_id,
                auto_dialing=True,
            )
            if agent is None:  # another worker was first, or they have just paused
                await release(connection, [(call.entry_id, call.token)])
            else:
                calls.append((call, agent))
    return calls


async def orders_of(
    connection: asyncpg.Connection, campaign_id: int
) -> list[tuple[Claimed, TakenAgent, datetime]]:
    """Previews to dial now, on the campaign's clock."""
    ordered = await take_orders(connection, campaign_id)
    if not ordered:
        return []
    campaign = await read_campaign(connection, campaign_id)
    # The lease of a preview is for looking: it begins anew with the ringing.
    await connection.execute(
        _RENEW,
        [order.claimed.entry_id for order in ordered],
        [order.claimed.token for order in ordered],
        campaign.settings.lease,
    )
    return [
        (
            order.claimed,
            TakenAgent(user_id=order.user_id, endpoint=order.endpoint),
            campaign.now,
        )
        for order in ordered
    ]
