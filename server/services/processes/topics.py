# SPDX-License-Identifier: Apache-2.0
"""The notifications that follow each change of a process; pages and subscriptions listen."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

# For raw connections: the process's own channel, and that of all processes of its tenant.
NOTIFY = "SELECT pg_notify($1, $2), pg_notify('processes:' || rubrica_tenant(), $2)"


def process_topic(process_id: int) -> str:
    """The channel of one process."""
    return f"process:{process_id}"


async def tell_process(session: AsyncSession, process_id: int, state: str) -> None:
    """Wake who watches this process or all of them, once the transaction commits."""
    of_tenant = func.concat("processes:", func.rubrica_tenant())
    await session.execute(
        select(func.pg_notify(process_topic(process_id), state), func.pg_notify(of_tenant, state))
    )
