# SPDX-License-Identifier: Apache-2.0
"""Changes of more than a thousand contacts as a worker makes them (C-10 to C-14, D4)."""

import pytest
from sqlalchemy import func, select, update

from server.database import Database
from server.domain.bulk import BulkAction
from server.domain.permissions import Viewer
from server.models import Contact, FileChunk, ListMember, Process, TrashedContact, User
from server.services.contacts.bulk import BulkInput, Selection, change_contacts
from server.services.contacts.selections import ContactCriteria
from server.services.processes import cancel_process
from tests.factories.imports import until_over
from tests.factories.lists import make_list
from tests.factories.people import make_whole_contact

pytestmark = pytest.mark.usefixtures("worker")
COUNT = 1_201
TRASH = BulkInput(action=BulkAction.TRASH)
RESTORE = BulkInput(action=BulkAction.RESTORE)


async def many(database: Database, viewer: Viewer) -> None:
    await database.read(
        viewer.tenant_id,
        "INSERT INTO contacts (first_name, last_name, name_key, given_key, phone) "
        "SELECT 'c', '=1+' || n, 'c' || n, 'c', '+3902' || (5000000 + n) "
        "FROM generate_series(1, $1) n",
        COUNT,
    )


async def started(
    database: Database, viewer: Viewer, selection: Selection, given: BulkInput
) -> int:
    async with database.transaction(viewer.tenant_id) as session:
        done = await change_contacts(session, viewer, selection, given)
    assert done.process_id is not None
    return done.process_id


def counts(process: Process) -> tuple[object, ...]:
    return process.state, process.total, process.succeeded, process.failed, process.skipped


async def test_all_that_matched_go_to_the_trash_and_come_back_with_their_process(
    database: Database, viewer: Viewer
) -> None:
    await many(database, viewer)
    async with database.transaction(viewer.tenant_id) as session:
        called, _, _ = await make_whole_contact(session, viewer)
        await session.execute(
            update(Contact).where(Contact.id == called.id).values(first_name="On", last_name="call")
        )
    await database.read(viewer.tenant_id, "UPDATE hopper_entries SET state = 'DIALING'")
    everybody = Selection(criteria=ContactCriteria(), count=COUNT + 1)
    key = await started(database, viewer, everybody, TRASH)
    process = await until_over(database, viewer, key)
    assert counts(process) == ("FINISHED", COUNT + 1, COUNT, 1, 0)  # C-12
    async with database.transaction(viewer.tenant_id) as session:
        assert list(await session.scalars(select(Contact.id))) == [called.id]
        by_process = select(func.count()).where(TrashedContact.process_id == key)
        assert (await session.scalar(by_process)) == COUNT
        pieces = await session.scalars(
            select(FileChunk.content)
            .where(FileChunk.file_id == process.file_id)
            .order_by(FileChunk.position)
        )
        lines = b"".join(pieces).decode("utf-8-sig").splitlines()
    # C-14: the file lists the deleted rows, and no cell of it runs as a formula.
    assert lines[0] == "id,firstName,lastName,phone,email,company"
    assert len(lines) == COUNT + 1
    assert lines[1].endswith(",c,'=1+1,+39025000001,,")
    back = await started(database, viewer, Selection(process_id=key, count=COUNT), RESTORE)
    restored = await until_over(database, viewer, back)
    assert counts(restored) == ("FINISHED", COUNT, COUNT, 0, 0)
    async with database.transaction(viewer.tenant_id) as session:
        assert (await session.scalar(select(func.count()).select_from(Contact))) == COUNT + 1
        assert (await session.scalar(select(func.count()).select_from(TrashedContact))) == 0


async def test_who_went_meanwhile_is_passed_over_and_who_came_is_not_touched(
    database: Database, viewer: Viewer
) -> None:
    await many(database, viewer)
    async with database.transaction(viewer.tenant_id) as session:
        spring = await make_list(session, viewer)
        joining = BulkInput(action=BulkAction.ADD_TO_LIST, list_id=spring.id)
        selection = Selection(criteria=ContactCriteria(), count=COUNT)
        done = await change_contacts(session, viewer, selection, joining)
        first = (await session.scalars(select(func.min(Contact.id)))).one()
        await change_contacts(session, viewer, Selection(ids=[first]), TRASH)
        late = Contact(first_name="late", name_key="late", given_key="late")
        session.add(late)
    assert done.process_id is not None
    process = await until_over(database, viewer, done.process_id)
    assert counts(process) == ("FINISHED", COUNT, COUNT - 1, 0, 1)
    async with database.transaction(viewer.tenant_id) as session:
        on_list = set(await session.scalars(select(ListMember.contact_id)))
        assert len(on_list) == COUNT - 1
        assert late.id not in on_list


async def test_a_right_that_was_taken_away_ends_it(database: Database, viewer: Viewer) -> None:
    await many(database, viewer)
    async with database.transaction(viewer.tenant_id) as session:
        selection = Selection(criteria=ContactCriteria(), count=COUNT)
        done = await change_contacts(session, viewer, selection, TRASH)
        await session.execute(update(User).values(is_active=False))
    assert done.process_id is not None
    process = await until_over(database, viewer, done.process_id)
    assert (process.state, process.error_code, process.done) == ("FAILED", "FORBIDDEN", 0)
    async with database.transaction(viewer.tenant_id) as session:
        assert (await session.scalar(select(func.count()).select_from(Contact))) == COUNT


async def test_a_cancelled_one_changes_nobody(database: Database, viewer: Viewer) -> None:  # C-13
    await many(database, viewer)
    async with database.transaction(viewer.tenant_id) as session:
        selection = Selection(criteria=ContactCriteria(), count=COUNT)
        done = await change_contacts(session, viewer, selection, TRASH)
        assert done.process_id is not None
        await cancel_process(session, viewer, done.process_id)
    process = await until_over(database, viewer, done.process_id)
    assert counts(process) == ("CANCELLED", COUNT, 0, 0, 0)
