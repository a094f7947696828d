# SPDX-License-Identifier: Apache-2.0
"""Do-not-call entries are made and changed (C-26 to C-28).

The next claim goes by a new number. A person leaves at once all that the entry speaks of.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.blacklists import CallMark, Media
from server.domain.dialer import FinalReason
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.domain.refusals import Refusals
from server.domain.text import Unset, name_key
from server.models import BlacklistEntry
from server.services.blacklists.finding import held_entry
from server.services.blacklists.inputs import (
    EntryEdit,
    EntryInput,
    check_scope,
    check_texts,
    held_person,
    read_uri,
)
from server.services.constraints import refusing
from server.services.dialer import Closed, close_entries, connection_of, hold_claims
from server.services.events import record

_CLOSED_BY = """
SELECT e.id FROM hopper_entries e JOIN blacklist_entries b ON b.id = $1
WHERE e.contact_id = b.contact_id AND (b.campaign_id IS NULL OR e.campaign_id = b.campaign_id)
  AND (b.list_id IS NULL OR e.list_id = b.list_id) AND (b.is_everywhere OR NOT e.is_callback)
"""
# By what the constraint of each media is called in the input.
_UNIQUE = {"scope": "uri", "email": "uri", "person": "contactId"}


async def create_entry(
    session: AsyncSession, viewer: Viewer, given: EntryInput
) -> tuple[BlacklistEntry, Closed]:
    """The entry, and the stays that it ends. Raises TAKEN where the scope has it already."""
    refusals = Refusals()
    row = BlacklistEntry(
        media=given.media.value,
        campaign_id=given.campaign_id,
        list_id=given.list_id,
        is_everywhere=given.is_everywhere,
        created_by_id=viewer.user_id,
    )
    row.name, row.note = check_texts(given.name, given.note, refusals)
    row.name_key = name_key(row.name)
    listed = ""
    with refusals.noting():
        if given.media is Media.PERSON:
            if given.contact_id is None:
                raise DomainError(ErrorCode.REQUIRED, "contactId")
            listed = await held_person(session, viewer, given.contact_id)
            row.contact_id = given.contact_id
        elif given.contact_id is not None:
            raise DomainError(ErrorCode.INVALID, "contactId")
        else:
            listed = read_uri(given.uri, given.media, viewer.region)
            _set_uri(row, listed)
    await check_scope(session, viewer, given.campaign_id, given.list_id, refusals)
    refusals.check()
    async with refusing(session, _taken(listed)):
        session.add(row)
    record(session, viewer, "blacklist.created", row.id, **told(row))
    closed = await _close_stays(session, row)
    await session.refresh(row)
    return row, closed


async def edit_entry(
    session: AsyncSession, viewer: Viewer, entry_id: int, edit: EntryEdit
) -> tuple[BlacklistEntry, Closed]:
    """Name, note, address and scope; an opt-out keeps holding for every call of the tenant."""
    row = await held_entry(session, viewer, entry_id, edit.version)
    refusals = Refusals()
    name = row.name if isinstance(edit.name, Unset) else edit.name
    note = row.note if isinstance(edit.note, Unset) else edit.note
    campaign_id = row.campaign_id if isinstance(edit.campaign_id, Unset) else edit.campaign_id
    list_id = row.list_id if isinstance(edit.list_id, Unset) else edit.list_id
    name, note = check_texts(name, note, refusals)
    uri = row.number or row.email
    if not isinstance(edit.uri, Unset):
        with refusals.noting():
            if row.contact_id is not None:
                raise DomainError(ErrorCode.INVALID, "uri")
            uri = read_uri(edit.uri, Media(row.media), viewer.region)
    everywhere = row.is_everywhere if isinstance(edit.is_everywhere, Unset) else edit.is_everywhere
    if row.is_opt_out:
        _check_opt_out(row, uri, campaign_id, list_id, everywhere, refusals)
    if (campaign_id, list_id) != (row.campaign_id, row.list_id):
        await check_scope(session, viewer, campaign_id, list_id, refusals)
    refusals.check()
    before = told(row)
    async with refusing(session, _taken(uri or row.name)):
        row.name, row.name_key, row.note = name, name_key(name), note
        row.campaign_id, row.list_id, row.is_everywhere = campaign_id, list_id, everywhere
        if uri is not None:
            _set_uri(row, uri)
        if session.is_modified(row):
            row.version += 1
    changed = {key: value for key, value in told(row).items() if value != before[key]}
    closed = Closed()
    if changed:
        record(session, viewer, "blacklist.edited", row.id, **told(row), changed=changed)
        closed = await _close_stays(session, row)
    return row, closed


def told(row: BlacklistEntry) -> dict[str, object]:
    """What the audit keeps of an entry."""
    return {
        "name": row.name or row.number or row.email or "",
        "media": row.media,
        "uri": row.number or row.email,
        "contact": row.contact_id,
        "campaign": row.campaign_id,
        "list": row.list_id,
        "everywhere": row.is_everywhere,
        "opt_out": row.is_opt_out,
        "note": row.note,
    }


def _set_uri(row: BlacklistEntry, uri: str) -> None:
    if row.media == Media.EMAIL:
        row.email = uri
    else:
        row.number = uri


def _check_opt_out(
    row: BlacklistEntry,
    uri: str | None,
    campaign_id: int | None,
    list_id: int | None,
    is_everywhere: bool,
    refusals: Refusals,
) -> None:
    kept = {
        "uri": uri == (row.number or row.email),
        "campaignId": campaign_id is None,
        "listId": list_id is None,
        "isEverywhere": is_everywhere,
    }
    for field, is_kept in kept.items():
        if not is_kept:
            refusals.add(ErrorCode.WRONG_STATE, field, state=CallMark.OPT_OUT)


def _taken(listed: str) -> dict[str, DomainError]:
    return {
        f"uq_blacklist_entries_{name}": DomainError(ErrorCode.TAKEN, field, listed=listed)
        for name, field in _UNIQUE.items()
    }


async def _close_stays(session: AsyncSession, row: BlacklistEntry) -> Closed:
    if row.contact_id is None:
        return Closed()
    connection = await connection_of(session)
    await hold_claims(connection)  # a claim that does not know of the entry yet ends first
    ids = [found[0] for found in await connection.fetch(_CLOSED_BY, row.id)]
    return await close_entries(connection, FinalReason.BLACKLIST_CONTACT, entry_ids=ids)
