# SPDX-License-Identifier: Apache-2.0
"""`deleteContact`: gone with its numbers and from its lists; not by everybody, not unseen."""

import asyncpg

from server.database import Database
from server.domain.permissions import Role, Viewer
from tests.factories.contacts import make_contact, phones
from tests.factories.lists import make_list
from tests.factories.users import make_viewer
from tests.schema.asking import Ask
from tests.schema.contacts.asked import CONTACT, DELETE, faults


async def test_a_contact_goes_with_its_numbers_and_leaves_its_lists(
    ask: Ask, database: Database, viewer: Viewer, tenant: int, owner: asyncpg.Connection
) -> None:
    async with database.transaction(tenant) as session:
        spring = await make_list(session, viewer, "Spring")
        ada = await make_contact(
            session, viewer, "Ada", "Rossi", additional=phones("055123456"), list_ids=[spring.id]
        )
    answer = await ask(DELETE, input={"id": f"contact_{ada.id}", "version": 1})
    gone = {"deleted": True, "name": "Ada Rossi", "entriesClosed": 0, "userErrors": []}
    assert answer["data"]["result"] == gone
    assert (await ask(CONTACT, id=f"contact_{ada.id}"))["data"]["contact"] is None
    for table in ("contacts", "additional_phones", "list_members"):
        left = await owner.fetchval(f"SELECT count(*) FROM {table} WHERE tenant_id = $1", tenant)
        assert left == 0, table
    again = await ask(DELETE, input={"id": f"contact_{ada.id}"})
    assert faults(again) == [("NOT_FOUND", "id")]


async def test_a_contact_that_somebody_else_changed_is_not_deleted(
    ask: Ask, database: Database, viewer: Viewer, tenant: int
) -> None:
    async with database.transaction(tenant) as session:
        ada = await make_contact(session, viewer)
    answer = await ask(DELETE, input={"id": f"contact_{ada.id}", "version": 7})
    assert faults(answer) == [("CONFLICT", "version")]
    assert (await ask(CONTACT, id=f"contact_{ada.id}"))["data"]["contact"] is not None


async def test_agents_never_delete(
    ask: Ask, database: Database, viewer: Viewer, tenant: int
) -> None:
    agent = await make_viewer(database, tenant, Role.AGENT)
    async with database.transaction(tenant) as session:
        mine = await make_list(session, viewer, agent_ids=[agent.user_id])
        ada = await make_contact(session, viewer, list_ids=[mine.id])
    answer = await ask(DELETE, as_=agent, input={"id": f"contact_{ada.id}"})
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    assert (await ask(CONTACT, id=f"contact_{ada.id}"))["data"]["contact"] is not None
