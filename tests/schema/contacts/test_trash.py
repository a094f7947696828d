# SPDX-License-Identifier: Apache-2.0
"""`trashedContacts`, `contactWhereabouts`, `restoreContacts` and `purgeContacts` (D4)."""

from typing import Any

import pytest

from server.database import Database
from server.domain.permissions import Permission, Role, Viewer
from server.services import contacts
from tests.factories.contacts import make_contact, phones
from tests.factories.lists import make_list
from tests.factories.people import make_whole_contact
from tests.factories.users import make_viewer
from tests.schema.asking import Ask
from tests.schema.contacts.asked import CONTACT, DELETE, ERRORS, faults, messages

TRASH = """query ($filter: TrashedContactFilter, $sort: TrashedContactSort) {
  trashedContacts(first: 10, filter: $filter, sort: $sort) { totalCount edges { node {
    id contactId name phone email company additionalPhoneCount deletedByName daysLeft } } } }"""
WHERE = """query ($id: ID!) { contactWhereabouts(id: $id) {
  place contactId name byName daysLeft mergeId } }"""
RESTORE = f"""mutation ($input: RestoreContactsInput!) {{ result: restoreContacts(input: $input) {{
  restored contacts {{ id fullName additionalPhones {{ number }} }}
  leftOut {{ contactId kind name message }} {ERRORS} }} }}"""
PURGE = f"""mutation ($input: PurgeContactsInput!) {{ result: purgeContacts(input: $input) {{
  purged {ERRORS} }} }}"""


def named(answer: Any) -> list[str]:
    return [edge["node"]["name"] for edge in answer["data"]["trashedContacts"]["edges"]]


async def test_the_trash_shows_who_deleted_what_and_how_long_it_stays(
    ask: Ask, database: Database, viewer: Viewer, tenant: int
) -> None:
    async with database.transaction(tenant) as session:
        ada, _, _ = await make_whole_contact(session, viewer)
        bob = await make_contact(session, viewer, "Bob", "Abele", phone="02 5551234")
    for contact in (ada, bob):
        answer = await ask(DELETE, input={"id": f"contact_{contact.id}"})
        assert faults(answer) == []
    answer = await ask(TRASH)
    assert answer == await ask(TRASH, ordinary=True)
    assert named(answer) == ["Bob Abele", "Ada Rossi"]  # what was deleted last is first
    node = answer["data"]["trashedContacts"]["edges"][1]["node"]
    assert node.pop("id").startswith("trashed_")
    assert node == {
        "contactId": f"contact_{ada.id}",
        "name": "Ada Rossi",
        "phone": "+390612345000",
        "email": "ada@example.com",
        "company": "",
        "additionalPhoneCount": 2,
        "deletedByName": viewer.name,
        "daysLeft": 30,
    }
    assert named(await ask(TRASH, sort="NAME")) == ["Bob Abele", "Ada Rossi"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ros", ["Ada Rossi"]),
        ("ada ROSSI", ["Ada Rossi"]),
        ("ossi", []),
        ("06 12345 002", ["Ada Rossi"]),  # an additional number
        ("+3902555", ["Bob Abele"]),
        ("%", []),
        ("_", []),
        ("", ["Bob Abele", "Ada Rossi"]),
    ],
)
async def test_the_trash_is_searched_by_name_and_by_every_number(
    ask: Ask, database: Database, viewer: Viewer, tenant: int, text: str, found: list[str]
) -> None:
    async with database.transaction(tenant) as session:
        ada, _, _ = await make_whole_contact(session, viewer)
        bob = await make_contact(session, viewer, "Bob", "Abele", phone="02 5551234")
        for contact in (ada, bob):
            await contacts.delete_contact(session, viewer, contact.id)
    answer = await ask(TRASH, filter={"search": text})
    assert named(answer) == found
    assert answer == await ask(TRASH, ordinary=True, filter={"search": text})


async def test_a_contact_has_the_same_id_before_and_after(
    ask: Ask, database: Database, viewer: Viewer, tenant: int
) -> None:
    async with database.transaction(tenant) as session:
        ada, _, _ = await make_whole_contact(session, viewer)
    key = f"contact_{ada.id}"
    before = await ask(CONTACT, id=key)
    until = "mutation ($input: DeleteContactInput!) { deleteContact(input: $input) {trashedUntil} }"
    gone = await ask(until, input={"id": key})
    assert gone["data"]["deleteContact"]["trashedUntil"] is not None
    where = (await ask(WHERE, id=key))["data"]["contactWhereabouts"]
    assert where == {
        "place": "TRASH",
        "contactId": key,
        "name": "Ada Rossi",
        "byName": viewer.name,
        "daysLeft": 30,
        "mergeId": None,
    }
    [found] = (await ask(TRASH, filter={"contactId": key}))["data"]["trashedContacts"]["edges"]
    assert found["node"]["contactId"] == key
    result = (await ask(RESTORE, input={"ids": [key]}))["data"]["result"]
    assert (result["restored"], result["leftOut"], result["userErrors"]) == (1, [], [])
    assert [one["id"] for one in result["contacts"]] == [key]
    assert await ask(CONTACT, id=key) == before
    assert (await ask(WHERE, id=key))["data"]["contactWhereabouts"]["place"] == "HERE"
    again = await ask(RESTORE, input={"ids": [key]})
    assert faults(again) == [("NOT_FOUND", "ids.0")]


async def test_purging_needs_its_own_permission_and_the_right_count(
    ask: Ask, database: Database, viewer: Viewer, tenant: int
) -> None:
    async with database.transaction(tenant) as session:
        ada = await make_contact(session, viewer)
        await contacts.delete_contact(session, viewer, ada.id)
    key = f"contact_{ada.id}"
    deleting = frozenset({Permission.CONTACTS_VIEW, Permission.CONTACTS_DELETE})
    supervisor = await make_viewer(database, tenant, Role.SUPERVISOR, permissions=deleting)
    refused = await ask(PURGE, as_=supervisor, input={"ids": [key], "count": 1})
    assert [error["extensions"]["code"] for error in refused["errors"]] == ["FORBIDDEN"]
    wrong = await ask(PURGE, input={"ids": [key], "count": 2})
    assert faults(wrong) == [("CONFLICT", "count")]
    assert messages(wrong) == ["There are 1 now. Look at them again, then confirm."]
    for ids in ([], [key] * 1001):
        assert faults(await ask(PURGE, input={"ids": ids, "count": 1})) == [("OUT_OF_RANGE", "ids")]
    assert (await ask(PURGE, input={"ids": [key], "count": 1}))["data"]["result"]["purged"] == 1
    assert (await ask(WHERE, id=key))["data"]["contactWhereabouts"]["place"] == "GONE"
    assert faults(await ask(RESTORE, input={"ids": [key]})) == [("NOT_FOUND", "ids.0")]


async def test_agents_learn_only_where_contacts_of_theirs_went(
    ask: Ask, database: Database, viewer: Viewer, tenant: int
) -> None:  # X-17, D9
    agent = await make_viewer(database, tenant, Role.AGENT)
    async with database.transaction(tenant) as session:
        mine = await make_list(session, viewer, agent_ids=[agent.user_id])
        seen = await make_contact(
            session, viewer, "Seen", additional=phones("+390612345001"), list_ids=[mine.id]
        )
        hidden = await make_contact(session, viewer, "Hidden", phone=None)
        for contact in (seen, hidden):
            await contacts.delete_contact(session, viewer, contact.id)
    places = [
        (await ask(WHERE, as_=agent, id=key))["data"]["contactWhereabouts"]["place"]
        for key in (f"contact_{seen.id}", f"contact_{hidden.id}", "contact_999999", "list_1", "x")
    ]
    assert places == ["TRASH", "GONE", "GONE", "GONE", "GONE"]
    refused = await ask(TRASH, as_=agent)
    assert [error["extensions"]["code"] for error in refused["errors"]] == ["FORBIDDEN"]
