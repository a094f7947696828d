# SPDX-License-Identifier: Apache-2.0
"""Contacts by any of their fields, the best first."""

from collections.abc import Sequence

import asyncpg
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect

from server.domain.permissions import Viewer
from server.domain.search import (
    Rank,
    SearchField,
    SearchType,
    marks_of_digits,
    marks_of_words,
    rank_of_number,
    rank_of_text,
    search_key,
)
from server.models import Contact
from server.services.contacts.search import matching
from server.services.search.asking import Asked
from server.services.search.found import Found, Match, Reads
from server.services.visibility import visible_contacts

DIALECT = asyncpg_dialect()  # type: ignore[no-untyped-call]


async def find_contacts(reads: Reads, viewer: Viewer, asked: Asked, most: int) -> list[Found]:
    table = Contact.__table__
    wanted = visible_contacts(viewer).where(matching(asked.text, viewer)(table)).limit(most)
    compiled = wanted.compile(dialect=DIALECT)
    values = [compiled.params[name] for name in compiled.positiontup or ()]
    rows = await reads.read(viewer.tenant_id, compiled.string, *values, tailored=True)
    numbers = await reads.read(
        viewer.tenant_id,
        "SELECT p.contact_id, p.number, p.item_type_id, t.name FROM additional_phones p"
        " LEFT JOIN contact_item_types t ON t.id = p.item_type_id WHERE p.contact_id = any($1)",
        [row["id"] for row in rows],
    )
    found = []
    for row in rows:
        own = [number for number in numbers if number["contact_id"] == row["id"]]
        best = _best(row, own, asked)
        if best is None:
            continue
        rank, match = best
        found.append(
            Found(
                type=SearchType.CONTACT,
                id=row["id"],
                title=f"{row['first_name']} {row['last_name']}".strip(),
                detail=row["company"] or row["phone"] or row["email"],
                rank=rank,
                match=match,
            )
        )
    return found


def _best(
    row: asyncpg.Record, numbers: Sequence[asyncpg.Record], asked: Asked
) -> tuple[Rank, Match] | None:
    found: list[tuple[Rank, Match]] = []
    name = f"{row['first_name']} {row['last_name']}".strip()
    first, last = search_key(row["first_name"]), search_key(row["last_name"])
    for field, value, wholes in (
        (SearchField.NAME, name, (first, last, f"{last} {first}")),
        (SearchField.EMAIL, row["email"], ()),
        (SearchField.COMPANY, row["company"], ()),
    ):
        rank = rank_of_text(search_key(value), asked.words, *wholes)
        if rank is not None:
            marks = marks_of_words(value, asked.words)
            found.append((rank, Match(field=field, value=value, marks=marks)))
    for number, type_id, type_name in [
        (row["phone"], None, None),
        *((n["number"], n["item_type_id"], n["name"]) for n in numbers),
    ]:
        rank = number and rank_of_number(number, asked.beginnings, asked.digits)
        if rank:
            field = SearchField.ADDITIONAL_PHONE
            if number == row["phone"]:
                field = SearchField.PHONE
            match = Match(
                field=field,
                value=number,
                marks=marks_of_digits(number, asked.beginnings, asked.digits),
                name=type_name,
                item_type_id=type_id,
            )
            found.append((rank, match))
    return min(found, key=lambda each: each[0], default=None)
