# SPDX-License-Identifier: Apache-2.0
"""Why a contact is not being called now, and what comes next: each gate with what it goes by.

The answer is the claim's own: the same gate, asked about the number that the dial machine would
take. Nothing is changed or locked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import asyncpg
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.campaigns import CampaignState
from server.domain.campaigns.modes import BY_AGENT, DialMode
from server.domain.dialer import IN_CALL, DialState, Entry, EntryPhone, load
from server.domain.dialer import claim as claim_entry
from server.domain.errors import DomainError, ErrorCode
from server.domain.gate import Check, GateRule, Standing, Verdict
from server.domain.permissions import Viewer
from server.domain.refusals import EARLIEST, LATEST
from server.models import Campaign, Contact
from server.services.agents import ready_agents
from server.services.blacklists import blacklisted_numbers
from server.services.dialer.campaigns import DialedCampaign, count_open_calls, read_campaign
from server.services.dialer.connections import connection_of, use_indexes
from server.services.dialer.entries import ENTRY_COLUMNS, read_numbers, read_stays
from server.services.dialer.pacing import allowance
from server.services.gate import Candidate, check_at, read_settings
from server.services.visibility import visible_campaigns, visible_contacts

_ENTRY = f"""
SELECT {ENTRY_COLUMNS} FROM hopper_entries e WHERE e.contact_id = $1 AND e.campaign_id = $2
"""
_HOLDING = "SELECT hold_rule, faults, is_owner_only, owner_id FROM hopper_entries WHERE id = $1"
_OWNER = """
SELECT u.full_name, EXISTS (
    SELECT FROM campaign_agents a WHERE a.campaign_id = $2 AND a.user_id = u.id) AS is_assigned,
  coalesce((SELECT d.state FROM agent_desks d
            WHERE d.user_id = u.id AND d.lease_until >= clock_timestamp()), 'OFFLINE') AS state
FROM users u WHERE u.id = $1
"""
_FINAL = """
SELECT f.id, f.closed_at, f.reason FROM final_results f
WHERE f.contact_id = $1 AND f.campaign_id = $2 ORDER BY f.id DESC LIMIT 1
"""
_CONTACT = """
SELECT c.priority, c.scheduled_at, EXISTS (
  SELECT FROM list_members m JOIN campaign_lists a ON a.list_id = m.list_id
  WHERE m.contact_id = c.id AND a.campaign_id = $2
) AS is_on_list
FROM contacts c WHERE c.id = $1
"""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """`number` is the next one, `dial_at` the first moment at which it can be called: None where
    time alone does not bring it. `passed_over` are blacklisted numbers before it."""

    at: datetime
    standing: Standing
    allowed: bool
    checks: tuple[Check, ...]
    reason: Check | None
    entry_id: int | None = None
    final_id: int | None = None
    number: str | None = None
    item_type: str | None = None
    position: int | None = None
    phones: int = 0
    round: int | None = None
    due_at: datetime | None = None
    dial_at: datetime | None = None
    passed_over: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Next:
    """The number that the machine would take, and when it is due."""

    phone: EntryPhone | None
    due_at: datetime
    passed_over: tuple[str, ...]


async def explain_dial(
    session: AsyncSession,
    viewer: Viewer,
    contact_id: int,
    campaign_id: int,
    at: datetime | None = None,
) -> Explanation:
    """At a moment of the campaign's clock, None for now; states and lines are those of now."""
    if at is not None and at.tzinfo is None:
        raise DomainError(ErrorCode.INVALID, "at", expected="2027-01-31T18:00:00Z")
    if at is not None and not EARLIEST <= at < LATEST:
        raise DomainError(ErrorCode.OUT_OF_RANGE, "at", after=EARLIEST, before=LATEST)
    await _check_seen(session, viewer, contact_id, campaign_id)
    connection = await connection_of(session)
    await use_indexes(connection)
    campaign = await read_campaign(connection, campaign_id)
    return await _Explaining(connection, campaign, contact_id, at or campaign.now).explain()


async def _check_seen(
    session: AsyncSession, viewer: Viewer, contact_id: int, campaign_id: int
) -> None:
    contact = visible_contacts(viewer).with_only_columns(Contact.id)
    campaign = visible_campaigns(viewer).with_only_columns(Campaign.id)
    seen = select(
        exists(contact.where(Contact.id == contact_id)),
        exists(campaign.where(Campaign.id == campaign_id)),
    )
    has_contact, has_campaign = (await session.execute(seen)).one()
    if not has_contact:
        raise DomainError(ErrorCode.NOT_FOUND, "contactId")
    if not has_campaign:
        raise DomainError(ErrorCode.NOT_FOUND, "campaignId")


class _Explaining:
    def __init__(
        self,
        connection: asyncpg.Connection,
        campaign: DialedCampaign,
        contact_id: int,
        at: datetime,
    ) -> None:
        self._connection = connection
        self._campaign = campaign
        self._contact_id = contact_id
        self._at = at
        self._holding: asyncpg.Record | None = None  # of the entry

    async def explain(self) -> Explanation:
        campaign, contact_id = self._campaign, self._contact_id
        row = await self._connection.fetchrow(_ENTRY, contact_id, campaign.id)
        final = contact = None
        if row is not None:
            self._holding = await self._connection.fetchrow(_HOLDING, row["id"])
        else:
            final = await self._connection.fetchrow(_FINAL, contact_id, campaign.id)
            contact = await self._connection.fetchrow(_CONTACT, contact_id, campaign.id)
        entry = await self._entry(row, contact)
        standing = _standing(row, final)
        upcoming = await self._next(entry, row, standing)
        open_check = _open_check(standing, final, contact)
        checks = [
            _check(GateRule.NOT_OPEN, standing in (Standing.OPEN, Standing.IN_CALL), **open_check),
            *self._state_checks(standing, upcoming),
        ]
        verdict = None
        if upcoming.phone is not None:
            verdict = await self._verdict(upcoming, row, standing, self._at)
            checks += _own_call(verdict.checks) if standing is Standing.IN_CALL else verdict.checks
        if standing is Standing.OPEN and self._holding is not None:
            checks += await self._owner_checks(self._holding, upcoming)
        checks.append(await self._lines())
        phone = upcoming.phone
        reason = _reason(checks)
        return Explanation(
            at=self._at,
            standing=standing,
            allowed=reason is None,
            checks=tuple(checks),
            reason=reason,
            entry_id=None if row is None else row["id"],
            final_id=None if final is None else final["id"],
            number=None if phone is None else phone.number,
            item_type=None if phone is None else phone.item_type,
            position=None if phone is None else phone.position,
            phones=0 if entry is None else len(entry.phones),
            round=None if entry is None else entry.round,
            due_at=None if entry is None else upcoming.due_at,
            dial_at=await self._dial_at(checks, upcoming, row, standing, verdict),
            passed_over=upcoming.passed_over,
        )

    async def _entry(
        self, row: asyncpg.Record | None, contact: asyncpg.Record | None
    ) -> Entry | None:
        """As it stands, or as it would be loaded at that moment; None without any number."""
        if row is not None:
            [stay] = await read_stays(self._connection, [row])
            return stay.entry
        numbers = (await read_numbers(self._connection, [self._contact_id]))[self._contact_id]
        settings = replace(self._campaign.settings, ends_at=None)
        scheduled_at = None if contact is None else contact["scheduled_at"]
        entry, final = load(0, numbers.phones(), settings, self._at, scheduled_at=scheduled_at)
        return entry if final is None else None

    async def _next(
        self, entry: Entry | None, row: asyncpg.Record | None, standing: Standing
    ) -> _Next:
        """By the machine, as if every window were open; the entry in memory is changed by it."""
        if entry is None:
            return _Next(None, self._at, ())
        if standing is Standing.IN_CALL:
            return _Next(entry.phones[entry.position], entry.scheduled_at, ())
        due_at = entry.scheduled_at
        blacklisted = await blacklisted_numbers(
            self._connection,
            sorted({phone.number for phone in entry.phones}),
            self._campaign.id,
            None if row is None else row["list_id"],
            is_callback=entry.is_callback,
        )
        current = entry.phones[entry.position]
        settings = replace(self._campaign.settings, window=None, ends_at=None)
        claimed = claim_entry(entry, settings, max(due_at, self._at), blacklisted=blacklisted)
        passed_over = tuple(blocked.number for blocked in claimed.blocked)
        if claimed.phone is not None:
            return _Next(claimed.phone, due_at, passed_over)
        if claimed.final is None:  # the round ends here, and another one begins
            return _Next(entry.phones[entry.position], entry.scheduled_at, passed_over)
        return _Next(current, due_at, passed_over)

    async def _verdict(
        self, upcoming: _Next, row: asyncpg.Record | None, standing: Standing, at: datetime
    ) -> Verdict:
        assert upcoming.phone is not None  # the callers have looked
        settings = await read_settings(self._connection, self._campaign)
        is_callback = row is not None and row["is_callback"]
        is_owned = self._holding is not None and self._holding["is_owner_only"]
        candidate = Candidate(
            contact_id=self._contact_id,
            number=upcoming.phone.number,
            list_id=None if row is None else row["list_id"],
            entry_id=None if row is None else row["id"],
            is_automatic=not is_callback,
            has_agent=is_owned or self._campaign.mode in BY_AGENT,
        )
        until = self._at if self._at < self._campaign.now else None
        [verdict] = await check_at(
            self._connection, self._campaign.id, settings, [candidate], at, until=until
        )
        return verdict

    def _state_checks(self, standing: Standing, upcoming: _Next) -> list[Check]:
        state = self._campaign.state
        checks = [
            _check(GateRule.CAMPAIGN_STATE, state is CampaignState.RUNNING, state=state.value)
        ]
        if self._holding is not None and self._holding["faults"]:
            is_parked = self._holding["hold_rule"] == GateRule.FAULT
            faults = self._holding["faults"]
            checks.append(_check(GateRule.FAULT, not is_parked, faults=faults))
        if standing is Standing.OPEN:
            due_at = upcoming.due_at
            checks.append(
                Check(
                    rule=GateRule.NOT_DUE,
                    passed=due_at <= self._at,
                    allowed_at=max(self._at, due_at),
                    evidence={"dueAt": due_at.isoformat()},
                )
            )
        return checks

    async def _owner_checks(self, holding: asyncpg.Record, upcoming: _Next) -> list[Check]:
        """Whether the one agent who may have it would be given it (C-36, R-01)."""
        if not holding["is_owner_only"]:
            return []
        owner_id, campaign = holding["owner_id"], self._campaign
        is_auto = campaign.mode is DialMode.AGENT_FIRST
        ready = await ready_agents(self._connection, campaign.id, auto_dialing=is_auto)
        owner = await self._connection.fetchrow(_OWNER, owner_id, campaign.id)
        # No clock foretells when somebody is back; before it is due nobody need be there.
        may_wait = owner is not None and owner["is_assigned"] and upcoming.due_at > self._at
        return [
            Check(
                rule=GateRule.OWNER,
                passed=owner_id in ready,
                allowed_at=self._at if may_wait or owner_id in ready else None,
                evidence={
                    "agent": None if owner is None else owner["full_name"],
                    "state": None if owner is None else owner["state"],
                    "isAssigned": owner is not None and owner["is_assigned"],
                },
            )
        ]

    async def _lines(self) -> Check:
        """Whether a call could start: a line is free, and where agents are needed, one is."""
        campaign = self._campaign
        calls = await count_open_calls(self._connection, campaign.id)
        has_line = calls < campaign.lines
        has_agent = True
        if has_line and campaign.state is CampaignState.RUNNING:
            has_agent = await allowance(self._connection, campaign, 1) > 0
        return Check(
            rule=GateRule.LINES,
            passed=has_line and has_agent,
            allowed_at=self._at,  # a call's end frees one, which no clock foretells
            evidence={"calls": calls, "lines": campaign.lines, "hasAgent": has_agent},
        )

    async def _dial_at(
        self,
        checks: Sequence[Check],
        upcoming: _Next,
        row: asyncpg.Record | None,
        standing: Standing,
        verdict: Verdict | None,
    ) -> datetime | None:
        if verdict is None or standing is not Standing.OPEN:
            return None
        if any(not check.passed and check.allowed_at is None for check in checks):
            return None
        if upcoming.due_at <= self._at:
            return verdict.not_before
        later = await self._verdict(upcoming, row, standing, upcoming.due_at)
        return later.not_before


def _standing(row: asyncpg.Record | None, final: asyncpg.Record | None) -> Standing:
    if row is not None:
        return Standing.IN_CALL if DialState(row["state"]) in IN_CALL else Standing.OPEN
    return Standing.NOT_LOADED if final is None else Standing.CLOSED


def _open_check(
    standing: Standing, final: asyncpg.Record | None, contact: asyncpg.Record | None
) -> dict[str, object]:
    evidence: dict[str, object] = {"standing": standing.value}
    if final is not None:
        evidence |= {"closedAt": final["closed_at"].isoformat(), "reason": final["reason"]}
    if contact is not None:
        evidence["isOnList"] = contact["is_on_list"]
    return evidence


def _check(rule: GateRule, passed: bool, **evidence: object) -> Check:
    """A check that no time helps. The caller says the moment of one that was passed."""
    return Check(rule=rule, passed=passed, allowed_at=None, evidence=evidence)


def _own_call(checks: Sequence[Check]) -> list[Check]:
    """The call that is up is the entry's own."""
    return [
        _check(GateRule.NUMBER_BUSY, False, isInCall=True, isOwn=True)
        if check.rule is GateRule.NUMBER_BUSY
        else check
        for check in checks
    ]


def _reason(checks: Sequence[Check]) -> Check | None:
    """The first that time does not cure; else the one that comes round last, lines behind all."""
    refused = [check for check in checks if not check.passed]
    for check in refused:
        if check.allowed_at is None:
            return check
    waiting = [check for check in refused if check.rule is not GateRule.LINES]
    if waiting:
        return max(waiting, key=_comes_round)
    return refused[0] if refused else None


def _comes_round(check: Check) -> datetime:
    assert check.allowed_at is not None  # the others were taken before
    return check.allowed_at
