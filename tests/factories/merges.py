# SPDX-License-Identifier: Apache-2.0
"""Merges, made as somebody does who has looked at the preview."""

from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.permissions import Viewer
from server.services.contacts.merging import Merged, merge_contacts, preview_merge


async def merge(
    session: AsyncSession, viewer: Viewer, master_id: int, *others: int, **choices: int
) -> Merged:
    """The others into the master; `choices` by field."""
    ids = [master_id, *others]
    seen = (await preview_merge(session, viewer, ids, master_id)).fingerprint
    return await merge_contacts(session, viewer, ids, master_id, seen=seen, choices=choices)
