# SPDX-License-Identifier: Apache-2.0
"""Create, edit and delete lists, assign agents, put contacts on them and take them off."""

from typing import Any

import asyncpg
import pytest

from server.database import Database
from server.domain.permissions import ALL_PERMISSIONS, Permission, Role, Viewer
from tests.conftest import MakeTenant
from tests.factories.contacts import make_contact
from tests.factories.lists import make_list
from tests.factories.users import make_viewer
from tests.schema.asking import Ask

ERRORS = "userErrors { code field message }"
FIELDS = "id name description version contactCount agents { id }"
CREATE = f"""mutation ($input: CreateContactListInput!) {{
  result: createContactList(input: $input) {{ contactList {{ {FIELDS} }} {ERRORS} }} }}"""
EDIT = f"""mutation ($input: EditContactListInput!) {{
  result: editContactList(input: $input) {{ contactList {{ {FIELDS} }} {ERRORS} }} }}"""
DELETE = f"""mutation ($input: DeleteContactListInput!) {{
  result: deleteContactList(input: $input) {{ deleted name contactCount {ERRORS} }} }}"""
JOIN = f"""mutation ($input: ListContactsInput!) {{
  result: addContactsToList(input: $input) {{ count contactList {{ contactCount }} {ERRORS} }} }}"""
LEAVE = f"""mutation ($input: ListContactsInput!) {{ result: removeContactsFromList(
  input: $input) {{ count contactList {{ contactCount }} {ERRORS} }} }}"""


def faults(answer: Any) -> list[tuple[str, str | None]]:
    return [(error["code"], error["field"]) for error in answer["data"]["result"]["userErrors"]]


async def made(ask: Ask, **given: object) -> Any:
    answer = await ask(CREATE, input={"name": "Spring", **given})
    assert faults(answer) == []
    return answer["data"]["result"]["contactList"]


@pytest.fixture
async def agent(database: Database, tenant: int) -> Viewer:
    return await make_viewer(database, tenant, Role.AGENT)


async def test_a_list_is_made_with_its_agents(ask: Ask, agent: Viewer) -> None:
    key = f"agent_{agent.user_id}"
    spring = await made(ask, name=" Spring ", description="Renewals", agentIds=[key])
    assert spring == {
        "id": spring["id"],
        "name": "Spring",
        "description": "Renewals",
        "version": 1,
        "contactCount": 0,
        "agents": [{"id": key}],
    }
    # An agent is a user: the id of either names them.
    again = await made(ask, name="Summer", agentIds=[f"user_{agent.user_id}"])
    assert again["agents"] == [{"id": key}]


async def test_every_fault_is_told_at_its_place(ask: Ask, viewer: Viewer, agent: Viewer) -> None:
    await made(ask)
    given = {"name": "", "description": "x" * 1001, "agentIds": [f"agent_{agent.user_id}"]}
    # A supervisor is no agent, and a foreign id looks like a missing one.
    given["agentIds"] = [f"user_{viewer.user_id}", f"agent_{agent.user_id}", "agent_999999999"]
    assert sorted(faults(await ask(CREATE, input=given)), key=str) == [
        ("NOT_FOUND", "agentIds.0"),
        ("NOT_FOUND", "agentIds.2"),
        ("REQUIRED", "name"),
        ("TOO_LONG", "description"),
    ]
    assert faults(await ask(CREATE, input={"name": "SPRING"})) == [("TAKEN", "name")]
    assert faults(await ask(CREATE, input={"name": "a\x00"})) == [("INVALID_CHARACTER", "name")]
    found = await ask("{ contactLists { totalCount } }")
    assert found["data"]["contactLists"]["totalCount"] == 1


async def test_agents_are_replaced_and_what_is_left_out_stays(ask: Ask, agent: Viewer) -> None:
    spring = await made(ask, description="Renewals", agentIds=[f"agent_{agent.user_id}"])
    answer = await ask(EDIT, input={"id": spring["id"], "name": "Summer", "version": 1})
    assert faults(answer) == []
    after = answer["data"]["result"]["contactList"]
    assert after == spring | {"name": "Summer", "version": 2}
    answer = await ask(EDIT, input={"id": spring["id"], "agentIds": []})
    assert answer["data"]["result"]["contactList"]["agents"] == []
    late = await ask(EDIT, input={"id": spring["id"], "name": "Winter", "version": 1})
    assert faults(late) == [("CONFLICT", "version")]
    assert faults(await ask(EDIT, input={"id": "list_999999999"})) == [("NOT_FOUND", "id")]


async def test_a_deleted_list_leaves_its_contacts(
    ask: Ask, database: Database, viewer: Viewer, tenant: int, owner: asyncpg.Connection
) -> None:
    async with database.transaction(tenant) as session:
        spring = await make_list(session, viewer)
        for name in ("Ada", "Eva"):
            await make_contact(session, viewer, name, list_ids=[spring.id])
    answer = await ask(DELETE, input={"id": f"list_{spring.id}", "version": 1})
    gone = {"deleted": True, "name": "Spring", "contactCount": 2, "userErrors": []}
    assert answer["data"]["result"] == gone
    left = await owner.fetchval("SELECT count(*) FROM contacts WHERE tenant_id = $1", tenant)
    assert left == 2
    assert faults(await ask(DELETE, input={"id": f"list_{spring.id}"})) == [("NOT_FOUND", "id")]


async def test_a_list_that_a_campaign_calls_is_not_deleted(
    ask: Ask, database: Database, viewer: Viewer, tenant: int
) -> None:
    spring = await made(ask)
    async with database.connection(tenant) as connection:
        await connection.execute(
            "WITH made AS (INSERT INTO campaigns (name, name_key) VALUES ('Easter', 'easter')"
            " RETURNING id) INSERT INTO campaign_lists (campaign_id, list_id)"
            " SELECT id, $1 FROM made",
            int(spring["id"].removeprefix("list_")),
        )
    answer = await ask(DELETE, input={"id": spring["id"]})
    assert faults(answer) == [("IN_USE", "id")]
    [error] = answer["data"]["result"]["userErrors"]
    assert error["message"] == "“Easter” still uses this. Take it out there first."
    assert await ask("query ($id: ID!) { contactList(id: $id) { name } }", id=spring["id"]) == {
        "data": {"contactList": {"name": "Spring"}}
    }


async def test_contacts_join_and_leave_and_are_counted_once(
    ask: Ask, database: Database, viewer: Viewer, tenant: int
) -> None:
    spring = await made(ask)
    async with database.transaction(tenant) as session:
        keys = [f"contact_{(await make_contact(session, viewer, name)).id}" for name in "abc"]

    async def moved(document: str, *contacts: str) -> tuple[int, int]:
        given = {"listId": spring["id"], "contactIds": contacts}
        answer = await ask(document, input=given)
        assert faults(answer) == []
        result = answer["data"]["result"]
        return result["count"], result["contactList"]["contactCount"]

    assert await moved(JOIN, keys[0], keys[1]) == (2, 2)
    assert await moved(JOIN, keys[1], keys[2], keys[2]) == (1, 3)
    assert await moved(LEAVE, keys[0]) == (1, 2)
    assert await moved(LEAVE, keys[0]) == (0, 2)
    assert await moved(JOIN) == (0, 2)


async def test_of_contacts_that_are_not_there_none_joins(
    ask: Ask, database: Database, viewer: Viewer, tenant: int, new_tenant: MakeTenant
) -> None:
    spring = await made(ask)
    other = await make_viewer(database, await new_tenant())
    async with database.transaction(other.tenant_id) as session:
        foreign = await make_contact(session, other)
    async with database.transaction(tenant) as session:
        mine = await make_contact(session, viewer)
    keys = [f"contact_{mine.id}", f"contact_{foreign.id}", "contact_999999999", "list_1"]
    for document in (JOIN, LEAVE):
        answer = await ask(document, input={"listId": spring["id"], "contactIds": keys})
        assert faults(answer) == [("NOT_FOUND", f"contactIds.{place}") for place in (1, 2, 3)]
        nowhere = await ask(document, input={"listId": "list_999999999", "contactIds": keys[:1]})
        assert faults(nowhere) == [("NOT_FOUND", "listId")]
        many = {"listId": spring["id"], "contactIds": [keys[0]] * 1001}
        assert faults(await ask(document, input=many)) == [("OUT_OF_RANGE", "contactIds")]
    found = await ask("{ contactLists { edges { node { contactCount } } } }")
    assert found["data"]["contactLists"]["edges"] == [{"node": {"contactCount": 0}}]


async def test_joining_needs_the_right_to_see_lists_too(
    ask: Ask, database: Database, tenant: int
) -> None:
    spring = await made(ask)
    clerk = await make_viewer(
        database,
        tenant,
        Role.SUPERVISOR,
        permissions=ALL_PERMISSIONS - {Permission.LISTS_VIEW},
    )
    document = (
        "mutation ($input: ListContactsInput!) { addContactsToList(input: $input) { count } }"
    )
    given = {"listId": spring["id"], "contactIds": []}
    answer = await ask(document, as_=clerk, input=given)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
