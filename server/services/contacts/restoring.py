# SPDX-License-Identifier: Apache-2.0
"""Documents of contacts back into the tables, onto a world that may have changed (D2, D4).

What a row refers to may be gone, and a value or a number's place in a campaign may be somebody
else's by now: such a row is left out and reported, and everything else comes back as it was.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg

from server.domain.trash import LeftOutKind
from server.services.contacts.keeping import restore_kept
from server.services.contacts.snapshots import (
    CONTACTS,
    ENTRIES,
    ENTRY_PHONES,
    MEMBERS,
    PHONES,
    TAGS,
    VALUES,
    Row,
    Snapshot,
    insert_rows,
)
from server.services.dialer import load_contacts, wake_dialer
from server.services.dialer.campaigns import CLOCK
from server.services.dialer.merging import take_turns
from server.services.fields import refit

# Shared until the end: what is there now cannot go before the rows that refer to it are written.
_KNOWN = {
    "lists": "SELECT id FROM contact_lists WHERE id = ANY($1::bigint[]) ORDER BY id FOR SHARE",
    "tags": "SELECT id FROM tags WHERE id = ANY($1::bigint[]) ORDER BY id FOR KEY SHARE",
    "types": """
SELECT id FROM contact_item_types WHERE id = ANY($1::bigint[]) ORDER BY id FOR KEY SHARE""",
    "fields": """
SELECT id FROM master_data_fields WHERE id = ANY($1::bigint[]) ORDER BY id FOR KEY SHARE""",
    "campaigns": "SELECT id FROM campaigns WHERE id = ANY($1::bigint[]) ORDER BY id FOR KEY SHARE",
    "users": "SELECT id FROM users WHERE id = ANY($1::bigint[]) ORDER BY id FOR KEY SHARE",
}
_REFERENCES = {
    "lists": [("lists", "list_id"), ("marks", "list_id")],
    "tags": [("tags", "tag_id")],
    "types": [("phones", "item_type_id")],
    "fields": [("values", "field_id")],
    "campaigns": [
        ("values", "campaign_id"),
        ("entries", "campaign_id"),
        ("marks", "campaign_id"),
        ("tasks", "campaign_id"),
    ],
    "users": [
        ("entries", "owner_id"),
        ("marks", "created_by_id"),
        ("consents", "recorded_by_id"),
        ("tasks", "agent_id"),
        ("tasks", "last_agent_id"),
    ],
}
_TAKEN_VALUES = """
SELECT v.field_id, coalesce(v.campaign_id, 0), v.unique_key
FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS g(field_id, campaign_id, key)
JOIN field_values v ON v.field_id = g.field_id AND coalesce(v.campaign_id, 0) = g.campaign_id
  AND v.unique_key = g.key
"""
_OPEN = "SELECT 1 FROM hopper_entries o WHERE o.campaign_id = k.id AND o.primary_number = g.number"
_OTHERS = "o.contact_id <> ALL($7::bigint[])"  # those that come back together were open together
# Whether the campaign still calls the list that the entry came from, and the check of section 9:
# against final results only those since, as the entry had passed it when it was loaded.
_MAY_RETURN = f"""
SELECT g.id,
  (k.state <> 'ENDED' AND (k.ends_at IS NULL OR k.ends_at > k.now)
    AND (g.list_id IS NULL OR EXISTS (SELECT 1 FROM campaign_lists a
      WHERE a.campaign_id = k.id AND a.list_id = g.list_id))) IS NOT TRUE AS has_ended,
  k.check_duplicate <> 'NEVER' AND (EXISTS ({_OPEN} AND o.is_unique AND {_OTHERS})
    OR EXISTS ({_OPEN} AND NOT o.is_unique AND {_OTHERS})
    OR k.check_duplicate = 'ALWAYS' AND EXISTS (SELECT 1 FROM final_results f
      WHERE f.campaign_id = k.id AND f.primary_number = g.number AND f.recorded_at > g.since
        AND f.contact_id <> ALL($7::bigint[]))) AS is_duplicate,
  EXISTS ({_OPEN} AND o.is_unique) AS is_taken
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::timestamptz[])
  AS g(id, campaign_id, list_id, number, contact_id, since)
LEFT JOIN (SELECT c.*, {CLOCK} AS now FROM campaigns c) k ON k.id = g.campaign_id
"""
_ATTACHED_SINCE = """
SELECT a.campaign_id, a.list_id, array_agg(g.contact_id ORDER BY g.contact_id) AS contact_ids
FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[]) AS g(contact_id, list_id, since)
JOIN campaign_lists a ON a.list_id = g.list_id AND a.attached_at > g.since
GROUP BY a.campaign_id, a.list_id ORDER BY a.campaign_id, a.list_id
"""


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A row that did not come back with its contact; `name` is what it was called."""

    contact_id: int
    kind: LeftOutKind
    name: str


@dataclass(kw_only=True)
class Restoring:
    """What comes back, table by table, as far as the world still has a place for it.

    `kept_entries` were open until now: they come back whatever the campaign would take today.
    """

    phones: list[Row] = field(default_factory=list)
    members: list[Row] = field(default_factory=list)
    tags: list[Row] = field(default_factory=list)
    values: list[Row] = field(default_factory=list)
    entries: list[Row] = field(default_factory=list)
    kept_entries: Collection[int] = ()
    left_out: list[LeftOut] = field(default_factory=list)

    def leave_out(self, contact_id: int, kind: LeftOutKind, name: object) -> None:
        self.left_out.append(LeftOut(contact_id=contact_id, kind=kind, name=str(name or "")))


async def restore_snapshots(
    connection: asyncpg.Connection, snapshots: Sequence[Snapshot], since: Mapping[int, datetime]
) -> list[LeftOut]:
    """The rows of documents back with their ids; answers what had to stay out.

    `since` says when each contact left: campaigns that came to one of its lists after that load it.
    """
    known = {name: await _known(connection, name, snapshots) for name in _KNOWN}
    back = Restoring()
    for snapshot in snapshots:
        _sort(snapshot, known, back)
    back.values, others = await refit(connection, back.values)
    for value in others:  # the field was changed meanwhile, and takes it no more
        back.leave_out(value["contact_id"], LeftOutKind.FIELD, value["_name"])
    await _drop_taken_values(connection, back)
    await insert_rows(connection, CONTACTS, (one["contact"] for one in snapshots))
    for table, rows in ((PHONES, back.phones), (MEMBERS, back.members), (TAGS, back.tags)):
        await insert_rows(connection, table, rows)
    await insert_rows(connection, VALUES, back.values)
    loads = await _attached_since(connection, back.members, since)
    await take_turns(connection, [*loads, *(entry["campaign_id"] for entry in back.entries)])
    await restore_entries(connection, back, since)
    await restore_kept(connection, snapshots, known)
    for campaign_id, lists in loads.items():
        for list_id, contact_ids in lists.items():
            await load_contacts(connection, campaign_id, list_id, contact_ids)
    return back.left_out


async def _known(
    connection: asyncpg.Connection, name: str, snapshots: Iterable[Snapshot]
) -> set[int]:
    """Which of the rows that the documents refer to there are."""
    wanted = {
        row[column]
        for one in snapshots
        for part, column in _REFERENCES[name]
        for row in one.get(part, ())
        if row[column] is not None
    }
    if not wanted:
        return set()
    return {row[0] for row in await connection.fetch(_KNOWN[name], sorted(wanted))}


def _sort(snapshot: Snapshot, known: Mapping[str, Collection[int]], back: Restoring) -> None:
    key = snapshot["contact"]["id"]
    for phone in snapshot["phones"]:
        if phone["item_type_id"] is not None and phone["item_type_id"] not in known["types"]:
            back.leave_out(key, LeftOutKind.ITEM_TYPE, phone["_name"])
            phone = {**phone, "item_type_id": None}
        back.phones.append(phone)
    for member in snapshot["lists"]:
        if member["list_id"] in known["lists"]:
            back.members.append(member)
        else:
            back.leave_out(key, LeftOutKind.LIST, member["_name"])
    for tag in snapshot["tags"]:
        if tag["tag_id"] in known["tags"]:
            back.tags.append(tag)
        else:
            back.leave_out(key, LeftOutKind.TAG, tag["_name"])
    for value in snapshot["values"]:
        has_campaign = value["campaign_id"] is None or value["campaign_id"] in known["campaigns"]
        if value["field_id"] in known["fields"] and has_campaign:
            back.values.append(value)
        else:
            back.leave_out(key, LeftOutKind.FIELD, value["_name"])
    for entry in snapshot["entries"]:
        if entry["owner_id"] is not None and entry["owner_id"] not in known["users"]:
            entry = {**entry, "owner_id": None}
        if entry["campaign_id"] in known["campaigns"]:
            back.entries.append(entry)
        else:
            back.leave_out(key, LeftOutKind.CAMPAIGN, entry["_name"])


async def _drop_taken_values(connection: asyncpg.Connection, back: Restoring) -> None:
    """Values of unique fields that somebody else has by now."""
    unique = [value for value in back.values if value["unique_key"] is not None]
    if not unique:
        return
    keys = [(row["field_id"], row["campaign_id"] or 0, row["unique_key"]) for row in unique]
    rows = await connection.fetch(_TAKEN_VALUES, *map(list, zip(*keys, strict=True)))
    taken = {tuple(row) for row in rows}
    for value, key in zip(unique, keys, strict=True):
        if key in taken:
            back.values.remove(value)
            back.leave_out(value["contact_id"], LeftOutKind.VALUE, value["_name"])
        taken.add(key)  # two that come back at once may have the same, too


async def restore_entries(
    connection: asyncpg.Connection, back: Restoring, since: Mapping[int, datetime]
) -> list[int]:
    """Open stays go on where they were, in campaigns that still call and have room for them.

    Answers which do.
    """
    entries = back.entries
    if not entries:
        return []
    columns: list[list[Any]] = [
        [entry[name] for entry in entries]
        for name in ("id", "campaign_id", "list_id", "primary_number", "contact_id")
    ]
    contact_ids = columns[-1]
    verdicts = await connection.fetch(
        _MAY_RETURN, *columns, [since[key] for key in contact_ids], contact_ids
    )
    told = {row["id"]: row for row in verdicts}
    returning = []
    for entry in entries:
        verdict = told[entry["id"]]
        is_kept = entry["id"] in back.kept_entries
        if verdict["has_ended"] and not is_kept:
            back.leave_out(entry["contact_id"], LeftOutKind.CAMPAIGN, entry["_name"])
        elif verdict["is_duplicate"] and not is_kept:
            back.leave_out(entry["contact_id"], LeftOutKind.DUPLICATE, entry["_name"])
        else:
            is_unique = entry["is_unique"] and not verdict["is_taken"]
            returning.append({**entry, "is_unique": is_unique})
    await insert_rows(connection, ENTRIES, returning)
    await insert_rows(
        connection, ENTRY_PHONES, (phone for entry in returning for phone in entry["phones"])
    )
    for campaign_id in sorted({entry["campaign_id"] for entry in returning}):
        await wake_dialer(connection, campaign_id)
    return [entry["id"] for entry in returning]


async def _attached_since(
    connection: asyncpg.Connection, members: Sequence[Row], since: Mapping[int, datetime]
) -> dict[int, dict[int, list[int]]]:
    """Who is to be loaded, by campaign and list (X-23).

    Only campaigns that came to a list while the contact was away: the others have seen it.
    """
    loads: defaultdict[int, dict[int, list[int]]] = defaultdict(dict)
    if members:
        rows = await connection.fetch(
            _ATTACHED_SINCE,
            [member["contact_id"] for member in members],
            [member["list_id"] for member in members],
            [since[member["contact_id"]] for member in members],
        )
        for campaign_id, list_id, contact_ids in rows:
            loads[campaign_id][list_id] = contact_ids
    return loads
