# SPDX-License-Identifier: Apache-2.0
"""What an agent's page shows: state, campaigns, the call in hand and what comes after it (X-39)."""

from dataclasses import dataclass, replace
from datetime import datetime

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.agents import HAS_CALL, AgentState, CallStage
from server.domain.campaigns import CallStatus
from server.domain.campaigns.modes import DialMode, Dialway
from server.domain.dialer import IN_CALL, DialState, FinalReason
from server.domain.dialer import report as report_call
from server.domain.permissions import Viewer
from server.services.dialer.campaigns import read_campaign
from server.services.dialer.connections import connection_of
from server.services.dialer.entries import ENTRY_COLUMNS, Stay, read_stays
from server.services.dialer.lanes import CLAIMABLE

_DESK = """
SELECT d.state, d.since, d.pause_reason, d.endpoint, d.is_auto_dialing, d.leaves_after_call,
  d.lease_until >= clock_timestamp() AS is_here, d.stage, d.campaign_id, d.entry_id,
  d.claim_token, d.contact_id, d.number, d.attempt_id, clock_timestamp() AS now
FROM agent_desks d WHERE d.user_id = $1
"""
_ENTRY = f"""
SELECT {ENTRY_COLUMNS} FROM hopper_entries e
WHERE e.id = $1 AND e.claim_token = $2
"""
_ATTEMPT = """
SELECT number, item_type_name, position, round, decision, started_at FROM call_attempts
WHERE id = $1
"""
_CAMPAIGNS = f"""
SELECT c.id, c.mode, c.dialway, c.state, c.may_obtain, c.obtained_per_click, c.most_owned,
  (SELECT count(*) FROM hopper_entries e WHERE e.campaign_id = c.id AND e.owner_id = $1
     AND e.is_owner_only) AS owned,
  EXISTS (SELECT 1 FROM hopper_entries e WHERE e.campaign_id = c.id AND {CLAIMABLE}
     AND e.owner_id IS NULL AND NOT e.is_callback) AS has_unassigned
FROM campaign_agents a JOIN campaigns c ON c.id = a.campaign_id
WHERE a.user_id = $1 AND c.state IN ('RUNNING', 'PAUSED') AND c.kind = 'QUEUE'
ORDER BY c.name_key, c.id
"""
_AT_WORK = """
SELECT d.user_id, u.name, u.full_name, d.state, d.since, d.pause_reason, d.endpoint, d.stage,
  d.campaign_id, d.contact_id, d.is_auto_dialing, clock_timestamp() AS now,
  CASE WHEN $1::bigint IS NULL THEN 0 ELSE (SELECT count(*) FROM hopper_entries e
    WHERE e.campaign_id = $1 AND e.owner_id = u.id AND e.is_owner_only) END AS owned
FROM users u LEFT JOIN agent_desks d ON d.user_id = u.id
WHERE u.tenant_id = rubrica_tenant() AND u.is_active AND CASE WHEN $1::bigint IS NULL
  THEN d.state <> 'OFFLINE'
  ELSE EXISTS (SELECT 1 FROM campaign_agents a WHERE a.campaign_id = $1 AND a.user_id = u.id) END
ORDER BY u.name_key, u.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterCall:
    """What comes if nobody is reached: a number and a time, or the end of the stay."""

    number: str | None
    item_type: str | None
    place: int | None  # from 1
    at: datetime | None  # the campaign's clock
    reason: FinalReason | None  # why it would close instead


@dataclass(frozen=True, slots=True, kw_only=True)
class CallInHand:
    """The customer on an agent's page; places count the numbers that are dialed, from 1."""

    stage: CallStage
    campaign_id: int
    contact_id: int
    entry_id: int | None
    attempt_id: int | None
    number: str
    item_type: str | None
    place: int
    places: int | None  # None once the stay is closed
    round: int
    attempts_made: int
    why: DialState  # the state it was claimed from
    callback_at: datetime | None
    started_at: datetime | None  # the campaign's clock
    after: AfterCall | None  # None once the result is recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskCampaign:
    """A campaign that the agent works on, and what it lets them do."""

    campaign_id: int
    mode: DialMode
    dialway: Dialway
    is_running: bool
    may_obtain: bool
    obtainable: int  # what the next press may bring at the most
    owned: int
    most_owned: int

    @property
    def may_auto_dial(self) -> bool:
        return self.mode is DialMode.AGENT_FIRST and self.dialway is not Dialway.OFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """An agent's desk; somebody who never worked has one that is OFFLINE."""

    state: AgentState
    since: datetime | None
    seconds: int  # in this state, by the database's clock
    pause_reason: str
    endpoint: str
    is_auto_dialing: bool
    leaves_after_call: bool
    campaigns: tuple[DeskCampaign, ...]
    call: CallInHand | None
    last_attempt_id: int | None  # of a call that came to nothing, while no other is in hand


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentAtWork:
    """An agent as supervisors see them; `owned` is of the campaign that was asked for."""

    user_id: int
    name: str
    full_name: str
    state: AgentState
    since: datetime | None
    seconds: int
    pause_reason: str
    endpoint: str
    campaign_id: int | None
    contact_id: int | None
    is_auto_dialing: bool
    owned: int


async def read_desk(session: AsyncSession, viewer: Viewer) -> Desk:
    """The viewer's own desk."""
    connection = await connection_of(session)
    campaigns = tuple(_campaign(row) for row in await connection.fetch(_CAMPAIGNS, viewer.user_id))
    row = await connection.fetchrow(_DESK, viewer.user_id)
    if row is None:
        return Desk(
            state=AgentState.OFFLINE,
            since=None,
            seconds=0,
            pause_reason="",
            endpoint="",
            is_auto_dialing=False,
            leaves_after_call=False,
            campaigns=campaigns,
            call=None,
            last_attempt_id=None,
        )
    state = AgentState(row["state"])
    return Desk(
        state=state,
        since=row["since"],
        seconds=round((row["now"] - row["since"]).total_seconds()),
        pause_reason=row["pause_reason"],
        endpoint=row["endpoint"],
        is_auto_dialing=row["is_auto_dialing"],
        leaves_after_call=row["leaves_after_call"],
        campaigns=campaigns,
        call=await _call(connection, row) if state in HAS_CALL else None,
        last_attempt_id=None if state in HAS_CALL else row["attempt_id"],
    )


async def agents_at_work(
    session: AsyncSession, viewer: Viewer, campaign_id: int | None = None
) -> list[AgentAtWork]:
    """All who are at work; with a campaign all its agents, those not at work too."""
    connection = await connection_of(session)
    return [
        AgentAtWork(
            user_id=row["user_id"],
            name=row["name"],
            full_name=row["full_name"],
            state=AgentState(row["state"] or AgentState.OFFLINE),
            since=row["since"],
            seconds=round((row["now"] - row["since"]).total_seconds()) if row["since"] else 0,
            pause_reason=row["pause_reason"] or "",
            endpoint=row["endpoint"] or "",
            campaign_id=row["campaign_id"] if row["state"] in HAS_CALL else None,
            contact_id=row["contact_id"] if row["state"] in HAS_CALL else None,
            is_auto_dialing=bool(row["is_auto_dialing"]),
            owned=row["owned"],
        )
        for row in await connection.fetch(_AT_WORK, campaign_id)
    ]


def _campaign(row: asyncpg.Record) -> DeskCampaign:
    room = max(0, min(row["obtained_per_click"], row["most_owned"] - row["owned"]))
    return DeskCampaign(
        campaign_id=row["id"],
        mode=DialMode(row["mode"]),
        dialway=Dialway(row["dialway"]),
        is_running=row["state"] == "RUNNING",
        may_obtain=row["may_obtain"],
        obtainable=room if row["may_obtain"] and row["has_unassigned"] else 0,
        owned=row["owned"],
        most_owned=row["most_owned"],
    )


async def _call(connection: asyncpg.Connection, desk: asyncpg.Record) -> CallInHand | None:
    """From the entry while the claim stands, from the history once it is over."""
    if desk["campaign_id"] is None or desk["contact_id"] is None:
        return None
    row = await connection.fetchrow(_ENTRY, desk["entry_id"], desk["claim_token"])
    if row is not None:
        (stay,) = await read_stays(connection, [row])
        return await _dialed(connection, desk, stay)
    row = await connection.fetchrow(_ATTEMPT, desk["attempt_id"])
    known = DialState.READY if row is None else DialState(row["decision"] or DialState.READY)
    return CallInHand(
        stage=CallStage(desk["stage"] or CallStage.ENDED),
        campaign_id=desk["campaign_id"],
        contact_id=desk["contact_id"],
        entry_id=None,
        attempt_id=desk["attempt_id"],
        number=desk["number"] or "",
        item_type=None if row is None else row["item_type_name"],
        place=1 if row is None else row["position"] + 1,
        places=None,
        round=1 if row is None else row["round"],
        attempts_made=0,
        why=known,
        callback_at=None,
        started_at=None if row is None else row["started_at"],
        after=None,
    )


async def _dialed(connection: asyncpg.Connection, desk: asyncpg.Record, stay: Stay) -> CallInHand:
    entry = stay.entry
    places = [phone.position for phone in entry.phones if phone.is_available]
    current = entry.phones[entry.position]
    called = CallInHand(
        stage=CallStage(desk["stage"]),
        campaign_id=stay.campaign_id,
        contact_id=stay.contact_id,
        entry_id=stay.id,
        attempt_id=desk["attempt_id"],
        number=current.number,
        item_type=current.item_type,
        place=1 + sum(position < current.position for position in places),
        places=len(places),
        round=entry.round,
        attempts_made=entry.total_attempts,
        why=entry.state_before_claim or DialState.READY,
        callback_at=entry.scheduled_at if entry.is_callback else None,
        started_at=entry.claimed_at,
        after=None,
    )
    return replace(called, after=await _after(connection, stay, places))


async def _after(connection: asyncpg.Connection, stay: Stay, places: list[int]) -> AfterCall | None:
    """The machine itself says what a NO_ANSWER would lead to; nothing of it is written."""
    entry = stay.entry
    if entry.state not in IN_CALL:
        return None
    campaign = await read_campaign(connection, stay.campaign_id)
    outcome = report_call(entry, campaign.settings, CallStatus.NO_ANSWER, campaign.now)
    if outcome.final is not None:
        return AfterCall(
            number=None, item_type=None, place=None, at=None, reason=outcome.final.reason
        )
    following = entry.phones[entry.position]
    return AfterCall(
        number=following.number,
        item_type=following.item_type,
        place=1 + sum(position < following.position for position in places),
        at=entry.scheduled_at,
        reason=None,
    )
