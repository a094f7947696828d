# SPDX-License-Identifier: Apache-2.0
"""A small export, answered at once (C-51)."""

from dataclasses import dataclass

from sqlalchemy import ARRAY, BigInteger, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.exports import check_headings, csv_rows
from server.domain.permissions import Viewer
from server.services.contacts.selections import in_order, matching_contacts
from server.services.events import record
from server.services.exports.options import ExportInput
from server.services.exports.rows import read_rows, survey
from server.services.exports.storing import check_may_export, file_name

MOST_AT_ONCE = 1000


@dataclass(frozen=True, kw_only=True)
class ExportedFile:
    name: str
    content: bytes
    rows: int


async def export_now(
    session: AsyncSession, viewer: Viewer, given: ExportInput
) -> ExportedFile | None:
    """The whole file, or None where more than MOST_AT_ONCE match: those take a process."""
    check_may_export(viewer)
    check_headings(given.headings)
    ordered = in_order(
        matching_contacts(viewer, given.criteria), given.sort, is_descending=given.is_descending
    )
    ids = list(await session.scalars(ordered.limit(MOST_AT_ONCE + 1)))
    if len(ids) > MOST_AT_ONCE:
        return None
    found = select(func.unnest(cast(ids, ARRAY(BigInteger))).label("id"))
    layout = await survey(session, given, found)
    rows = await read_rows(session, viewer, given, layout, ids)
    content = csv_rows([layout.names], is_first=True) + csv_rows(rows, layout.phones)
    record(session, viewer, "contact.exported", None, rows=len(rows))
    now = await session.scalar(select(func.clock_timestamp()))
    assert now is not None
    return ExportedFile(name=file_name(now, given.timezone), content=content, rows=len(rows))
