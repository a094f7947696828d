# SPDX-License-Identifier: Apache-2.0
"""What an undone merge does to open stays: each goes back to its contact, and none starts anew."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

from server.services.dialer.entries import COUNTERS

Row = dict[str, Any]

_HARDER = ("OPEN", "EXHAUSTED", "BLOCKED")

# The attempts since were made on the merged contact: they stay with the stay that went on.
_BACK = """
UPDATE hopper_entries e SET contact_id = $2, total_attempts = greatest(0, e.total_attempts - $3)
WHERE e.id = $1
"""


async def return_stays(
    connection: asyncpg.Connection,
    before: Sequence[Sequence[Row]],
    after: Sequence[Row],
    now: Sequence[Row],
) -> tuple[list[Row], list[Row]]:
    """The survivors back to their contacts; answers the entries to put back, and those that ended.

    `before` the merge each contact's entries, `after` it and `now` those of the merged one.
    """
    live = {entry["id"]: entry for entry in now}
    joined = {entry["id"]: entry for entry in after}
    by_campaign: dict[int, list[Row]] = {}
    for entry in (entry for entries in before for entry in entries):
        by_campaign.setdefault(entry["campaign_id"], []).append(entry)
    returning: list[Row] = []
    ended: list[Row] = []
    for entries in by_campaign.values():
        survivor = next((entry for entry in entries if entry["id"] in live), None)
        if survivor is None:
            ended += entries
            continue
        kept = live[survivor["id"]]
        merged = joined.get(survivor["id"], kept)
        brought = merged["total_attempts"] - survivor["total_attempts"]
        await connection.execute(_BACK, survivor["id"], survivor["contact_id"], brought)
        returning += [_caught_up(entry, merged, kept) for entry in entries if entry is not survivor]
    return returning, ended


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
