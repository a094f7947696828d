# SPDX-License-Identifier: Apache-2.0
"""Calls placed by a dialer of the centre's own: claimed, kept alive and reported (section 11).

Its campaigns have the driver EXTERNAL. Authority is the claim's token and a lease by the database's
clock, as for the workers of this product; whoever is late changes nothing.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NoReturn

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.campaigns import CallStatus, CampaignState, check_result
from server.domain.campaigns.drivers import Driver
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.domain.text import clean
from server.models import CallAttempt, Campaign
from server.services.dialer.campaigns import CLOCK, read_campaign
from server.services.dialer.claiming import Taken, claim_some
from server.services.dialer.claims import Claimed
from server.services.dialer.connections import connection_of
from server.services.dialer.due import next_moment
from server.services.dialer.entries import Claim
from server.services.dialer.leases import heartbeat, release
from server.services.dialer.reporting import Report, Reported, report
from server.services.dialer.waking import tell_campaign
from server.services.visibility import visible_campaigns

MOST_CLAIMED = 250  # calls of one request
MOST_TURNS = 4  # of one request, while the gate refuses all that it is asked about
MOST_BEATS = 2_000
LONGEST_UNIQUE_ID = 150
_SKEW = timedelta(minutes=5)  # clocks of dialers

_CLAIMED = f"""
SELECT e.claimed_at, {CLOCK} AS now, c.clock_rate
FROM hopper_entries e JOIN campaigns c ON c.id = e.campaign_id
WHERE e.id = $1 AND e.claim_token = $2
"""


@dataclass(frozen=True, kw_only=True)
class ExternalClaims:
    """Calls to place now; where there are none, `next_at` says when to look again: now, where the
    gate has refused many and there are more to ask about."""

    state: CampaignState
    calls: list[Claimed]
    next_at: datetime | None  # the campaign's clock; None: nothing is to come


@dataclass(frozen=True, kw_only=True)
class ExternalReport:
    """The result of one claimed call, in the words of whoever placed it."""

    entry_id: int
    token: uuid.UUID
    unique_id: str
    status: CallStatus
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Held:
    """Which of the calls are still the caller's, and which are not any more."""

    held: list[int]
    lost: list[int]


async def claim_calls(
    session: AsyncSession, viewer: Viewer, campaign_id: int, limit: int
) -> ExternalClaims:
    """Up to `limit` calls of a campaign whose driver is EXTERNAL; refuses OTHER_DRIVER else.

    Nobody else is given them while their leases run. None of them counts as placed before it is
    kept alive by `keep_calls` or reported.
    """
    if not 1 <= limit <= MOST_CLAIMED:
        raise DomainError(ErrorCode.OUT_OF_RANGE, "limit", min=1, max=MOST_CLAIMED)
    campaign = await session.scalar(
        visible_campaigns(viewer).where(Campaign.id == campaign_id).limit(1)
    )
    if campaign is None:
        raise DomainError(ErrorCode.NOT_FOUND, "campaignId")
    if campaign.driver != Driver.EXTERNAL:
        raise DomainError(ErrorCode.OTHER_DRIVER, "campaignId", driver=Driver(campaign.driver))
    connection = await connection_of(session)
    taken = Taken(calls=[], goes_on=True)
    for _ in range(MOST_TURNS):
        if not taken.calls and taken.goes_on:
            taken = await claim_some(connection, campaign_id, limit)
    moment = None
    if taken.calls:
        await tell_campaign(connection, campaign_id)
    elif taken.goes_on:
        moment = (await read_campaign(connection, campaign_id)).now
    else:
        moment = await next_moment(connection, campaign_id)
    return ExternalClaims(state=CampaignState(campaign.state), calls=taken.calls, next_at=moment)


async def keep_calls(session: AsyncSession, claims: Sequence[Claim]) -> Held:
    """The calls were placed and are still up: their leases begin anew."""
    _check_count(len(claims))
    held = await heartbeat(session, claims)
    return Held(
        held=[claim[0] for claim in claims if claim in held],
        lost=[claim[0] for claim in claims if claim not in held],
    )


async def give_back_calls(session: AsyncSession, claims: Sequence[Claim]) -> int:
    """Calls that were never placed: they are due again at once, and leave no history."""
    _check_count(len(claims))
    return await release(session, claims)


async def report_call(session: AsyncSession, given: ExternalReport) -> Reported:
    """Record the result of a claimed call, once: the same report again is a DUPLICATE.

    A report without authority is STALE and changes nothing. Refuses TAKEN where the unique id is
    that of another call, INVALID for statuses that no call can end with and for moments that
    cannot be this call's: caps and waits go by them.
    """
    check_result(given.status, "status")
    unique_id = clean(given.unique_id, "uniqueId", longest=LONGEST_UNIQUE_ID, required=True)
    await _check_moments(session, given)
    result = Report(
        entry_id=given.entry_id,
        token=given.token,
        status=given.status,
        unique_id=unique_id,
        started_at=given.started_at,
        ended_at=given.ended_at,
    )
    [outcome] = await report(session, [result])
    if outcome is not Reported.STALE:
        found = select(CallAttempt.entry_id, CallAttempt.campaign_id)
        row = (await session.execute(found.where(CallAttempt.unique_id == unique_id))).one()
        if row.entry_id != given.entry_id:
            raise DomainError(ErrorCode.TAKEN, "uniqueId", value=unique_id)
        if outcome is Reported.OK:
            await tell_campaign(await connection_of(session), row.campaign_id)
    return outcome


async def _check_moments(session: AsyncSession, given: ExternalReport) -> None:
    """It began after its claim and is over now, give or take what the dialer's clock is wrong."""
    if given.started_at is None and given.ended_at is None:
        return
    if given.started_at and given.ended_at and given.ended_at < given.started_at:
        _refuse("endedAt", given.started_at)
    connection = await connection_of(session)
    claim = await connection.fetchrow(_CLAIMED, given.entry_id, given.token)
    if claim is None:
        return  # a repeated report, or a stale one
    skew = _SKEW * claim["clock_rate"]
    first, last = claim["claimed_at"] - skew, claim["now"] + skew
    for moment, field in ((given.started_at, "startedAt"), (given.ended_at, "endedAt")):
        if moment is not None and not first <= moment <= last:
            _refuse(field, first, last)


def _refuse(field: str, first: datetime, last: datetime | None = None) -> NoReturn:
    spelled = (
        f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else "" for moment in (first, last)
    )
    raise DomainError(ErrorCode.INVALID, field, expected=" – ".join(spelled).rstrip())


def _check_count(count: int) -> None:
    if count > MOST_BEATS:
        raise DomainError(ErrorCode.OUT_OF_RANGE, "calls", min=0, max=MOST_BEATS)
