# SPDX-License-Identifier: Apache-2.0
"""Contact item types, made as a supervisor would."""

from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.permissions import Viewer
from server.models import ContactItemType
from server.services import item_types


async def make_item_type(
    session: AsyncSession,
    viewer: Viewer,
    name: str = "Office",
    order_by: int = 1,
    color: str = "#AABBCC",
) -> ContactItemType:
    given = item_types.ItemTypeInput(name=name, order_by=order_by, color=color)
    return await item_types.create_item_type(session, viewer, given)
