# SPDX-License-Identifier: Apache-2.0
"""A bulk change as a process: its pieces, who does it, and the file of what was deleted (C-14)."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.bulk import REQUIRED, BulkAction
from server.domain.errors import DomainError, ErrorCode
from server.domain.imports import Rejection
from server.domain.imports.rejections import csv_bytes
from server.models import Process, TrashedContact
from server.services import exports
from server.services.access.persons import viewer_of_user
from server.services.contacts.bulk.changes import BulkChange, Changed, apply_change
from server.services.dialer import connection_of
from server.services.processes import Attempt, Counts, add_rejections

HEADER = ("id", "firstName", "lastName", "phone", "email", "company")


async def read_piece(session: AsyncSession, attempt: Attempt, position: int) -> list[int] | None:
    """The contacts of one piece; None behind the last one."""
    return await exports.kept_piece(session, attempt.process_id, position)


async def apply_piece(
    session: AsyncSession, attempt: Attempt, position: int, contact_ids: Sequence[int]
) -> Counts:
    """With the rights that whoever started it has at this moment; raises FORBIDDEN.

    Contacts that were passed over stand among the process's rejections.
    """
    change = BulkChange.from_json(attempt.options)
    viewer = await viewer_of_user(session, attempt.user_id)
    permission = REQUIRED[change.action]
    if viewer is None or not viewer.may(permission):
        raise DomainError(ErrorCode.FORBIDDEN, permission=permission.value)
    changed = await apply_change(
        session, viewer, change, contact_ids, process_id=attempt.process_id
    )
    connection = await connection_of(session)
    await add_rejections(connection, attempt.process_id, _rejections(changed))
    if change.action is BulkAction.TRASH:
        await _list_deleted(session, attempt, position, contact_ids)
    return Counts(succeeded=changed.done, failed=len(changed.skipped), skipped=changed.unchanged)


async def seal_deleted(session: AsyncSession, attempt: Attempt) -> None:
    """Once every piece is done: the digest of the file, if there is one."""
    if (file_id := await _file_of(session, attempt)) is not None:
        await exports.seal_file(session, file_id)


def _rejections(changed: Changed) -> list[Rejection]:
    return [
        Rejection(
            line=one.contact_id,
            column="",
            code=one.refusal.code,
            params={name: str(value) for name, value in one.refusal.params.items()},
            original=[f"contact_{one.contact_id}", one.name],
        )
        for one in changed.skipped
    ]


async def _list_deleted(
    session: AsyncSession, attempt: Attempt, position: int, contact_ids: Sequence[int]
) -> None:
    """The rows of this piece, after those of the pieces before it."""
    columns = ("first_name", "last_name", "phone", "email", "company")
    rows = await session.execute(
        select(
            TrashedContact.contact_id,
            *(TrashedContact.snapshot[("contact", name)].astext for name in columns),
        )
        .where(
            TrashedContact.process_id == attempt.process_id,
            TrashedContact.contact_id.in_(contact_ids),
        )
        .order_by(TrashedContact.contact_id)
    )
    listed = [[f"contact_{row[0]}", *(cell or "" for cell in row[1:])] for row in rows]
    connection = await connection_of(session)
    file_id = await _file_of(session, attempt)
    if file_id is None:
        name = f"deleted-contacts-{attempt.process_id}.csv"
        file_id = await exports.open_file(connection, attempt.process_id, attempt.user_id, name)
        content = csv_bytes([HEADER, *listed], is_first=True)
    else:
        content = csv_bytes(listed)
    await exports.append_piece(connection, file_id, position, content)


async def _file_of(session: AsyncSession, attempt: Attempt) -> int | None:
    found: int | None = await session.scalar(
        select(Process.file_id).where(Process.id == attempt.process_id)
    )
    return found
