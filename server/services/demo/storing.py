# SPDX-License-Identifier: Apache-2.0
"""Synthetic people into the tables: one array a column, as COPY stops at row-level security."""

from typing import NamedTuple

import asyncpg

from server.services.demo.people import Columns
from server.services.dialer import load_members

# The usual four; a tenant that has types of its own keeps them, and the people use those.
ITEM_TYPES = (
    ("Office", 1, "#2F6FDE"),
    ("Mobile", 2, "#2E8B57"),
    ("Home", 3, "#C2701C"),
    ("Holiday Home", 4, "#8A4FBF"),
)
_MAKE_TYPES = """
INSERT INTO contact_item_types (name, name_key, order_by, color)
SELECT name, lower(name), order_by, color
FROM unnest($1::text[], $2::bigint[], $3::text[]) AS u(name, order_by, color)
WHERE NOT EXISTS (SELECT 1 FROM contact_item_types)
"""
_TYPES = "SELECT id FROM contact_item_types ORDER BY order_by, name_key"
_CONTACTS = """
INSERT INTO contacts (first_name, last_name, name_key, given_key, email, company, company_key,
  phone, priority)
SELECT first, last, lower(last || ' ' || first), lower(first || ' ' || last), email, company,
  lower(company), phone, priority
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::smallint[])
  WITH ORDINALITY AS u(first, last, email, company, phone, priority, place)
ORDER BY place
RETURNING id
"""
_PHONES = """
INSERT INTO additional_phones (contact_id, number, item_type_id, position)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::smallint[])
"""
_MEMBERS = "INSERT INTO list_members (list_id, contact_id) SELECT $1, unnest($2::bigint[])"


class Stored(NamedTuple):
    contacts: int
    phones: int


async def ensure_item_types(connection: asyncpg.Connection) -> list[int]:
    """The tenant's types in their order; the usual four are made where there are none."""
    await connection.execute(_MAKE_TYPES, *map(list, zip(*ITEM_TYPES, strict=True)))
    return [row["id"] for row in await connection.fetch(_TYPES)]


async def store_people(
    connection: asyncpg.Connection, list_id: int, people: Columns, first: int, until: int
) -> Stored:
    """Put the people at these places on the list, and load them where a campaign calls it."""
    columns = (
        people.first_names,
        people.last_names,
        people.emails,
        people.companies,
        people.numbers,
        people.priorities,
    )
    rows = await connection.fetch(_CONTACTS, *(column[first:until] for column in columns))
    # Keys are handed out in the order of the insert, so the smallest is the first person's.
    ids = sorted(row[0] for row in rows)
    mine = [place for place, owner in enumerate(people.phone_owners) if first <= owner < until]
    await connection.execute(
        _PHONES,
        [ids[people.phone_owners[place] - first] for place in mine],
        [people.phone_numbers[place] for place in mine],
        [people.phone_types[place] for place in mine],
        [people.phone_positions[place] for place in mine],
    )
    await connection.execute(_MEMBERS, list_id, ids)
    await load_members(connection, list_id, ids)
    return Stored(len(ids), len(mine))
