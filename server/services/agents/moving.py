# SPDX-License-Identifier: Apache-2.0
"""One guarded UPDATE a transition: the desk, its moment in the log, and who is told of it."""

import asyncpg

from server.domain.agents import AGENTS_CHANNEL, desk_topic

# Where somebody goes who has no call in hand any more.
AT_REST = """CASE WHEN d.leaves_after_call OR d.lease_until < clock_timestamp() THEN 'OFFLINE'
  WHEN d.pause_reason <> '' THEN 'PAUSED' ELSE 'READY' END"""
NO_CALL = "stage = NULL, claim_token = NULL, entry_id = NULL"
"""The contact, the number and the attempt stay: the page still shows who it was."""
EMPTY_HANDS = f"{NO_CALL}, campaign_id = NULL, contact_id = NULL, number = NULL, attempt_id = NULL"


def moving(assignments: str, where: str) -> str:
    """A change of `agent_desks d` to another state; the rows that changed come back."""
    return f"""
WITH moved AS (
  UPDATE agent_desks d SET {assignments}, since = clock_timestamp() WHERE {where} RETURNING d.*
), noted AS (
  INSERT INTO agent_moments (user_id, state, pause_reason, campaign_id, entry_id)
  SELECT user_id, state, pause_reason, campaign_id, entry_id FROM moved
)
{_TOLD}"""


def staging(assignments: str, where: str) -> str:
    """A change within the state, which `since` and the log know nothing of."""
    return f"""
WITH moved AS (
  UPDATE agent_desks d SET {assignments} WHERE {where} RETURNING d.*
)
{_TOLD}"""


_TOLD = f"""SELECT moved.*, pg_notify('{AGENTS_CHANNEL}', moved.user_id::text),
  pg_notify('desk:' || moved.user_id, '')
FROM moved
"""


async def tell_desk(connection: asyncpg.Connection, user_id: int) -> None:
    """Once the transaction commits, the pages of this agent show what has changed."""
    await connection.execute(
        "SELECT pg_notify($1, $2), pg_notify($3, '')",
        AGENTS_CHANNEL,
        str(user_id),
        desk_topic(user_id),
    )
