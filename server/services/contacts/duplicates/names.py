# SPDX-License-Identifier: Apache-2.0
"""Names that are alike within a company: contacts are walked in the order of their names.

Each is held against the few before it of the same company, which in this order are the ones most
like it; and first and last names that changed places are looked up by the other key.
"""

from collections import defaultdict, deque
from dataclasses import dataclass
from typing import NamedTuple

import asyncpg

from server.domain.duplicates import alike

BLOCK = 8_000  # contacts that are walked at a time
NEIGHBOURS = 8  # of the same company that a contact is held against
SAME_START = 3  # letters: beyond them no name in this order is alike

_WALK = """
SELECT c.id, c.name_key, c.given_key, c.company_key FROM contacts c
WHERE (c.name_key, c.id) > ($1::text, $2::bigint) ORDER BY c.tenant_id, c.name_key, c.id LIMIT $3
"""
# The other way round; a name that reads the same both ways is alike anyway.
_SWAPPED = """
SELECT o.id, o.name_key, o.given_key, o.company_key, g.id AS of
FROM unnest($1::bigint[], $2::text[], $3::text[]) AS g(id, key, company)
JOIN contacts o ON o.given_key = g.key
WHERE o.company_key = g.company AND o.name_key > g.key
"""


class Named(NamedTuple):
    id: int
    name_key: str
    given_key: str
    company_key: str


@dataclass(frozen=True, kw_only=True)
class NameWalk:
    """Groups of contacts in the order of their first names, and where the next walk begins."""

    groups: list[tuple[Named, ...]]
    after: tuple[str, int] | None


async def walk_names(connection: asyncpg.Connection, after: tuple[str, int]) -> NameWalk:
    """The next block of contacts, none of them without a company left in it."""
    rows = [Named(*row) for row in await connection.fetch(_WALK, *after, BLOCK + 1)]
    is_last = len(rows) <= BLOCK
    rows = rows if is_last else rows[: _cut(rows)]
    people = [row for row in rows if row.company_key and row.name_key]
    found = _Groups()
    recent: defaultdict[str, deque[Named]] = defaultdict(lambda: deque(maxlen=NEIGHBOURS))
    for person in people:
        before = recent[person.company_key]
        start = person.name_key[:SAME_START]
        for one in reversed(before):
            if not one.name_key.startswith(start):
                break
            if alike(one.name_key, person.name_key):
                found.join(one, person)
        before.append(person)
    known = {person.id: person for person in people}
    swapped = await connection.fetch(
        _SWAPPED,
        [person.id for person in people],
        [person.name_key for person in people],
        [person.company_key for person in people],
    )
    for *columns, of in swapped:
        found.join(known[of], Named(*columns))
    return NameWalk(groups=found.in_order(), after=None if is_last else _place(rows[-1]))


def _cut(rows: list[Named]) -> int:
    """Where names begin differently, so that no two that are alike are parted."""
    starts = [row.name_key[:SAME_START] for row in rows]
    changes = (
        place for place in range(BLOCK, BLOCK // 2, -1) if starts[place] != starts[place - 1]
    )
    return next(changes, BLOCK)


class _Groups:
    """Who is alike with whom, directly or through others."""

    def __init__(self) -> None:
        self._members: dict[int, list[Named]] = {}

    def join(self, one: Named, other: Named) -> None:
        mine = self._members.setdefault(one.id, [one])
        theirs = self._members.setdefault(other.id, [other])
        if mine is not theirs:
            mine += theirs
            for member in theirs:
                self._members[member.id] = mine

    def in_order(self) -> list[tuple[Named, ...]]:
        groups = {id(members): members for members in self._members.values()}.values()
        ordered = [tuple(sorted(members, key=_place)) for members in groups]
        return sorted(ordered, key=lambda members: _place(members[0]))


def _place(person: Named) -> tuple[str, int]:
    return person.name_key, person.id
