# SPDX-License-Identifier: Apache-2.0
"""Changes of many contacts as a worker makes them: those that were confirmed, piece by piece."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from server.database import Database
from server.domain.bulk import REQUIRED, BulkAction
from server.domain.errors import DomainError, ErrorCode
from server.domain.imports import Rejection
from server.domain.imports.rejections import csv_bytes
from server.domain.permissions import Viewer
from server.models import Process, ProcessTarget, TrashedContact
from server.processes.engine import Chunk
from server.services import exports
from server.services.access.persons import viewer_of_user
from server.services.contacts.bulk import BulkChange, apply_change
from server.services.dialer import connection_of
from server.services.processes import Attempt, Counts, add_rejections

HEADER = ("id", "firstName", "lastName", "phone", "email", "company")


async def change_contacts(database: Database, attempt: Attempt) -> AsyncGenerator[Chunk, None]:
    """A later attempt goes on behind the pieces that are done (F12).

    Raises FORBIDDEN where the right to do it was taken away meanwhile. Contacts on a call are
    passed over, and stand among the process's rejections.
    """
    change = BulkChange.from_json(attempt.options)
    position = int(str(attempt.work.get("pieces", 0)))
    while True:
        async with database.transaction(attempt.tenant_id) as session:
            found: list[int] | None = await session.scalar(
                select(ProcessTarget.contact_ids).where(
                    ProcessTarget.process_id == attempt.process_id,
                    ProcessTarget.position == position,
                )
            )
        if found is None:
            break
        piece = _Piece(attempt, change, position, found)
        position += 1
        yield Chunk(
            apply=piece.apply, needs_session=True, work={"pieces": position}, total=attempt.total
        )
    if change.action is BulkAction.TRASH:
        async with database.transaction(attempt.tenant_id) as session:
            file_id = await _file_of(session, attempt)
            if file_id is not None:
                await exports.seal_file(session, file_id)


@dataclass(frozen=True)
class _Piece:
    attempt: Attempt
    change: BulkChange
    position: int
    contact_ids: list[int]

    async def apply(self, session: AsyncSession) -> Counts:
        attempt = self.attempt
        viewer = await self._viewer(session)
        changed = await apply_change(
            session, viewer, self.change, self.contact_ids, process_id=attempt.process_id
        )
        connection = await connection_of(session)
        rejections = [
            Rejection(
                line=one.contact_id,
                column="",
                code=one.refusal.code,
                params={name: str(value) for name, value in one.refusal.params.items()},
                original=[f"contact_{one.contact_id}", one.name],
            )
            for one in changed.skipped
        ]
        await add_rejections(connection, attempt.process_id, rejections)
        if self.change.action is BulkAction.TRASH:
            await self._list_deleted(session)
        return Counts(
            succeeded=changed.done, failed=len(changed.skipped), skipped=changed.unchanged
        )

    async def _viewer(self, session: AsyncSession) -> Viewer:
        """Whoever started it, with the rights of this moment."""
        viewer = await viewer_of_user(session, self.attempt.user_id)
        permission = REQUIRED[self.change.action]
        if viewer is None or not viewer.may(permission):
            raise DomainError(ErrorCode.FORBIDDEN, permission=permission.value)
        return viewer

    async def _list_deleted(self, session: AsyncSession) -> None:
        """The rows of this piece, after those of the pieces before it (C-14)."""
        columns = ("first_name", "last_name", "phone", "email", "company")
        rows = await session.execute(
            select(
                TrashedContact.contact_id,
                *(TrashedContact.snapshot[("contact", name)].astext for name in columns),
            )
            .where(
                TrashedContact.process_id == self.attempt.process_id,
                TrashedContact.contact_id.in_(self.contact_ids),
            )
            .order_by(TrashedContact.contact_id)
        )
        listed = [[f"contact_{row[0]}", *(cell or "" for cell in row[1:])] for row in rows]
        connection = await connection_of(session)
        file_id = await _file_of(session, self.attempt)
        if file_id is None:
            name = f"deleted-contacts-{self.attempt.process_id}.csv"
            file_id = await exports.open_file(
                connection, self.attempt.process_id, self.attempt.user_id, name
            )
            content = csv_bytes([HEADER, *listed], is_first=True)
        else:
            content = csv_bytes(listed)
        await exports.append_piece(connection, file_id, self.position, content)


async def _file_of(session: AsyncSession, attempt: Attempt) -> int | None:
    found: int | None = await session.scalar(
        select(Process.file_id).where(Process.id == attempt.process_id)
    )
    return found
