# SPDX-License-Identifier: Apache-2.0
"""The order of due entries (dial-machine section 7, R-10 to R-12) as ranges of a few indexes."""

from enum import Enum, auto

from sqlalchemy import ColumnElement, FromClause, and_, not_, or_

from server.domain.campaigns import DialOrder
from server.services.in_calls import number_is_up, person_is_up

CLAIMABLE = "e.state IN ('READY', 'WAIT_NEXT_PHONE', 'WAIT_RETRY', 'WAIT_CALLBACK')"
FREE = f"{CLAIMABLE} AND e.held_until IS NULL"
"""Waits, and no rule holds it back. An entry of one agent alone stands in lanes of its own."""


def _lanes(*buckets: int) -> str:
    return ", ".join(
        f"({bucket}::smallint, {priority}::smallint)"
        for bucket in buckets
        for priority in (1, 2, 3)
    )


# One lane a bucket and priority, in the order of section 7: each is a range of one index that
# begins with its first due entry, so what is not due yet is never looked at. Ranges are written as
# comparisons of rows, which with the order belong to that index alone: by the statistics of a
# table filled a moment ago, another one may look as good, and reads the whole hopper.
LANES = _lanes(1, 2, 3, 4)
_PLACE = "(e.bucket, e.priority, e.scheduled_at)"
IN_ORDER = "ORDER BY e.bucket, e.priority, e.scheduled_at, e.id"
IN_REVERSE = "ORDER BY e.bucket DESC, e.priority DESC, e.scheduled_at DESC, e.id DESC"
EVER = "'-infinity'::timestamptz"
# A number, and a person, is in one call at a time; $4 are numbers that wait in the same batch, $5
# their entries. A callback is not dialed after its end, even before its stay is closed (C-34).
_FREE_NUMBER = f"""NOT {number_is_up("b", tenant="e.tenant_id", number="e.current_number")}
      AND NOT {person_is_up("b", contact="e.contact_id")}
      AND e.current_number <> ALL($4::text[]) AND e.id <> ALL($5::bigint[])
      AND (e.callback_until IS NULL OR e.callback_until >= $2)"""
_TAKEN = """e.id, e.state, e.bucket, e.priority, e.scheduled_at, e.current_number, e.tenant_id,
      e.contact_id, e.list_id, e.is_callback, e.owner_id, e.is_owner_only, e.created_at,
      e.auto_dials, e.current_position, e.round,
      e.total_attempts"""
_UNTIL_NOW = "<= (lane.bucket, lane.priority, $2)"


class For(Enum):
    """Who will have the calls."""

    ANYBODY = auto()  # no agent, or whoever of them is ready
    AGENTS = auto()  # these agents: what only one of them may have is theirs as well
    OWNER = auto()  # one agent, who is given customers of their own alone


def lane(since: str, until: str) -> str:
    """The condition that an entry `e` of campaign $1 waits in `lane`, from a time to another."""
    return f"""e.campaign_id = $1 AND {FREE} AND NOT e.is_owner_only
      AND {_PLACE} >= (lane.bucket, lane.priority, {since})
      AND {_PLACE} {until}"""


def _owned(since: str, until: str) -> str:
    """The same among those of `agent` alone."""
    return f"""e.campaign_id = $1 AND e.owner_id = agent.id AND {FREE} AND e.is_owner_only
      AND {_PLACE} >= (lane.bucket, lane.priority, {since})
      AND {_PLACE} {until}"""


_IN_LANE = {
    DialOrder.ASC: f"""
    SELECT {_TAKEN} FROM hopper_entries e
    WHERE {lane(EVER, _UNTIL_NOW)} AND {_FREE_NUMBER}
    {IN_ORDER} LIMIT $3 FOR UPDATE OF e SKIP LOCKED
""",
    # Latest first, and among equals by id: the index read backwards gives the moments, and from
    # each moment on forwards the entries, so that a list loaded at one moment is not sorted.
    DialOrder.DESC: f"""
    WITH RECURSIVE moments(at) AS (
      (SELECT e.scheduled_at FROM hopper_entries e
       WHERE {lane(EVER, _UNTIL_NOW)} {IN_REVERSE} LIMIT 1)
      UNION ALL
      SELECT (SELECT e.scheduled_at FROM hopper_entries e
              WHERE {lane(EVER, "< (lane.bucket, lane.priority, moments.at)")}
              {IN_REVERSE} LIMIT 1)
      FROM moments WHERE moments.at IS NOT NULL
    )
    SELECT found.* FROM moments CROSS JOIN LATERAL (
      SELECT {_TAKEN} FROM hopper_entries e
      WHERE {lane("moments.at", "<= (lane.bucket, lane.priority, moments.at)")}
        AND {_FREE_NUMBER}
      {IN_ORDER} LIMIT $3 FOR UPDATE OF e SKIP LOCKED
    ) found LIMIT $3
""",
}
_FOR_ANYBODY = """due AS MATERIALIZED (
  SELECT e.* FROM (VALUES {lanes}) AS lane(bucket, priority)
  CROSS JOIN LATERAL ({in_lane}) e LIMIT $3
)"""
# Nobody is in two calls: an agent gets one of their own, and none while one is being dialed. Of
# the callbacks for whoever is there, those that prefer one of these agents go first, so more than
# enough of them are looked at.
MOST_CALLBACKS = 200
_FOR_AGENTS = f"""agents AS MATERIALIZED (
  SELECT agent.id FROM unnest({{agents}}::bigint[]) AS agent(id)
  WHERE NOT EXISTS (SELECT 1 FROM hopper_entries e WHERE e.campaign_id = $1
    AND e.state IN ('DIALING', 'CONNECTED') AND e.is_owner_only AND e.owner_id = agent.id)
), own AS MATERIALIZED (
  SELECT own.* FROM agents AS agent CROSS JOIN LATERAL (
    SELECT first.* FROM (VALUES {{lanes}}) AS lane(bucket, priority) CROSS JOIN LATERAL (
      SELECT {_TAKEN} FROM hopper_entries e
      WHERE {_owned(EVER, _UNTIL_NOW)} AND {_FREE_NUMBER}
      ORDER BY e.scheduled_at {{order}}, e.id LIMIT 1 FOR UPDATE OF e SKIP LOCKED
    ) first LIMIT 1
  ) own
), callbacks AS MATERIALIZED (
  SELECT first.* FROM (VALUES {_lanes(1)}) AS lane(bucket, priority) CROSS JOIN LATERAL (
    SELECT {_TAKEN} FROM hopper_entries e
    WHERE {lane(EVER, _UNTIL_NOW)} AND {_FREE_NUMBER}
    {IN_ORDER} LIMIT {MOST_CALLBACKS} FOR UPDATE OF e SKIP LOCKED
  ) first
), others AS MATERIALIZED (
  SELECT e.* FROM (VALUES {_lanes(2, 3, 4)}) AS lane(bucket, priority)
  CROSS JOIN LATERAL ({{in_lane}}) e LIMIT $3
), due AS MATERIALIZED (
  SELECT e.* FROM
    (SELECT * FROM own UNION ALL SELECT * FROM callbacks UNION ALL SELECT * FROM others) e
  ORDER BY {{sorted}} LIMIT $3
)"""
# what has a time, by that time and then by priority; after all of it new customers
# by the time they came, and of equals those that were dialed less.
_FOR_OWNER = f"""due AS MATERIALIZED (
  SELECT e.* FROM (
    SELECT timed.* FROM unnest({{agents}}::bigint[]) AS agent(id)
    CROSS JOIN (VALUES {_lanes(1, 2, 3)}) AS lane(bucket, priority) CROSS JOIN LATERAL (
      SELECT {_TAKEN} FROM hopper_entries e
      WHERE {_owned(EVER, _UNTIL_NOW)} AND {_FREE_NUMBER}
      ORDER BY e.scheduled_at, e.id LIMIT $3 FOR UPDATE OF e SKIP LOCKED
    ) timed
    UNION ALL
    SELECT fresh.* FROM unnest({{agents}}::bigint[]) AS agent(id) CROSS JOIN LATERAL (
      SELECT {_TAKEN} FROM hopper_entries e
      WHERE e.campaign_id = $1 AND e.owner_id = agent.id AND e.state = 'READY'
        AND e.held_until IS NULL AND e.is_owner_only AND e.scheduled_at <= $2 AND {_FREE_NUMBER}
      ORDER BY e.created_at, e.auto_dials, e.id LIMIT $3 FOR UPDATE OF e SKIP LOCKED
    ) fresh
  ) e ORDER BY {{sorted}} LIMIT $3
)"""
_SORTED = {
    For.ANYBODY: "bucket, priority, scheduled_at {order}, id",
    For.AGENTS: """bucket, bucket = 1 AND owner_id IS NOT NULL AND owner_id = ANY({agents}) DESC,
    priority, scheduled_at {order}, id""",
    For.OWNER: """state = 'READY', CASE state WHEN 'READY' THEN created_at ELSE scheduled_at END,
    CASE state WHEN 'READY' THEN auto_dials ELSE priority END, id""",
}
_DUE = {For.ANYBODY: _FOR_ANYBODY, For.AGENTS: _FOR_AGENTS, For.OWNER: _FOR_OWNER}


def due(order: DialOrder, whom: For, agents: str) -> tuple[str, str]:
    """SQL of a CTE `due`, and its order: the first $3 due entries of campaign $1 at $2, locked.

    `agents` is the parameter with the ids of the agents.
    """
    ordered = _SORTED[whom].format(order=order.value, agents=agents)
    sql = _DUE[whom].format(
        lanes=LANES, in_lane=_IN_LANE[order], order=order.value, sorted=ordered, agents=agents
    )
    return sql, ordered


def in_any_lane(entries: FromClause) -> ColumnElement[bool]:
    """True of every waiting entry: free, free for its agent alone, or held.

    Beside a bucket it lets a few among a million be found, as each arm has an index of its own.
    """
    is_free, is_owned = entries.c.held_until.is_(None), entries.c.is_owner_only
    return or_(
        and_(is_free, not_(is_owned)), and_(is_free, is_owned), entries.c.held_until.is_not(None)
    )
