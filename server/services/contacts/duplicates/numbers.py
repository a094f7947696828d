# SPDX-License-Identifier: Apache-2.0
"""Numbers and addresses that several contacts have, walked in the order of their indexes.

No table is read: both indexes of numbers are merged while they are walked, and the walk ends with
the last group that is wanted. A group's contacts are looked up after.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from server.domain.duplicates import DuplicateKind

MOST_MEMBERS = 1_000
"""Contacts of one group that are looked at; a switchboard's number may be on more of them."""
WALKED = 1_000_000  # keys that one walk passes at the most

_NUMBERS = """
  (SELECT phone AS key FROM contacts WHERE phone >= $1::text ORDER BY phone)
  UNION ALL
  (SELECT number FROM additional_phones WHERE number >= $1::text ORDER BY number)
"""
_EMAILS = "SELECT email AS key FROM contacts WHERE email >= $1::text"
_WALK = """
SELECT key FROM (SELECT key FROM ({keys}) k ORDER BY key LIMIT $3) walked
GROUP BY key HAVING count(*) > 1 ORDER BY key LIMIT $2
"""
_BEYOND = "SELECT key FROM ({keys}) k ORDER BY key OFFSET $2 LIMIT 2"
_HOLDERS = {
    DuplicateKind.NUMBER: """
SELECT g.key, ARRAY(
  (SELECT c.id FROM contacts c WHERE c.phone = g.key ORDER BY c.id LIMIT $2)
  UNION
  (SELECT p.contact_id FROM additional_phones p WHERE p.number = g.key
    ORDER BY p.contact_id LIMIT $2)
  ORDER BY 1 LIMIT $2)
FROM unnest($1::text[]) AS g(key)
""",
    DuplicateKind.EMAIL: """
SELECT g.key, ARRAY(SELECT c.id FROM contacts c WHERE c.email = g.key ORDER BY c.id LIMIT $2)
FROM unnest($1::text[]) AS g(key)
""",
}
_KEYS = {DuplicateKind.NUMBER: _NUMBERS, DuplicateKind.EMAIL: _EMAILS}


_BEHIND = "\x01"  # appended to a key it is behind that one, and before every other


@dataclass(frozen=True, kw_only=True)
class Walk:
    """Keys that several contacts have, and where the next walk begins.

    That is behind `last`, or else from `beyond` on, or nowhere if both are None.
    """

    keys: list[str]
    last: str | None = None
    beyond: str | None = None


async def walk_keys(
    connection: asyncpg.Connection, kind: DuplicateKind, key: str, count: int, *, is_behind: bool
) -> Walk:
    """The next `count` keys from `key` on, or those that the walk has passed."""
    source = _KEYS[kind]
    start = key + _BEHIND if is_behind else key
    rows = await connection.fetch(_WALK.format(keys=source), start, count, WALKED)
    keys = [row[0] for row in rows]
    if len(keys) == count:
        return Walk(keys=keys, last=keys[-1])
    passed = await connection.fetch(_BEYOND.format(keys=source), start, WALKED - 1)
    if len(passed) < 2:
        return Walk(keys=keys)
    last = passed[0][0]
    # The last one that was passed may be the first of two, and is passed again.
    return Walk(keys=keys, last=last) if last in keys else Walk(keys=keys, beyond=last)


async def holders(
    connection: asyncpg.Connection, kind: DuplicateKind, keys: Sequence[str]
) -> dict[str, list[int]]:
    """By key the contacts that have it, in the order of their ids."""
    rows = await connection.fetch(_HOLDERS[kind], list(keys), MOST_MEMBERS + 1)
    return {row[0]: row[1] for row in rows}
