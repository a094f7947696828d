# SPDX-License-Identifier: Apache-2.0
"""What an undone merge does to open stays: each goes back to its contact, and none starts anew."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg

from server.services.dialer.entries import COUNTERS

Row = dict[str, Any]

_HARDER = ("OPEN", "EXHAUSTED", "BLOCKED")

# The attempts since were made on the merged contact: they stay with the stay that went on. An agent
# that another stay had been promised to goes with that one, unless chosen since.
_BACK = """
UPDATE hopper_entries e SET contact_id = $2, priority = $4,
  total_attempts = greatest(0, e.total_attempts - $3),
  owner_id = CASE WHEN e.owner_id IS DISTINCT FROM $5::bigint THEN e.owner_id END
WHERE e.id = $1
"""
_COUNTERS = """
UPDATE hopper_phones p SET {columns} FROM jsonb_populate_recordset(NULL::hopper_phones, $2) g
WHERE p.entry_id = $1 AND p.number = g.number
""".format(columns=", ".join(f"{name} = g.{name}" for name in COUNTERS))
_CALLED = ("state", "round", "current_position", "total_attempts", "scheduled_at")
_DROP = "DELETE FROM hopper_entries WHERE id = ANY($1::bigint[])"
# Final results from before the merge are of an earlier time in the trash, and stay.
_REOPENED = "DELETE FROM final_results WHERE entry_id = ANY($1::bigint[]) AND recorded_at >= $2"


@dataclass(kw_only=True)
class Returned:
    """Entries to put back, as far as campaigns still take them; and those that ended meanwhile.

    `kept` are the ids of those that went on meanwhile: whoever is open need not be taken again.
    """

    entries: list[Row] = field(default_factory=list)
    ended: list[Row] = field(default_factory=list)
    kept: set[int] = field(default_factory=set)


async def return_stays(
    connection: asyncpg.Connection,
    before: Sequence[Sequence[Row]],
    after: Sequence[Row],
    now: Sequence[Row],
) -> Returned:
    """Each campaign's survivor back to its contact, and the stays that had left beside it.

    `before` the merge each contact's entries, `after` it and `now` those of the merged one. Where
    nobody was called since, every stay is to be as it was, those that the merge ended among them;
    the calls that were made since count for whoever has the number.
    """
    live = {entry["id"]: entry for entry in now}
    joined = {entry["id"]: entry for entry in after}
    open_again = {entry["campaign_id"] for entry in now}
    by_campaign: dict[int, list[Row]] = {}
    for entry in (entry for entries in before for entry in entries):
        by_campaign.setdefault(entry["campaign_id"], []).append(entry)
    found = Returned()
    for campaign_id, entries in by_campaign.items():
        survivor = next((entry for entry in entries if entry["id"] in live), None)
        if survivor is None:
            has_gone_on = any(entry["id"] in joined for entry in entries)
            if has_gone_on or campaign_id in open_again:
                found.ended += entries
            else:  # the merge itself ended all of them
                found.entries += entries
            continue
        kept = live[survivor["id"]]
        merged = joined.get(survivor["id"], kept)
        if all(kept[name] == merged[name] for name in _CALLED):
            found.entries += entries
            found.kept.add(survivor["id"])
            continue
        brought = merged["total_attempts"] - survivor["total_attempts"]
        caught_up = {entry["id"]: _caught_up(entry, merged, kept) for entry in entries}
        given = merged["owner_id"] if survivor["owner_id"] is None else None
        await connection.execute(
            _BACK, survivor["id"], survivor["contact_id"], brought, survivor["priority"], given
        )
        own = caught_up.pop(survivor["id"])
        await connection.execute(_COUNTERS, survivor["id"], json.dumps(own["phones"]))
        found.entries += caught_up.values()
    await connection.execute(_DROP, list(found.kept))
    return found


async def drop_finals(
    connection: asyncpg.Connection,
    entry_ids: Collection[int],
    after: Sequence[Row],
    merged_at: datetime,
) -> None:
    """Those with which stays left by the merge itself, which are open again now."""
    ended = set(entry_ids) - {entry["id"] for entry in after}
    await connection.execute(_REOPENED, list(ended), merged_at)


def _caught_up(entry: Row, merged: Row, live: Row) -> Row:
    """A stay as it was, with the calls that were made of its numbers since the merge."""
    joined, known = ({phone["number"]: phone for phone in one["phones"]} for one in (merged, live))
    return {
        **entry,
        "scheduled_at": max(entry["scheduled_at"], live["scheduled_at"], key=_moment),
        "phones": [
            _counted(phone, joined.get(phone["number"]), known.get(phone["number"]))
            for phone in entry["phones"]
        ],
    }


def _counted(phone: Row, joined: Row | None, live: Row | None) -> Row:
    if joined is None or live is None:
        return phone
    made = {name: max(0, live[name] - joined[name]) for name in COUNTERS}
    if not any(made.values()):
        return phone
    return {
        **phone,
        **{name: phone[name] + count for name, count in made.items()},
        "last_at": live["last_at"],
        "last_status": live["last_status"],
        "phone_state": max(phone["phone_state"], live["phone_state"], key=_HARDER.index),
    }


def _moment(text: str) -> datetime:
    """Documents hold instants as text, in whatever zone the session was."""
    return datetime.fromisoformat(text)
