# SPDX-License-Identifier: Apache-2.0
"""Groups of contacts that may be one person, page by page (D2); nobody's mark is asked twice."""

import json
import uuid
from base64 import b64decode, urlsafe_b64encode
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import monotonic

import asyncpg
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.duplicates import DuplicateKind
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Role, Viewer
from server.models import Contact, DistinctPeople
from server.services.contacts.duplicates.names import walk_names
from server.services.contacts.duplicates.numbers import holders, walk_keys
from server.services.dialer import connection_of
from server.services.visibility import visible_contacts

MOST = 100  # groups of a page
PATIENCE = 2.0  # seconds of walks for a page; whoever wants more asks for the next one
SHOWN = 20  # contacts of a group: as many as one merge takes


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a walk goes on: from this key on; behind it, where `passed` is 1.

    Of names behind this one and contact, and behind so many groups of the block that begins there.
    """

    kind: DuplicateKind
    key: str = ""
    contact_id: int = 0
    passed: int = 0


@dataclass(frozen=True, kw_only=True)
class DuplicateGroup:
    """`value`: the number, the address, or the key of the company; `contact_ids` in their order."""

    kind: DuplicateKind
    value: str
    contact_ids: tuple[int, ...]

    @property
    def key(self) -> str:
        """What `dismiss_duplicates` takes."""
        told = self.value
        if self.kind is DuplicateKind.NAME:
            told = ".".join(str(key) for key in self.contact_ids)
        return f"{self.kind}:{told}"


@dataclass(frozen=True, kw_only=True)
class Duplicates:
    """A page of groups. It may hold fewer than were wanted, or none, and have a next one."""

    groups: list[DuplicateGroup]
    cursor: str | None  # None: there is nothing behind


async def find_duplicates(
    session: AsyncSession,
    viewer: Viewer,
    kinds: Sequence[DuplicateKind] = tuple(DuplicateKind),
    *,
    first: int = 20,
    after: str | None = None,
) -> Duplicates:
    """Of contacts that the viewer sees. Raises OUT_OF_RANGE (first) and INVALID (after)."""
    if not 1 <= first <= MOST:
        raise DomainError(ErrorCode.OUT_OF_RANGE, "first", min=1, max=MOST)
    wanted = [kind for kind in DuplicateKind if kind in kinds]
    place = _beginning(wanted) if after is None else _read(after, wanted)
    connection = await connection_of(session)
    found: list[DuplicateGroup] = []
    until = monotonic() + PATIENCE
    while place is not None and len(found) < first:
        groups, follows = await _walk(connection, place, first - len(found))
        found += await _shown(session, viewer, groups)
        place = follows or _beginning(wanted[wanted.index(place.kind) + 1 :])
        if monotonic() > until:
            break
    return Duplicates(groups=found, cursor=None if place is None else _cursor(place))


def _beginning(kinds: Sequence[DuplicateKind]) -> Place | None:
    """Blank is no address: their walk begins behind it."""
    if not kinds:
        return None
    return Place(kind=kinds[0], passed=0 if kinds[0] is DuplicateKind.NAME else 1)


async def _walk(
    connection: asyncpg.Connection, place: Place, count: int
) -> tuple[list[DuplicateGroup], Place | None]:
    """The next groups of the kind, and where it goes on; None behind its last."""
    kind = place.kind
    if kind is DuplicateKind.NAME:
        block = await walk_names(connection, (place.key, place.contact_id))
        end = place.passed + count
        groups = [
            DuplicateGroup(
                kind=kind,
                value=members[0].company_key,
                contact_ids=tuple(person.id for person in members),
            )
            for members in block.groups[place.passed : end]
        ]
        if end < len(block.groups):
            return groups, replace(place, passed=end)
        if block.after is None:
            return groups, None
        return groups, Place(kind=kind, key=block.after[0], contact_id=block.after[1])
    walk = await walk_keys(connection, kind, place.key, count, is_behind=bool(place.passed))
    held = await holders(connection, kind, walk.keys)
    groups = [
        DuplicateGroup(kind=kind, value=key, contact_ids=tuple(held[key])) for key in walk.keys
    ]
    if walk.last is not None:
        return groups, Place(kind=kind, key=walk.last, passed=1)
    return groups, None if walk.beyond is None else Place(kind=kind, key=walk.beyond)


async def _shown(
    session: AsyncSession, viewer: Viewer, groups: Sequence[DuplicateGroup]
) -> list[DuplicateGroup]:
    """Those of at least two contacts that the viewer sees, and that nobody told apart."""
    if viewer.role is Role.AGENT:
        ids = {key for group in groups for key in group.contact_ids}
        mine = visible_contacts(viewer).where(Contact.id.in_(ids)).with_only_columns(Contact.id)
        seen = set(await session.scalars(mine))
        groups = [
            replace(group, contact_ids=tuple(key for key in group.contact_ids if key in seen))
            for group in groups
        ]
    groups = [group for group in groups if len(group.contact_ids) > 1]
    ids = {key for group in groups for key in group.contact_ids}
    rows = await session.execute(
        select(DistinctPeople.mark, DistinctPeople.contact_id).where(
            DistinctPeople.contact_id.in_(ids)
        )
    )
    marks: defaultdict[uuid.UUID, set[int]] = defaultdict(set)
    for mark, contact_id in rows:
        marks[mark].add(contact_id)
    return [
        group
        for group in groups
        if not any(marked.issuperset(group.contact_ids) for marked in marks.values())
    ]


def _cursor(place: Place) -> str:
    told = [place.kind.value, place.key, place.contact_id, place.passed]
    return urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")


def _read(cursor: str, kinds: Sequence[DuplicateKind]) -> Place:
    """What `_cursor` wrote, of one of the kinds; INVALID for anything else."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        kind, key, contact_id, passed = json.loads(b64decode(padded, b"-_", validate=True))
        place = Place(kind=DuplicateKind(kind), key=key, contact_id=contact_id, passed=passed)
        is_sound = isinstance(key, str) and "\x00" not in key and key.isprintable()
        numbers = (contact_id, passed)
        is_sound &= all(type(value) is int and 0 <= value < 2**63 for value in numbers)
    except (ValueError, TypeError):
        is_sound = False
    if not is_sound or place.kind not in kinds:
        raise DomainError(ErrorCode.INVALID, "after", expected="a cursor of this list")
    return place
