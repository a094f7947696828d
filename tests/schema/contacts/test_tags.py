# SPDX-License-Identifier: Apache-2.0
"""`tags`, `renameTag` and `deleteTag`: one vocabulary of the centre (X-26)."""

from typing import Any

import pytest

from server.database import Database
from server.domain.permissions import Role, Viewer
from tests.factories.users import make_viewer
from tests.schema.asking import Ask
from tests.schema.contacts.asked import ERRORS, faults

TAGS = """query ($search: String) {
  tags(filter: {search: $search}) { totalCount edges { node { id name } } } }"""
CREATE = """mutation ($input: CreateContactInput!) {
  createContact(input: $input) { contact { id } } }"""
OF = "query ($id: ID!) { contact(id: $id) { tags { name } } }"
RENAME = f"""mutation ($input: RenameTagInput!) {{
  result: renameTag(input: $input) {{ tag {{ id name }} {ERRORS} }} }}"""
DELETE = f"""mutation ($input: DeleteTagInput!) {{
  result: deleteTag(input: $input) {{ deleted name contactsUntagged {ERRORS} }} }}"""


@pytest.fixture
async def contact(ask: Ask) -> str:
    """Tagged VIP and Late payer, beside another who is VIP."""
    await ask(CREATE, input={"firstName": "Bruno", "tags": ["VIP"]})
    given = {"firstName": "Ada", "tags": ["VIP", "Late payer"]}
    return str((await ask(CREATE, input=given))["data"]["createContact"]["contact"]["id"])


async def found(ask: Ask, search: str | None = None) -> dict[str, str]:
    answer = await ask(TAGS, search=search)
    assert await ask(TAGS, search=search, ordinary=True) == answer
    edges = answer["data"]["tags"]["edges"]
    assert len(edges) == answer["data"]["tags"]["totalCount"]
    return {edge["node"]["name"]: edge["node"]["id"] for edge in edges}


async def tags_of(ask: Ask, contact: str) -> list[str]:
    return [tag["name"] for tag in (await ask(OF, id=contact))["data"]["contact"]["tags"]]


async def test_tags_are_listed_by_name_and_found_by_any_part(ask: Ask, contact: str) -> None:
    assert list(await found(ask)) == ["Late payer", "VIP"]
    assert list(await found(ask, "PAY")) == ["Late payer"]
    assert list(await found(ask, "%")) == []
    assert list(await found(ask, "x" * 1000)) == []


async def test_a_tag_is_renamed_on_every_contact(ask: Ask, contact: str) -> None:
    key = (await found(ask))["VIP"]
    answer: Any = await ask(RENAME, input={"id": key, "name": "  Gold   client "})
    assert answer["data"]["result"]["tag"] == {"id": key, "name": "Gold client"}
    assert await tags_of(ask, contact) == ["Gold client", "Late payer"]
    version = "query ($id: ID!) { contact(id: $id) { version } }"
    seen = (await ask(version, id=contact))["data"]["contact"]["version"]
    answer = await ask(RENAME, input={"id": key, "name": "GOLD CLIENT"})
    assert faults(answer) == []
    # Whoever has the contact open would else save the old name, as a new tag.
    assert (await ask(version, id=contact))["data"]["contact"]["version"] == seen + 1


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("late PAYER", ("TAKEN", "name")),
        ("", ("REQUIRED", "name")),
        ("a,b", ("INVALID", "name")),
        ("x" * 51, ("TOO_LONG", "name")),
    ],
)
async def test_a_name_that_cannot_be_is_refused_and_nothing_changes(
    ask: Ask, contact: str, name: str, fault: tuple[str, str]
) -> None:
    key = (await found(ask))["VIP"]
    assert faults(await ask(RENAME, input={"id": key, "name": name})) == [fault]
    assert list(await found(ask)) == ["Late payer", "VIP"]


async def test_a_deleted_tag_leaves_its_contacts(ask: Ask, contact: str) -> None:
    key = (await found(ask))["VIP"]
    answer = await ask(DELETE, input={"id": key})
    assert answer["data"]["result"] == {
        "deleted": True,
        "name": "VIP",
        "contactsUntagged": 2,
        "userErrors": [],
    }
    assert await tags_of(ask, contact) == ["Late payer"]
    assert faults(await ask(DELETE, input={"id": key})) == [("NOT_FOUND", "id")]


async def test_an_agent_uses_tags_but_does_not_rename_them(
    ask: Ask, contact: str, database: Database, tenant: int
) -> None:
    agent: Viewer = await make_viewer(database, tenant, Role.AGENT)
    answer = await ask(TAGS, as_=agent)
    assert answer["data"]["tags"]["totalCount"] == 2
    answer = await ask(RENAME, as_=agent, input={"id": (await found(ask))["VIP"], "name": "x"})
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert list(await found(ask)) == ["Late payer", "VIP"]
