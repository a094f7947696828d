# SPDX-License-Identifier: Apache-2.0
"""`rubrica demo`: many synthetic contacts, fast, on a list of their own.

A chunk is a transaction: what an interruption leaves is whole, and the same command goes on there.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from server.database import Database
from server.domain.errors import DomainError, ErrorCode
from server.domain.text import name_key
from server.services.demo.people import CHUNK, Columns, make_people
from server.services.demo.storing import ensure_item_types, store_people
from server.services.search.indexing import index_later, index_new

Progress = Callable[[int], None]

MOST_CONTACTS = 10_000_000
LARGEST_SEED = 2**53

_LIST = """
INSERT INTO contact_lists (name, name_key, description) VALUES ($1, $2, $3)
ON CONFLICT (tenant_id, name_key) DO UPDATE SET name = contact_lists.name RETURNING id
"""
_MEMBERS = "SELECT count(*) FROM list_members WHERE list_id = $1"
_EVENT = """
INSERT INTO events (name, subject_id, data) VALUES
  ('contacts.synthesized', $1, json_build_object('contacts', $2::bigint, 'seed', $3::bigint))
"""


@dataclass(frozen=True, kw_only=True)
class Synthesized:
    list_id: int
    list_name: str
    contacts: int  # made now
    phones: int  # additional ones, made now
    present: int  # contacts that an earlier run of this seed had made


async def load_synthetic(
    database: Database,
    tenant_id: int,
    *,
    contacts: int,
    seed: int,
    progress: Progress | None = None,
) -> Synthesized:
    """Bring the list `Synthetic <seed>` to that many contacts, with 1.5 further numbers each.

    The same seed gives the same people; those that are there already are not made again.
    `progress` is called with how many of them are there, at first and after each chunk.
    """
    if not 0 <= contacts <= MOST_CONTACTS:
        raise DomainError(ErrorCode.OUT_OF_RANGE, "contacts", min=0, max=MOST_CONTACTS)
    if not 0 <= seed <= LARGEST_SEED:
        raise DomainError(ErrorCode.OUT_OF_RANGE, "seed", min=0, max=LARGEST_SEED)
    name = f"Synthetic {seed}"
    async with database.connection(tenant_id) as connection:
        about = "Invented people; nobody real, and only simulated telephony calls them."
        list_id = await connection.fetchval(_LIST, name, name_key(name), about)
        present = done = await connection.fetchval(_MEMBERS, list_id)
        types = await ensure_item_types(connection)
    phones = 0
    making: asyncio.Task[Columns] | None = None
    try:
        while done < contacts:
            if progress is not None:
                progress(done)
            chunk, first = divmod(done, CHUNK)
            people = await (making or _make(seed, chunk, types))
            # The next chunk is made in a thread while the database stores this one.
            making = asyncio.create_task(_make(seed, chunk + 1, types))
            until = min(contacts - chunk * CHUNK, CHUNK)
            async with database.connection(tenant_id) as connection:
                await index_later(connection)
                stored = await store_people(connection, list_id, people, first, until)
                await connection.execute(_EVENT, list_id, stored.contacts, seed)
            await index_new(database, tenant_id)
            done, phones = done + stored.contacts, phones + stored.phones
    finally:
        if making is not None:
            making.cancel()
    if progress is not None:
        progress(done)
    return Synthesized(
        list_id=list_id,
        list_name=name,
        contacts=done - present,
        phones=phones,
        present=present,
    )


async def _make(seed: int, chunk: int, types: list[int]) -> Columns:
    return await asyncio.to_thread(make_people, seed, chunk, types)
