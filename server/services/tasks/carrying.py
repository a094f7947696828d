# SPDX-License-Identifier: Apache-2.0
"""Callbacks of contacts that become one: what was promised to one is promised to the other."""

from collections.abc import Sequence

from server.services.dialer import Handle, connection_of

_CARRY = """
UPDATE scheduled_tasks SET contact_id = $1, version = version + 1
WHERE contact_id = ANY($2::bigint[])
"""


async def carry_tasks(handle: Handle, master_id: int, contact_ids: Sequence[int]) -> None:
    """Call it once their stays are joined, and before the other contacts go.

    The callback that survives in a campaign stays with its stay; those of stays that left with
    MERGED are closed already.
    """
    connection = await connection_of(handle)
    await connection.execute(_CARRY, master_id, list(contact_ids))
