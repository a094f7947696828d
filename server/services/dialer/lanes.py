# SPDX-License-Identifier: Apache-2.0
"""The order of due entries (dial-machine section 7) as ranges of one index."""

from sqlalchemy import ColumnElement, FromClause, and_, not_, or_

from server.domain.campaigns import DialOrder

CLAIMABLE = "e.state IN ('READY', 'WAIT_NEXT_PHONE', 'WAIT_RETRY', 'WAIT_CALLBACK')"
FREE = f"{CLAIMABLE} AND e.held_until IS NULL"
"""Waits, and no rule holds it back. An entry of one agent alone stands in lanes of its own."""

# One lane a bucket and priority, in the order of section 7: each is a range of one index that
# begins with its first due entry, so what is not due yet is never looked at. Ranges are written as
# comparisons of rows, which with the order belong to that index alone: by the statistics of a
# table filled a moment ago, another one may look as good, and reads the whole hopper.
LANES = ", ".join(
    f"({bucket}::smallint, {priority}::smallint)"
    for bucket in (1, 2, 3, 4)
    for priority in (1, 2, 3)
)
_PLACE = "(e.bucket, e.priority, e.scheduled_at)"
IN_ORDER = "ORDER BY e.bucket, e.priority, e.scheduled_at, e.id"
IN_REVERSE = "ORDER BY e.bucket DESC, e.priority DESC, e.scheduled_at DESC, e.id DESC"
EVER = "'-infinity'::timestamptz"
# A scalar subquery and no NOT EXISTS: it stays a look-up a row under every plan.
_FREE_NUMBER = """(SELECT 1 FROM hopper_entries b WHERE b.tenant_id = e.tenant_id
        AND b.current_number = e.current_number AND b.state IN ('DIALING', 'CONNECTED') LIMIT 1)
      IS NULL AND e.current_number <> ALL($5::text[])"""
_TAKEN = """e.id, e.bucket, e.priority, e.scheduled_at, e.current_number, e.tenant_id,
      e.contact_id, e.list_id, e.is_callback"""


def lane(since: str, until: str) -> str:
    """The condition that an entry `e` of campaign $1 waits in `lane`, from a time to another."""
    return f"""e.campaign_id = $1 AND {FREE} AND NOT e.is_owner_only
      AND {_PLACE} >= (lane.bucket, lane.priority, {since})
      AND {_PLACE} {until}"""


DUE = {
    DialOrder.ASC: f"""
    SELECT {_TAKEN} FROM hopper_entries e
    WHERE {lane(EVER, "<= (lane.bucket, lane.priority, $2)")} AND {_FREE_NUMBER}
    {IN_ORDER} LIMIT $3 FOR UPDATE OF e SKIP LOCKED
""",
    # Latest first, and among equals by id: the index read backwards gives the moments, and from
    # each moment on forwards the entries, so that a list loaded at one moment is not sorted.
    DialOrder.DESC: f"""
    WITH RECURSIVE moments(at) AS (
      (SELECT e.scheduled_at FROM hopper_entries e
       WHERE {lane(EVER, "<= (lane.bucket, lane.priority, $2)")} {IN_REVERSE} LIMIT 1)
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
"""The first $3 due entries of a lane at $2, locked; $5 are numbers that wait in the same batch."""


def in_any_lane(entries: FromClause) -> ColumnElement[bool]:
    """True of every waiting entry: free, free for its agent alone, or held.

    Beside a bucket it lets a few among a million be found, as each arm has an index of its own.
    """
    is_free, is_owned = entries.c.held_until.is_(None), entries.c.is_owner_only
    return or_(
        and_(is_free, not_(is_owned)), and_(is_free, is_owned), entries.c.held_until.is_not(None)
    )
