# SPDX-License-Identifier: Apache-2.0
"""`mergePreview`, `mergeContacts`, `undoMerge` and `contactMerges` (X-25 to X-28, D2)."""

from typing import Any

import pytest
from sqlalchemy import update

from server.database import Database
from server.domain.permissions import Permission, Role, Viewer
from server.models import BlacklistEntry, CallAttempt, HopperEntry
from tests.factories.campaigns import make_campaign
from tests.factories.contacts import make_contact, phones
from tests.factories.item_types import make_item_type
from tests.factories.lists import make_list
from tests.factories.people import make_field, make_tag, set_value
from tests.factories.users import make_viewer
from tests.schema.asking import Ask
from tests.schema.contacts.asked import CONTACT, DELETE, ERRORS, faults, messages, numbers
from tests.services.dialer.centre import NOW

ONE, TWO, THREE, FOUR = (f"+39061234500{digit}" for digit in range(1, 5))
PREVIEW = f"""query ($ids: [ID!]!, $masterId: ID, $choices: [MergeChoiceInput!]) {{
  result: mergePreview(ids: $ids, masterId: $masterId, choices: $choices) {{ {ERRORS} preview {{
    masterId name canMerge fingerprint contacts {{ id }}
    fields {{ field label type campaignName differs chosenId values {{ contactId value }} }}
    phones {{ number isPrimary itemTypeName itemTypeColor description state ownerIds otherTypes
      otherDescriptions isBlacklisted }}
    tags {{ name ownerIds }} lists {{ name ownerIds }}
    entries {{ campaignName effect effectLabel ownerIds survivorId stateLabel round totalAttempts
      nextNumber }}
    conflicts {{ kind message contactIds number isBlocking }} }} }} }}"""
MERGE = f"""mutation ($input: MergeContactsInput!) {{ result: mergeContacts(input: $input) {{
  contact {{ id fullName phone additionalPhones {{ number description itemType {{ name }} }} }}
  merge {{ id name isUndoable }} {ERRORS} }} }}"""
MERGES = """query ($filter: ContactMergeFilter) { contactMerges(filter: $filter) { totalCount
  edges { node { id name masterId master { id } daysLeft mergedByName undoneByName state stateLabel
    isUndoable contacts { contactId name phone isMaster } } } } }"""
UNDO = f"""mutation ($input: UndoMergeInput!) {{ result: undoMerge(input: $input) {{
  contacts {{ id fullName }} changes {{ field label merged now outcome outcomeLabel }}
  leftOut {{ name kind message }} {ERRORS} }} }}"""
LOOK = """query ($id: ID!) { result: undoMergePreview(mergeId: $id) {
  changes { field label merged now outcome } userErrors { code field message } } }"""
WHERE = "query ($id: ID!) { contactWhereabouts(id: $id) { place contactId mergeId byName } }"


@pytest.fixture
async def pair(database: Database, viewer: Viewer) -> tuple[str, str]:
    """Two contacts with a number, a tag, a list and a campaign in common, and one value each."""
    async with database.transaction(viewer.tenant_id) as session:
        office = await make_item_type(session, viewer, "Office", 1)
        home = await make_item_type(session, viewer, "Home", 2)
        spring = await make_list(session, viewer)
        await make_campaign(session, viewer, list_ids=[spring.id])
        first = await make_contact(
            session,
            viewer,
            "Ada",
            "Rossi",
            phone=ONE,
            additional=phones((TWO, office.id), THREE),
            list_ids=[spring.id],
        )
        second = await make_contact(
            session,
            viewer,
            "A.",
            "Rossi",
            phone=FOUR,
            email="ada@example.com",
            additional=phones((TWO, home.id)),
            list_ids=[spring.id],
        )
        await make_tag(session, "VIP", first.id, second.id)
        field = await make_field(session)
        for contact, text in ((first, "one"), (second, "two")):
            await set_value(session, field, contact.id, text)
        session.add(BlacklistEntry(number=TWO))
    return f"contact_{first.id}", f"contact_{second.id}"


async def merged(ask: Ask, *ids: str, **choices: str) -> Any:
    """As a page does: the preview's fingerprint goes back with the choices."""
    preview = (await ask(PREVIEW, ids=list(ids)))["data"]["result"]["preview"]
    given = [{"field": name, "contactId": key} for name, key in choices.items()]
    sent = {"ids": list(ids), "masterId": ids[0], "fingerprint": preview["fingerprint"]}
    return await ask(MERGE, input={**sent, "choices": given})


async def test_the_preview_shows_what_the_merge_then_makes(ask: Ask, pair: tuple[str, str]) -> None:
    first, second = pair
    preview = (await ask(PREVIEW, ids=[first, second]))["data"]["result"]["preview"]
    assert (preview["masterId"], preview["name"], preview["canMerge"]) == (first, "Ada Rossi", True)
    fields = {one["label"]: one for one in preview["fields"]}
    assert set(fields) == {
        *("First name", "Last name", "E-mail", "Primary phone", "Priority"),
        "Customer number",
    }
    assert {label for label, one in fields.items() if one["differs"]} == {
        *("First name", "Primary phone", "Customer number"),
    }
    assert fields["E-mail"]["chosenId"] == second
    assert fields["Customer number"]["values"] == [
        {"contactId": first, "value": "one"},
        {"contactId": second, "value": "two"},
    ]
    assert [one["number"] for one in preview["phones"]] == [ONE, TWO, THREE, FOUR]
    two = preview["phones"][1]
    assert (two["itemTypeName"], two["otherTypes"], two["isBlacklisted"]) == (
        *("Office", ["Home"], True),
    )
    assert two["ownerIds"] == [first, second]
    assert preview["tags"] == [{"name": "VIP", "ownerIds": [first, second]}]
    assert preview["lists"] == [{"name": "Spring", "ownerIds": [first, second]}]
    [entry] = preview["entries"]
    assert (entry["campaignName"], entry["effect"], entry["survivorId"]) == (
        *("Spring offers", "JOINED", first),
    )
    assert [one["message"] for one in preview["conflicts"]] == [
        f"{FOUR} becomes an additional number.",
        f"{TWO} has several types: “Office” is kept, “Home” is not.",
        "Several are open in one campaign: one stay goes on, with the counters of all.",
    ]
    result = (await merged(ask, first, second))["data"]["result"]
    assert result["userErrors"] == []
    assert result["merge"]["isUndoable"] is True
    contact = result["contact"]
    assert (contact["id"], contact["fullName"], contact["phone"]) == (first, "Ada Rossi", ONE)
    assert numbers(contact) == [(TWO, "Office", ""), (THREE, None, ""), (FOUR, None, "")]
    assert (await ask(CONTACT, id=second))["data"]["contact"] is None


async def test_choices_are_taken_and_unknown_ones_refused(ask: Ask, pair: tuple[str, str]) -> None:
    first, second = pair
    for name, key, told in (
        ("nothing", first, ("INVALID", "choices.0.field")),
        ("firstName", "contact_999999", ("NOT_FOUND", "choices.0.contactId")),
    ):
        assert faults(await merged(ask, first, second, **{name: key})) == [told]
    result = (await merged(ask, first, second, firstName=second))["data"]["result"]
    assert result["contact"]["fullName"] == "A. Rossi"


async def test_the_preview_shows_the_contact_with_the_choices_made(
    ask: Ask, pair: tuple[str, str]
) -> None:
    first, second = pair
    plain = (await ask(PREVIEW, ids=[first, second]))["data"]["result"]["preview"]
    chosen = {"firstName": second, "phone": second}
    choices = [{"field": name, "contactId": key} for name, key in chosen.items()]
    shown = await ask(PREVIEW, ids=[first, second], choices=choices)
    preview = shown["data"]["result"]["preview"]
    assert (preview["masterId"], preview["name"]) == (first, "A. Rossi")
    taken = {one["field"]: one["chosenId"] for one in preview["fields"] if one["differs"]}
    assert (taken.pop("firstName"), taken.pop("phone")) == (second, second)
    assert set(taken.values()) == {first}
    assert [one["number"] for one in preview["phones"]] == [FOUR, TWO, THREE, ONE]
    assert preview["conflicts"][0]["message"] == f"{ONE} becomes an additional number."
    assert preview["fingerprint"] == plain["fingerprint"]
    contact = (await merged(ask, first, second, **chosen))["data"]["result"]["contact"]
    assert (contact["fullName"], contact["phone"]) == ("A. Rossi", FOUR)
    assert [number for number, *_ in numbers(contact)] == [TWO, THREE, ONE]


async def test_a_preview_refuses_choices_as_the_merge_does(ask: Ask, pair: tuple[str, str]) -> None:
    for given, told in (
        (("nothing", pair[0]), ("INVALID", "choices.0.field")),
        (("firstName", "contact_999999"), ("NOT_FOUND", "choices.0.contactId")),
    ):
        choice = dict(zip(("field", "contactId"), given, strict=True))
        refused = await ask(PREVIEW, ids=list(pair), choices=[choice])
        assert faults(refused) == [told]
        assert refused["data"]["result"]["preview"] is None


async def test_a_stale_fingerprint_and_bad_ids_are_refused(ask: Ask, pair: tuple[str, str]) -> None:
    first, second = pair
    sent = {"ids": [first, second], "masterId": first, "fingerprint": "x"}
    stale = await ask(MERGE, input=sent)
    assert faults(stale) == [("CONFLICT", "fingerprint")]
    for ids, told in (
        ([first], [("OUT_OF_RANGE", "ids")]),
        ([first, first], [("INVALID", "ids.1")]),
        ([first] * 1000, [("OUT_OF_RANGE", "ids")]),
        ([first, "contact_999999"], [("NOT_FOUND", "ids.1")]),
        ([first, "list_1"], [("NOT_FOUND", "ids.1")]),
        (["\x00", "\ud800"], [("INVALID", "ids.1")]),
    ):
        assert faults(await ask(PREVIEW, ids=ids)) == told
        assert faults(await ask(MERGE, input={**sent, "ids": ids})) == told or ids[0] == "\x00"
    few = await ask(PREVIEW, ids=[first] * 21)
    assert messages(few) == ["This must be between 2 and 20."]


async def test_merges_are_listed_and_undone_with_what_changed_since(
    ask: Ask, database: Database, viewer: Viewer, tenant: int, pair: tuple[str, str]
) -> None:
    first, second = pair
    merge = (await merged(ask, first, second))["data"]["result"]["merge"]
    for key in (first, second):
        listed = await ask(MERGES, filter={"contactId": key})
        assert listed == await ask(MERGES, ordinary=True, filter={"contactId": key})
        [edge] = listed["data"]["contactMerges"]["edges"]
        assert edge["node"] == {
            "id": merge["id"],
            "name": "Ada Rossi",
            "masterId": first,
            "master": {"id": first},
            "daysLeft": 30,
            "mergedByName": viewer.name,
            "undoneByName": None,
            "state": "UNDOABLE",
            "stateLabel": "Can be undone",
            "isUndoable": True,
            "contacts": [
                {"contactId": first, "name": "Ada Rossi", "phone": ONE, "isMaster": True},
                {"contactId": second, "name": "A. Rossi", "phone": FOUR, "isMaster": False},
            ],
        }
    assert (await ask(MERGES, filter={"contactId": "contact_999999"}))["data"]["contactMerges"][
        "totalCount"
    ] == 0
    went = (await ask(WHERE, id=second))["data"]["contactWhereabouts"]
    assert went == {
        "place": "MERGED",
        "contactId": first,
        "mergeId": merge["id"],
        "byName": viewer.name,
    }
    edit = "mutation ($input: EditContactInput!) { editContact(input: $input) { contact { id } } }"
    await ask(edit, input={"id": first, "company": "Acme"})
    look = await ask(LOOK, id=merge["id"])
    change = {"field": "company", "label": "Company", "merged": None, "now": "Acme"}
    assert look["data"]["result"]["changes"] == [{**change, "outcome": "STAYS"}]
    result = (await ask(UNDO, input={"mergeId": merge["id"]}))["data"]["result"]
    assert [one["id"] for one in result["contacts"]] == [first, second]
    assert result["changes"] == [
        {**change, "outcome": "STAYS", "outcomeLabel": "Stays with the merged contact"}
    ]
    assert (result["leftOut"], result["userErrors"]) == ([], [])
    again = await ask(UNDO, input={"mergeId": merge["id"]})
    assert faults(again) == [("WRONG_STATE", "mergeId")]
    assert messages(again) == ["This cannot be done while it is “Undone already”."]
    nothing = await ask(UNDO, input={"mergeId": "contact_1"})
    assert faults(nothing) == [("NOT_FOUND", "mergeId")]


async def test_calls_of_merged_contacts_are_those_of_the_master(
    ask: Ask, database: Database, tenant: int, pair: tuple[str, str]
) -> None:
    first, second = pair
    async with database.transaction(tenant) as session:
        [campaign_id] = set(
            (
                await session.scalars(
                    update(HopperEntry).values(priority=2).returning(HopperEntry.campaign_id)
                )
            ).all()
        )
        for key in pair:
            session.add(
                CallAttempt(
                    campaign_id=campaign_id,
                    contact_id=int(key.removeprefix("contact_")),
                    entry_id=1,
                    round=1,
                    position=0,
                    number=ONE,
                    status="BUSY",
                    started_at=NOW,
                    ended_at=NOW,
                    policy_version=1,
                )
            )
    calls = """query ($id: ID!) { callAttempts(filter: {contactId: $id}) { totalCount
      edges { node { number } } } }"""
    assert (await ask(calls, id=first))["data"]["callAttempts"]["totalCount"] == 1
    await merged(ask, first, second)
    answer = await ask(calls, id=first)
    assert answer["data"]["callAttempts"]["totalCount"] == 2
    assert answer == await ask(calls, ordinary=True, id=first)


async def test_a_merged_contact_that_was_deleted_says_why_it_cannot_be_undone(
    ask: Ask, pair: tuple[str, str]
) -> None:
    first, second = pair
    merge = (await merged(ask, first, second))["data"]["result"]["merge"]
    await ask(DELETE, input={"id": first})
    undone = await ask(UNDO, input={"mergeId": merge["id"]})
    assert messages(undone) == ["This cannot be done while it is “In the trash”."]
    found = (await ask(WHERE, id=second))["data"]["contactWhereabouts"]
    assert (found["place"], found["contactId"]) == ("TRASH", first)


async def test_agents_merge_their_own_contacts_and_see_only_those_merges(
    ask: Ask, database: Database, viewer: Viewer, tenant: int, pair: tuple[str, str]
) -> None:
    may = frozenset({Permission.CONTACTS_VIEW, Permission.CONTACTS_MERGE, Permission.LISTS_VIEW})
    agent = await make_viewer(database, tenant, Role.AGENT, permissions=may)
    hidden = await ask(PREVIEW, as_=agent, ids=list(pair))
    assert faults(hidden) == [("NOT_FOUND", "ids.0"), ("NOT_FOUND", "ids.1")]
    await merged(ask, *pair)
    assert (await ask(MERGES, as_=agent))["data"]["contactMerges"]["totalCount"] == 0
    assert (await ask(MERGES, as_=agent)) == await ask(MERGES, as_=agent, ordinary=True)
    where = await ask(WHERE, as_=agent, id=pair[1])
    assert where["data"]["contactWhereabouts"]["place"] == "GONE"
    nobody = await make_viewer(database, tenant, Role.SUPERVISOR, permissions=frozenset())
    refused = await ask(MERGES, as_=nobody)
    assert {error["extensions"]["code"] for error in refused["errors"]} == {"FORBIDDEN"}
