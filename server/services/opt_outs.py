# SPDX-License-Identifier: Apache-2.0
"""Opt-outs: who does not want to be called is not called again, by anybody, from this moment on.

One transaction writes the entry, which holds for every kind of call in the whole tenant, takes the
number or the person out of every open stay and closes their callbacks. A call that is claimed and
not made yet is stopped by the second look at the blacklist, just before it would be made.
"""

from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.blacklists import Media
from server.domain.dialer import FinalReason
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Permission, Viewer
from server.domain.refusals import Refusals
from server.models import BlacklistEntry
from server.services.blacklists.deleting import take_out
from server.services.blacklists.inputs import check_texts, held_person, read_uri
from server.services.dialer import close_entries, connection_of, hold_claims
from server.services.dialer.blocking import WITH_NUMBER, block_numbers
from server.services.events import record

# An entry that stood there already becomes an opt-out, and keeps its name.
_WRITE = """
INSERT INTO blacklist_entries
  (media, number, contact_id, is_everywhere, is_opt_out, note, created_by_id)
VALUES ($1, $2, $3, true, true, $4, $5)
ON CONFLICT ({key}, coalesce(campaign_id, 0), coalesce(list_id, 0)) WHERE media = '{media}'
DO UPDATE SET is_everywhere = true, is_opt_out = true, suppressed_for = NULL,
  note = CASE WHEN excluded.note = '' THEN blacklist_entries.note ELSE excluded.note END,
  version = blacklist_entries.version + 1
RETURNING id
"""
_KEYS = {Media.PHONE: "tenant_id, number", Media.PERSON: "contact_id"}
_CLOSE_TASKS = """
UPDATE scheduled_tasks SET closed_at = clock_timestamp(), close_reason = 'OPT_OUT',
  version = version + 1
WHERE closed_at IS NULL AND {of}
"""
_OF_NUMBER, _OF_PERSON = "number = $1", "contact_id = $1"
_OPEN_OF_PERSON = "SELECT id FROM hopper_entries WHERE contact_id = $1"
_OPEN = """
SELECT count(*) AS entries, count(DISTINCT e.campaign_id) AS campaigns,
  count(*) FILTER (WHERE e.state IN ('DIALING', 'CONNECTED')) AS in_call
FROM hopper_entries e WHERE e.id IN ({ids})
"""
_TASKS = "SELECT count(*) FROM scheduled_tasks WHERE closed_at IS NULL AND {of}"
_CONTACTS = """
SELECT count(*) FROM (
  SELECT id FROM contacts WHERE tenant_id = rubrica_tenant() AND phone = $1
  UNION SELECT contact_id FROM additional_phones
    WHERE tenant_id = rubrica_tenant() AND number = $1) AS known
"""


@dataclass(frozen=True, kw_only=True)
class OptOutInput:
    """A number, or a contact with all their numbers: one of the two."""

    number: str | None = None
    contact_id: int | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class OptedOut:
    """What it changed at once; who is in a call just now leaves after it."""

    entry_id: int
    name: str  # the number, or the person's name
    entries_blocked: int  # open stays that a number was taken out of
    entries_closed: int
    entries_in_call: int
    tasks_closed: int


@dataclass(frozen=True, kw_only=True)
class OptOutPreview:
    """What an opt-out would change; `entry_id` where it stands already."""

    name: str
    entry_id: int | None
    entries: int
    campaigns: int
    in_call: int
    tasks: int
    contacts: int  # that have the number


@dataclass(frozen=True, kw_only=True)
class _Target:
    media: Media
    number: str | None
    contact_id: int | None
    name: str

    @property
    def key(self) -> str | int | None:
        return self.number if self.media is Media.PHONE else self.contact_id


async def opt_out(session: AsyncSession, viewer: Viewer, given: OptOutInput) -> OptedOut:
    """Raises REQUIRED (number), INVALID_NUMBER, NOT_FOUND (contactId). Again: nothing new."""
    refusals = Refusals()
    _, note = check_texts("", given.note, refusals)
    refusals.check()
    target = await _target(session, viewer, given)
    connection = await connection_of(session)
    statement = _WRITE.format(key=_KEYS[target.media], media=target.media.value)
    entry_id: int = await connection.fetchval(
        statement, target.media.value, target.number, target.contact_id, note, viewer.user_id
    )
    of = _OF_NUMBER if target.media is Media.PHONE else _OF_PERSON
    # Counted first: the tasks of stays that close now close with them.
    tasks: int = await connection.fetchval(_TASKS.format(of=of), target.key)
    if target.media is Media.PHONE:
        blocked = await block_numbers(connection, [str(target.number)])
        entries, closed, in_call = blocked.entries, blocked.closed, blocked.in_call
    else:
        entries = 0
        await hold_claims(connection)  # a claim that does not know of it yet ends first
        ended = await close_entries(
            connection, FinalReason.BLACKLIST_CONTACT, contact_ids=[int(target.contact_id or 0)]
        )
        closed, in_call = ended.closed, ended.in_call
    await connection.execute(_CLOSE_TASKS.format(of=of), target.key)
    record(
        session,
        viewer,
        "blacklist.opted_out",
        entry_id,
        name=target.name,
        media=target.media.value,
        uri=target.number,
        contact=target.contact_id,
        note=note,
        entries_blocked=entries,
        entries_closed=closed,
        entries_in_call=in_call,
        tasks_closed=tasks,
    )
    await session.flush()
    return OptedOut(
        entry_id=entry_id,
        name=target.name,
        entries_blocked=entries,
        entries_closed=closed,
        entries_in_call=in_call,
        tasks_closed=tasks,
    )


async def preview_opt_out(
    session: AsyncSession, viewer: Viewer, given: OptOutInput
) -> OptOutPreview:
    """Raises what `opt_out` raises; changes nothing."""
    target = await _target(session, viewer, given)
    connection = await connection_of(session)
    is_phone = target.media is Media.PHONE
    ids = WITH_NUMBER if is_phone else _OPEN_OF_PERSON
    key = [target.number] if is_phone else target.contact_id
    opened = await connection.fetchrow(_OPEN.format(ids=ids), key)
    of = _OF_NUMBER if is_phone else _OF_PERSON
    entry = await session.scalar(_opt_out_of(target))
    return OptOutPreview(
        name=target.name,
        entry_id=entry,
        entries=opened["entries"],
        campaigns=opened["campaigns"],
        in_call=opened["in_call"],
        tasks=await connection.fetchval(_TASKS.format(of=of), target.key),
        contacts=await connection.fetchval(_CONTACTS, target.number) if is_phone else 1,
    )


async def withdraw_opt_out(session: AsyncSession, viewer: Viewer, entry_id: int) -> str:
    """The number or person may be called again; answers their name. Closed stays stay closed.

    Who keeps the blacklists may withdraw any; everybody may take their own back. Raises NOT_FOUND
    (id) and FORBIDDEN.
    """
    found = select(BlacklistEntry).where(BlacklistEntry.id == entry_id, BlacklistEntry.is_opt_out)
    row = await session.scalar(found.with_for_update())
    if row is None:
        raise DomainError(ErrorCode.NOT_FOUND, "id")
    if row.created_by_id != viewer.user_id and not viewer.may(Permission.BLACKLISTS_DELETE):
        raise DomainError(ErrorCode.FORBIDDEN, permission=Permission.BLACKLISTS_DELETE)
    connection = await connection_of(session)
    [taken] = await take_out(connection, [entry_id])
    name = row.number or ""
    if row.contact_id is not None:
        name = await held_person(session, viewer, row.contact_id)
    record(session, viewer, "blacklist.withdrawn", entry_id, name=name, rows=[taken])
    session.expunge(row)
    await session.flush()
    return name


async def _target(session: AsyncSession, viewer: Viewer, given: OptOutInput) -> _Target:
    if given.contact_id is not None:
        if given.number is not None:
            raise DomainError(ErrorCode.INVALID, "number")
        name = await held_person(session, viewer, given.contact_id)
        return _Target(media=Media.PERSON, number=None, contact_id=given.contact_id, name=name)
    number = read_uri(given.number or "", Media.PHONE, viewer.region, "number")
    return _Target(media=Media.PHONE, number=number, contact_id=None, name=number)


def _opt_out_of(target: _Target) -> Select[int]:
    entries = select(BlacklistEntry.id).where(BlacklistEntry.is_opt_out)
    if target.media is Media.PHONE:
        return entries.where(
            BlacklistEntry.media == Media.PHONE.value, BlacklistEntry.number == target.number
        )
    return entries.where(BlacklistEntry.contact_id == target.contact_id)
