# SPDX-License-Identifier: Apache-2.0
"""The coming calls of an entry, foretold by the machine that will make them (X-33, X-37)."""

from collections.abc import Callable, Collection
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from server.domain.campaigns import CallStatus, CampaignSettings
from server.domain.dialer.entries import Entry, FinalRow
from server.domain.dialer.machine import claim, end_passed, report
from server.domain.dialer.rounds import Relist
from server.domain.dialer.states import IN_CALL, WAITING, DialState

MOST_CALLS = 50
WINDOW = "WINDOW"
_HORIZON = timedelta(days=3_660)
_MOST_MOVES = 60  # of one call between the campaign's hours and what else holds it


class Allowed(NamedTuple):
    """The first moment, from the one asked for on, at which a number may be called; or none.

    `rule` names what it waits for, where that is not the moment asked for.
    """

    at: datetime | None
    rule: str | None = None


Allow = Callable[[str, datetime], Allowed]
"""What holds a number's call besides the campaign's own hours."""


class PlannedCall(NamedTuple):
    """One call that will be made, or one number that will be passed over as blacklisted."""

    number: str
    item_type: str | None
    phone_id: int | None
    position: int
    round: int
    decision: DialState  # what it is due for
    due_at: datetime
    dial_at: datetime  # when the hours let it be made
    status: CallStatus  # the result that was assumed; BLACKLIST for a number passed over
    waits_for: str | None  # the rule that moved it from `due_at` to `dial_at`
    is_up: bool = False  # it is being made now


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What will be done while the assumed results hold; `final` None where the plan was cut.

    `held` is the rule of a call that no time alone lets go: nothing follows it.
    """

    calls: tuple[PlannedCall, ...]
    final: FinalRow | None
    held: str | None = None


def plan(
    entry: Entry,
    settings: CampaignSettings,
    now: datetime,
    *,
    outcome: Callable[[str], CallStatus] = lambda _: CallStatus.NO_ANSWER,
    blacklisted: Collection[str] = frozenset(),
    relist: Relist | None = None,
    allow: Allow | None = None,
    call_length: timedelta = timedelta(0),
    most: int = MOST_CALLS,
) -> Plan:
    """The calls of an entry from `now` on, if `outcome(number)` is the result of each.

    The entry is not changed. A call that is up ends now. No other entry is thought of: lines and
    numbers that others keep busy may make each call later.
    """
    entry, calls = deepcopy(entry), list[PlannedCall]()
    final: FinalRow | None = None
    if entry.state in IN_CALL:
        calls.append(_call(entry, entry.claimed_at or now, outcome, is_up=True))
        final = report(entry, settings, outcome(entry.phone.number), now, relist=relist).final
    # A round may end without a call, where all its numbers are passed over; none does so for ever.
    for _ in range(2 * most):
        if final is not None or entry.state not in WAITING or len(calls) >= most:
            break
        allowed = _allowed(entry, settings, now, allow)
        at = allowed.at
        ends = settings.ends_at
        if ends is not None and (at is None or at >= ends):
            final = end_passed(entry, settings, max(ends, now))
            break
        if at is None or at - now > _HORIZON:
            return Plan(calls=tuple(calls), final=None, held=allowed.rule)
        claimed = claim(entry, settings, at, blacklisted=blacklisted, relist=relist)
        calls += [
            PlannedCall(
                row.number,
                row.item_type,
                row.phone_id,
                row.position,
                row.round,
                row.decision,
                row.scheduled_at,
                at,
                row.status,
                None,
            )
            for row in claimed.blocked
        ]
        final = claimed.final
        if claimed.phone is not None:
            calls.append(_call(entry, at, outcome, allowed.rule))
            now = at + call_length
            result = outcome(claimed.phone.number)
            final = report(entry, settings, result, now, relist=relist).final
    return Plan(calls=tuple(calls), final=final)


def _call(
    entry: Entry,
    at: datetime,
    outcome: Callable[[str], CallStatus],
    rule: str | None = None,
    *,
    is_up: bool = False,
) -> PlannedCall:
    phone = entry.phone
    return PlannedCall(
        phone.number,
        phone.item_type,
        phone.phone_id,
        entry.position,
        entry.round,
        entry.state_before_claim or entry.state,
        entry.scheduled_at,
        at,
        outcome(phone.number),
        rule,
        is_up,
    )


def _allowed(
    entry: Entry, settings: CampaignSettings, now: datetime, allow: Allow | None
) -> Allowed:
    """When the next call is due, moved by the campaign's hours and by what else holds it."""
    at, rule = max(entry.scheduled_at, now), None
    for _ in range(_MOST_MOVES):
        moment = at if settings.window is None else settings.window.next_open(at)
        rule = WINDOW if moment > at else rule
        if allow is None:
            return Allowed(moment, rule)
        found = allow(entry.phone.number, moment)
        if found.at is None or found.at <= moment:
            return Allowed(found.at and moment, found.rule if found.at is None else rule)
        at, rule = found.at, found.rule
    return Allowed(None, rule)
