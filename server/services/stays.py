# SPDX-License-Identifier: Apache-2.0
"""What a change of contacts and lists does to the hopper: the doors into the dialer's service."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession


async def load_into_campaigns(
    session: AsyncSession, list_id: int, contact_ids: Sequence[int]
) -> None: ...


async def leave_campaigns(
    session: AsyncSession, list_id: int, contact_ids: Sequence[int]
) -> None: ...


async def tell_numbers_changed(session: AsyncSession, contact_id: int) -> None: ...


async def close_stays_of(session: AsyncSession, contact_id: int) -> int:
    return 0
