# SPDX-License-Identifier: Apache-2.0
"""Results of calls: who may report them, what the machine makes of them, all in one transaction."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import asyncpg

from server.domain.campaigns import CallStatus, check_result
from server.domain.dialer import IN_CALL, HistoryRow, Outcome, phones_changed
from server.domain.dialer import report as report_call
from server.domain.dialer.phones import next_place
from server.services.dialer.campaigns import DialedCampaign, read_campaigns
from server.services.dialer.connections import Handle, connection_of, use_indexes
from server.services.dialer.entries import (
    ENTRY_COLUMNS,
    HELD_LOCKED,
    Numbers,
    Stay,
    columns_of,
    read_numbers,
    read_stays,
)
from server.services.dialer.writing import Writing

_HELD = f"SELECT {ENTRY_COLUMNS} FROM {HELD_LOCKED}"
_KNOWN_CALLS = """
SELECT unique_id FROM call_attempts
WHERE tenant_id = rubrica_tenant() AND unique_id = ANY($1::text[])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The result of one claimed call. `unique_id` is the telephony's name of the call.

    Moments are on the campaign's clock, None for what did not happen; `agent_id` had the call, or
    was to have it.
    """

    entry_id: int
    token: uuid.UUID
    status: CallStatus
    unique_id: str
    started_at: datetime | None = None  # None: when it was claimed
    ended_at: datetime | None = None  # None: now
    rang_at: datetime | None = None
    answered_at: datetime | None = None
    connected_at: datetime | None = None  # with an agent
    agent_id: int | None = None


class Reported(StrEnum):
    """What became of a report."""

    OK = "OK"  # recorded
    DUPLICATE = "DUPLICATE"  # this call's result is in the history already; nothing changed
    STALE = "STALE"  # the claim is no longer the reporter's; nothing changed


async def report(
    handle: Handle, reports: Sequence[Report], now: datetime | None = None
) -> list[Reported]:
    """Record results, of any campaigns of the tenant; the answers stand in the order given.

    The same report again is answered DUPLICATE, so that one whose answer was lost can be
    repeated. `now` None is each campaign's clock.
    """
    for place, given in enumerate(reports):
        check_result(given.status, f"{place}.status")
    connection = await connection_of(handle)
    await use_indexes(connection)
    rows = await connection.fetch(
        _HELD, *columns_of([(given.entry_id, given.token) for given in reports])
    )
    # Only now, behind the locks: a twin of this batch may have recorded the calls meanwhile.
    known = {
        row[0]
        for row in await connection.fetch(_KNOWN_CALLS, [given.unique_id for given in reports])
    }
    stays = {(stay.id, stay.token): stay for stay in await read_stays(connection, rows)}
    answers: list[Reported] = []
    accepted: list[tuple[Report, Stay]] = []
    for given in reports:
        stay = stays.get((given.entry_id, given.token))
        if given.unique_id in known:
            answers.append(Reported.DUPLICATE)
        elif stay is None:
            answers.append(Reported.STALE)
        else:
            answers.append(Reported.OK)
            accepted.append((given, stay))
            del stays[given.entry_id, given.token]
            known.add(given.unique_id)
    await _record(connection, accepted, now)
    return answers


async def _record(
    connection: asyncpg.Connection, accepted: list[tuple[Report, Stay]], now: datetime | None
) -> None:
    if not accepted:
        return
    campaigns = await read_campaigns(connection, {stay.campaign_id for _, stay in accepted}, now)
    numbers = await numbers_for(connection, [stay for _, stay in accepted], campaigns)
    writing = Writing()
    for given, stay in accepted:
        campaign = campaigns[stay.campaign_id]
        listed = numbers.get(stay.contact_id)
        outcome = report_call(
            stay.entry,
            campaign.settings,
            given.status,
            campaign.now,
            relist=None if listed is None else listed.phones,
        )
        record_call(writing, stay, outcome.history, campaign, given)
        settle(writing, stay, outcome, campaign, listed)
    await writing.write(connection)


def record_call(
    writing: Writing, stay: Stay, row: HistoryRow, campaign: DialedCampaign, given: Report
) -> None:
    """A row of the history, with what was reported of the call."""
    writing.record(
        stay,
        row,
        campaign,
        unique_id=given.unique_id,
        started_at=given.started_at,
        ended_at=given.ended_at,
        course=(given.rang_at, given.answered_at, given.connected_at),
        agent_id=given.agent_id,
    )


async def numbers_for(
    connection: asyncpg.Connection, stays: Sequence[Stay], campaigns: dict[int, DialedCampaign]
) -> dict[int, Numbers]:
    """Today's numbers of those contacts whose round may end with this call (section 2)."""
    wanted = set()
    for stay in stays:
        entry, settings = stay.entry, campaigns[stay.campaign_id].settings
        ends_round = next_place(entry, settings, entry.position + 1) == len(entry.phones)
        if ends_round or stay.has_edited_phones:
            wanted.add(stay.contact_id)
    return await read_numbers(connection, wanted) if wanted else {}


def settle(
    writing: Writing,
    stay: Stay,
    outcome: Outcome,
    campaign: DialedCampaign,
    listed: Numbers | None,
) -> None:
    """Write down a call's end; numbers that were edited during it are taken over now (C-06)."""
    entry = stay.entry
    final, relisted = outcome.final, outcome.relisted
    if final is None and stay.has_edited_phones and entry.state not in IN_CALL:
        stay.has_edited_phones = False
        if listed is not None:
            relisted = True
            final, _ = phones_changed(entry, campaign.settings, listed.phones(), campaign.now)
    if final is not None:
        writing.close(stay, final)
    elif relisted:
        # Most round ends list the very same numbers: their rows are found, not made anew.
        writing.change(stay, campaign, phones=None if stay.is_relisted else entry.phones)
    else:
        dialed = outcome.history.number
        writing.change(stay, campaign, phones=[p for p in entry.phones if p.number == dialed])
