# SPDX-License-Identifier: Apache-2.0
"""The facts behind many questions, read together; only those that the campaign's rules ask for.

Each statement walks an index from what the candidates give it: the number, the contact. Ranges
are compared as rows, in an order that one index has, so that no plan made while there was no
history reads all of it later (docs/decisions/0005).
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from server.domain.campaigns import CallStatus
from server.domain.gate import Block, Call, Facts, Permit
from server.services.gate.places import country_of, holiday_on, zones_for
from server.services.gate.settings import GateSettings
from server.services.in_calls import (
    BY_NUMBER,
    BY_PERSON,
    OF_NUMBER,
    OF_PERSON,
    number_is_up,
    person_is_up,
)

SKEW = timedelta(hours=2)
"""Calls that began a little later than now count as well: the telephone side has its own clock."""
LOOK_AGAIN = timedelta(minutes=1)
"""When somebody who is in a call is asked about again."""

_CANDIDATES = """
unnest($1::int[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[])
  AS q(place, contact_id, number, list_id, entry_id)
"""
_NOT_ITSELF = "AND e.id <> q.entry_id"
_PERSONS = f"""
SELECT q.place, c.time_zone,
  (SELECT json_agg(json_build_array(b.id, b.media, b.campaign_id, b.list_id, b.is_everywhere,
     b.is_opt_out, b.name))::text FROM (
     (SELECT * FROM blacklist_entries b WHERE b.tenant_id = rubrica_tenant() AND b.media = 'PHONE'
        AND b.number >= q.number AND b.number <= q.number
        AND (b.campaign_id IS NULL OR b.campaign_id = $6)
        AND (b.list_id IS NULL OR b.list_id = q.list_id) ORDER BY b.number)
     UNION ALL
     (SELECT * FROM blacklist_entries b
      WHERE b.contact_id >= q.contact_id AND b.contact_id <= q.contact_id
        AND (b.campaign_id IS NULL OR b.campaign_id = $6)
        AND (b.list_id IS NULL OR b.list_id = q.list_id) ORDER BY b.contact_id)
   ) b) AS blocks,
  {number_is_up("e", tenant="rubrica_tenant()", number="q.number", but=_NOT_ITSELF)}
    OR {person_is_up("e", contact="q.contact_id", but=_NOT_ITSELF)} AS is_in_call,
  {{permits}} AS permits, {{screened}} AS screened_at
FROM {_CANDIDATES} LEFT JOIN contacts c ON c.id = q.contact_id
"""
_PERMITS = """(SELECT json_agg(json_build_array(k.is_objection, k.matter, k.given_at,
    k.withdrawn_at))::text
  FROM consents k WHERE k.contact_id = q.contact_id AND k.given_at <= $7)"""
# Without a list of its own the contact came by one of the campaign's: the one screened first.
_SCREENED = """CASE WHEN q.list_id IS NOT NULL
  THEN (SELECT l.screened_at FROM contact_lists l WHERE l.id = q.list_id)
  ELSE (SELECT CASE WHEN count(*) = count(l.screened_at) THEN min(l.screened_at) END
        FROM list_members m JOIN campaign_lists a ON a.list_id = m.list_id AND a.campaign_id = $6
        JOIN contact_lists l ON l.id = m.list_id WHERE m.contact_id = q.contact_id) END"""
# A LOST call counts when somebody's telephone may have rung, which is what it says of itself.
_COUNTED = """a.status <> 'BLACKLIST'
    AND (a.status <> 'LOST' OR coalesce((a.evidence->>'isConfirmed')::boolean, true))"""
_ATTEMPT = "a.number, a.campaign_id, a.started_at, a.ended_at, a.status, a.is_refusal"
_UP = "e.current_number, e.campaign_id, e.claimed_at, NULL, NULL, false"
_OF_NUMBERS = f"""
  UNION ALL
  (SELECT {_ATTEMPT}, false FROM call_attempts a
   WHERE a.tenant_id = rubrica_tenant() AND (a.number, a.started_at) > (q.number, $8)
     AND (a.number, a.started_at) <= (q.number, $7)
     AND a.contact_id <> ALL(p.ids) AND {_COUNTED}
   ORDER BY a.number, a.started_at)
  UNION ALL
  (SELECT {_UP}, false FROM hopper_entries e
   WHERE {OF_NUMBER.format(e="e", tenant="rubrica_tenant()", number="q.number")}
     AND e.id <> q.entry_id AND e.contact_id <> q.contact_id {BY_NUMBER.format(e="e")})
"""
_CALLS = f"""
SELECT q.place, calls.*, (
  SELECT m.matter FROM campaigns m WHERE m.id = calls.campaign_id
  UNION ALL SELECT g.matter FROM former_campaigns g WHERE g.id = calls.campaign_id)
FROM {_CANDIDATES}
CROSS JOIN LATERAL (
  SELECT array_append(ARRAY(SELECT g.contact_id FROM merged_contacts g
                            WHERE g.master_id = q.contact_id), q.contact_id) AS ids
) p
CROSS JOIN LATERAL (
  (SELECT of_person.* FROM unnest(p.ids) AS person(id) CROSS JOIN LATERAL (
     SELECT {_ATTEMPT}, true FROM call_attempts a
     WHERE (a.contact_id, a.started_at) > (person.id, $6)
       AND (a.contact_id, a.started_at) <= (person.id, $7) AND {_COUNTED}
     ORDER BY a.contact_id, a.started_at) of_person)
  UNION ALL
  (SELECT {_UP}, true FROM hopper_entries e
   WHERE {OF_PERSON.format(e="e", contact="q.contact_id")} AND e.id <> q.entry_id
   {BY_PERSON.format(e="e")})
  {{of_numbers}}
) AS calls(number, campaign_id, started_at, ended_at, status, is_refusal, is_of_person)
"""
_STATUSES = {status.value: status for status in CallStatus}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A call that somebody would like to make.

    `entry_id` is its entry in the hopper, whose own call does not stand in its way. `is_automatic`
    False: a callback or a call by hand (C-28). `has_agent`: one is reserved for it.
    """

    contact_id: int
    number: str
    list_id: int | None = None  # from which the contact came to the campaign
    entry_id: int | None = None
    is_automatic: bool = True
    has_agent: bool = False


async def read_facts(
    connection: asyncpg.Connection,
    campaign_id: int,
    settings: GateSettings,
    candidates: Sequence[Candidate],
    at: datetime,
    *,
    until: datetime | None = None,
) -> list[Facts]:
    """In the order of the candidates. Calls that began after `until` are not yet known of."""
    book = settings.rulebook
    until = at + SKEW if until is None else until
    columns = _columns(candidates)
    permits = _PERMITS if book.needs_permits else "NULL"
    screened = _SCREENED if book.needs_screening else "NULL::timestamptz"
    statement = _PERSONS.format(permits=permits, screened=screened)
    moments = [until] if book.needs_permits else []
    rows = await connection.fetch(statement, *columns, campaign_id, *moments)
    calls = await _read_calls(connection, settings, columns, at, until)
    facts: list[Facts | None] = [None] * len(candidates)
    for place, time_zone, blocks, is_in_call, consents, screened_at in rows:
        number = candidates[place].number
        given = json.loads(consents) if consents else ()
        facts[place] = Facts(
            zones=zones_for(time_zone or "", number, settings.timezone),
            country=country_of(number) if book.needs_country else None,
            calls=tuple(calls.get(place, ())),
            permits=tuple(_permit(row, until) for row in given if not row[0]),
            objected_at=tuple(
                datetime.fromisoformat(row[2]) for row in given if row[0] and not row[3]
            ),
            screened_at=screened_at,
            blocks=tuple(_block(*row) for row in json.loads(blocks)) if blocks else (),
            in_call_until=at + LOOK_AGAIN if is_in_call else None,
            holidays=holiday_on,
        )
    return [found for found in facts if found is not None]


async def _read_calls(
    connection: asyncpg.Connection,
    settings: GateSettings,
    columns: tuple[list[object], ...],
    at: datetime,
    until: datetime,
) -> dict[int, list[Call]]:
    calls: defaultdict[int, list[Call]] = defaultdict(list)
    book = settings.rulebook
    if not book.looks_back:
        return calls
    moments = [at - book.looks_back, until]
    of_numbers = ""
    if book.looks_back_at_numbers:
        of_numbers = _OF_NUMBERS
        moments.append(at - book.looks_back_at_numbers)
    statement = _CALLS.format(of_numbers=of_numbers)
    for row in await connection.fetch(statement, *columns, *moments):
        place, number, campaign_id, started_at, ended_at, status, *is_so, matter = row
        is_refusal, is_of_person = is_so
        calls[place].append(
            Call(
                number=number,
                campaign_id=campaign_id,
                matter=matter,
                started_at=started_at,
                ended_at=ended_at,
                status=None if status is None else _STATUSES[status],
                is_refusal=is_refusal,
                is_of_person=is_of_person,
            )
        )
    return calls


def _columns(candidates: Sequence[Candidate]) -> tuple[list[object], ...]:
    return (
        list(range(len(candidates))),
        [one.contact_id for one in candidates],
        [one.number for one in candidates],
        [one.list_id for one in candidates],
        [one.entry_id or 0 for one in candidates],
    )


def _permit(row: Sequence[Any], until: datetime) -> Permit:
    _, matter, given_at, withdrawn_at = row
    withdrawn = None if withdrawn_at is None else datetime.fromisoformat(withdrawn_at)
    if withdrawn is not None and withdrawn > until:
        withdrawn = None
    return Permit(matter=matter, given_at=datetime.fromisoformat(given_at), withdrawn_at=withdrawn)


def _block(
    block_id: int,
    media: str,
    campaign_id: int | None,
    list_id: int | None,
    is_everywhere: bool,
    is_opt_out: bool,
    name: str,
) -> Block:
    scope = "CAMPAIGN" if campaign_id else "LIST" if list_id else "TENANT"
    return Block(
        id=block_id,
        media=media,
        scope=scope,
        is_everywhere=is_everywhere,
        is_opt_out=is_opt_out,
        name=name,
    )
