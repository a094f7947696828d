# SPDX-License-Identifier: Apache-2.0
"""Create, edit and delete a campaign with its retry settings (X-37)."""

from collections.abc import Sequence
from dataclasses import fields

from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.campaigns import FAILURES, CampaignState, RetryRule
from server.domain.dialer import IN_CALL, DialState
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Role, Viewer
from server.domain.refusals import Refusals
from server.domain.text import Unset
from server.models import (
    Campaign,
    CampaignAgent,
    FormerCampaign,
    HopperEntry,
    RetrySetting,
    User,
)
from server.services.campaigns.calling import check_agents, check_exchange
from server.services.campaigns.checks import check_retry, check_settings
from server.services.campaigns.inputs import (
    CampaignEdit,
    CampaignInput,
    DeletedCampaign,
    RetryInput,
)
from server.services.constraints import refusing
from server.services.dialer import (
    connection_of,
    release_every_hold,
    release_holds,
    wake_dialer,
)
from server.services.events import record
from server.services.fields import give_record_fields
from server.services.versions import locked_row
from server.services.visibility import visible_campaigns


async def create_campaign(session: AsyncSession, viewer: Viewer, given: CampaignInput) -> Campaign:
    """A DRAFT with all eight retry settings; it dials nothing until it is started."""
    edit = CampaignEdit(**{field.name: getattr(given, field.name) for field in fields(given)})
    row = Campaign()
    columns = await _checked(session, edit, row)
    async with refusing(session, _name_taken(given.name)):
        _fill(row, columns)
        session.add(row)
    default = RetryRule()
    for position, status in enumerate(FAILURES):
        session.add(
            RetrySetting(
                campaign_id=row.id,
                status=status.value,
                position=position,
                max_retry=default.max,
                minutes=default.minutes,
            )
        )
    await session.flush()
    await _write_retry(session, row.id, given.retry)
    await _assign(session, row.id, given.agent_ids)
    await give_record_fields(session, row.id)
    record(session, viewer, "campaign.created", row.id, name=row.name)
    await session.refresh(row)
    return row


async def edit_campaign(
    session: AsyncSession, viewer: Viewer, campaign_id: int, edit: CampaignEdit
) -> Campaign:
    """In any state; the next step that is scheduled goes by the new settings (X-37).

    `settings_version` counts up, and each row of the history names the one it was made under.
    """
    row = await locked_campaign(session, viewer, campaign_id, edit.version)
    columns = await _checked(session, edit, row)
    had_matter = row.matter
    async with refusing(session, _name_taken(edit.name)):
        _fill(row, columns)
        row.version += 1
        row.settings_version += 1
    if not isinstance(edit.retry, Unset):
        await _write_retry(session, row.id, edit.retry)
    if not isinstance(edit.agent_ids, Unset):
        await session.execute(delete(CampaignAgent).where(CampaignAgent.campaign_id == row.id))
        await _assign(session, row.id, edit.agent_ids)
    if row.state == CampaignState.RUNNING and not isinstance(edit.agent_ids, Unset):
        await check_agents(session, row)
    given = [
        field.name
        for field in fields(edit)
        if field.name != "version" and not isinstance(getattr(edit, field.name), Unset)
    ]
    record(session, viewer, "campaign.edited", row.id, fields=given, version=row.settings_version)
    await release_holds(session, campaign_id=row.id)
    if row.matter != had_matter:
        await release_every_hold(session)  # its calls count for others, or no longer do
    return row


async def delete_campaign(
    session: AsyncSession, viewer: Viewer, campaign_id: int, version: int | None = None
) -> DeletedCampaign:
    """With its hopper and final results. Refused while it runs or a call is up.

    Its calls stay in the history of contacts, and count in every campaign (reliability 5).
    """
    row = await locked_campaign(session, viewer, campaign_id, version, whole=True)
    if row.state == CampaignState.RUNNING:
        raise DomainError(ErrorCode.WRONG_STATE, "id", state=CampaignState(row.state))
    calls = select(HopperEntry.state).where(
        HopperEntry.campaign_id == row.id, HopperEntry.state.in_(IN_CALL)
    )
    if await session.scalar(select(exists(calls))):
        raise DomainError(ErrorCode.WRONG_STATE, "id", state=DialState.DIALING)
    session.add(FormerCampaign(id=row.id, matter=row.matter))
    await session.delete(row)
    record(session, viewer, "campaign.deleted", row.id, name=row.name)
    await wake_dialer(await connection_of(session), row.id)
    return DeletedCampaign(id=row.id, name=row.name)


async def locked_campaign(
    session: AsyncSession,
    viewer: Viewer,
    campaign_id: int,
    version: int | None = None,
    *,
    whole: bool = False,
) -> Campaign:
    """Unless it is locked as a `whole`, the dialer may write history beneath it all the while."""
    found = (
        visible_campaigns(viewer)
        .where(Campaign.id == campaign_id)
        .with_for_update(of=Campaign, key_share=not whole)
    )
    return await locked_row(session, found, version)


async def _checked(session: AsyncSession, edit: CampaignEdit, row: Campaign) -> dict[str, object]:
    refusals = Refusals()
    columns = check_settings(edit, row, refusals)
    if not isinstance(edit.retry, Unset):
        check_retry(edit.retry, refusals)
    await check_exchange(session, edit, refusals)
    if not isinstance(edit.agent_ids, Unset):
        agents = select(User.id).where(User.id.in_(set(edit.agent_ids)), User.role == Role.AGENT)
        known = set(await session.scalars(agents))
        for index, agent_id in enumerate(edit.agent_ids):
            if agent_id not in known:
                refusals.add(ErrorCode.NOT_FOUND, f"agentIds.{index}")
    refusals.check()
    return columns


def _fill(row: Campaign, columns: dict[str, object]) -> None:
    for column, value in columns.items():
        setattr(row, column, value)


async def _write_retry(
    session: AsyncSession, campaign_id: int, rules: Sequence[RetryInput]
) -> None:
    for rule in rules:
        columns = {
            "max_retry": rule.max,
            "minutes": rule.minutes,
            "after_status": rule.after_status,
        }
        given = {key: value for key, value in columns.items() if not isinstance(value, Unset)}
        if given:
            await session.execute(
                update(RetrySetting)
                .where(
                    RetrySetting.campaign_id == campaign_id,
                    RetrySetting.status == rule.status.value,
                )
                .values(given)
            )


async def _assign(session: AsyncSession, campaign_id: int, agent_ids: Sequence[int]) -> None:
    if agent_ids:
        rows = [{"campaign_id": campaign_id, "user_id": agent} for agent in sorted(set(agent_ids))]
        await session.execute(insert(CampaignAgent), rows)


def _name_taken(name: str | Unset) -> dict[str, DomainError]:
    refusal = DomainError(ErrorCode.TAKEN, "name", value=name)
    return {"uq_campaigns_tenant_id_name_key": refusal}
