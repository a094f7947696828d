# SPDX-License-Identifier: Apache-2.0
"""Starts an export, and writes its file piece by piece in shared storage (C-12, C-14, C-15)."""

import hashlib
from datetime import datetime
from zoneinfo import ZoneInfo

import asyncpg
from sqlalchemy import Select, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode
from server.domain.exports import check_headings
from server.domain.permissions import Permission, Viewer
from server.domain.processes import ProcessKind, ProcessState
from server.domain.text import clean
from server.models import Campaign, ContactList, Process, ProcessTarget, StoredFile
from server.services.contacts.selections import in_order, matching_contacts
from server.services.events import record
from server.services.exports.options import ExportInput
from server.services.files import read_piece
from server.services.processes import Attempt, add_process
from server.services.visibility import visible_campaigns, visible_lists

CONTENT_TYPE = "text/csv; charset=utf-8"
PIECE = 2000  # contacts

_APPEND = "INSERT INTO file_chunks (file_id, position, content) VALUES ($1, $2, $3)"
_GROW = "UPDATE stored_files SET size = size + $2 WHERE id = $1"


async def start_export(session: AsyncSession, viewer: Viewer, given: ExportInput) -> Process:
    """A pending process that a worker takes up at once. Raises FORBIDDEN, REQUIRED (columns)."""
    check_may_export(viewer)
    check_headings(given.headings)
    process = await add_process(
        session,
        Process(
            kind=ProcessKind.EXPORT,
            user_id=viewer.user_id,
            list_id=await session.scalar(
                visible_lists(viewer)
                .with_only_columns(ContactList.id)
                .where(ContactList.id == given.criteria.list_id)
            ),
            campaign_id=await session.scalar(
                visible_campaigns(viewer)
                .with_only_columns(Campaign.id)
                .where(Campaign.id == given.criteria.campaign_id)
            ),
            options=given.to_json(),
            comment=clean(given.comment, "comment", longest=500),
        ),
    )
    record(session, viewer, "process.started", process.id, kind=ProcessKind.EXPORT)
    return process


def check_may_export(viewer: Viewer) -> None:
    """Asked when it is started and again by the worker: a right that was taken away is gone."""
    if not viewer.may(Permission.CONTACTS_EXPORT):
        permission = Permission.CONTACTS_EXPORT.value
        raise DomainError(ErrorCode.FORBIDDEN, permission=permission)


def file_name(now: datetime, timezone: str) -> str:
    """`contacts-2027-01-31-0900.csv`, by the exporter's clock."""
    return f"contacts-{now.astimezone(ZoneInfo(timezone)):%Y-%m-%d-%H%M}.csv"


async def keep_matching(
    session: AsyncSession, viewer: Viewer, given: ExportInput, process_id: int
) -> int:
    """Who matches now, in the list's order, kept with the process in pieces; how many they are."""
    await session.execute(delete(ProcessTarget).where(ProcessTarget.process_id == process_id))
    found = matching_contacts(viewer, given.criteria)
    ids = list(
        await session.scalars(in_order(found, given.sort, is_descending=given.is_descending))
    )
    for position, first in enumerate(range(0, len(ids), PIECE)):
        values = {"process_id": process_id, "position": position}
        piece = ids[first : first + PIECE]
        await session.execute(insert(ProcessTarget).values(**values, contact_ids=piece))
    return len(ids)


async def hold(session: AsyncSession, attempt: Attempt) -> bool:
    """Whether the process is still this worker's, and nobody else's before the transaction ends."""
    mine = select(Process.id).where(
        Process.id == attempt.process_id,
        Process.fence == attempt.fence,
        Process.state == ProcessState.RUNNING,
    )
    return await session.scalar(mine.with_for_update()) is not None


def kept(process_id: int) -> Select[int]:
    """The ids of those who are kept, in no order."""
    return select(func.unnest(ProcessTarget.contact_ids).label("id")).where(
        ProcessTarget.process_id == process_id
    )


async def kept_piece(session: AsyncSession, process_id: int, position: int) -> list[int] | None:
    """The contacts of one piece; None behind the last one."""
    found: list[int] | None = await session.scalar(
        select(ProcessTarget.contact_ids).where(
            ProcessTarget.process_id == process_id, ProcessTarget.position == position
        )
    )
    return found


async def open_file(
    connection: asyncpg.Connection, process_id: int, user_id: int | None, name: str
) -> int:
    """A file without content yet, that the process shows from now on."""
    file_id: int = await connection.fetchval(
        "INSERT INTO stored_files (name, content_type, user_id) VALUES ($1, $2, $3) RETURNING id",
        name,
        CONTENT_TYPE,
        user_id,
    )
    await connection.execute("UPDATE processes SET file_id = $2 WHERE id = $1", process_id, file_id)
    return file_id


async def append_piece(
    connection: asyncpg.Connection, file_id: int, position: int, content: bytes
) -> None:
    await connection.execute(_APPEND, file_id, position, content)
    await connection.execute(_GROW, file_id, len(content))


async def seal_file(session: AsyncSession, file_id: int) -> None:
    """The digest of the whole file, once its last piece stands."""
    digest, position = hashlib.sha256(), 0
    while (content := await read_piece(session, file_id, position)) is not None:
        digest.update(content)
        position += 1
    file = await session.get_one(StoredFile, file_id)
    file.sha256 = digest.hexdigest()
