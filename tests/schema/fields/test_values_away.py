# SPDX-License-Identifier: Apache-2.0
"""Values whose contact is away: in the trash or merged, while their field changes (C-22)."""

import pytest

from tests.schema.asking import Ask
from tests.schema.fields.asked import (
    CREATE_CAMPAIGN,
    CREATE_CONTACT,
    EDIT,
    EDIT_CONTACT,
    STRUCTURE,
    faults,
    made,
    one,
    person,
    values_of,
)

RESTORE = """mutation ($input: RestoreContactsInput!) {
  result: restoreContacts(input: $input) {
    restored leftOut { kind name } userErrors { code field } } }"""


async def test_a_contact_comes_back_with_values_as_their_fields_read_them_now(ask: Ask) -> None:
    number = await made(ask, "number", displayName="Number")
    word = await made(ask, "word", displayName="Word")
    code = await made(ask, "code", isUnique=False)
    ada = await person(ask, "Ada", {number["id"]: "12.50", word["id"]: "x", code["id"]: "A1"})
    await ask("mutation ($id: ID!) { deleteContact(input: {id: $id}) { deleted } }", id=ada)
    for change in (
        {"id": number["id"], "type": "NUMBER"},
        {"id": word["id"], "type": "DATE"},
        {"id": code["id"], "isUnique": True},
    ):
        assert faults(await ask(EDIT, input=change)) == []
    answer = await ask(RESTORE, input={"ids": [ada]})
    assert faults(answer) == []
    assert answer["data"]["result"]["leftOut"] == [{"kind": "FIELD", "name": "Word"}]
    assert await values_of(ask, ada) == {"number": "12.5", "code": "A1"}
    taken = await ask(CREATE_CONTACT, input={"firstName": "Bob", "values": [one(code, "a1")]})
    assert faults(taken) == [("TAKEN", "values.0.value")]


async def test_what_was_away_while_a_field_changed_follows_it(ask: Ask) -> None:
    """In the trash or merged away: nothing comes back half, twice or not at all (C-22, C-23)."""
    fields = {kind: await made(ask, kind, type=kind) for kind in ("NUMBER", "DATE", "BOOLEAN")}
    texts = {"NUMBER": "7", "DATE": "2027-01-31", "BOOLEAN": "true"}
    word = await made(ask, "word")
    given = {fields[kind]["id"]: text for kind, text in texts.items()} | {word["id"]: "x"}
    ada, bob = [await person(ask, name, given) for name in ("Ada", "Bob")]
    record = await made(ask, "record", scope="RECORD")
    answer = await ask(CREATE_CAMPAIGN, input={"name": "Spring offers"})
    campaign = answer["data"]["result"]["campaign"]["id"]
    value = {"fieldId": record["id"], "campaignId": campaign, "value": "y"}
    await ask(EDIT_CONTACT, input={"id": ada, "values": [value]})
    for key in (ada, bob):
        await ask("mutation ($id: ID!) { deleteContact(input: {id: $id}) { deleted } }", id=key)
    assert faults(await ask(EDIT, input={"id": word["id"], "isUnique": True})) == []
    structure = {"campaignId": campaign, "fieldIds": []}
    assert faults(await ask(STRUCTURE, input=structure)) == []
    answer = await ask(RESTORE, input={"ids": [ada, bob]})
    left_out = answer["data"]["result"]["leftOut"]
    assert sorted(one["kind"] for one in left_out) == ["FIELD", "VALUE"]
    assert await values_of(ask, ada) == {**texts, "word": "x"}
    assert await values_of(ask, bob) == texts


async def test_an_undone_merge_tells_no_change_where_a_field_was_retyped(ask: Ask) -> None:
    code = await made(ask, "code")
    ada, bob = [
        await person(ask, name, {code["id"]: text}) for name, text in (("A", "1"), ("B", "x"))
    ]
    preview = """query ($ids: [ID!]!) { mergePreview(ids: $ids) { preview { fingerprint } } }"""
    seen = (await ask(preview, ids=[ada, bob]))["data"]["mergePreview"]["preview"]["fingerprint"]
    merge = """mutation ($input: MergeContactsInput!) {
      mergeContacts(input: $input) { merge { id } userErrors { code } } }"""
    given = {"masterId": ada, "ids": [ada, bob], "fingerprint": seen}
    made_one = (await ask(merge, input=given))["data"]["mergeContacts"]["merge"]["id"]
    assert faults(await ask(EDIT, input={"id": code["id"], "type": "NUMBER"})) == []
    undo = """mutation ($id: ID!) { undoMerge(input: {mergeId: $id}) {
      changes { field } leftOut { kind name } userErrors { code } } }"""
    answer = await ask(undo, id=made_one)
    assert answer["data"]["undoMerge"] == {
        "changes": [],
        "leftOut": [{"kind": "FIELD", "name": "code"}],
        "userErrors": [],
    }
    assert (await values_of(ask, ada), await values_of(ask, bob)) == ({"code": "1"}, {})


@pytest.mark.parametrize("goes", ["trash", "merge"])
async def test_values_of_a_field_that_comes_back_reach_contacts_that_are_away(
    ask: Ask, goes: str
) -> None:
    """The field was deleted first, then the contact went: both are whole afterwards."""
    code = await made(ask, "code")
    ada, bob = await person(ask, "Ada", {code["id"]: "keep"}), await person(ask, "Bob", {})
    delete = """mutation ($id: ID!) { result: deleteMasterDataField(
      input: {id: $id, valuesLost: 1}) { deletedField { id } } }"""
    gone = (await ask(delete, id=code["id"]))["data"]["result"]["deletedField"]["id"]
    if goes == "trash":
        await ask("mutation ($id: ID!) { deleteContact(input: {id: $id}) { deleted } }", id=ada)
    else:
        preview = """query ($ids: [ID!]!) { mergePreview(ids: $ids) { preview { fingerprint } } }"""
        told = await ask(preview, ids=[bob, ada])
        merge = """mutation ($input: MergeContactsInput!) {
          mergeContacts(input: $input) { merge { id } } }"""
        seen = told["data"]["mergePreview"]["preview"]["fingerprint"]
        given = {"masterId": bob, "ids": [bob, ada], "fingerprint": seen}
        key = (await ask(merge, input=given))["data"]["mergeContacts"]["merge"]["id"]
    restore = "mutation ($id: ID!) { restoreMasterDataField(input: {id: $id}) { valuesRestored } }"
    assert (await ask(restore, id=gone))["data"] is not None
    if goes == "trash":
        assert faults(await ask(RESTORE, input={"ids": [ada]})) == []
    else:
        await ask(
            "mutation ($id: ID!) { undoMerge(input: {mergeId: $id}) { changes { field } } }", id=key
        )
    assert await values_of(ask, ada) == {"code": "keep"}
