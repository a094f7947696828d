# SPDX-License-Identifier: Apache-2.0
"""Contacts with numbers, made as a supervisor would."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.permissions import Viewer
from server.models import Contact
from server.services import contacts
from server.services.contacts import ContactInput, PhoneInput

PRIMARY = "+390612345000"


def phones(*numbers: str | tuple[str, int | None]) -> list[PhoneInput]:
    """Additional phones from numbers, or from pairs of number and type."""
    pairs = [(number, None) if isinstance(number, str) else number for number in numbers]
    return [PhoneInput(number=number, item_type_id=item_type) for number, item_type in pairs]


async def make_contact(
    session: AsyncSession,
    viewer: Viewer,
    first_name: str = "Ada",
    last_name: str = "",
    *,
    phone: str | None = PRIMARY,
    email: str = "",
    additional: Sequence[PhoneInput] = (),
    list_ids: Sequence[int] = (),
    priority: int = 2,
    scheduled_at: datetime | None = None,
) -> Contact:
    given = ContactInput(
        first_name=first_name,
        last_name=last_name,
        email=email,
        phone=phone,
        additional_phones=additional,
        list_ids=list_ids,
        priority=priority,
        scheduled_at=scheduled_at,
    )
    return await contacts.create_contact(session, viewer, given)
