# SPDX-License-Identifier: Apache-2.0
"""The `search` root field: every type in one answer, its fields by fragments (X-08)."""

from dataclasses import replace

import pytest

from server.context import Context
from server.database import Database
from server.domain.permissions import Permission, Viewer
from server.models import User
from tests.factories.campaigns import make_campaign
from tests.factories.contacts import make_contact, phones
from tests.factories.item_types import make_item_type
from tests.factories.lists import make_list
from tests.factories.watched import Watched
from tests.schema.asking import Ask, executor, plain

SEARCH = """
query($text: String!, $types: [SearchType!], $first: Int! = 20) {
  search(text: $text, types: $types, first: $first) {
    type typeLabel title detail rank accuracy
    matched { field label value marks { start end } itemType { name color } }
    node {
      id ... on Contact { phone } ... on ContactList { name } ... on ContactItemType { color }
    }
  }
}
"""


async def test_one_answer_holds_all_types_with_the_fields_asked_for(
    ask: Ask, database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        office = await make_item_type(session, viewer, "Romagna office", 1, "#AABBCC")
        spring = await make_list(session, viewer, "Roma 2027")
        maria = await make_contact(
            session, viewer, "Maria", "Romano", additional=phones("+390612345678")
        )
    answer = await ask(SEARCH, text="róma")
    found = answer["data"]["search"]
    assert [(each["type"], each["node"]["id"], each["rank"]) for each in found] == [
        ("CONTACT", f"contact_{maria.id}", 2),
        ("ITEM_TYPE", f"type_{office.id}", 2),
        ("LIST", f"list_{spring.id}", 2),
    ]
    assert found[0] == {
        "type": "CONTACT",
        "typeLabel": "Contact",
        "title": "Maria Romano",
        "detail": "+390612345000",
        "rank": 2,
        "accuracy": "EXACT",
        "matched": {
            "field": "NAME",
            "label": "Name",
            "value": "Maria Romano",
            "marks": [{"start": 6, "end": 10}],
            "itemType": None,
        },
        "node": {"id": f"contact_{maria.id}", "phone": "+390612345000"},
    }
    assert found[1]["node"]["color"] == "#AABBCC"
    only = await ask(SEARCH, text="roma", types=["LIST"], first=1)
    assert [each["title"] for each in only["data"]["search"]] == ["Roma 2027"]


RIGHTS = {
    "CONTACT": Permission.CONTACTS_VIEW,
    "ITEM_TYPE": Permission.ITEM_TYPES_VIEW,
    "LIST": Permission.LISTS_VIEW,
    "CAMPAIGN": Permission.CAMPAIGNS_VIEW,
    "USER": Permission.USERS_VIEW,
}


@pytest.fixture
async def romans(database: Database, viewer: Viewer) -> None:
    """Of each type something called Roma, and thirty contacts."""
    async with database.transaction(viewer.tenant_id) as session:
        await make_item_type(session, viewer, "Roma office", 1, "#AABBCC")
        await make_list(session, viewer, "Roma 2027")
        await make_campaign(session, viewer, "Roma calls")
        for number in range(30):
            await make_contact(session, viewer, "Romana", f"{number:02}")
        user = User(name="roma", name_key=f"roma {viewer.user_id}", role="ADMIN", full_name="")
        session.add(user)


async def test_each_type_needs_its_own_right_and_is_left_out_without_it(
    ask: Ask, viewer: Viewer, romans: None
) -> None:
    found = (await ask(SEARCH, text="roma"))["data"]["search"]
    assert {each["type"] for each in found} == RIGHTS.keys()
    for kind, right in RIGHTS.items():
        less = replace(viewer, permissions=viewer.permissions - {right})
        found = (await ask(SEARCH, as_=less, text="roma"))["data"]["search"]
        assert {each["type"] for each in found} == RIGHTS.keys() - {kind}
        assert (await ask(SEARCH, as_=less, text="roma", types=[kind]))["data"]["search"] == []
        only = replace(viewer, permissions=frozenset({right}))
        found = (await ask(SEARCH, as_=only, text="roma"))["data"]["search"]
        assert {each["type"] for each in found} == {kind}


async def test_many_contacts_leave_a_place_for_the_best_of_the_others(
    ask: Ask, romans: None
) -> None:
    found = (await ask(SEARCH, text="roma", first=10))["data"]["search"]
    assert [each["type"] for each in found].count("CONTACT") == 6
    assert len(found) == 10
    assert {each["type"] for each in found} == RIGHTS.keys()
    ranks = [each["rank"] for each in found]
    assert ranks == sorted(ranks)
    for first in (0, 1, 3):
        assert len((await ask(SEARCH, text="roma", first=first))["data"]["search"]) == first
    for first in (-1, 201):
        [error] = (await ask(SEARCH, text="roma", first=first))["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_search_takes_as_many_statements_for_one_result_as_for_many(
    database: Database, viewer: Viewer, romans: None
) -> None:
    runner, documents = executor()
    opened = []
    for text in ("roma", "romana 07"):
        watched = Watched(database)
        context = Context(database=watched, viewer=viewer)
        variables: dict[str, object] = {"text": text, "first": 12}
        answer = await runner.execute(documents.checked(SEARCH), None, variables, context)
        assert "errors" not in plain(answer)
        opened.append(watched.opened)
    # Contacts, all the other types together, and the fields of the nodes: a statement a type.
    assert opened[0] == 2 + 3
    assert opened[1] == 2 + 1 + 1  # the last one for what is much like it, as so little was found


async def test_labels_are_in_the_readers_language(ask: Ask, romans: None) -> None:
    found = (await ask(SEARCH, text="roma", types=["LIST"], locale="it"))["data"]["search"]
    assert [(each["typeLabel"], each["matched"]["label"]) for each in found] == [("Lista", "Nome")]
