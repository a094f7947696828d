# SPDX-License-Identifier: Apache-2.0
"""`createContact`: numbers, types, descriptions, lists; every fault told at its place."""

import asyncpg
import pytest

from server.database import Database
from server.domain.permissions import ALL_PERMISSIONS, Permission, Role, Viewer
from tests.conftest import MakeTenant
from tests.factories.contacts import make_contact
from tests.factories.item_types import make_item_type
from tests.factories.lists import make_list
from tests.factories.users import make_viewer
from tests.schema.asking import Ask
from tests.schema.contacts.asked import CONTACT, CREATE, faults, messages, numbers

ANNA = {"firstName": "Anna", "lastName": "Verdi", "phone": "06 1234 5000"}


async def count_of(owner: asyncpg.Connection, tenant: int) -> int:
    found = await owner.fetchval("SELECT count(*) FROM contacts WHERE tenant_id = $1", tenant)
    return int(found)


async def test_six_numbers_are_saved_and_read_back_in_their_order(
    ask: Ask, database: Database, viewer: Viewer, tenant: int
) -> None:
    async with database.transaction(tenant) as session:
        office = await make_item_type(session, viewer, "Office", 1)
        home = await make_item_type(session, viewer, "Home", 2)
        spring = await make_list(session, viewer, "Spring")
    given = ANNA | {
        "email": "Anna@Example.com",
        "company": "Vetreria Verdi",
        "priority": 1,
        "scheduledAt": "2027-03-01T09:30:00+01:00",
        "listIds": [f"list_{spring.id}"],
        "additionalPhones": [
            {"number": "347 111 2233", "itemTypeId": f"type_{home.id}", "description": "evenings"},
            {"number": "+44 20 7946 0958"},
            {"number": "02/99.88-77 66", "itemTypeId": f"type_{office.id}"},
            {"number": "0039 055 123456", "description": "x" * 255},
            {"number": "+48601234567", "itemTypeId": None},
        ],
    }
    answer = await ask(CREATE, input=given)
    assert faults(answer) == []
    made = answer["data"]["result"]["contact"]
    assert numbers(made) == [
        ("+393471112233", "Home", "evenings"),
        ("+442079460958", None, ""),
        ("+390299887766", "Office", ""),
        ("+39055123456", None, "x" * 255),
        ("+48601234567", None, ""),
    ]
    plain = {key: value for key, value in made.items() if key not in ("id", "additionalPhones")}
    assert plain == {
        "firstName": "Anna",
        "lastName": "Verdi",
        "fullName": "Anna Verdi",
        "email": "anna@example.com",
        "company": "Vetreria Verdi",
        "phone": "+390612345000",
        "priority": 1,
        "scheduledAt": "2027-03-01T08:30:00Z",
        "version": 1,
        "additionalPhoneCount": 5,
        "lists": [{"name": "Spring"}],
    }
    for ordinary in (False, True):
        again = await ask(CONTACT, id=made["id"], ordinary=ordinary)
        assert again["data"]["contact"] == made


async def test_every_fault_of_an_input_is_told_at_its_place(
    ask: Ask, owner: asyncpg.Connection, tenant: int
) -> None:  # X-20c, X-14
    answer = await ask(
        CREATE,
        input={
            "firstName": " ",
            "email": "anna@",
            "phone": "0612345000",
            "priority": 4,
            "scheduledAt": "0001-01-01T00:00:00Z",
            "listIds": ["list_999999999", "type_1", "nonsense"],
            "additionalPhones": [
                {"number": "06 1234 5000"},
                {"number": "not a number"},
                {"number": "+393471112233", "itemTypeId": "type_999999999"},
                {"number": "347 111 2233", "description": "x" * 256},
                {"number": "  "},
                {"number": "055 123456", "id": "phone_1"},
            ],
        },
    )
    assert sorted(faults(answer), key=str) == sorted(
        [
            ("REQUIRED", "firstName"),
            ("INVALID", "email"),
            ("OUT_OF_RANGE", "priority"),
            ("OUT_OF_RANGE", "scheduledAt"),
            ("NOT_FOUND", "listIds.0"),
            ("NOT_FOUND", "listIds.1"),
            ("NOT_FOUND", "listIds.2"),
            ("DUPLICATE_NUMBER", "additionalPhones.0.number"),
            ("INVALID_NUMBER", "additionalPhones.1.number"),
            ("NOT_FOUND", "additionalPhones.2.itemTypeId"),
            ("DUPLICATE_NUMBER", "additionalPhones.3.number"),
            ("TOO_LONG", "additionalPhones.3.description"),
            ("REQUIRED", "additionalPhones.4.number"),
            ("NOT_FOUND", "additionalPhones.5.id"),
        ],
        key=str,
    )
    assert answer["data"]["result"]["contact"] is None
    assert await count_of(owner, tenant) == 0


async def test_a_refusal_says_what_is_wrong_and_the_cure_in_the_readers_language(
    ask: Ask, database: Database, tenant: int
) -> None:
    given = {"firstName": "", "additionalPhones": [{"number": "12"}]}
    answer = await ask(CREATE, input=given)
    assert messages(answer) == [
        "This cannot be blank. Fill it in.",
        "“12” is not a phone number. Write it with + and the country code.",
    ]


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "x" * 100_000])
@pytest.mark.parametrize("field", ["firstName", "lastName", "company", "email", "phone"])
async def test_text_that_cannot_be_stored_is_refused_on_its_field(
    ask: Ask, owner: asyncpg.Connection, tenant: int, field: str, text: str
) -> None:
    answer = await ask(CREATE, input={"firstName": "Anna", field: text})
    assert [place for _, place in faults(answer)] == [field]
    code = faults(answer)[0][0]
    assert code == ("TOO_LONG" if len(text) > 100 else "INVALID_CHARACTER")
    assert await count_of(owner, tenant) == 0


async def test_another_tenants_ids_look_like_missing_ones(
    ask: Ask, database: Database, new_tenant: MakeTenant
) -> None:
    other = await make_viewer(database, await new_tenant())
    async with database.transaction(other.tenant_id) as session:
        foreign_type = await make_item_type(session, other)
        foreign_list = await make_list(session, other)

    def given(type_id: int, list_id: int) -> dict[str, object]:
        phones = [{"number": "055 123456", "itemTypeId": f"type_{type_id}"}]
        return ANNA | {"listIds": [f"list_{list_id}"], "additionalPhones": phones}

    there = await ask(CREATE, input=given(foreign_type.id, foreign_list.id))
    missing = await ask(CREATE, input=given(999_999_999, 999_999_999))
    assert there == missing
    assert faults(there) == [
        ("NOT_FOUND", "additionalPhones.0.itemTypeId"),
        ("NOT_FOUND", "listIds.0"),
    ]


async def test_an_agent_adds_a_contact_to_a_list_of_their_own_only(
    ask: Ask, database: Database, viewer: Viewer, tenant: int
) -> None:
    agent = await make_viewer(database, tenant, Role.AGENT)
    async with database.transaction(tenant) as session:
        mine = await make_list(session, viewer, "Mine", agent_ids=[agent.user_id])
        other = await make_list(session, viewer, "Other")
    assert faults(await ask(CREATE, as_=agent, input=ANNA)) == [("REQUIRED", "listIds")]
    given = ANNA | {"listIds": [f"list_{other.id}"]}
    assert faults(await ask(CREATE, as_=agent, input=given)) == [("NOT_FOUND", "listIds.0")]
    answer = await ask(CREATE, as_=agent, input=ANNA | {"listIds": [f"list_{mine.id}"]})
    assert faults(answer) == []
    made = answer["data"]["result"]["contact"]
    assert (await ask(CONTACT, as_=agent, id=made["id"]))["data"]["contact"] == made


async def test_who_may_not_see_lists_may_not_name_any(
    ask: Ask, database: Database, viewer: Viewer, tenant: int, owner: asyncpg.Connection
) -> None:
    clerk = await make_viewer(
        database,
        tenant,
        Role.SUPERVISOR,
        permissions=ALL_PERMISSIONS - {Permission.LISTS_VIEW},
    )
    bare = "mutation ($input: CreateContactInput!) { result: createContact(input: $input)"
    document = f"{bare} {{ contact {{ fullName }} userErrors {{ code field }} }} }}"
    answer = await ask(document, as_=clerk, input=ANNA | {"listIds": ["list_1"]})
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    assert await count_of(owner, tenant) == 0
    answer = await ask(document, as_=clerk, input=ANNA)
    assert answer["data"]["result"]["contact"] == {"fullName": "Anna Verdi"}


async def test_a_supervisor_does_as_the_profile_allows(
    ask: Ask, database: Database, tenant: int
) -> None:
    able = await make_viewer(
        database,
        tenant,
        Role.SUPERVISOR,
        permissions=frozenset(
            {Permission.CONTACTS_VIEW, Permission.CONTACTS_CREATE, Permission.LISTS_VIEW}
        ),
    )
    assert faults(await ask(CREATE, as_=able, input=ANNA)) == []
    unable = await make_viewer(
        database, tenant, Role.SUPERVISOR, permissions=frozenset({Permission.CONTACTS_VIEW})
    )
    answer = await ask(CREATE, as_=unable, input=ANNA)
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"FORBIDDEN"}


async def test_the_same_number_may_stand_on_two_contacts(
    ask: Ask, database: Database, viewer: Viewer, tenant: int
) -> None:
    async with database.transaction(tenant) as session:
        await make_contact(session, viewer, "Ada", phone="+390612345000")
    assert faults(await ask(CREATE, input=ANNA)) == []
