# SPDX-License-Identifier: Apache-2.0
"""The notification that follows each change of a process; pages and subscriptions listen to it."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession


def process_topic(process_id: int) -> str:
    """The channel of one process."""
    return f"process:{process_id}"


async def tell_process(session: AsyncSession, process_id: int, state: str) -> None:
    """Wake who watches this process, once the transaction commits; the payload is the state."""
    await session.execute(select(func.pg_notify(process_topic(process_id), state)))
