# SPDX-License-Identifier: Apache-2.0
"""Contacts with all that can hang on one, and what stands in the tables of it."""

import json
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.permissions import Viewer
from server.domain.text import name_key
from server.models import Contact, ContactTag, FieldValue, HopperPhone, MasterDataField, Tag
from server.services.contacts.snapshots import take_snapshots
from server.services.dialer import connection_of
from tests.factories.campaigns import make_campaign
from tests.factories.contacts import make_contact, phones
from tests.factories.item_types import make_item_type
from tests.factories.lists import make_list

Documents = dict[int, dict[str, Any]]


async def make_tag(session: AsyncSession, name: str, *contact_ids: int) -> int:
    """The tag of that name, on these contacts besides those that have it."""
    made = insert(Tag).values(name=name, name_key=name_key(name)).on_conflict_do_nothing()
    await session.execute(made)
    key = (await session.scalars(select(Tag.id).where(Tag.name_key == name_key(name)))).one()
    for contact_id in contact_ids:
        await session.execute(insert(ContactTag).values(contact_id=contact_id, tag_id=key))
    return key


async def make_field(
    session: AsyncSession, name: str = "Customer number", *, scope: str = "CONTACT", **columns: Any
) -> MasterDataField:
    field = MasterDataField(
        name=name, name_key=name_key(name), display_name=name, scope=scope, type="TEXT", **columns
    )
    session.add(field)
    await session.flush()
    return field


async def set_value(
    session: AsyncSession,
    field: MasterDataField,
    contact_id: int,
    text: str,
    *,
    campaign_id: int | None = None,
) -> None:
    key = name_key(text)
    session.add(
        FieldValue(
            contact_id=contact_id,
            field_id=field.id,
            campaign_id=campaign_id,
            text_value=text,
            text_key=key,
            unique_key=key if field.is_unique else None,
        )
    )
    await session.flush()


async def make_whole_contact(session: AsyncSession, viewer: Viewer) -> tuple[Contact, int, int]:
    """With two numbers more, a type, a list, a tag, a value and an open stay that was called.

    Answers the contact and the ids of the campaign and of the list.
    """
    office = await make_item_type(session, viewer, "Office", 1)
    spring = await make_list(session, viewer)
    campaign = await make_campaign(session, viewer, list_ids=[spring.id])
    contact = await make_contact(
        session,
        viewer,
        "Ada",
        "Rossi",
        email="ada@example.com",
        additional=phones(("+390612345001", office.id), "+390612345002"),
        list_ids=[spring.id],
    )
    await make_tag(session, "VIP", contact.id)
    await set_value(session, await make_field(session, is_unique=True), contact.id, "C-17")
    await session.execute(update(HopperPhone).values(no_answer=2, last_status="NO_ANSWER"))
    await session.flush()
    return contact, campaign.id, spring.id


async def documents(session: AsyncSession, *contact_ids: int) -> Documents:
    """All that stands in the live tables of these contacts, row by row."""
    return await take_snapshots(await connection_of(session), contact_ids)


def plain(document: dict[str, Any]) -> str:
    """For comparing: rows as sorted text."""
    return json.dumps(document, sort_keys=True)
