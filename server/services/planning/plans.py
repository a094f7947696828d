# SPDX-License-Identifier: Apache-2.0
"""The coming calls of a contact in a campaign, from where its entry stands (X-33, C-38)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.campaigns import CallStatus, check_result
from server.domain.dialer import Entry, FinalRow, load
from server.domain.dialer.plans import MOST_CALLS, Plan, plan
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.models import Campaign, Contact
from server.services.blacklists import blacklisted_numbers
from server.services.dialer.campaigns import DialedCampaign, read_campaign
from server.services.dialer.connections import connection_of
from server.services.dialer.entries import ENTRY_COLUMNS, Numbers, read_numbers, read_stays
from server.services.planning.allowing import Made, allowing
from server.services.planning.checking import Foretold, foretold
from server.services.visibility import visible_campaigns, visible_contacts

_ENTRY = f"""
SELECT {ENTRY_COLUMNS} FROM hopper_entries e WHERE e.contact_id = $1 AND e.campaign_id = $2
"""
_CONTACT = "SELECT priority, scheduled_at FROM contacts WHERE id = $1"


@dataclass(frozen=True, kw_only=True)
class DialPlan:
    """What is to come; `entry_id` None: the contact is not open, and was thought of as loaded."""

    entry_id: int | None
    foretold: Foretold


async def dial_plan(
    session: AsyncSession,
    viewer: Viewer,
    contact_id: int,
    campaign_id: int,
    *,
    outcome: CallStatus = CallStatus.NO_ANSWER,
    outcomes: Mapping[str, CallStatus] | None = None,
    call_length: timedelta = timedelta(0),
    now: datetime | None = None,
    most: int = MOST_CALLS,
) -> DialPlan:
    """The calls that follow if every one ends with `outcome`, or as `outcomes` has it by number.

    Nothing is changed or locked. `now` None is the campaign's clock.
    """
    check_result(outcome, "outcome")
    results = outcomes or {}
    for place, status in enumerate(results.values()):
        check_result(status, f"outcomes.{place}.outcome")
    found = await session.scalar(
        visible_contacts(viewer).with_only_columns(Contact.id).where(Contact.id == contact_id)
    )
    if found is None:
        raise DomainError(ErrorCode.NOT_FOUND, "contactId")
    may_see = visible_campaigns(viewer).with_only_columns(Campaign.id)
    if await session.scalar(select(may_see.where(Campaign.id == campaign_id).exists())) is not True:
        raise DomainError(ErrorCode.NOT_FOUND, "campaignId")
    connection = await connection_of(session)
    campaign = await read_campaign(connection, campaign_id, now)
    numbers = (await read_numbers(connection, [contact_id]))[contact_id]
    row = await connection.fetchrow(_ENTRY, contact_id, campaign_id)
    entry, final = await _entry(connection, contact_id, campaign, numbers, row)
    list_id = None if row is None else row["list_id"]
    every = sorted({p.number for p in entry.phones} | {p.number for p in numbers.phones()})
    blocked = await blacklisted_numbers(
        connection, every, campaign_id, list_id, is_callback=entry.is_callback
    )

    def result(number: str) -> CallStatus:
        return results.get(number, outcome)

    course = Plan(calls=(), final=final)
    made = Made(contact_id, row["id"] if row else None, list_id, frozenset(blocked), result)
    if final is None:
        course = plan(
            entry,
            campaign.settings,
            campaign.now,
            outcome=result,
            blacklisted=blocked,
            relist=numbers.phones,
            allow=await allowing(connection, campaign, entry, every, made),
            call_length=call_length,
            most=most,
        )
    return DialPlan(
        entry_id=None if row is None else row["id"],
        foretold=foretold(course, campaign.settings, campaign.now),
    )


async def _entry(
    connection: asyncpg.Connection,
    contact_id: int,
    campaign: DialedCampaign,
    numbers: Numbers,
    row: asyncpg.Record | None,
) -> tuple[Entry, FinalRow | None]:
    """As it stands, or as it would be loaded now, which may close it at once."""
    if row is not None:
        [stay] = await read_stays(connection, [row])
        return stay.entry, None
    contact = await connection.fetchrow(_CONTACT, contact_id)
    return load(
        0,
        numbers.phones(),
        campaign.settings,
        campaign.now,
        scheduled_at=contact["scheduled_at"],
        priority=contact["priority"],
        primary_number=numbers.primary,
    )
