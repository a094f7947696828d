# SPDX-License-Identifier: Apache-2.0
"""What a merge would make, without making it: fields, numbers, open stays, what to look at."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.contacts import PhoneState
from server.domain.dialer import AdditionalNumber
from server.domain.fields import Field
from server.domain.merging import (
    MergeConflict,
    MergeConflictKind,
    MergeEntryEffect,
    MergePlan,
    fingerprint,
    plan_merge,
)
from server.domain.permissions import Permission, Viewer
from server.models import Campaign, Contact, ContactItemType, ContactList, MasterDataField
from server.services.contacts.checks import MOST_PHONES
from server.services.contacts.merging.checks import check_found, check_ids
from server.services.contacts.snapshots import Snapshot, full_name, take_snapshots
from server.services.dialer import connection_of
from server.services.dialer.entries import Numbers
from server.services.dialer.merging import JoinedStay, preview_joins
from server.services.fields import field_of
from server.services.fields.refitting import stored_text
from server.services.tags import MOST_TAGS
from server.services.visibility import visible_campaigns, visible_contacts, visible_lists

_BLACKLISTED = """
SELECT DISTINCT number FROM blacklist_entries
WHERE tenant_id = rubrica_tenant() AND media = 'PHONE' AND number = ANY($1::text[])
"""


@dataclass(frozen=True, kw_only=True)
class MergePreview:
    """A plan with all that people want to see of it.

    Lists and campaigns out of the viewer's sight are carried by a merge, and not shown.
    """

    plan: MergePlan
    documents: Mapping[int, Snapshot]
    types: Mapping[int, ContactItemType]
    fields: Mapping[int, Field]
    campaigns: Mapping[int, str]
    lists: frozenset[int]
    stays: Sequence[JoinedStay]
    blacklisted: frozenset[str]
    conflicts: Sequence[MergeConflict]
    fingerprint: str

    @property
    def name(self) -> str:
        return full_name(self.plan.columns)

    @property
    def is_possible(self) -> bool:
        return not any(conflict.is_blocking for conflict in self.conflicts)

    def text_of(self, row: Mapping[str, Any] | None) -> str | None:
        """A custom value as it is written everywhere."""
        return text_of(row)


async def preview_merge(
    session: AsyncSession,
    viewer: Viewer,
    contact_ids: Sequence[int],
    master_id: int | None = None,
    choices: Mapping[str, int] | None = None,
) -> MergePreview:
    """Of contacts that the viewer sees; without a `master_id` the first one is the master (X-27).

    `choices` as a merge takes them. Raises OUT_OF_RANGE (ids) beyond 2 to 20 contacts, INVALID for
    one that comes twice, NOT_FOUND; for choices what `plan_merge` raises.
    """
    master, ids = check_ids(contact_ids, master_id)
    seen = visible_contacts(viewer).where(Contact.id.in_(ids)).with_only_columns(Contact.id)
    check_found(contact_ids, master_id, set(await session.scalars(seen)))
    connection = await connection_of(session)
    documents = await take_snapshots(connection, ids)
    check_found(contact_ids, master_id, documents)
    plan = plan_merge(
        documents, master, choices or {}, most_phones=MOST_PHONES, most_tags=MOST_TAGS
    )
    types = await _types(session, plan)
    stays, called = await preview_joins(connection, master, ids, numbers_of(plan, types))
    conflicts = list(plan.conflicts)
    if called:
        conflicts.append(MergeConflict(kind=MergeConflictKind.ON_CALL, contact_ids=called))
    conflicts += [
        MergeConflict(kind=MergeConflictKind.ENTRIES_JOIN, contact_ids=one.contact_ids)
        for one in stays
        if one.effect is MergeEntryEffect.JOINED
    ]
    campaigns = await _campaigns(session, viewer, plan, stays)
    return MergePreview(
        plan=plan,
        documents=documents,
        types=types,
        fields=await read_fields(session, {value.field_id for value in plan.values}),
        campaigns=campaigns,
        lists=await _lists(session, viewer, plan),
        stays=[one for one in stays if one.campaign.id in campaigns],
        blacklisted=await _blacklisted(connection, plan),
        conflicts=conflicts,
        fingerprint=fingerprint(documents, master),
    )


def numbers_of(plan: MergePlan, types: Mapping[int, ContactItemType]) -> Numbers:
    """The merged contact's numbers as the dialer reads them."""
    return Numbers(
        None if plan.primary is None else plan.primary.number,
        plan.primary is not None and plan.primary.state is PhoneState.AVAILABLE,
        tuple(
            AdditionalNumber(
                phone.number,
                phone.item_type_name,
                types[phone.item_type_id].order_by if phone.item_type_id is not None else 0,
                phone.id,
                phone.state is PhoneState.AVAILABLE,
            )
            for phone in plan.additional
        ),
    )


async def _types(session: AsyncSession, plan: MergePlan) -> dict[int, ContactItemType]:
    wanted = {phone.item_type_id for phone in plan.additional if phone.item_type_id is not None}
    rows = await session.scalars(select(ContactItemType).where(ContactItemType.id.in_(wanted)))
    return {row.id: row for row in rows}


def text_of(row: Mapping[str, Any] | None) -> str | None:
    """A value's row of a document as it is written; None where there is no value."""
    return None if row is None else stored_text(row)


async def read_fields(session: AsyncSession, wanted: Collection[int]) -> dict[int, Field]:
    """The definitions of these fields, as far as they are there."""
    rows = await session.scalars(select(MasterDataField).where(MasterDataField.id.in_(wanted)))
    return {row.id: field_of(row) for row in rows}


async def _campaigns(
    session: AsyncSession, viewer: Viewer, plan: MergePlan, stays: Sequence[JoinedStay]
) -> dict[int, str]:
    """The names of those that the viewer sees."""
    if not viewer.may(Permission.CAMPAIGNS_VIEW):
        return {}
    wanted = {stay.campaign.id for stay in stays}
    wanted |= {value.campaign_id for value in plan.values if value.campaign_id is not None}
    found = visible_campaigns(viewer).where(Campaign.id.in_(wanted))
    rows = await session.execute(found.with_only_columns(Campaign.id, Campaign.name))
    return {row.id: row.name for row in rows}


async def _lists(session: AsyncSession, viewer: Viewer, plan: MergePlan) -> frozenset[int]:
    """Those that the viewer sees."""
    if not viewer.may(Permission.LISTS_VIEW):
        return frozenset()
    found = visible_lists(viewer).where(ContactList.id.in_({word.id for word in plan.lists}))
    return frozenset(await session.scalars(found.with_only_columns(ContactList.id)))


async def _blacklisted(connection: asyncpg.Connection, plan: MergePlan) -> frozenset[str]:
    """On the centre's list or on any campaign's; the entries stay as they are (C-27)."""
    numbers = [phone.number for phone in (plan.primary, *plan.additional) if phone is not None]
    rows = await connection.fetch(_BLACKLISTED, numbers)
    return frozenset(row[0] for row in rows)
