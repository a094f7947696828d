# SPDX-License-Identifier: Apache-2.0
"""`editContact`: what is left out stays, null clears, a phone keeps its id, two editors clash."""

from typing import Any

import pytest

from server.database import Database
from server.domain.permissions import Role, Viewer
from server.models import Contact
from tests.conftest import MakeTenant
from tests.factories.contacts import make_contact, phones
from tests.factories.item_types import make_item_type
from tests.factories.lists import make_list
from tests.factories.users import make_viewer
from tests.schema.asking import Ask
from tests.schema.contacts.asked import CONTACT, EDIT, faults, numbers

ADDITIONAL = ("+393471112233", "+390299887766", "+442079460958")


@pytest.fixture
async def ada(database: Database, viewer: Viewer, tenant: int) -> Contact:
    async with database.transaction(tenant) as session:
        office = await make_item_type(session, viewer)
        spring = await make_list(session, viewer, "Spring")
        first, *rest = ADDITIONAL
        return await make_contact(
            session,
            viewer,
            "Ada",
            "Rossi",
            email="ada@example.com",
            additional=phones((first, office.id), *rest),
            list_ids=[spring.id],
        )


async def stored(ask: Ask, contact: Contact) -> Any:
    return (await ask(CONTACT, id=f"contact_{contact.id}"))["data"]["contact"]


async def test_what_is_left_out_stays_and_null_clears(ask: Ask, ada: Contact) -> None:
    before = await stored(ask, ada)
    answer = await ask(EDIT, input={"id": before["id"], "company": "Fiat", "phone": None})
    assert faults(answer) == []
    after = answer["data"]["result"]["contact"]
    assert after == before | {"company": "Fiat", "phone": None, "version": 2}
    assert await stored(ask, ada) == after


async def test_phones_are_retyped_reordered_described_added_and_removed(
    ask: Ask, ada: Contact
) -> None:
    before = await stored(ask, ada)
    first, second, third = before["additionalPhones"]
    wanted = [
        {"id": third["id"], "number": third["number"], "itemTypeId": first["itemType"]["id"]},
        {"number": "055 123456", "description": "new"},
        {"id": first["id"], "number": "347 111 2244", "description": "mobile"},
    ]
    answer = await ask(EDIT, input={"id": before["id"], "additionalPhones": wanted, "version": 1})
    assert faults(answer) == []
    after = await stored(ask, ada)
    assert numbers(after) == [
        (third["number"], "Office", ""),
        ("+39055123456", None, "new"),
        ("+393471112244", None, "mobile"),
    ]
    kept = [phone["id"] for phone in after["additionalPhones"]]
    assert (kept[0], kept[2]) == (third["id"], first["id"])
    assert second["id"] not in kept


async def test_two_chips_may_swap_their_numbers(ask: Ask, ada: Contact) -> None:
    before = await stored(ask, ada)
    first, second, third = (
        {"id": phone["id"], "number": phone["number"]} for phone in before["additionalPhones"]
    )
    first["number"], second["number"] = second["number"], first["number"]
    wanted = {"id": before["id"], "additionalPhones": [first, second, third]}
    assert faults(await ask(EDIT, input=wanted)) == []
    after = [phone["number"] for phone in (await stored(ask, ada))["additionalPhones"]]
    assert after == [ADDITIONAL[1], ADDITIONAL[0], ADDITIONAL[2]]


async def test_a_refused_edit_changes_nothing(ask: Ask, ada: Contact) -> None:  # X-20c
    before = await stored(ask, ada)
    given = {
        "id": before["id"],
        "firstName": "Eva",
        "additionalPhones": [{"number": "06 12345000"}, {"number": "055 123456", "id": "phone_9"}],
    }
    assert faults(await ask(EDIT, input=given)) == [
        ("DUPLICATE_NUMBER", "additionalPhones.0.number"),
        ("NOT_FOUND", "additionalPhones.1.id"),
    ]
    assert await stored(ask, ada) == before


async def test_the_primary_cannot_become_a_number_that_is_there(ask: Ask, ada: Contact) -> None:
    given = {"id": f"contact_{ada.id}", "phone": "347 111 2233"}
    assert faults(await ask(EDIT, input=given)) == [("DUPLICATE_NUMBER", "phone")]  # X-20c


async def test_the_second_of_two_editors_is_told_so(ask: Ask, ada: Contact) -> None:
    edit = {"id": f"contact_{ada.id}", "version": 1}
    assert faults(await ask(EDIT, input=edit | {"company": "Fiat"})) == []
    answer = await ask(EDIT, input=edit | {"company": "Seat"})
    assert faults(answer) == [("CONFLICT", "version")]
    assert (await stored(ask, ada))["company"] == "Fiat"
    assert faults(await ask(EDIT, input=edit | {"company": "Seat", "version": 2})) == []


async def test_an_agent_edits_contacts_of_their_lists_and_knows_no_others(
    ask: Ask, database: Database, viewer: Viewer, tenant: int, ada: Contact
) -> None:
    agent = await make_viewer(database, tenant, Role.AGENT)
    edit = {"id": f"contact_{ada.id}", "company": "Fiat"}
    assert faults(await ask(EDIT, as_=agent, input=edit)) == [("NOT_FOUND", "id")]
    async with database.transaction(tenant) as session:
        mine = await make_list(session, viewer, "Mine", agent_ids=[agent.user_id])
        spare = await make_list(session, viewer, "Spare", agent_ids=[agent.user_id])
    listed = {"id": f"contact_{ada.id}", "listIds": [f"list_{mine.id}"]}
    assert faults(await ask(EDIT, input=listed | {"additionalPhones": []})) == []
    given = edit | {
        "listIds": [f"list_{spare.id}"],
        "additionalPhones": [{"number": "055 123456", "description": "shop"}],
    }
    answer = await ask(EDIT, as_=agent, input=given)
    assert faults(answer) == []
    assert numbers(answer["data"]["result"]["contact"]) == [("+39055123456", None, "shop")]
    assert (await stored(ask, ada))["lists"] == [{"name": "Spare"}]


async def test_lists_out_of_an_agents_sight_stay_as_they_are(
    ask: Ask, database: Database, viewer: Viewer, tenant: int, ada: Contact
) -> None:
    agent = await make_viewer(database, tenant, Role.AGENT)
    async with database.transaction(tenant) as session:
        mine = await make_list(session, viewer, "Mine", agent_ids=[agent.user_id])
    before = await stored(ask, ada)
    spring = await ask('{ contactLists(filter: {search: "spring"}) { edges { node { id } } } }')
    ids = [edge["node"]["id"] for edge in spring["data"]["contactLists"]["edges"]]
    both = {"id": before["id"], "listIds": [*ids, f"list_{mine.id}"]}
    assert faults(await ask(EDIT, input=both)) == []
    given = {"id": before["id"], "listIds": [f"list_{mine.id}"], "company": "Fiat"}
    assert faults(await ask(EDIT, as_=agent, input=given)) == []
    assert (await stored(ask, ada))["lists"] == [{"name": "Mine"}, {"name": "Spring"}]


async def test_another_tenants_contact_looks_like_a_missing_one(
    ask: Ask, database: Database, new_tenant: MakeTenant, ada: Contact
) -> None:
    other = await make_viewer(database, await new_tenant())
    for key in (f"contact_{ada.id}", "contact_999999999", "type_1", "", "contact_1 OR 1=1"):
        answer = await ask(EDIT, as_=other, input={"id": key, "company": "Fiat"})
        assert faults(answer) == [("NOT_FOUND", "id")]
    assert (await stored(ask, ada))["company"] == ""
