# SPDX-License-Identifier: Apache-2.0
"""The import as a worker does it: the file to disk, its rows in chunks, each read ahead."""

import asyncio
import gc
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable
from itertools import islice
from typing import IO

import asyncpg
import structlog

from server.database import Database, DatabaseUnavailable
from server.domain.errors import DomainError, ErrorCode
from server.domain.imports import (
    Batch,
    Layout,
    Record,
    RowReader,
    column_names,
    find_columns,
    open_text,
    read_records,
)
from server.processes.engine import Chunk
from server.services.files import read_piece
from server.services.imports import ImportOptions, load_batch, read_reader
from server.services.processes import Attempt, Counts
from server.services.search.indexing import count_new, index_new

log = structlog.get_logger(__name__)

CHUNK_ROWS = 5000
CHUNK_CHARACTERS = 4 * 1024 * 1024  # whichever comes first
MOST_REFUSED = 100_000  # rows; with hardly one taken by then, going on would only fill the disk
MOST_BEHIND = 2  # chunks of a centre's imports that the search may have to look through
_KEPT_REPEATED = 100  # lines


async def import_contacts(database: Database, attempt: Attempt) -> AsyncGenerator[Chunk, None]:
    """Chunks of the file's rows; a later attempt goes on behind the rows already counted (F12).

    Raises COLUMN_MISSING and FILE_EMPTY before the first chunk (X-22).
    """
    options = ImportOptions.from_json(attempt.options)
    with tempfile.TemporaryFile() as file:
        await _fetch(database, attempt, file)
        layout, count = await asyncio.to_thread(_survey, file, options)
        if not count:
            raise DomainError(ErrorCode.FILE_EMPTY, "fileId")
        async with database.transaction(attempt.tenant_id) as session:
            reader = await read_reader(session, layout)
        done = int(str(attempt.work.get("records", 0)))
        reading = _Reading(file, options, reader, done)
        repeated = _Repeated(attempt.work)
        refused = int(str(attempt.work.get("refused", 0)))
        ahead = asyncio.create_task(asyncio.to_thread(reading.next_batch))
        index = _Index(database, attempt.tenant_id)
        try:
            while (batch := await ahead) is not None:
                records = reading.records
                refused += len(batch.rejections)
                if refused > MOST_REFUSED and refused * 20 > records * 19:
                    raise DomainError(ErrorCode.MOST_ROWS_REFUSED, "mapping", rows=records)
                ahead = asyncio.create_task(asyncio.to_thread(reading.next_batch))
                yield Chunk(
                    apply=_apply(attempt, batch, options),
                    work={
                        "records": records,
                        "refused": refused,
                        **repeated.plus(batch.repeated),
                    },
                    total=count,
                )
                await index.follow()
            await index.end()
        finally:
            # Its thread reads from the file that is about to be closed.
            await asyncio.wait({ahead})
            await index.leave()


def _apply(
    attempt: Attempt, batch: Batch, options: ImportOptions
) -> Callable[[asyncpg.Connection], Awaitable[Counts]]:
    async def apply(connection: asyncpg.Connection) -> Counts:
        return await load_batch(
            connection, attempt, batch, check_duplicates=options.check_duplicates
        )

    return apply


async def _fetch(database: Database, attempt: Attempt, file: IO[bytes]) -> None:
    """The stored file onto this worker's disk, a piece in memory at a time."""
    if attempt.file_id is None:
        raise DomainError(ErrorCode.NOT_FOUND, "fileId")
    position = 0
    while True:
        async with database.transaction(attempt.tenant_id) as session:
            piece = await read_piece(session, attempt.file_id, position)
        if piece is None:
            return
        file.write(piece)
        position += 1


def _survey(file: IO[bytes], options: ImportOptions) -> tuple[Layout, int]:
    """Where the mapped columns stand, and how many rows there are: the whole file is read once."""
    file.seek(0)
    text = open_text(file, options.encoding)
    records = read_records(text, options.separator)
    first = next(records, None)
    if first is None:
        raise DomainError(ErrorCode.FILE_EMPTY, "fileId")
    columns = column_names(first, has_header=options.has_header)
    layout = find_columns(options.mapping, columns, has_header=options.has_header)
    count = sum(1 for _ in records) + (not options.has_header)
    text.detach()  # or it would close the file
    return layout, count


class _Reading:
    """The file's rows batch by batch; `records` counts those read so far."""

    def __init__(
        self, file: IO[bytes], options: ImportOptions, reader: RowReader, done: int
    ) -> None:
        file.seek(0)
        self._text = open_text(file, options.encoding)
        records = read_records(self._text, options.separator)
        self._records = islice(records, done + options.has_header, None)
        self._reader = reader
        self.records = done

    def next_batch(self) -> Batch | None:
        """The next rows read and judged; None behind the last one."""
        # All that a chunk makes lives until its end: the collector would walk it over and over in
        # vain, for a third of the whole time.
        was_enabled = gc.isenabled()
        gc.disable()
        try:
            return self._next_batch()
        finally:
            if was_enabled:
                gc.enable()

    def _next_batch(self) -> Batch | None:
        records: list[Record] = []
        characters = 0
        for record in self._records:
            records.append(record)
            characters += record.size
            if len(records) >= CHUNK_ROWS or characters >= CHUNK_CHARACTERS:
                break
        self.records += len(records)
        return self._reader.read(records) if records else None


class _Index:
    """What is imported comes into the index of the search beside the import, soon after it.

    What a failure leaves out is still found, and a worker's next look brings it in.
    """

    def __init__(self, database: Database, tenant_id: int) -> None:
        self._database = database
        self._tenant_id = tenant_id
        self._task: asyncio.Task[None] | None = None

    async def follow(self) -> None:
        """Another chunk is there; waits where the index has fallen too far behind."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        if await count_new(self._database, self._tenant_id) > MOST_BEHIND:
            await self._task

    async def end(self) -> None:
        """Returns when the index has all that was noted until now."""
        if self._task is not None:
            await self._task
            await self._work()

    async def leave(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _work(self) -> None:
        try:
            await index_new(self._database, self._tenant_id)
        except DatabaseUnavailable as error:
            log.warning("import.index_waits", reason=str(error))
        except Exception:  # the rows are there: the import goes on
            log.exception("import.index_failed")


class _Repeated:
    """Lines on which one number stood twice: how many, and the first hundred of them."""

    def __init__(self, work: dict[str, object]) -> None:
        lines = work.get("repeated_lines", [])
        self._count = int(str(work.get("repeated", 0)))
        self._lines = list(lines) if isinstance(lines, list) else []

    def plus(self, lines: list[int]) -> dict[str, object]:
        self._count += len(lines)
        self._lines = (self._lines + lines)[:_KEPT_REPEATED]
        return {"repeated": self._count, "repeated_lines": self._lines}
