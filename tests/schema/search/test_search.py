# SPDX-License-Identifier: Apache-2.0
"""The `search` root field: every type in one answer, its fields by fragments (X-08)."""

from server.database import Database
from server.domain.permissions import Viewer
from tests.factories.contacts import make_contact, phones
from tests.factories.item_types import make_item_type
from tests.factories.lists import make_list
from tests.schema.asking import Ask

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
