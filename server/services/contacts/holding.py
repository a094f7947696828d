# SPDX-License-Identifier: Apache-2.0
"""Contacts held as a whole, so that they can go away: nobody edits, loads or calls them meanwhile.

The order of locks is everybody's (D2): lists, then contacts by their ids, then their entries.
Whoever attaches a list holds it while its members are loaded, so the lists come first here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.dialer import IN_CALL, DialState
from server.domain.permissions import Viewer
from server.models import Contact, HopperEntry, ListMember
from server.services.memberships import share_lists
from server.services.visibility import visible_contacts


@dataclass(frozen=True, kw_only=True)
class Held:
    """Those of the contacts that there are, in the order of their ids, and who is on a call."""

    names: dict[int, str]
    versions: dict[int, int]
    on_call: dict[int, DialState]

    @property
    def free(self) -> list[int]:
        """Those that nobody talks to."""
        return [contact_id for contact_id in self.names if contact_id not in self.on_call]


async def hold_contacts(session: AsyncSession, viewer: Viewer, contact_ids: Sequence[int]) -> Held:
    """Lock the contacts that the viewer sees until the commit.

    A contact that another transaction takes away first is waited for, and then is not there.
    """
    wanted = sorted(set(contact_ids))
    lists = select(ListMember.list_id).where(ListMember.contact_id.in_(wanted)).distinct()
    await share_lists(session, set(await session.scalars(lists)))
    seen = visible_contacts(viewer)
    columns = (Contact.id, Contact.first_name, Contact.last_name, Contact.version)
    found = await session.execute(
        seen.where(Contact.id.in_(wanted))
        .with_only_columns(*columns)
        .order_by(Contact.id)
        .with_for_update(of=Contact)
    )
    rows = found.all()
    entries = await session.execute(
        select(HopperEntry.contact_id, HopperEntry.state)
        .where(HopperEntry.contact_id.in_([row.id for row in rows]))
        .order_by(HopperEntry.id)
        .with_for_update()
    )
    states = [(contact_id, DialState(state)) for contact_id, state in entries]
    return Held(
        names={row.id: f"{row.first_name} {row.last_name}".strip() for row in rows},
        versions={row.id: row.version for row in rows},
        on_call={contact_id: state for contact_id, state in states if state in IN_CALL},
    )
