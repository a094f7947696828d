# SPDX-License-Identifier: Apache-2.0
"""A contact's own time, before which nobody calls them in any campaign (X-35)."""

from datetime import datetime

from server.services.dialer.connections import Handle, connection_of
from server.services.dialer.waking import wake_dialer

_PUT_OFF = """
UPDATE hopper_entries SET scheduled_at = $2
WHERE contact_id = $1 AND state IN ('READY', 'WAIT_NEXT_PHONE', 'WAIT_RETRY')
  AND NOT is_callback AND scheduled_at < $2
RETURNING campaign_id
"""


async def put_off(handle: Handle, contact_id: int, until: datetime) -> None:
    """Calls that are due before then are made then; callbacks keep the time that was agreed."""
    connection = await connection_of(handle)
    for row in await connection.fetch(_PUT_OFF, contact_id, until):
        await wake_dialer(connection, row[0])
