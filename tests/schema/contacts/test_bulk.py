# SPDX-License-Identifier: Apache-2.0
"""Changes of many contacts and groups of duplicates, as a page or a client asks for them (D4)."""

from typing import Any

import pytest
from sqlalchemy import update

from server.database import Database
from server.domain.permissions import Permission, Role, Viewer
from server.models import HopperEntry
from tests.factories.contacts import make_contact
from tests.factories.lists import make_list
from tests.factories.people import make_whole_contact
from tests.factories.users import make_viewer
from tests.schema.asking import Ask
from tests.schema.contacts.asked import ERRORS, faults, messages

PAYLOAD = f"""{{ matched done unchanged processId skipped {{ contactId name code message }}
  {ERRORS} }}"""
TRASH = f"mutation ($input: BulkTrashInput!) {{ result: trashContacts(input: $input) {PAYLOAD} }}"
PUT = f"mutation ($input: BulkListInput!) {{ result: putContactsOnList(input: $input) {PAYLOAD} }}"
TAG = f"mutation ($input: BulkTagInput!) {{ result: tagContacts(input: $input) {PAYLOAD} }}"
PRIORITY = f"""mutation ($input: BulkPriorityInput!) {{
  result: prioritizeContacts(input: $input) {PAYLOAD} }}"""
RESTORE = f"""mutation ($input: RestoreContactsInput!) {{ result: restoreContacts(input: $input) {{
  restored processId contacts {{ id }} {ERRORS} }} }}"""
STARTED = f"""mutation ($input: BulkTrashInput!) {{ result: trashContacts(input: $input) {{
  matched processId process {{ kind kindLabel state total }} {ERRORS} }} }}"""
UNTAG = TAG.replace("tagContacts", "untagContacts")
TAKE = PUT.replace("putContactsOnList", "takeContactsOffList")
EXPORT = f"""mutation ($input: ExportContactsInput!) {{
  result: exportContacts(input: $input) {{ csv {ERRORS} }} }}"""
GROUPS = f"""query ($kinds: [DuplicateKind!], $first: Int! = 20, $after: String) {{
  result: duplicateGroups(kinds: $kinds, first: $first, after: $after) {{ hasNextPage endCursor
    groups {{ key kind value reason contactCount contacts {{ id }} }} {ERRORS} }} }}"""
DISMISS = f"""mutation ($input: DismissDuplicatesInput!) {{
  result: dismissDuplicates(input: $input) {{ dismissed contacts {ERRORS} }} }}"""


@pytest.fixture
async def three(database: Database, viewer: Viewer) -> list[str]:
    """Contacts that have one number."""
    async with database.transaction(viewer.tenant_id) as session:
        return [f"contact_{(await make_contact(session, viewer)).id}" for _ in range(3)]


def result(answer: Any) -> Any:
    return answer["data"]["result"]


async def test_what_a_filter_finds_is_changed_with_its_count(
    ask: Ask, database: Database, viewer: Viewer, three: list[str]
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        spring = await make_list(session, viewer)
    on_list = {"listId": f"list_{spring.id}", "ids": three[:2]}
    assert result(await ask(PUT, input=on_list))["done"] == 2
    them = {"filter": {"listId": f"list_{spring.id}"}, "count": 2}
    tagged = result(await ask(TAG, input={**them, "tags": ["VIP"]}))
    assert (tagged["matched"], tagged["done"], tagged["unchanged"]) == (2, 2, 0)
    first = result(await ask(PRIORITY, input={"filter": {}, "count": 3, "priority": 1}))
    assert (first["matched"], first["done"]) == (3, 3)
    wrong = await ask(TRASH, input={"filter": {}, "count": 2})
    assert faults(wrong) == [("CONFLICT", "count")]
    assert messages(wrong) == ["There are 3 now. Look at them again, then confirm."]
    assert result(await ask(TRASH, input={"filter": {}, "count": 3}))["done"] == 3
    back = result(await ask(RESTORE, input={"ids": three}))
    assert (back["restored"], [one["id"] for one in back["contacts"]]) == (3, three)


@pytest.mark.parametrize(
    ("document", "more"),
    [
        (TRASH, {}),
        (PUT, {"listId": "list_1"}),
        (TAKE, {"listId": "list_1"}),
        (TAG, {"tags": ["VIP"]}),
        (UNTAG, {"tags": ["VIP"]}),
        (PRIORITY, {"priority": 1}),
        (EXPORT, {"columns": [{"column": "PHONE"}]}),
    ],
)
async def test_a_filter_that_no_text_can_be_is_refused_where_it_stands(
    ask: Ask, document: str, more: dict[str, Any]
) -> None:  # D8
    given = more if document is EXPORT else {**more, "count": 0}
    for name in ("language", "timeZone", "company", "email", "phone", "search"):
        for text in ("i\x00t", "\ud800"):
            refused = await ask(document, input={**given, "filter": {name: text}})
            assert faults(refused) == [("INVALID_CHARACTER", f"filter.{name}")], text


async def test_a_heading_that_no_text_can_be_is_refused_where_it_stands(ask: Ask) -> None:  # D8
    for text in ("\ud800", "a\x00"):
        columns = [{"column": "PHONE"}, {"column": "EMAIL", "heading": text}]
        for in_background in (False, True):
            given = {"columns": columns, "inBackground": in_background}
            refused = await ask(EXPORT, input=given)
            assert faults(refused) == [("INVALID_CHARACTER", "columns.1.heading")]


async def test_who_is_on_a_call_is_named(
    ask: Ask, database: Database, viewer: Viewer, three: list[str]
) -> None:  # D3
    async with database.transaction(viewer.tenant_id) as session:
        ada, _, _ = await make_whole_contact(session, viewer)
        await session.execute(update(HopperEntry).values(state="DIALING"))
    done = result(await ask(TRASH, input={"ids": [*three, f"contact_{ada.id}"]}))
    assert (done["done"], done["skipped"]) == (
        3,
        [
            {
                "contactId": f"contact_{ada.id}",
                "name": "Ada Rossi",
                "code": "WRONG_STATE",
                "message": "This cannot be done while it is “Dialing”.",
            }
        ],
    )


async def test_more_than_a_thousand_are_a_process(
    ask: Ask, database: Database, tenant: int
) -> None:
    await database.read(
        tenant,
        "INSERT INTO contacts (first_name, name_key, given_key) "
        "SELECT 'c', 'c' || n, 'c' FROM generate_series(1, 1001) n",
    )
    done = result(await ask(STARTED, input={"filter": {}, "count": 1001}))
    assert done["processId"].startswith("process_")
    assert (done["matched"], done["process"]) == (
        1001,
        {"kind": "DELETE", "kindLabel": "Delete", "state": "PENDING", "total": 1001},
    )
    # Nothing is in the trash yet: a worker takes it up.
    back = await ask(RESTORE, input={"processId": done["processId"]})
    assert result(back)["restored"] == 0


async def test_each_change_has_its_right(ask: Ask, database: Database, tenant: int) -> None:
    may = frozenset({Permission.CONTACTS_VIEW, Permission.CONTACTS_EDIT})
    editor = await make_viewer(database, tenant, Role.SUPERVISOR, permissions=may)
    tagged = await ask(TAG, as_=editor, input={"filter": {}, "count": 0, "tags": ["VIP"]})
    assert result(tagged)["userErrors"] == []
    for document, given in ((TRASH, {}), (PUT, {"listId": "list_1"})):
        refused = await ask(document, as_=editor, input={"filter": {}, "count": 0, **given})
        assert [error["extensions"]["code"] for error in refused["errors"]] == ["FORBIDDEN"]


async def test_groups_of_duplicates_come_with_their_reason_and_go_once_told_apart(
    ask: Ask, three: list[str]
) -> None:
    found = result(await ask(GROUPS))
    [group] = found["groups"]
    assert group == {
        "key": "NUMBER:+390612345000",
        "kind": "NUMBER",
        "value": "+390612345000",
        "reason": "Same number",
        "contactCount": 3,
        "contacts": [{"id": key} for key in three],
    }
    assert (found["hasNextPage"], found["endCursor"]) == (False, None)
    assert result(await ask(GROUPS, kinds=["EMAIL", "NAME"]))["groups"] == []
    assert result(await ask(GROUPS, kinds=[]))["groups"] == []
    told = result(await ask(DISMISS, input={"key": group["key"]}))
    assert (told["dismissed"], told["contacts"]) == (True, 3)
    assert result(await ask(GROUPS))["groups"] == []
    for variables, fault in (
        ({"first": 0}, ("OUT_OF_RANGE", "first")),
        ({"first": 1000}, ("OUT_OF_RANGE", "first")),
        ({"after": "\u0000"}, ("INVALID", "after")),
    ):
        assert faults(await ask(GROUPS, **variables)) == [fault]
