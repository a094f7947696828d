# SPDX-License-Identifier: Apache-2.0
"""What agents ask of the telephony: dial what they previewed, hang up what they have.

An order is the stage of the agent's desk. The campaign's runner polls both and is woken by
`wake_dialer`; taking an order is one guarded UPDATE, so that one worker of many places the call.
"""

import uuid
from dataclasses import dataclass

from server.services.dialer.campaigns import read_campaign
from server.services.dialer.claims import Claimed
from server.services.dialer.connections import Handle, connection_of

_ORDERS = """
WITH ordered AS (
  SELECT d.user_id FROM agent_desks d
  WHERE d.tenant_id = rubrica_tenant() AND d.campaign_id = $1 AND d.stage = 'ORDERED'
    AND d.state = 'RINGING'
  ORDER BY d.since LIMIT $2 FOR UPDATE SKIP LOCKED
), staged AS (
  UPDATE agent_desks d SET
    stage = CASE WHEN d.endpoint = '' THEN 'RINGING_CUSTOMER' ELSE 'RINGING_AGENT' END
  FROM ordered WHERE d.user_id = ordered.user_id RETURNING d.*
)
SELECT d.user_id, d.endpoint, pg_notify('desk:' || d.user_id, ''), e.id, e.claim_token,
  e.contact_id, e.current_number, e.current_position, e.round, e.total_attempts, e.claimed_at,
  e.lease_until, p.item_type_name, p.phone_id
FROM staged d
JOIN hopper_entries e ON e.id = d.entry_id AND e.claim_token = d.claim_token
  AND e.state = 'DIALING' AND e.lease_until >= clock_timestamp()
LEFT JOIN hopper_phones p ON p.entry_id = e.id AND p.number = e.current_number
"""
_HANG_UPS = """
SELECT d.claim_token, d.stage = 'REJECTED' AS is_rejected FROM agent_desks d
WHERE d.tenant_id = rubrica_tenant() AND d.campaign_id = $1
  AND d.stage IN ('REJECTED', 'HANGING_UP')
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A call that an agent said to dial; it is claimed already, by the agent."""

    user_id: int
    endpoint: str  # the agent's own telephone, which rings first; "" where none was named
    claimed: Claimed


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp:
    """A call to end. Rejected before the customer answered it is recorded as AGENT_REJECT."""

    token: uuid.UUID
    is_rejected: bool


async def take_orders(handle: Handle, campaign_id: int, limit: int = 50) -> list[Order]:
    """The calls of this campaign to place now, each for one worker only."""
    connection = await connection_of(handle)
    rows = await connection.fetch(_ORDERS, campaign_id, limit)
    if not rows:
        return []
    campaign = await read_campaign(connection, campaign_id)
    return [
        Order(
            user_id=row["user_id"],
            endpoint=row["endpoint"],
            claimed=Claimed(
                entry_id=row["id"],
                token=row["claim_token"],
                campaign_id=campaign_id,
                contact_id=row["contact_id"],
                number=row["current_number"],
                item_type=row["item_type_name"],
                phone_id=row["phone_id"],
                position=row["current_position"],
                round=row["round"],
                attempts_made=row["total_attempts"],
                claimed_at=row["claimed_at"],
                lease_until=row["lease_until"],
                timeout=campaign.settings.originate_timeout,
            ),
        )
        for row in rows
    ]


async def wanted_hang_ups(handle: Handle, campaign_id: int) -> list[HangUp]:
    """The calls that agents have ended; told again until their results are recorded."""
    connection = await connection_of(handle)
    return [
        HangUp(token=row["claim_token"], is_rejected=row["is_rejected"])
        for row in await connection.fetch(_HANG_UPS, campaign_id)
    ]
