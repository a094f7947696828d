# SPDX-License-Identifier: Apache-2.0
"""What holds the calls of a plan besides the campaign's own hours: the gate, and present holds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import asyncpg

from server.domain.campaigns import CallStatus
from server.domain.dialer import Entry
from server.domain.dialer.plans import Allow, Allowed
from server.domain.gate import Call, Facts, GateRule, Question, may_dial
from server.services.dialer.campaigns import DialedCampaign
from server.services.dialer.holds import FOR_EVER
from server.services.gate import Candidate, GateSettings, read_facts, read_settings

_HOLD = f"""
SELECT e.held_until, e.hold_rule FROM hopper_entries e JOIN campaigns c ON c.id = e.campaign_id
WHERE e.id = $1 AND e.held_until IS NOT NULL AND e.hold_version IN (c.hold_version, {FOR_EVER})
"""
_NEVER = 9000  # from this year on a moment stands for infinity


@dataclass(frozen=True, slots=True)
class Made:
    """Whose calls they are, the numbers that are passed over, and how each call is to end."""

    contact_id: int
    entry_id: int | None
    list_id: int | None
    blocked: frozenset[str]
    outcome: Callable[[str], CallStatus]


async def allowing(
    connection: asyncpg.Connection,
    campaign: DialedCampaign,
    entry: Entry,
    numbers: Sequence[str],
    made: Made,
) -> Allow:
    """The gate as it would be asked before each call of the plan, to one of the numbers.

    Each call that it lets through counts in its caps and gaps for those that follow.
    """
    settings = await read_settings(connection, campaign)
    candidates = [
        Candidate(
            contact_id=made.contact_id,
            number=number,
            list_id=made.list_id,
            entry_id=made.entry_id,
            is_automatic=not entry.is_callback,
        )
        for number in numbers
    ]
    found = await read_facts(connection, campaign.id, settings, candidates, campaign.now)
    facts = dict(zip(numbers, found, strict=True))
    hold = None if made.entry_id is None else await connection.fetchrow(_HOLD, made.entry_id)
    return _Gate(campaign, settings, facts, made, entry.is_callback, hold).allow


class _Gate:
    """The gate, the calls that the plan has made so far, and the hold of the first one."""

    def __init__(
        self,
        campaign: DialedCampaign,
        settings: GateSettings,
        facts: dict[str, Facts],
        made: Made,
        is_callback: bool,
        hold: asyncpg.Record | None,
    ) -> None:
        self._campaign_id = campaign.id
        self._settings = settings
        self._facts = facts
        self._made = made
        self._is_callback = is_callback
        self._hold = hold
        self._calls: tuple[Call, ...] = ()

    def allow(self, number: str, moment: datetime) -> Allowed:
        held = self._held(moment)
        if held is not None:
            return held
        if number in self._made.blocked or number not in self._facts:
            return Allowed(moment)  # the machine passes it over
        known = self._facts[number]
        question = Question(
            number=number,
            at=moment,
            campaign_id=self._campaign_id,
            rules=self._settings.rulebook.rulings,
            matter=self._settings.matter,
            is_automatic=not self._is_callback,
            has_agent=True,  # agents are not foreseen
        )
        verdict = may_dial(question, replace(known, calls=known.calls + self._calls))
        if not verdict.allowed:
            rule = None if verdict.reason is None else verdict.reason.rule.value
            return Allowed(verdict.not_before, rule)
        self._calls += (
            Call(
                number=number,
                campaign_id=self._campaign_id,
                matter=self._settings.matter,
                started_at=moment,
                ended_at=moment,
                status=self._made.outcome(number),
            ),
        )
        return Allowed(moment)

    def _held(self, moment: datetime) -> Allowed | None:
        """The hold of the next call; it is over with that call."""
        if self._hold is None:
            return None
        until, rule = self._hold["held_until"], GateRule(self._hold["hold_rule"]).value
        if until.year >= _NEVER:
            return Allowed(None, rule)
        if moment < until:
            return Allowed(until, rule)
        self._hold = None
        return None
