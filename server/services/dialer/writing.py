# SPDX-License-Identifier: Apache-2.0
"""What the machine brought about, collected over a batch and written in a few statements."""

import json
import uuid
from collections import Counter
from datetime import datetime

import asyncpg

from server.domain.campaigns import CallStatus
from server.domain.dialer import BUCKETS, IN_CALL, DialState, EntryPhone, FinalRow, HistoryRow
from server.services.dialer.campaigns import DialedCampaign
from server.services.dialer.entries import COUNTERS, Stay

# Nobody is called before their own time, which may have been given during the call. What the
# gate went by may have changed with the entry: it is asked anew. Only somebody who has looked at a
# fault lets its entry go on (F21).
_ENTRIES = """
UPDATE hopper_entries e SET
  state = u.state, bucket = u.bucket, round = u.round,
  scheduled_at = CASE
    WHEN u.in_call OR e.is_callback OR u.state = 'WAIT_CALLBACK' THEN u.scheduled_at
    ELSE greatest(u.scheduled_at,
      (SELECT c.scheduled_at FROM contacts c WHERE c.id = e.contact_id)) END,
  current_position = u.position, current_number = u.number, total_attempts = u.attempts,
  first_attempt_at = u.first_at, last_attempt_at = u.last_at, last_number = u.last_number,
  claim_token = CASE WHEN u.in_call THEN coalesce(u.token, e.claim_token) END,
  claimed_at = u.claimed_at,
  lease_until = CASE WHEN u.token IS NOT NULL THEN clock_timestamp() + u.lease
                     WHEN u.in_call THEN e.lease_until END,
  state_before_claim = u.before,
  is_originate_confirmed = u.in_call AND u.token IS NULL AND e.is_originate_confirmed,
  close_after_call = u.close_after_call, has_edited_phones = u.edited,
  claim_evidence = CASE WHEN u.in_call THEN e.claim_evidence END,
  agent_id = CASE WHEN u.in_call THEN e.agent_id END,
  auto_dials = e.auto_dials + CASE WHEN u.attempts > e.total_attempts
    AND e.claim_evidence->>'mode' = 'AGENT_FIRST' THEN 1 ELSE 0 END,
  faults = CASE WHEN u.attempts > e.total_attempts THEN 0 ELSE e.faults END,
  held_until = CASE WHEN e.hold_rule = 'FAULT' THEN e.held_until END,
  hold_rule = CASE WHEN e.hold_rule = 'FAULT' THEN e.hold_rule END,
  hold_evidence = CASE WHEN e.hold_rule = 'FAULT' THEN e.hold_evidence END
FROM unnest($1::bigint[], $2::text[], $3::smallint[], $4::timestamptz[], $5::int[],
  $6::smallint[], $7::text[], $8::int[], $9::timestamptz[], $10::timestamptz[], $11::text[],
  $12::uuid[], $13::bool[], $14::timestamptz[], $15::interval[], $16::text[], $17::text[],
  $18::bool[])
  AS u(id, state, bucket, scheduled_at, round, position, number, attempts, first_at, last_at,
       last_number, token, in_call, claimed_at, lease, before, close_after_call, edited)
WHERE e.id = u.id
"""
_PHONE_ARRAYS = ", ".join(
    ["$1::bigint[]", "$2::text[]", "$3::smallint[]", "$4::text[]", "$5::text[]"]
    + ["$6::timestamptz[]"]
    + [f"${place}::smallint[]" for place in range(7, 7 + len(COUNTERS))]
)
_PHONE_FIELDS = ", ".join(
    ("entry_id", "number", "position", "phone_state", "last_status", "last_at", *COUNTERS)
)
_SET_PHONE = ", ".join(
    f"{column} = u.{column}" for column in ("phone_state", "last_status", "last_at", *COUNTERS)
)
_SET_LISTED = ", ".join(
    f"{column} = excluded.{column}"
    for column in (
        *("position", "phone_state", "last_status", "last_at", "item_type_name", "phone_id"),
        "is_available",
        *COUNTERS,
    )
)
_PHONES = f"""
UPDATE hopper_phones p SET {_SET_PHONE}
FROM unnest({_PHONE_ARRAYS}) AS u({_PHONE_FIELDS})
WHERE p.entry_id = u.entry_id AND p.number = u.number
"""
_FIRST_FREE = 7 + len(COUNTERS)
_LISTED_PHONES = f"""
WITH listed AS (
  SELECT * FROM unnest({_PHONE_ARRAYS}, ${_FIRST_FREE}::text[], ${_FIRST_FREE + 1}::bigint[],
    ${_FIRST_FREE + 2}::bool[]) AS u({_PHONE_FIELDS}, item_type_name, phone_id, is_available)
), gone AS (
  DELETE FROM hopper_phones p WHERE p.entry_id = ANY($1::bigint[]) AND NOT EXISTS
    (SELECT 1 FROM listed u WHERE u.entry_id = p.entry_id AND u.number = p.number)
)
INSERT INTO hopper_phones ({_PHONE_FIELDS}, item_type_name, phone_id, is_available)
SELECT {_PHONE_FIELDS}, item_type_name, phone_id, is_available FROM listed
ON CONFLICT (entry_id, number) DO UPDATE SET {_SET_LISTED}
"""
# Why a call was made was written on its entry with the claim, and is copied from there while it
# stands: no dialer has to be trusted to hand it back.
_HISTORY = """
INSERT INTO call_attempts (campaign_id, contact_id, list_id, entry_id, round, position, phone_id,
  number, item_type_name, status, unique_id, scheduled_at, started_at, ended_at, policy_version,
  decision, mode, caller_id, rang_at, answered_at, connected_at, agent_id, evidence)
SELECT u.campaign_id, u.contact_id, u.list_id, u.entry_id, u.round, u.position, u.phone_id,
  u.number, u.item_type, u.status, u.unique_id, u.scheduled_at, u.started_at, u.ended_at,
  coalesce((why.evidence->>'settingsVersion')::int, u.version), u.decision, u.mode, u.caller_id,
  u.rang_at, u.answered_at, u.connected_at, u.agent_id,
  coalesce(why.evidence, '{}') || u.told::jsonb
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::int[],
  $6::smallint[], $7::bigint[], $8::text[], $9::text[], $10::text[], $11::text[],
  $12::timestamptz[], $13::timestamptz[], $14::timestamptz[], $15::int[], $16::text[],
  $17::text[], $18::text[], $19::timestamptz[], $20::timestamptz[], $21::timestamptz[],
  $22::bigint[], $23::text[]) AS u(campaign_id, contact_id, list_id, entry_id, round, position,
  phone_id, number, item_type, status, unique_id, scheduled_at, started_at, ended_at, version,
  decision, mode, caller_id, rang_at, answered_at, connected_at, agent_id, told)
LEFT JOIN LATERAL (
  SELECT e.claim_evidence AS evidence FROM hopper_entries e
  WHERE e.id = u.entry_id AND u.status <> 'BLACKLIST'
) why ON true
"""
_FINALS = """
INSERT INTO final_results (campaign_id, contact_id, list_id, entry_id, primary_number, number,
  item_type_name, status, reason, limit_status, limit_number, counters, total_attempts,
  first_attempt_at, last_attempt_at, is_callback, closed_at)
SELECT campaign_id, contact_id, list_id, entry_id, primary_number, number, item_type_name, status,
  reason, limit_status, limit_number, counters::jsonb, attempts, first_at, last_at,
  is_callback, closed_at
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[],
  $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::int[],
  $14::timestamptz[], $15::timestamptz[], $16::bool[], $17::timestamptz[])
  AS u(campaign_id, contact_id, list_id, entry_id, primary_number, number, item_type_name, status,
       reason, limit_status, limit_number, counters, attempts, first_at, last_at, is_callback,
       closed_at)
"""
# A callback's task ends with its stay, whatever ended that; one that expired stays in sight.
_TASKS = """
UPDATE scheduled_tasks t SET entry_id = NULL, version = t.version + 1,
  closed_at = coalesce(t.closed_at, CASE WHEN u.reason <> 'CALLBACK_EXPIRED' THEN u.closed_at END),
  close_reason = coalesce(t.close_reason, nullif(u.reason, 'CALLBACK_EXPIRED'))
FROM unnest($1::bigint[], $2::text[], $3::timestamptz[]) AS u(entry_id, reason, closed_at)
WHERE t.entry_id = u.entry_id
"""
_CLOSED_PHONES = "DELETE FROM hopper_phones WHERE entry_id = ANY($1::bigint[])"
_CLOSED = "DELETE FROM hopper_entries WHERE id = ANY($1::bigint[])"
# The rate of abandoned calls is asked at every claim, over a month: it is kept by the hour too.
_TALLIES = """
WITH given AS (
  SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::bigint[])
    AS g(campaign_id, minute, status, attempts)
), tallied AS (
  INSERT INTO attempt_tallies (campaign_id, minute, status, attempts) SELECT * FROM given
  ON CONFLICT (campaign_id, minute, status)
  DO UPDATE SET attempts = attempt_tallies.attempts + excluded.attempts
)
INSERT INTO answer_hours (campaign_id, hour, answered, abandoned)
SELECT campaign_id, date_trunc('hour', minute, 'UTC'), sum(attempts),
  coalesce(sum(attempts) FILTER (WHERE status <> 'ANSWER'), 0)
FROM given WHERE status IN ('ANSWER', 'DROP', 'ABANDONED') GROUP BY 1, 2 ORDER BY 1, 2
ON CONFLICT (campaign_id, hour)
DO UPDATE SET answered = answer_hours.answered + excluded.answered,
  abandoned = answer_hours.abandoned + excluded.abandoned
"""

Row = tuple[object, ...]
Course = tuple[datetime | None, datetime | None, datetime | None]
"""When the number rang, was answered, and was joined to an agent."""
NO_COURSE: Course = (None, None, None)


class Writing:
    """One transaction's changes to entries that it has locked."""

    def __init__(self) -> None:
        self._entries: list[Row] = []
        self._phones: list[Row] = []
        self._listed: list[Row] = []
        self._history: list[Row] = []
        self._finals: list[Row] = []
        self._closed: list[int] = []
        self._tasks: list[Row] = []
        self._tallies: Counter[tuple[int, datetime, str]] = Counter()

    def record(
        self,
        stay: Stay,
        row: HistoryRow,
        campaign: DialedCampaign,
        *,
        unique_id: str | None = None,
        started_at: datetime | None = None,
        ended_at: datetime | None = None,
        course: Course = NO_COURSE,
        agent_id: int | None = None,
        told: str = "{}",
    ) -> None:
        """A row of the history; the driver's own times where it told them (X-33).

        `told` is JSON to stand beside why the call was made.
        """
        self._history.append(
            (
                stay.campaign_id,
                stay.contact_id,
                stay.list_id,
                stay.id,
                row.round,
                row.position,
                row.phone_id,
                row.number,
                row.item_type,
                row.status.value,
                unique_id,
                row.scheduled_at,
                started_at or row.started_at,
                ended_at or row.ended_at,
                campaign.settings.version,
                row.decision.value,
                campaign.mode.value,
                campaign.caller_id or None,
                *course,
                agent_id,
                told,
            )
        )
        if row.status is not CallStatus.BLACKLIST:
            minute = row.ended_at.replace(second=0, microsecond=0)
            self._tallies[stay.campaign_id, minute, row.status.value] += 1

    def change(
        self,
        stay: Stay,
        campaign: DialedCampaign,
        *,
        phones: list[EntryPhone] | None = None,
        token: uuid.UUID | None = None,
    ) -> None:
        """The entry as it stands now; `phones` are those that changed, None for a new list.

        `token` starts a claim and its lease. Without one an entry in a call keeps its claim.
        """
        entry = stay.entry
        in_call = entry.state in IN_CALL
        waits_as = entry.state_before_claim if in_call else entry.state
        self._entries.append(
            (
                stay.id,
                entry.state.value,
                BUCKETS[waits_as or DialState.READY],
                entry.scheduled_at,
                entry.round,
                entry.position,
                entry.phones[entry.position].number,
                entry.total_attempts,
                entry.first_attempt_at,
                entry.last_attempt_at,
                entry.last_number,
                token,
                in_call,
                entry.claimed_at,
                campaign.settings.lease,
                entry.state_before_claim.value if entry.state_before_claim else None,
                entry.close_after_call.value if entry.close_after_call else None,
                stay.has_edited_phones,
            )
        )
        if phones is None:
            for phone in entry.phones:
                about = (phone.item_type, phone.phone_id, phone.is_available)
                self._listed.append((*_phone_row(stay.id, phone), *about))
        else:
            self._phones.extend(_phone_row(stay.id, phone) for phone in phones)

    def close(self, stay: Stay, final: FinalRow) -> None:
        """The final result of a stay, whose entry leaves the hopper (section 8)."""
        self.finish(stay, final)
        self._closed.append(stay.id)
        if stay.entry.is_callback:
            self._tasks.append((stay.id, final.reason.value, final.at))

    def finish(self, stay: Stay, final: FinalRow) -> None:
        """The final result of a stay that never had an entry."""
        limit = final.limit
        counters = {status.value: count for status, count in final.counters.items()}
        self._finals.append(
            (
                stay.campaign_id,
                stay.contact_id,
                stay.list_id,
                stay.id,
                final.primary_number,
                final.number,
                final.item_type,
                final.status.value if final.status else None,
                final.reason.value,
                limit.status if limit else None,
                limit.number if limit else None,
                json.dumps(counters) if counters else "{}",
                final.attempts,
                final.first_attempt_at,
                final.last_attempt_at,
                stay.entry.is_callback,
                final.at,
            )
        )

    async def write(self, connection: asyncpg.Connection) -> None:
        """All of it, the tallies last: their rows are the only ones that batches share."""
        for statement, rows in (
            (_HISTORY, self._history),
            (_ENTRIES, self._entries),
            (_PHONES, self._phones),
            (_LISTED_PHONES, self._listed),
            (_FINALS, self._finals),
            (_TASKS, self._tasks),
        ):
            if rows:
                await connection.execute(statement, *map(list, zip(*rows, strict=True)))
        if self._closed:
            await connection.execute(_CLOSED_PHONES, self._closed)
            await connection.execute(_CLOSED, self._closed)
        if self._tallies:
            # In one order everywhere: two batches never wait for each other's rows crosswise.
            sums = [(*key, self._tallies[key]) for key in sorted(self._tallies)]
            await connection.execute(_TALLIES, *map(list, zip(*sums, strict=True)))


def _phone_row(entry_id: int, phone: EntryPhone) -> Row:
    return (
        entry_id,
        phone.number,
        phone.position,
        phone.state.value,
        phone.last_status.value if phone.last_status else None,
        phone.last_at,
        *phone.counters,
    )
