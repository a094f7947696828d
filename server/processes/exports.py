# SPDX-License-Identifier: Apache-2.0
"""The export as a worker does it: who matches is kept first, then written piece by piece."""

from collections.abc import AsyncGenerator

import asyncpg

from server.database import Database
from server.domain.errors import DomainError, ErrorCode
from server.domain.exports import csv_rows
from server.domain.permissions import Permission, Viewer
from server.processes.engine import Chunk
from server.services import exports
from server.services.access.persons import viewer_of_user
from server.services.processes import Attempt, Counts, SupersededError


async def export_contacts(database: Database, attempt: Attempt) -> AsyncGenerator[Chunk, None]:
    """Rows of the contacts that matched when it began; a later attempt goes on behind the pieces
    that stand (F12). Raises FORBIDDEN where the right to export was taken away meanwhile.
    """
    given = exports.ExportInput.from_json(attempt.options)
    viewer = await _viewer(database, attempt)
    file = _File(attempt)
    if file.layout is None:
        file.layout, file.total = await _begin(database, attempt, viewer, given)
        yield file.chunk(csv_rows([file.layout.names], is_first=True), Counts())
    while True:
        async with database.transaction(attempt.tenant_id) as session:
            ids = await exports.kept_piece(session, attempt.process_id, file.pieces)
            if ids is None:
                break
            rows = await exports.read_rows(session, viewer, given, file.layout, ids)
        file.pieces += 1
        counts = Counts(succeeded=len(rows), skipped=len(ids) - len(rows))
        yield file.chunk(csv_rows(rows, file.layout.phones), counts)
    async with database.transaction(attempt.tenant_id) as session:
        await exports.seal_file(session, file.id)


class _File:
    """The file as far as it is written: a header, then the pieces that are done."""

    def __init__(self, attempt: Attempt) -> None:
        self.attempt = attempt
        self.id = attempt.file_id or 0
        self.pieces = int(str(attempt.work.get("pieces", 0)))
        self.total = attempt.total or 0
        stored = attempt.work.get("layout")
        self.layout = exports.Layout.from_json(stored) if isinstance(stored, dict) else None

    def chunk(self, content: bytes, counts: Counts) -> Chunk:
        """The next piece; the first one makes the file."""
        position, layout = self.pieces, self.layout
        assert layout is not None

        async def apply(connection: asyncpg.Connection) -> Counts:
            if position == 0:
                now, timezone = self.attempt.started_at, str(self.attempt.options["timezone"])
                name = exports.file_name(now, timezone)
                self.id = await exports.open_file(
                    connection, self.attempt.process_id, self.attempt.user_id, name
                )
            await exports.append_piece(connection, self.id, position, content)
            return counts

        work: dict[str, object] = {"pieces": position, "layout": layout.to_json()}
        return Chunk(apply=apply, work=work, total=self.total)


async def _viewer(database: Database, attempt: Attempt) -> Viewer:
    async with database.transaction(attempt.tenant_id) as session:
        viewer = await viewer_of_user(session, attempt.user_id)
    if viewer is None:
        raise DomainError(ErrorCode.FORBIDDEN, permission=Permission.CONTACTS_EXPORT.value)
    exports.check_may_export(viewer)
    return viewer


async def _begin(
    database: Database, attempt: Attempt, viewer: Viewer, given: exports.ExportInput
) -> tuple[exports.Layout, int]:
    """Who matches is kept, whatever an earlier attempt has kept; and the columns they need."""
    async with database.transaction(attempt.tenant_id) as session:
        if not await exports.hold(session, attempt):
            raise SupersededError
        total = await exports.keep_matching(session, viewer, given, attempt.process_id)
        layout = await exports.survey(session, given, exports.kept(attempt.process_id))
    return layout, total
