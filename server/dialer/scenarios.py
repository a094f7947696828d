# SPDX-License-Identifier: Apache-2.0
"""A simulator's scenario as rows of a tenant, and what became of it as the simulator's answer."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

import asyncpg

from server.domain.campaigns import FAILURES, CallStatus
from server.domain.dialer import (
    DialState,
    FinalReason,
    FinalRow,
    HistoryRow,
    Limit,
    dial_order,
)
from server.domain.simulation import Answer, Scenario, answer
from server.services.dialer.entries import ENTRY_COLUMNS, read_stays

_CAMPAIGN = """
INSERT INTO campaigns (name, name_key, state, global_max_retry, additional_phones_after,
  exhaustion_policy, max_attempts_per_contact, originate_timeout, queue_timeout, check_duplicate,
  dial_order, simultaneous_lines, window_from, window_to, window_days, timezone, ends_at)
VALUES ('simulation', 'simulation', 'RUNNING', $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
  $13, $14) RETURNING id
"""
_RETRY = """
INSERT INTO retry_settings (campaign_id, status, position, max_retry, minutes, after_status)
SELECT $1, status, place, most, minutes, after
FROM unnest($2::text[], $3::int[], $4::int[], $5::text[]) WITH ORDINALITY
  AS u(status, most, minutes, after, place)
"""
_TYPES = """
INSERT INTO contact_item_types (name, name_key, order_by, color)
SELECT name, key, order_by, '#000000' FROM unnest($1::text[], $2::text[], $3::bigint[])
  AS u(name, key, order_by) RETURNING id
"""
_BLACKLIST = "INSERT INTO blacklist_entries (number) SELECT unnest($1::text[])"
_LIST = (
    "INSERT INTO contact_lists (name, name_key) VALUES ('simulation', 'simulation') RETURNING id"
)
_CONTACTS = """
INSERT INTO contacts (first_name, name_key, given_key, phone, priority, scheduled_at)
SELECT name, name, name, phone, priority, scheduled_at
FROM unnest($1::text[], $2::text[], $3::smallint[], $4::timestamptz[])
  AS u(name, phone, priority, scheduled_at) RETURNING id
"""
_PHONES = """
INSERT INTO additional_phones (contact_id, number, item_type_id, position)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::smallint[])
"""
_MEMBERS = "INSERT INTO list_members (list_id, contact_id) SELECT $1, unnest($2::bigint[])"
_HISTORY = """
SELECT contact_id, entry_id, unique_id, status, round, position, number, item_type_name, phone_id,
  scheduled_at, started_at, ended_at, decision
FROM call_attempts WHERE campaign_id = $1
"""
_FINALS = """
SELECT contact_id, reason, closed_at, number, item_type_name, status, counters::text AS counters,
  total_attempts, limit_status, limit_number, primary_number, first_attempt_at, last_attempt_at
FROM final_results WHERE campaign_id = $1
"""
_OPEN = f"SELECT {ENTRY_COLUMNS} FROM hopper_entries e WHERE e.campaign_id = $1 ORDER BY e.id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Where a scenario's rows are; `contact_ids` stand in the scenario's order."""

    campaign_id: int
    list_id: int
    contact_ids: list[int]


async def write_scenario(connection: asyncpg.Connection, scenario: Scenario) -> Written:
    """The campaign with its settings, types, blacklist and a list of the contacts, none loaded."""
    campaign_id = await _write_campaign(connection, scenario)
    # Orders as ranks: the simulator takes any whole number, the table only those from 1.
    ranks = {order: rank for rank, order in enumerate(sorted(set(scenario.item_types.values())), 1)}
    names = list(scenario.item_types)
    types = await connection.fetch(
        _TYPES,
        names,
        [name.casefold() for name in names],
        [ranks[scenario.item_types[name]] for name in names],
    )
    type_ids = {name: row[0] for name, row in zip(names, types, strict=True)}
    await connection.execute(_BLACKLIST, sorted(scenario.blacklist))
    list_id = await connection.fetchval(_LIST)
    contacts = scenario.contacts
    rows = await connection.fetch(
        _CONTACTS,
        [contact.id for contact in contacts],
        [contact.primary_number for contact in contacts],
        [contact.priority for contact in contacts],
        [contact.scheduled_at for contact in contacts],
    )
    contact_ids = [row[0] for row in rows]
    phones = []
    for contact_id, contact in zip(contact_ids, contacts, strict=True):
        # A contact has a number once; of repeated ones it is the first in dial order (section 11).
        kept = {
            p.number: p.item_type for p in dial_order(contact.primary_number, contact.additional)
        }
        for place, number in enumerate(contact.additional):
            if number.number in kept and kept[number.number] == number.item_type:
                del kept[number.number]
                type_id = None if number.item_type is None else type_ids[number.item_type]
                phones.append((contact_id, number.number, type_id, place))
    if phones:
        await connection.execute(_PHONES, *map(list, zip(*phones, strict=True)))
    await connection.execute(_MEMBERS, list_id, contact_ids)
    return Written(campaign_id=campaign_id, list_id=list_id, contact_ids=contact_ids)


async def _write_campaign(connection: asyncpg.Connection, scenario: Scenario) -> int:
    settings = scenario.settings
    window = settings.window
    campaign_id: int = await connection.fetchval(
        _CAMPAIGN,
        settings.global_max_retry,
        settings.additional_phones_after,
        settings.exhaustion_policy.value,
        settings.max_attempts_per_contact,
        settings.originate_timeout,
        settings.queue_timeout,
        settings.check_duplicate.value,
        settings.dial_order.value,
        scenario.lines,
        None if window is None else window.opens,
        None if window is None else window.closes,
        None if window is None else sorted(day.value for day in window.days),
        "UTC" if window is None else window.timezone,
        settings.ends_at,
    )
    await connection.execute(
        _RETRY,
        campaign_id,
        [status.value for status in settings.retry],
        [rule.max for rule in settings.retry.values()],
        [rule.minutes for rule in settings.retry.values()],
        [settings.after_status[status].value for status in settings.retry],
    )
    return campaign_id


async def read_answer(
    connection: asyncpg.Connection,
    scenario: Scenario,
    written: Written,
    claim_order: dict[object, int],
) -> Answer:
    """The rows as the simulator tells them.

    `claim_order` numbers each call by its unique id, each blocked number by entry and number.
    """
    places = {contact_id: place for place, contact_id in enumerate(written.contact_ids)}
    ids = [contact.id for contact in scenario.contacts]
    history = [
        (claim_order[row["unique_id"] or (row["entry_id"], row["number"])], row)
        for row in await connection.fetch(_HISTORY, written.campaign_id)
    ]
    finals = [
        (row["closed_at"], places[row["contact_id"]], row)
        for row in await connection.fetch(_FINALS, written.campaign_id)
    ]
    stays = await read_stays(connection, await connection.fetch(_OPEN, written.campaign_id))
    known = {row["contact_id"] for _, _, row in finals} | {stay.contact_id for stay in stays}
    return answer(
        [(ids[places[row["contact_id"]]], _history(row)) for _, row in sorted(history, key=_first)],
        [(ids[place], _final(row)) for _, place, row in sorted(finals, key=_first_two)],
        [(ids[places[stay.contact_id]], stay.entry) for stay in stays],
        _skipped(written.contact_ids, ids, known),
    )


def _skipped(contact_ids: list[int], ids: list[str], known: set[int]) -> Iterable[str]:
    for contact_id, name in zip(contact_ids, ids, strict=True):
        if contact_id not in known:
            yield name


def _first(pair: tuple[int, asyncpg.Record]) -> int:
    return pair[0]


def _first_two(row: tuple[object, int, asyncpg.Record]) -> tuple[object, int]:
    return row[0], row[1]


def _history(row: asyncpg.Record) -> HistoryRow:
    return HistoryRow(
        status=CallStatus(row["status"]),
        round=row["round"],
        position=row["position"],
        number=row["number"],
        item_type=row["item_type_name"],
        phone_id=row["phone_id"],
        scheduled_at=row["scheduled_at"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        decision=DialState(row["decision"]),
        counted=None,
    )


def _final(row: asyncpg.Record) -> FinalRow:
    limit = row["limit_status"]
    counters: dict[str, int] = json.loads(row["counters"])
    return FinalRow(
        reason=FinalReason(row["reason"]),
        at=row["closed_at"],
        number=row["number"],
        item_type=row["item_type_name"],
        status=None if row["status"] is None else CallStatus(row["status"]),
        counters={status: counters[status] for status in FAILURES if status in counters},
        attempts=row["total_attempts"],
        limit=None if limit is None else Limit(limit, row["limit_number"]),
        round=0,
        primary_number=row["primary_number"],
        first_attempt_at=row["first_attempt_at"],
        last_attempt_at=row["last_attempt_at"],
    )
