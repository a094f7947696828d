# SPDX-License-Identifier: Apache-2.0
"""Agents whose page went silent: they are gone, and what they held is handled (reliability F17)."""

import uuid

from server.domain.agents import LEASE
from server.services.agents.moving import AT_REST, EMPTY_HANDS, moving
from server.services.dialer.connections import Handle, connection_of
from server.services.dialer.leases import release

GRACE = 90  # seconds after which a call without its agent's page ends as LOST
PREVIEW_LEASE = 120  # seconds of a claim that is only looked at; each sign begins it anew

_BEAT = f"""
WITH held AS (
  UPDATE hopper_entries e
  SET lease_until = clock_timestamp() + make_interval(secs => {PREVIEW_LEASE})
  FROM agent_desks d
  WHERE d.user_id = $1 AND d.stage IN ('PREVIEW', 'ORDERED') AND d.claim_token = e.claim_token
    AND e.id = d.entry_id AND e.state = 'DIALING' AND e.lease_until >= clock_timestamp()
    AND NOT e.is_originate_confirmed
)
UPDATE agent_desks SET lease_until = clock_timestamp() + make_interval(secs => {LEASE})
WHERE user_id = $1 AND state <> 'OFFLINE' AND lease_until >= clock_timestamp()
RETURNING user_id
"""
_LAPSED = "d.tenant_id = rubrica_tenant() AND d.lease_until < clock_timestamp()"
_PREVIEWS = f"""
SELECT d.entry_id, d.claim_token FROM agent_desks d
WHERE {_LAPSED} AND (d.state = 'PREVIEWING' OR d.state = 'RINGING' AND d.stage = 'ORDERED')
  AND d.claim_token IS NOT NULL
"""
# Nobody extends these any more: the claim's lease is over, and the call is LOST.
_SILENT = f"""
UPDATE hopper_entries e SET lease_until = clock_timestamp() - interval '1 millisecond'
FROM agent_desks d
WHERE {_LAPSED} AND d.lease_until < clock_timestamp() - make_interval(secs => {GRACE})
  AND d.state IN ('RINGING', 'TALKING') AND e.id = d.entry_id AND e.claim_token = d.claim_token
  AND e.state IN ('DIALING', 'CONNECTED') AND e.lease_until >= clock_timestamp()
RETURNING e.id
"""
_LEAVE = moving(
    f"state = 'OFFLINE', is_auto_dialing = false, pause_reason = '', {EMPTY_HANDS}",
    f"""{_LAPSED} AND (d.state IN ('READY', 'PREVIEWING', 'WRAP_UP', 'PAUSED')
    OR d.state = 'RINGING' AND d.stage = 'ORDERED')""",
)
# The claim ended without this agent being told: lost, or closed by a report whose worker died.
_BEREFT = moving(
    f"""state = CASE WHEN d.state = 'TALKING' AND d.lease_until >= clock_timestamp()
      THEN 'WRAP_UP' ELSE {AT_REST} END,
    stage = CASE WHEN d.state = 'TALKING' AND d.lease_until >= clock_timestamp()
      THEN 'ENDED' END,
    claim_token = CASE WHEN d.state = 'TALKING' AND d.lease_until >= clock_timestamp()
      THEN d.claim_token END""",
    """d.tenant_id = rubrica_tenant() AND d.state IN ('PREVIEWING', 'RINGING', 'TALKING')
    AND NOT EXISTS (SELECT 1 FROM hopper_entries e WHERE e.id = d.entry_id
      AND e.claim_token = d.claim_token AND e.state IN ('DIALING', 'CONNECTED'))""",
)

Claim = tuple[int, uuid.UUID]


async def beat(handle: Handle, user_id: int) -> bool:
    """The agent's page is there; a customer who is only looked at stays theirs. False: gone."""
    connection = await connection_of(handle)
    return await connection.fetchval(_BEAT, user_id) is not None


async def reap_agents(handle: Handle) -> int:
    """One look of the reaper at one centre, right before the dialer's own `reap`.

    Whoever had no conversation leaves at once, and a customer who was only looked at is due again.
    A conversation goes on without the page for a while (its telephone is no part of it); then its
    claim ends, so that the call is LOST and the agent free. Answers how many were moved.
    """
    connection = await connection_of(handle)
    previews: list[Claim] = [
        (row["entry_id"], row["claim_token"]) for row in await connection.fetch(_PREVIEWS)
    ]
    if previews:
        await release(connection, previews)
    await connection.fetch(_SILENT)
    moved = await connection.fetch(_LEAVE)
    return len(moved) + len(await connection.fetch(_BEREFT))
