# SPDX-License-Identifier: Apache-2.0
"""Contacts become one, in one transaction; what they were is kept whole for thirty days (D2)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode
from server.domain.merging import MergedPhone, MergePlan, fingerprint, plan_merge
from server.domain.permissions import Viewer
from server.domain.trash import KEPT
from server.services.contacts.checks import MOST_PHONES
from server.services.contacts.holding import hold_contacts
from server.services.contacts.merging.checks import check_found, check_ids
from server.services.contacts.merging.keeping import carry_kept
from server.services.contacts.merging.persons import write_person
from server.services.contacts.snapshots import Snapshot, full_name, take_snapshots
from server.services.contacts.trash import delete_rows, on_call
from server.services.dialer import connection_of
from server.services.dialer.merging import JoinedStay, hold_stays, join_stays
from server.services.events import record
from server.services.tags import MOST_TAGS

_DROP_PHONES = """
DELETE FROM additional_phones WHERE contact_id = ANY($1::bigint[]) AND id <> ALL($2::bigint[])
"""
_KEEP_PHONES = """
UPDATE additional_phones p SET contact_id = $1, position = u.position,
  item_type_id = u.item_type_id, description = u.description, state = u.state
FROM unnest($2::bigint[], $3::text[], $4::smallint[], $5::bigint[], $6::text[], $7::text[])
  AS u(id, number, position, item_type_id, description, state)
WHERE p.id = u.id AND (p.contact_id, p.position, p.item_type_id, p.description, p.state)
  IS DISTINCT FROM ($1, u.position, u.item_type_id, u.description, u.state)
"""
_ADD_PHONES = """
INSERT INTO additional_phones (contact_id, number, position, item_type_id, description, state)
SELECT $1, number, position, item_type_id, description, state
FROM unnest($2::text[], $3::smallint[], $4::bigint[], $5::text[], $6::text[])
  AS u(number, position, item_type_id, description, state)
"""
# Two contacts may stand on one list and carry one tag: the pair is there once afterwards.
_LISTS = """
INSERT INTO list_members (list_id, contact_id)
SELECT DISTINCT list_id, $1::bigint FROM list_members WHERE contact_id = ANY($2::bigint[])
ON CONFLICT DO NOTHING
"""
_TAGS = """
INSERT INTO contact_tags (tag_id, contact_id)
SELECT id, $1::bigint FROM tags WHERE id = ANY($2::bigint[]) FOR KEY SHARE ON CONFLICT DO NOTHING
"""
_DROP_VALUES = """
DELETE FROM field_values WHERE contact_id = ANY($1::bigint[]) AND id <> ALL($2::bigint[])
"""
_KEEP_VALUES = """
UPDATE field_values SET contact_id = $1 WHERE id = ANY($2::bigint[]) AND contact_id <> $1
"""
_REMEMBER = """
INSERT INTO contact_merges (master_id, name, before, after, merged_by, expires_at)
VALUES ($1, $2, $3::jsonb, '{}', $4, clock_timestamp() + $5::interval) RETURNING id
"""
_AFTER = "UPDATE contact_merges SET after = $2::jsonb WHERE id = $1"
# Links to those that had become one of these lead to the new master at once.
_LEAD = """
WITH earlier AS (
  UPDATE merged_contacts SET master_id = $1 WHERE master_id = ANY($3::bigint[])
)
INSERT INTO merged_contacts (contact_id, merge_id, master_id)
SELECT id, $2, $1 FROM unnest($3::bigint[]) AS u(id)
"""


@dataclass(frozen=True, kw_only=True)
class Merged:
    """The contact that there is now, and the merge that can be undone."""

    contact_id: int
    merge_id: int
    stays: Sequence[JoinedStay]


async def merge_contacts(
    session: AsyncSession,
    viewer: Viewer,
    contact_ids: Sequence[int],
    master_id: int,
    *,
    seen: str,
    choices: Mapping[str, int] | None = None,
) -> Merged:
    """The master keeps its id, numbers and history; the others become part of it (X-25 to X-28).

    `seen` is the fingerprint of the preview: CONFLICT (fingerprint) once a contact is another than
    the one that was shown. `choices` names by field whose value is taken. WRONG_STATE while one of
    them is on a call (D3). Of two merges that share a contact the second finds it gone.
    """
    master, ids = check_ids(contact_ids, master_id)
    held = await hold_contacts(session, viewer, ids)
    check_found(contact_ids, master_id, held.names)
    for place, contact_id in enumerate(contact_ids):
        if state := held.on_call.get(contact_id):
            raise on_call(state, f"ids.{place}")
    if state := held.on_call.get(master):
        raise on_call(state, "masterId")
    connection = await connection_of(session)
    await hold_stays(connection, ids)
    documents = await take_snapshots(connection, ids)
    if fingerprint(documents, master) != seen:
        raise DomainError(ErrorCode.CONFLICT, "fingerprint")
    plan = plan_merge(
        documents, master, choices or {}, most_phones=MOST_PHONES, most_tags=MOST_TAGS
    )
    if any(conflict.is_blocking for conflict in plan.conflicts):
        raise DomainError(ErrorCode.OUT_OF_RANGE, "ids", max=MOST_PHONES)
    merge_id = await _remember(connection, viewer, plan, documents)
    await write_person(session, master, plan.columns)
    await _write_phones(connection, plan)
    await connection.execute(_LISTS, master, list(plan.others))
    await connection.execute(_TAGS, master, [tag.id for tag in plan.tags])
    await _write_values(connection, plan)
    stays = await join_stays(connection, master, ids)
    await carry_kept(connection, master, ids)
    await connection.execute(_LEAD, master, merge_id, list(plan.others))
    await delete_rows(connection, list(plan.others))
    [after] = (await take_snapshots(connection, [master])).values()
    await connection.execute(_AFTER, merge_id, json.dumps(after))
    record(
        session,
        viewer,
        "contact.merged",
        master,
        name=full_name(plan.columns),
        merged=list(plan.others),
        merge=merge_id,
        entries=len(stays),
    )
    await session.flush()
    return Merged(contact_id=master, merge_id=merge_id, stays=stays)


async def _remember(
    connection: asyncpg.Connection,
    viewer: Viewer,
    plan: MergePlan,
    documents: Mapping[int, Snapshot],
) -> int:
    before = [documents[key] for key in plan.contact_ids]
    name = full_name(plan.columns)
    merge_id: int = await connection.fetchval(
        _REMEMBER, plan.master_id, name, json.dumps(before), viewer.user_id, KEPT
    )
    return merge_id


async def _write_phones(connection: asyncpg.Connection, plan: MergePlan) -> None:
    """Rows stay rows: a number keeps the id it had, on whichever contact that was."""
    placed = list(enumerate(plan.additional))
    kept = [(phone.id, *_phone_row(place, phone)) for place, phone in placed if phone.id]
    added = [_phone_row(place, phone) for place, phone in placed if not phone.id]
    await connection.execute(_DROP_PHONES, list(plan.contact_ids), [row[0] for row in kept])
    for statement, rows in ((_KEEP_PHONES, kept), (_ADD_PHONES, added)):
        if rows:
            columns = [list(column) for column in zip(*rows, strict=True)]
            await connection.execute(statement, plan.master_id, *columns)


def _phone_row(place: int, phone: MergedPhone) -> tuple[Any, ...]:
    state = phone.state.value
    return phone.number, place, phone.item_type_id, phone.description, state


async def _write_values(connection: asyncpg.Connection, plan: MergePlan) -> None:
    kept = [one.value["id"] for one in plan.values if one.value is not None]
    await connection.execute(_DROP_VALUES, list(plan.contact_ids), kept)
    await connection.execute(_KEEP_VALUES, plan.master_id, kept)
