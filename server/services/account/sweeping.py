# SPDX-License-Identifier: Apache-2.0
"""Sessions and tokens that ended long ago are forgotten; the audit keeps that they were there."""

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from server.services.access import change_rights

KEPT_SESSIONS = timedelta(days=30)
KEPT_TOKENS = timedelta(days=90)  # their page tells why a script was refused
MOST = 1000  # rows of a table at a time, as those who change rights wait meanwhile


async def forget_ended(session: AsyncSession) -> int:
    """Delete this tenant's long ended sessions and tokens, at most `MOST` of each; how many."""
    await change_rights(session)
    forgotten = 0
    for table, kept in (("sessions", KEPT_SESSIONS), ("api_tokens", KEPT_TOKENS)):
        deleted = await session.execute(
            text(
                f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table}"
                " WHERE least(expires_at, revoked_at)"
                " < clock_timestamp() - CAST(:kept AS interval) LIMIT :most) RETURNING id"
            ),
            {"kept": kept, "most": MOST},
        )
        forgotten += len(deleted.all())
    return forgotten
