# SPDX-License-Identifier: Apache-2.0
"""Start, pause, resume and stop a campaign.

DRAFT → RUNNING ⇄ PAUSED → STOPPED → RUNNING. Pausing and stopping take effect with the next
claim: calls that are up finish, and their results are recorded. Open entries stay where they are
and their waits go on, so that a campaign that is started again goes on where it stopped.
"""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.campaigns import CampaignState
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.models import Campaign
from server.services.campaigns.calling import check_agents
from server.services.campaigns.writing import locked_campaign
from server.services.dialer import connection_of, hold_claims, wake_dialer
from server.services.events import record

STARTED_FROM = frozenset({CampaignState.DRAFT, CampaignState.STOPPED, CampaignState.ENDED})
PAUSED_FROM = frozenset({CampaignState.RUNNING})
RESUMED_FROM = frozenset({CampaignState.PAUSED})
STOPPED_FROM = frozenset({CampaignState.RUNNING, CampaignState.PAUSED})


async def start_campaign(session: AsyncSession, viewer: Viewer, campaign_id: int) -> Campaign:
    """Dial from now on. At the first start the campaign's clock begins, at the real time."""
    row = await _in_state(session, viewer, campaign_id, STARTED_FROM)
    now: datetime = await session.scalar(select(func.clock_timestamp()))  # type: ignore[assignment]
    if row.clock_origin is None:
        row.clock_origin = now
    clock = row.clock_origin + (now - row.clock_origin) * row.clock_rate
    if row.ends_at is not None and clock >= row.ends_at:
        # Every entry would close at once: its end has to be moved first.
        raise DomainError(ErrorCode.OUT_OF_RANGE, "endsAt", after=clock)
    await check_agents(session, row)
    row.started_at = now
    return await _become(session, viewer, row, CampaignState.RUNNING, "campaign.started")


async def pause_campaign(session: AsyncSession, viewer: Viewer, campaign_id: int) -> Campaign:
    """No claims; what comes due meanwhile is dialed on resume."""
    row = await _in_state(session, viewer, campaign_id, PAUSED_FROM)
    return await _become(session, viewer, row, CampaignState.PAUSED, "campaign.paused")


async def resume_campaign(session: AsyncSession, viewer: Viewer, campaign_id: int) -> Campaign:
    row = await _in_state(session, viewer, campaign_id, RESUMED_FROM)
    await check_agents(session, row)
    return await _become(session, viewer, row, CampaignState.RUNNING, "campaign.resumed")


async def stop_campaign(session: AsyncSession, viewer: Viewer, campaign_id: int) -> Campaign:
    """No claims until it is started again; the hopper keeps what is open."""
    row = await _in_state(session, viewer, campaign_id, STOPPED_FROM)
    return await _become(session, viewer, row, CampaignState.STOPPED, "campaign.stopped")


async def _in_state(
    session: AsyncSession, viewer: Viewer, campaign_id: int, allowed: frozenset[CampaignState]
) -> Campaign:
    row = await locked_campaign(session, viewer, campaign_id)
    state = CampaignState(row.state)
    if state not in allowed:
        raise DomainError(ErrorCode.WRONG_STATE, "id", state=state)
    return row


async def _become(
    session: AsyncSession, viewer: Viewer, row: Campaign, state: CampaignState, event: str
) -> Campaign:
    if state is not CampaignState.RUNNING:
        await hold_claims(session)  # when this has committed, no claim is on its way any more
    before, row.state = row.state, state.value
    record(session, viewer, event, row.id, before=before)
    await wake_dialer(await connection_of(session), row.id)
    return row
