# SPDX-License-Identifier: Apache-2.0
"""The audit row of a state change, in the transaction that makes it."""

from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.permissions import Viewer
from server.models import Event


def record(
    session: AsyncSession,
    viewer: Viewer | None,
    name: str,
    subject_id: int | None,
    /,
    **data: object,
) -> None:
    """`name` is `<subject>.<past participle>`; `viewer` None: the system itself."""
    user_id = None if viewer is None else viewer.user_id
    session.add(Event(user_id=user_id, name=name, subject_id=subject_id, data=data))
