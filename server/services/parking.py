# SPDX-License-Identifier: Apache-2.0
"""Parked entries as people see them: looked at, and let go on (F21)."""

from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.models import HopperEntry
from server.services.dialer import release_parked
from server.services.dialer.reading import visible_entries
from server.services.events import record


async def release_entry(session: AsyncSession, viewer: Viewer, entry_id: int) -> None:
    """It goes on from where it stood, and is tried three times again."""
    entry = await session.scalar(
        visible_entries(viewer)
        .where(HopperEntry.id == entry_id)
        .with_for_update(of=HopperEntry, key_share=True)
    )
    if entry is None:
        raise DomainError(ErrorCode.NOT_FOUND, "entryId")
    if not await release_parked(session, [entry_id]):
        raise DomainError(ErrorCode.WRONG_STATE, "entryId", state=entry.state)
    record(session, viewer, "entry.released", entry.contact_id, campaign_id=entry.campaign_id)
