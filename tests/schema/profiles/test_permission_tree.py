# SPDX-License-Identifier: Apache-2.0
"""`permissionTree`: Staff > User profile > Permission > Tools > Contact item types (X-09)."""

from server.context import Context
from server.database import Database
from server.domain.permissions import AGENT_CEILING, Permission, Role, Viewer
from tests.factories.access import viewer_of
from tests.schema.asking import Ask, executor, plain

TREE = """{ permissionTree {
  name label subjects { name label verbs { permission verb label isForAgents } }
} }"""


async def test_the_tree_holds_every_permission_once(ask: Ask) -> None:
    groups = (await ask(TREE))["data"]["permissionTree"]
    verbs = [v for group in groups for subject in group["subjects"] for v in subject["verbs"]]
    assert [verb["permission"] for verb in verbs] != []
    assert {verb["permission"] for verb in verbs} == {permission.value for permission in Permission}
    assert len(verbs) == len(Permission)
    for_agents = {verb["permission"] for verb in verbs if verb["isForAgents"]}
    assert for_agents == {permission.value for permission in AGENT_CEILING}


async def test_item_types_stand_under_tools_with_four_verbs(ask: Ask) -> None:
    groups = (await ask(TREE))["data"]["permissionTree"]
    [tools] = [group for group in groups if group["name"] == "tools"]
    assert tools["label"] == "Tools"
    item_types = tools["subjects"][0]
    assert item_types["label"] == "Contact item types"
    assert [(verb["permission"], verb["label"]) for verb in item_types["verbs"]] == [
        ("item_types.view", "View"),
        ("item_types.create", "Create"),
        ("item_types.edit", "Edit"),
        ("item_types.delete", "Delete"),
    ]


async def test_its_words_are_the_readers(database: Database, viewer: Viewer) -> None:
    runner, documents = executor()
    context = Context(database=database, viewer=viewer, locale="it")
    answer = plain(await runner.execute(documents.checked(TREE), None, {}, context))
    labels = [group["label"] for group in answer["data"]["permissionTree"]]
    assert labels[:1] + labels[3:5] == ["Contatti", "Strumenti", "Staff"]


async def test_whoever_is_signed_in_may_read_it(ask: Ask, database: Database, tenant: int) -> None:
    agent = await viewer_of(database, tenant, Role.AGENT, ())
    assert len((await ask(TREE, as_=agent))["data"]["permissionTree"]) == 6
