# SPDX-License-Identifier: Apache-2.0
"""Entries whose processing fails: tried again by themselves, and parked after three times (F21).

A parked entry is called by nobody until somebody who has looked at it lets it go on; all others
are called meanwhile as if it were not there. A call that was made stays in the history and counts,
though the dial machine could not say what follows from it.
"""

import json
import uuid
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import asyncpg
import structlog

from server.domain.campaigns import FAILURES, CallStatus
from server.domain.dialer import HistoryRow
from server.domain.errors import DomainError
from server.domain.gate import GateRule
from server.services.dialer.campaigns import CLOCK, read_campaigns
from server.services.dialer.connections import Handle, connection_of, use_indexes
from server.services.dialer.entries import COUNTERS, ENTRY_COLUMNS, read_stays
from server.services.dialer.holds import FOR_EVER
from server.services.dialer.reporting import Report, record_call
from server.services.dialer.waking import wake_dialer
from server.services.dialer.writing import Writing

MOST_FAULTS = 3
AGAIN = 10  # seconds until a waiting entry that failed is tried again
LONGEST_REASON = 500
log = structlog.get_logger(__name__)

_OF_ENTRIES = ("21", "22", "23", "P0")  # SQLSTATE: cardinality, data, integrity, raised
# What is up goes back to where it came from only once it is parked: its result is tried again.
_NOTE = f"""
WITH now AS (
  SELECT e.id, e.faults + 1 >= {MOST_FAULTS} AS is_parked, e.claim_token IS NOT NULL AS in_call,
    coalesce($4::timestamptz, {CLOCK}) + make_interval(secs => {AGAIN}) * c.clock_rate AS again
  FROM hopper_entries e JOIN campaigns c ON c.id = e.campaign_id
  WHERE e.id = $1 AND ($2::uuid IS NULL OR e.claim_token = $2) FOR UPDATE OF e
)
UPDATE hopper_entries e SET faults = e.faults + 1,
  held_until = CASE WHEN is_parked THEN 'infinity' WHEN NOT in_call THEN again END,
  hold_rule = CASE WHEN is_parked OR NOT in_call THEN '{GateRule.FAULT}' END,
  hold_evidence = CASE WHEN is_parked OR NOT in_call
    THEN $3::jsonb || jsonb_build_object('faults', e.faults + 1, 'at', clock_timestamp()) END,
  hold_version = {FOR_EVER},
  state = CASE WHEN is_parked AND in_call THEN e.state_before_claim ELSE e.state END,
  claim_token = CASE WHEN is_parked THEN NULL ELSE e.claim_token END,
  lease_until = CASE WHEN is_parked THEN NULL ELSE e.lease_until END,
  claimed_at = CASE WHEN is_parked THEN NULL ELSE e.claimed_at END,
  state_before_claim = CASE WHEN is_parked THEN NULL ELSE e.state_before_claim END,
  is_originate_confirmed = e.is_originate_confirmed AND NOT is_parked
FROM now WHERE e.id = now.id
RETURNING is_parked, e.campaign_id
"""
_LAST_TIME = f"""
SELECT {ENTRY_COLUMNS} FROM hopper_entries e
WHERE e.id = $1 AND ($2::uuid IS NULL OR e.claim_token = $2) AND e.claim_token IS NOT NULL
  AND e.faults + 1 >= {MOST_FAULTS} FOR UPDATE OF e
"""
_NUMBER = "SELECT current_number FROM hopper_entries WHERE id = $1"
# Let go on it dials this number anew, in a round of its own.
_MADE = """
UPDATE hopper_entries SET total_attempts = total_attempts + 1, round = round + 1,
  first_attempt_at = coalesce(first_attempt_at, claimed_at), last_attempt_at = $2,
  last_number = current_number
WHERE id = $1
"""
_COUNTERS = {
    status: f"""
UPDATE hopper_phones SET {column} = {column} + 1, last_status = $3, last_at = $4
WHERE entry_id = $1 AND number = $2
"""
    for status, column in zip(FAILURES, COUNTERS, strict=True)
}
IS_PARKED = f"(hold_rule = '{GateRule.FAULT}' AND held_until = 'infinity') IS TRUE"
"""SQL: of an entry that is tried no more, until somebody lets it go on."""
_RELEASE = f"""
UPDATE hopper_entries SET faults = 0, held_until = NULL, hold_rule = NULL, hold_evidence = NULL
WHERE id = ANY($1::bigint[]) AND hold_rule = '{GateRule.FAULT}' RETURNING id, campaign_id
"""


class Step(StrEnum):
    """What was being done with an entry when it failed."""

    CLAIM = "CLAIM"  # it was due, and was to be called
    REPORT = "REPORT"  # the result of its call was to be recorded
    LEASE = "LEASE"  # its call was lost, and its claim was to be ended
    CLOSE = "CLOSE"  # its campaign has ended, and it was to be closed


def belongs_to_entry(error: BaseException) -> bool:
    """Whether this entry alone cannot be processed, so that others can be."""
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "").startswith(_OF_ENTRIES)
    others = asyncpg.InterfaceError | asyncpg.InternalClientError | OSError | DomainError
    return isinstance(error, Exception) and not isinstance(error, others)


async def note_fault(
    connection: asyncpg.Connection,
    entry_id: int,
    step: Step,
    error: BaseException,
    *,
    token: uuid.UUID | None = None,
    result: Report | None = None,
    now: datetime | None = None,
) -> bool:
    """Count a failure of an entry (of this claim alone, if a token is given); whether no more is
    to be tried: it is parked, or not the caller's any more. `result` is what was to be recorded.
    """
    reason = str(error)[:LONGEST_REASON].replace("\0", "")
    evidence = {"step": step.value, "error": type(error).__name__, "reason": reason}
    if result is not None:
        token, evidence["status"] = result.token, result.status.value
    await use_indexes(connection)
    try:
        async with connection.transaction():
            await _keep_call(connection, entry_id, token, result, now)
    except Exception as again:
        if not belongs_to_entry(again):
            raise
        log.error("dialer.unrecorded", entry_id=entry_id, reason=repr(again))
    row = await connection.fetchrow(_NOTE, entry_id, token, json.dumps(evidence), now)
    is_over = row is None or row["is_parked"]
    log.error("dialer.fault", entry_id=entry_id, is_parked=is_over, **evidence)
    if row is not None and row["is_parked"]:
        await wake_dialer(connection, row["campaign_id"])  # its line and its number are free
    return is_over


async def _keep_call(
    connection: asyncpg.Connection,
    entry_id: int,
    token: uuid.UUID | None,
    result: Report | None,
    now: datetime | None,
) -> None:
    """The call of an entry that is about to be parked, if somebody's telephone rang (or may have:
    without a result it is LOST, and counts as a CONGESTION)."""
    row = await connection.fetchrow(_LAST_TIME, entry_id, token)
    if row is None or not (result or row["is_originate_confirmed"]):
        return
    [stay] = await read_stays(connection, [row])
    campaign = (await read_campaigns(connection, [stay.campaign_id], now))[stay.campaign_id]
    entry = stay.entry
    number: str = await connection.fetchval(_NUMBER, entry_id)  # its row may be what is missing
    phone = next((phone for phone in entry.phones if phone.number == number), None)
    status = CallStatus.LOST if result is None else result.status
    made = HistoryRow(
        status,
        entry.round,
        entry.position,
        number,
        phone.item_type if phone else None,
        phone.phone_id if phone else None,
        entry.scheduled_at,
        entry.claimed_at or campaign.now,
        campaign.now,
        entry.state_before_claim or entry.state,
        CallStatus.CONGESTION if result is None else status,
    )
    writing = Writing()
    if result is None:
        writing.record(stay, made, campaign, told=json.dumps({"isConfirmed": True}))
    else:
        record_call(writing, stay, made, campaign, result)
    await writing.write(connection)
    await connection.execute(_MADE, entry_id, campaign.now)
    if made.counted in _COUNTERS:
        count = _COUNTERS[made.counted]
        await connection.execute(count, entry_id, number, made.counted.value, campaign.now)


async def release_parked(handle: Handle, entry_ids: Sequence[int]) -> list[int]:
    """Let parked entries go on from where they stood; answers those that were parked."""
    connection = await connection_of(handle)
    rows = await connection.fetch(_RELEASE, list(entry_ids))
    for campaign_id in sorted({row["campaign_id"] for row in rows}):
        await wake_dialer(connection, campaign_id)
    return [row["id"] for row in rows]
