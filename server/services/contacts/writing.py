# SPDX-License-Identifier: Apache-2.0
"""Create and edit a contact with its numbers, and tell the hopper (X-11 to X-17, C-06)."""

from collections.abc import Mapping, Sequence
from dataclasses import fields

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.contacts import PhoneState
from server.domain.errors import ErrorCode
from server.domain.permissions import Viewer
from server.domain.refusals import Refusals
from server.domain.text import Unset, sort_key
from server.models import Contact, ContactItemType
from server.services.contacts.checks import (
    Person,
    Phone,
    check_given_once,
    check_known,
    check_person,
    check_phones,
    check_repeated,
)
from server.services.contacts.conflicts import changed_fields
from server.services.contacts.inputs import ContactEdit, ContactInput
from server.services.contacts.joining import check_campaign, join_campaign
from server.services.contacts.phones import Stored, stored_phones, write_phones
from server.services.contacts.values import check_values, write_values
from server.services.dialer import change_phones, follow_contacts, release_holds
from server.services.events import record
from server.services.item_types import visible_item_types
from server.services.memberships import (
    check_lists,
    put_on_list,
    seen_lists_of,
    share_lists,
    take_off_list,
)
from server.services.tags import check_tags, tags_of, write_tags
from server.services.versions import locked_row
from server.services.visibility import visible_contacts


async def create_contact(session: AsyncSession, viewer: Viewer, given: ContactInput) -> Contact:
    """All refusals at once (RefusalsError); on a list that a campaign calls it is loaded (X-23).

    An agent has to name a list or a campaign of theirs: they could not see the contact otherwise.
    """
    edit = _as_edit(given)
    refusals = Refusals()
    person = check_person(edit, viewer.region, {}, refusals)
    phones = await _wanted_phones(session, viewer, edit, person.get("phone"), [], {}, refusals)
    tags = check_tags(given.tags, refusals)
    values = await check_values(session, viewer, given.values, refusals)
    is_placed = given.campaign_id is not None
    list_ids = await check_lists(session, viewer, given.list_ids, refusals, is_placed=is_placed)
    called = await check_campaign(session, viewer, given.campaign_id, refusals)
    refusals.check()
    await share_lists(session, list_ids | frozenset(called[:1]))
    row = Contact()
    _fill(row, person)
    session.add(row)
    await session.flush()
    await write_phones(session, row.id, [], phones)
    await write_tags(session, row.id, tags)
    await write_values(session, row.id, values)
    record(session, viewer, "contact.created", row.id, phones=len(phones), lists=sorted(list_ids))
    for list_id in sorted(list_ids):
        await put_on_list(session, list_id, [row.id])
    if given.campaign_id is not None:
        await join_campaign(session, given.campaign_id, row.id, called, list_ids)
    await session.refresh(row)
    return row


async def edit_contact(
    session: AsyncSession, viewer: Viewer, contact_id: int, edit: ContactEdit
) -> Contact:
    """What is UNSET stays. Changed numbers and states reach open stays at once (C-06, C-08).

    Lists that the viewer does not see are neither shown nor touched.
    """
    row = await _locked(session, viewer, contact_id, edit.version)
    stored = await stored_phones(session, row.id)
    refusals = Refusals()
    states = {phone.number: phone.state for phone in stored} | {row.phone: row.phone_state}
    person = check_person(edit, viewer.region, states, refusals)
    primary = person.get("phone", row.phone)
    phones = await _wanted_phones(session, viewer, edit, primary, stored, states, refusals)
    had_tags = await tags_of(session, row.id)
    tags = None if isinstance(edit.tags, Unset) else check_tags(edit.tags, refusals)
    values = await check_values(session, viewer, edit.values, refusals, contact_id=row.id)
    on_lists = wanted_lists = await seen_lists_of(session, viewer, row.id)
    if not isinstance(edit.list_ids, Unset):
        # One that an agent sees by a campaign may be on none of their lists.
        wanted_lists = await check_lists(
            session, viewer, edit.list_ids, refusals, is_placed=not on_lists
        )
    refusals.check()
    await share_lists(session, on_lists ^ wanted_lists)
    had_time = row.scheduled_at
    _fill(row, person)
    changed = changed_fields(row, stored, phones, on_lists != wanted_lists)
    if tags is not None and tags.keys() != had_tags:
        await write_tags(session, row.id, tags)
        changed.append("tags")
    if written := await write_values(session, row.id, values):
        changed.append("values")
    if not changed:  # the same again: nobody who has it open need learn of it
        return row
    row.version += 1
    row.updated_at = func.clock_timestamp()
    await session.flush()
    if not isinstance(edit.additional_phones, Unset):
        await write_phones(session, row.id, stored, phones)
    data = {"fields": _given(edit), "changed": changed, "version": row.version}
    data |= {"values": written} if written else {}
    record(session, viewer, "contact.edited", row.id, **data)
    if states != {phone.number: phone.state for phone in phones} | {primary: row.phone_state}:
        await change_phones(session, [row.id])
    if "timeZone" in changed:
        await release_holds(session, contact_ids=[row.id])  # calls may have waited for its hours
    if {"priority", "scheduledAt"} & set(changed):
        await follow_contacts(session, [row.id], had=had_time)
    for list_id in sorted(on_lists - wanted_lists):
        await take_off_list(session, list_id, [row.id])
    for list_id in sorted(wanted_lists - on_lists):
        await put_on_list(session, list_id, [row.id])
    await session.refresh(row)
    return row


def name_keys(first_name: str, last_name: str) -> tuple[str, str]:
    """`name_key`, which lists are sorted by, and `given_key`, for whoever writes contacts."""
    return sort_key(last_name, first_name), sort_key(first_name, last_name)


async def _locked(
    session: AsyncSession, viewer: Viewer, contact_id: int, version: int | None
) -> Contact:
    """A load that refers to the row need not wait for it."""
    found = (
        visible_contacts(viewer)
        .where(Contact.id == contact_id)
        .with_for_update(of=Contact, key_share=True)
    )
    return await locked_row(session, found, version)


async def _wanted_phones(
    session: AsyncSession,
    viewer: Viewer,
    edit: ContactEdit,
    primary: str | None,
    stored: Sequence[Stored],
    states: Mapping[str | None, str],
    refusals: Refusals,
) -> list[Phone]:
    """The additional phones after the edit; where it names none, those that are there."""
    if isinstance(edit.additional_phones, Unset):
        if primary in {phone.number for phone in stored}:
            refusals.add(ErrorCode.DUPLICATE_NUMBER, "phone", number=primary)
        return [
            Phone(
                id=phone.id,
                number=phone.number,
                item_type_id=phone.item_type_id,
                description=phone.description,
                state=phone.state,
            )
            for phone in stored
        ]
    phones = check_phones(edit.additional_phones, viewer.region, states, refusals)
    check_repeated(primary, phones, refusals)
    types = {phone.item_type_id for phone in phones if phone.item_type_id is not None}
    known_types = await session.scalars(
        visible_item_types(viewer)
        .where(ContactItemType.id.in_(types))
        .with_only_columns(ContactItemType.id)
    )
    check_known([phone.item_type_id for phone in phones], "itemTypeId", known_types, refusals)
    check_known([phone.id for phone in phones], "id", [phone.id for phone in stored], refusals)
    check_given_once(phones, refusals)
    return phones


def _fill(row: Contact, person: Person) -> None:
    for column, value in person.items():
        setattr(row, column, value)
    if row.phone is None:
        row.phone_state = PhoneState.AVAILABLE.value
    row.name_key, row.given_key = name_keys(row.first_name, row.last_name or "")
    row.company_key = sort_key(row.company or "")


def _as_edit(given: ContactInput) -> ContactEdit:
    known = {field.name for field in fields(ContactEdit)}
    names = (field.name for field in fields(given) if field.name in known)
    return ContactEdit(**{name: getattr(given, name) for name in names})


def _given(edit: ContactEdit) -> list[str]:
    return [
        field.name
        for field in fields(edit)
        if field.name != "version" and not isinstance(getattr(edit, field.name), Unset)
    ]
