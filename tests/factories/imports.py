# SPDX-License-Identifier: Apache-2.0
"""Files and imports, made as a supervisor would."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from server.database import Database
from server.domain.permissions import Viewer
from server.domain.processes import OPEN_STATES
from server.models import AdditionalPhone, Contact, ContactItemType, ListMember, Process
from server.services.imports import ImportInput, start_import
from server.services.processes import find_process
from server.uploads import StoredUpload, store_upload

NEW_LIST = ImportInput(file_id=0, list_name="People")


@dataclass(frozen=True, kw_only=True)
class Person:
    """A contact as a test compares it; `others` are (item type, number) in their order."""

    name: str
    phone: str | None
    others: tuple[tuple[str | None, str], ...] = ()


async def in_pieces(content: bytes, size: int = 65_536) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def upload(
    database: Database, viewer: Viewer, content: bytes | str, name: str = "people.csv"
) -> StoredUpload:
    data = content if isinstance(content, bytes) else content.encode()
    return await store_upload(database, viewer, name, in_pieces(data))


async def begin_import(database: Database, viewer: Viewer, given: ImportInput) -> Process:
    async with database.transaction(viewer.tenant_id) as session:
        return await start_import(session, viewer, given)


async def look(database: Database, viewer: Viewer, process_id: int) -> Process:
    async with database.transaction(viewer.tenant_id) as session:
        return await find_process(session, viewer, process_id)


async def until_over(
    database: Database, viewer: Viewer, process_id: int, *, within: float = 30.0
) -> Process:
    """The process once it is over, however it ended."""
    async with asyncio.timeout(within):
        while True:
            process = await look(database, viewer, process_id)
            if process.state not in OPEN_STATES:
                return process
            await asyncio.sleep(0.02)


async def until_moving(database: Database, viewer: Viewer, process_id: int) -> Process:
    """The process once its first chunk is done."""
    async with asyncio.timeout(30):
        while True:
            process = await look(database, viewer, process_id)
            if process.done or process.state not in OPEN_STATES:
                return process
            await asyncio.sleep(0.01)


async def import_file(
    database: Database, viewer: Viewer, content: bytes | str, given: ImportInput = NEW_LIST
) -> Process:
    """Upload, start, and wait for the worker that runs beside."""
    file = await upload(database, viewer, content)
    process = await begin_import(database, viewer, replace(given, file_id=file.id))
    return await until_over(database, viewer, process.id)


async def people_on(session: AsyncSession, list_id: int | None) -> list[Person]:
    """Who stands on a list, in the order they came."""
    contacts = await session.scalars(
        select(Contact)
        .join(ListMember, ListMember.contact_id == Contact.id)
        .where(ListMember.list_id == list_id)
        .order_by(Contact.id)
    )
    phones = await session.execute(
        select(AdditionalPhone.contact_id, ContactItemType.name, AdditionalPhone.number)
        .join(ContactItemType, isouter=True)
        .order_by(AdditionalPhone.contact_id, AdditionalPhone.position)
    )
    others: dict[int, list[tuple[str | None, str]]] = {}
    for contact_id, item_type, number in phones:
        others.setdefault(contact_id, []).append((item_type, number))
    return [
        Person(
            name=f"{contact.first_name} {contact.last_name}".strip(),
            phone=contact.phone,
            others=tuple(others.get(contact.id, ())),
        )
        for contact in contacts
    ]
