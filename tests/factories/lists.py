# SPDX-License-Identifier: Apache-2.0
"""Contact lists, made as a supervisor would."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.permissions import Viewer
from server.models import ContactList
from server.services import lists
from server.services.lists import ListInput


async def make_list(
    session: AsyncSession, viewer: Viewer, name: str = "Spring", *, agent_ids: Sequence[int] = ()
) -> ContactList:
    return await lists.create_list(session, viewer, ListInput(name=name, agent_ids=agent_ids))
