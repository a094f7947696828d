# SPDX-License-Identifier: Apache-2.0
"""A contact's own priority, and the time before which nobody calls them, in open entries (X-35)."""

from collections.abc import Sequence
from datetime import datetime

from server.services.dialer.campaigns import CLOCK
from server.services.dialer.connections import Handle, connection_of, use_indexes
from server.services.dialer.waking import wake_dialer

_HOLD = "SELECT id FROM hopper_entries WHERE contact_id = ANY($1::bigint[]) ORDER BY id FOR UPDATE"
# When it would have been due by its campaign alone: after its last call, or at once.
_DUE = f"""coalesce(e.last_attempt_at + make_interval(mins => CASE e.state
  WHEN 'WAIT_NEXT_PHONE' THEN c.additional_phones_after
  ELSE (SELECT r.minutes FROM hopper_phones p
        JOIN retry_settings r ON r.campaign_id = e.campaign_id AND r.status = p.last_status
        WHERE p.entry_id = e.id AND p.number = e.last_number) END), {CLOCK})"""
_FOLLOW = f"""
UPDATE hopper_entries e SET priority = n.priority, scheduled_at = n.at
FROM (
  SELECT e.id, person.priority, CASE
      WHEN e.is_callback OR e.state IN ('DIALING', 'CONNECTED') THEN e.scheduled_at
      WHEN e.scheduled_at = $2::timestamptz THEN greatest(person.scheduled_at, {_DUE})
      ELSE greatest(person.scheduled_at, e.scheduled_at) END AS at
  FROM hopper_entries e JOIN contacts person ON person.id = e.contact_id
  JOIN campaigns c ON c.id = e.campaign_id
  WHERE e.id = ANY($1::bigint[])
) n
WHERE e.id = n.id AND (e.priority, e.scheduled_at) <> (n.priority, n.at)
RETURNING e.campaign_id
"""


async def follow_contacts(
    handle: Handle, contact_ids: Sequence[int], *, had: datetime | None = None
) -> None:
    """Take over priority and time of these contacts; call it after they are written.

    What is due before their time is due then. `had` is the time that one contact had before: what
    waited for it waits for the new one, or no longer than it would have. Callbacks keep the time
    that was agreed, and calls that are up take the new one over as they end.
    """
    connection = await connection_of(handle)
    await use_indexes(connection)
    entries = [row[0] for row in await connection.fetch(_HOLD, list(contact_ids))]
    changed = {row[0] for row in await connection.fetch(_FOLLOW, entries, had)}
    for campaign_id in sorted(changed):
        await wake_dialer(connection, campaign_id)
