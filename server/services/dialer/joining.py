# SPDX-License-Identifier: Apache-2.0
"""Agents joined to calls, and let go by their results; the claim's token names the call."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from server.domain.campaigns import CallStatus
from server.services.agents.calling import (
    TakenAgent,
    agent_connected,
    call_ended,
    customer_rings,
    free_agent,
    take_ready_agent,
)
from server.services.dialer.claims import Claimed
from server.services.dialer.connections import Handle, connection_of
from server.services.dialer.entries import Claim
from server.services.dialer.leases import release
from server.services.dialer.reporting import Report

UNANSWERED = "Telephone not answered"
"""Why an agent is paused whose own telephone nobody answered; they say when they are back."""
UNREACHABLE = "Exchange not reachable"
"""Why an agent is paused whose call could not be placed, so that it is not tried all the time."""

# A call that is no longer ours is not joined to anybody: its lease ran out meanwhile.
_OWNER = """
SELECT owner_id, is_owner_only FROM hopper_entries
WHERE id = $1 AND claim_token = $2 AND state = 'DIALING' AND lease_until >= clock_timestamp()
"""
_CONNECT = """
UPDATE hopper_entries e SET state = 'CONNECTED', is_originate_confirmed = true,
  agent_id = coalesce(
    (SELECT d.user_id FROM agent_desks d WHERE d.claim_token = e.claim_token), e.agent_id)
FROM unnest($1::bigint[], $2::uuid[]) AS held(id, token)
WHERE e.id = held.id AND e.claim_token = held.token AND e.state = 'DIALING'
  AND e.lease_until >= clock_timestamp()
RETURNING e.claim_token
"""
_PAUSE = """
UPDATE agent_desks SET pause_reason = $2
WHERE tenant_id = rubrica_tenant() AND claim_token = $1 AND pause_reason = ''
  AND state = 'RINGING'
"""
_ATTEMPTS = """
SELECT id, unique_id FROM call_attempts
WHERE tenant_id = rubrica_tenant() AND unique_id = ANY($1::text[])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A call's result, and whether its agent left the own telephone unanswered."""

    report: Report
    is_agent_missing: bool = False


async def join_agent(handle: Handle, call: Claimed) -> TakenAgent | None:
    """Who is to have an answered call: its owner before others (C-36), else the longest ready."""
    connection = await connection_of(handle)
    row = await connection.fetchrow(_OWNER, call.entry_id, call.token)
    if row is None:
        return None
    return await take_ready_agent(
        connection,
        call.campaign_id,
        call.entry_id,
        call.token,
        call.contact_id,
        call.number,
        preferred=row["owner_id"],
        only=row["owner_id"] if row["is_owner_only"] else None,
    )


async def mark_ringing(handle: Handle, tokens: Sequence[uuid.UUID]) -> None:
    """The customers' numbers ring, after the agents' telephones were answered (R-02)."""
    for token in tokens:
        await customer_rings(handle, token)


async def connect(handle: Handle, claims: Sequence[Claim]) -> set[uuid.UUID]:
    """Entries become CONNECTED, their agents TALKING. Answers the calls that are still ours."""
    connection = await connection_of(handle)
    ordered = sorted(claims, key=lambda claim: claim[0])
    rows = await connection.fetch(
        _CONNECT, [entry_id for entry_id, _ in ordered], [token for _, token in ordered]
    )
    connected = {row[0] for row in rows}
    for token in sorted(connected):
        await agent_connected(connection, token)
    return connected


async def free_agents(handle: Handle, ended: Sequence[Ended]) -> None:
    """Right after the reports, in their transaction: who talked wraps up, others are ready again.

    An agent whose own telephone was not answered is paused, with that reason.
    """
    connection = await connection_of(handle)
    rows = await connection.fetch(_ATTEMPTS, [one.report.unique_id for one in ended])
    attempts = {row["unique_id"]: row["id"] for row in rows}
    for one in sorted(ended, key=lambda end: end.report.token):
        given, attempt_id = one.report, attempts.get(one.report.unique_id)
        if given.status is CallStatus.ANSWER:
            await call_ended(connection, given.token, attempt_id)
            continue
        if one.is_agent_missing:
            await connection.execute(_PAUSE, given.token, UNANSWERED)
        await free_agent(connection, given.token, attempt_id)


async def withdraw(handle: Handle, claims: Sequence[Claim], *, pause: str = "") -> None:
    """The numbers were never rung: no attempt, no counter, and the agents are let go (R-02).

    `pause` is why they are paused; "": they are ready again.
    """
    connection: asyncpg.Connection = await connection_of(handle)
    await release(connection, claims)
    for _, token in sorted(claims):
        if pause:
            await connection.execute(_PAUSE, token, pause)
        await free_agent(connection, token)
