# SPDX-License-Identifier: Apache-2.0
"""Do-not-call entries through the schema: kept, found, taken off and brought back (C-26, C-29)."""

from typing import Any

import pytest

from server.database import Database
from server.domain.permissions import Role, Viewer
from server.planner import global_id
from tests.factories.campaigns import closed, make_campaign
from tests.factories.contacts import make_contact
from tests.factories.lists import make_list
from tests.factories.users import make_viewer
from tests.schema.asking import Ask
from tests.schema.blacklists.asked import CREATE, DELETE, EDIT, ENTRIES, RESTORE, faults, found

ROME, MILAN = "+390612345678", "+390223456789"


async def made(ask: Ask, **given: object) -> Any:
    answer = await ask(CREATE, input=given)
    assert faults(answer) == []
    return answer["data"]["result"]["blacklistEntry"]


async def test_an_entry_is_listed_exactly_as_it_was_made(ask: Ask, viewer: Viewer) -> None:  # C-26
    entry = await made(ask, name=" Mario ", uri="06 1234 5678", note="by letter")
    assert entry == {
        "id": entry["id"],
        "name": "Mario",
        "media": "PHONE",
        "mediaLabel": "Phone",
        "uri": ROME,
        "contact": None,
        "campaign": None,
        "contactList": None,
        "isEverywhere": False,
        "isOptOut": False,
        "note": "by letter",
        "authorName": viewer.full_name,
        "version": 1,
    }
    answer = await ask(ENTRIES)
    assert await ask(ENTRIES, ordinary=True) == answer
    assert [edge["node"] for edge in answer["data"]["blacklistEntries"]["edges"]] == [entry]


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"uri": " "}, ("REQUIRED", "uri")),
        ({"uri": "call me"}, ("INVALID_NUMBER", "uri")),
        ({"uri": "x" * 500}, ("TOO_LONG", "uri")),
        ({"uri": "a@b", "media": "EMAIL"}, ("INVALID", "uri")),
        ({"media": "PERSON"}, ("REQUIRED", "contactId")),
        ({"media": "PERSON", "contactId": "contact_999999"}, ("NOT_FOUND", "contactId")),
        ({"uri": ROME, "contactId": "contact_1"}, ("INVALID", "contactId")),
        ({"uri": ROME, "campaignId": "campaign_999999"}, ("NOT_FOUND", "campaignId")),
        ({"uri": ROME, "listId": "nonsense"}, ("NOT_FOUND", "listId")),
        ({"uri": ROME, "name": "x" * 101}, ("TOO_LONG", "name")),
        ({"uri": ROME, "note": "\x00"}, ("INVALID_CHARACTER", "note")),
    ],
)
async def test_what_cannot_be_kept_is_refused_on_its_field(
    given: dict[str, object], fault: tuple[str, str], ask: Ask
) -> None:
    assert faults(await ask(CREATE, input=given)) == [fault]
    assert await found(ask) == []


async def test_a_number_stands_once_in_a_scope(
    ask: Ask, viewer: Viewer, database: Database
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        campaign = (await make_campaign(session, viewer)).id
        people = (await make_list(session, viewer, "VIP")).id
        contact = (await make_contact(session, viewer, "Ada", "Rossi")).id
    in_campaign = {"campaignId": global_id("campaign", campaign)}
    on_list = {"listId": global_id("list", people)}
    ada = {"media": "PERSON", "contactId": global_id("contact", contact)}
    for given in ({"uri": ROME}, {"uri": "A@B.it", "media": "EMAIL"}, ada):
        for scope in ({}, in_campaign, on_list):
            await made(ask, **given, **scope)
            again = await ask(CREATE, input={**given, **scope})
            [error] = again["data"]["result"]["userErrors"]
            assert error["code"] == "TAKEN"
            listed = {"PHONE": ROME, "EMAIL": "a@b.it", "PERSON": "Ada Rossi"}
            assert error["message"] == (
                f"“{listed[str(given.get('media', 'PHONE'))]}” is on the blacklist already. "
                "Edit that entry."
            )
    both = await ask(CREATE, input={"uri": MILAN, **in_campaign, **on_list})
    assert faults(both) == [("INVALID", "listId")]
    assert len(await found(ask)) == 9


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({}, "mail person scoped number"),
        ({"search": ""}, "mail person scoped number"),
        ({"search": "06-1234 56"}, "number"),
        ({"number": "2345678"}, "number scoped"),
        ({"number": "612345"}, "number"),
        ({"number": "0039 06 12345678"}, "number"),
        ({"number": "12 34"}, "number"),
        ({"search": "MARIO@"}, "mail"),
        ({"email": "example.com"}, "mail"),
        ({"name": "Rossi"}, "person"),
        ({"search": "scop"}, "scoped"),
        ({"media": "PERSON"}, "person"),
        ({"isEverywhere": True}, "scoped"),
        ({"isOptOut": True}, ""),
        ({"createdFrom": "2020-01-01T00:00:00Z"}, "mail person scoped number"),
        ({"createdBefore": "2020-01-01T00:00:00Z"}, ""),
        ({"number": "mario"}, ""),
        ({"media": "PHONE", "number": "02"}, "scoped"),
    ],
)
async def test_entries_are_found_by_any_criteria_or_by_none(  # C-29
    wanted: dict[str, object], names: str, ask: Ask, viewer: Viewer, database: Database
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        contact = (await make_contact(session, viewer, "Maria", "Rossi")).id
        campaign = (await make_campaign(session, viewer)).id
    scope = global_id("campaign", campaign)
    await made(ask, name="number", uri=ROME)
    await made(ask, name="scoped", uri=MILAN, campaignId=scope, isEverywhere=True)
    await made(ask, name="person", media="PERSON", contactId=global_id("contact", contact))
    await made(ask, name="mail", media="EMAIL", uri="Mario@example.com")
    assert sorted(await found(ask, **wanted)) == sorted(names.split())
    assert await found(ask, campaignId=scope) == ["scoped"]
    assert await found(ask, contactId=global_id("contact", contact)) == ["person"]


async def test_an_edit_changes_what_it_names_and_takes_the_version_up(ask: Ask) -> None:
    entry = await made(ask, name="Mario", uri=ROME)
    given = {"id": entry["id"], "uri": "02 2345 6789", "isEverywhere": True, "version": 1}
    answer = await ask(EDIT, input=given)
    changed = {"uri": MILAN, "isEverywhere": True, "version": 2}
    assert answer["data"]["result"]["blacklistEntry"] == entry | changed
    assert faults(await ask(EDIT, input=given)) == [("CONFLICT", "version")]
    same = await ask(EDIT, input={"id": entry["id"], "name": "Mario", "version": 2})
    assert same["data"]["result"]["blacklistEntry"]["version"] == 2  # nothing was changed
    await made(ask, uri=ROME)
    taken = await ask(EDIT, input={"id": entry["id"], "uri": ROME})
    assert faults(taken) == [("TAKEN", "uri")]
    assert (await found(ask, number=MILAN)) == ["Mario"]


async def test_a_person_leaves_the_campaigns_that_the_entry_speaks_of(
    ask: Ask, viewer: Viewer, database: Database
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        people = (await make_list(session, viewer)).id
        contact = (await make_contact(session, viewer, list_ids=[people])).id
        first, second = [
            (await make_campaign(session, viewer, name, list_ids=[people])).id
            for name in ("one", "two")
        ]
    given = {"media": "PERSON", "contactId": global_id("contact", contact)}
    answer = await ask(CREATE, input={**given, "campaignId": global_id("campaign", first)})
    assert answer["data"]["result"]["entriesClosed"] == 1
    async with database.transaction(viewer.tenant_id) as session:
        assert await closed(session, first) == [(contact, "BLACKLIST_CONTACT")]
        assert await closed(session, second) == []


async def test_what_was_taken_off_comes_back_with_its_ids(ask: Ask) -> None:
    entries = [await made(ask, name=name, uri=uri) for name, uri in (("a", ROME), ("b", MILAN))]
    answer = await ask(DELETE, input={"ids": [entry["id"] for entry in entries]})
    deleted = answer["data"]["result"]
    assert (deleted["deleted"], deleted["name"], await found(ask)) == (2, None, [])
    given = {"deletionId": deleted["deletionId"]}
    await made(ask, name="new", uri=ROME)
    assert (await ask(RESTORE, input=given))["data"]["result"] == {
        "restored": 1,
        "leftOut": 1,
        "userErrors": [],
    }
    answer = await ask(ENTRIES)
    nodes = {
        edge["node"]["name"]: edge["node"] for edge in answer["data"]["blacklistEntries"]["edges"]
    }
    assert nodes["b"] == entries[1]
    assert set(nodes) == {"new", "b"}
    assert (await ask(RESTORE, input=given))["data"]["result"]["restored"] == 0
    assert faults(await ask(RESTORE, input={"deletionId": "deletion_0"})) == [
        ("NOT_FOUND", "deletionId")
    ]
    both = {"ids": [nodes["b"]["id"], "blocked_999999"]}
    assert faults(await ask(DELETE, input=both)) == [("NOT_FOUND", "ids.1")]
    assert sorted(await found(ask)) == ["b", "new"]


async def test_somebody_elses_deletion_is_not_taken_back(
    ask: Ask, viewer: Viewer, database: Database
) -> None:
    entry = await made(ask, uri=ROME)
    deleted = await ask(DELETE, input={"ids": [entry["id"]]})
    other = await make_viewer(database, viewer.tenant_id)
    given = {"deletionId": deleted["data"]["result"]["deletionId"]}
    assert faults(await ask(RESTORE, as_=other, input=given)) == [("NOT_FOUND", "deletionId")]


async def test_an_agent_keeps_no_blacklist(database: Database, viewer: Viewer, ask: Ask) -> None:
    agent = await make_viewer(database, viewer.tenant_id, Role.AGENT)
    answer = await ask(ENTRIES, as_=agent)
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
