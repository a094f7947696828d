# SPDX-License-Identifier: Apache-2.0
"""`events`: who did what, newest first, by person, by kind and by object."""

import re
from pathlib import Path
from typing import Any

from server.database import Database
from server.domain.permissions import Permission, Role, Viewer
from server.event_labels import EVENTS, SUBJECTS
from server.resolvers.events import PREFIXES
from tests.factories.access import viewer_of
from tests.schema.asking import Ask

SERVER = Path(__file__).parents[3] / "server"
ALL = """query ($filter: EventFilter, $first: Int, $after: String) {
  events(filter: $filter, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    edges { node { id at name label userName about aboutName data user { name } } } } }"""
CREATE = """mutation ($input: CreateContactItemTypeInput!) {
  createContactItemType(input: $input) { contactItemType { id } } }"""
DELETE = """mutation ($input: DeleteContactItemTypeInput!) {
  deleteContactItemType(input: $input) { deleted } }"""


async def make(ask: Ask, as_: Viewer, name: str) -> str:
    given = {"name": name, "orderBy": 1, "color": "#AABBCC"}
    answer = await ask(CREATE, as_=as_, input=given)
    found: str = answer["data"]["createContactItemType"]["contactItemType"]["id"]
    return found


def names(answer: Any) -> list[str]:
    return [edge["node"]["name"] for edge in answer["data"]["events"]["edges"]]


async def test_an_event_says_who_did_what_to_which_object(ask: Ask, viewer: Viewer) -> None:
    office = await make(ask, viewer, "Office")
    answer = await ask(ALL)
    [edge] = answer["data"]["events"]["edges"]
    assert edge["node"] == {
        "id": edge["node"]["id"],
        "at": edge["node"]["at"],
        "name": "item_type.created",
        "label": "Created an item type",
        "userName": viewer.name,
        "user": {"name": viewer.name},
        "about": office,
        "aboutName": "Office",
        "data": {"name": "Office", "order_by": 1},
    }
    assert await ask(ALL, ordinary=True) == answer


async def test_what_is_deleted_keeps_its_name_in_the_audit(ask: Ask, viewer: Viewer) -> None:
    office = await make(ask, viewer, "Office")
    await ask(DELETE, input={"id": office})
    nodes = [edge["node"] for edge in (await ask(ALL))["data"]["events"]["edges"]]
    assert [(node["name"], node["about"], node["aboutName"]) for node in nodes] == [
        ("item_type.deleted", office, "Office"),
        ("item_type.created", office, "Office"),
    ]


async def test_events_are_filtered_alike_by_both_paths(
    ask: Ask, viewer: Viewer, database: Database, tenant: int
) -> None:
    other = await viewer_of(database, tenant)
    office = await make(ask, viewer, "Office")
    await make(ask, other, "Home")
    await ask(DELETE, input={"id": office})
    await ask('mutation { editPreferences(input: {theme: "dark"}) { userErrors { code } } }')
    for filter_, expected in (
        ({"userId": f"user_{other.user_id}"}, ["item_type.created"]),
        ({"userId": "type_1"}, []),
        ({"name": "item_type.created"}, ["item_type.created", "item_type.created"]),
        ({"subject": "account"}, ["account.preferences_changed"]),
        ({"subject": "item"}, []),
        ({"about": office}, ["item_type.deleted", "item_type.created"]),
        ({"about": f"user_{viewer.user_id}"}, ["account.preferences_changed"]),
        ({"about": "nonsense"}, []),
        ({"about": office, "name": "item_type.deleted"}, ["item_type.deleted"]),
    ):
        answer = await ask(ALL, filter=filter_)
        assert names(answer) == expected, filter_
        assert await ask(ALL, ordinary=True, filter=filter_) == answer


async def test_the_audit_is_read_page_by_page(ask: Ask, viewer: Viewer) -> None:
    made = [await make(ask, viewer, f"Type {number}") for number in range(5)]
    seen: list[str] = []
    after = None
    for _ in range(3):
        page = (await ask(ALL, first=2, after=after))["data"]["events"]
        seen += [edge["node"]["about"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
    assert seen == made[::-1]
    assert page["pageInfo"]["hasNextPage"] is False


async def test_another_centres_events_are_not_there(
    ask: Ask, viewer: Viewer, database: Database, new_tenant: Any
) -> None:
    office = await make(ask, viewer, "Office")
    other = await viewer_of(database, await new_tenant())
    assert names(await ask(ALL, as_=other)) == []
    assert names(await ask(ALL, as_=other, filter={"about": office})) == []


async def test_the_user_behind_an_event_needs_the_right_to_users(
    ask: Ask, database: Database, tenant: int
) -> None:  # ASVS 8.2.3
    auditor = await viewer_of(database, tenant, Role.SUPERVISOR, (Permission.EVENTS_VIEW,))
    answer = await ask("{ events { edges { node { user { name } } } } }", as_=auditor)
    assert answer["errors"][0]["extensions"]["permission"] == "users.view"
    answer = await ask("{ events { edges { node { userName } } } }", as_=auditor)
    assert "errors" not in answer


async def test_the_kinds_of_events_stand_under_their_subjects(ask: Ask) -> None:
    answer = await ask("{ eventSubjects { name label kinds { name label } } }")
    kinds = [kind for subject in answer["data"]["eventSubjects"] for kind in subject["kinds"]]
    assert sorted(kind["name"] for kind in kinds) == sorted(EVENTS)
    assert {"name": "user.created", "label": "Created a user"} in kinds


def test_every_event_that_is_recorded_has_words() -> None:
    """A new event gets its label in `server/event_labels.py`."""
    written = set()
    for path in SERVER.glob("services/**/*.py"):
        calls = re.findall(r"(?:record|_become)\((?:[^()]|\([^()]*\))*\)", path.read_text())
        written |= {name for call in calls for name in re.findall(r'"([a-z_]+\.[a-z_]+)"', call)}
    assert {"user.created", "account.login_failed", "campaign.started"} <= written
    assert written - set(EVENTS) == set()
    nouns = {name.partition(".")[0] for name in EVENTS}
    assert nouns == set(SUBJECTS) == set(PREFIXES)
