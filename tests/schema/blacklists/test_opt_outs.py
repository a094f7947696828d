# SPDX-License-Identifier: Apache-2.0
"""Opt-outs through the schema: at once, in every open stay, callbacks too; and back."""

from typing import Any

import asyncpg
import pytest

from server.database import Database
from server.domain.permissions import Permission, Role, Viewer
from server.planner import global_id
from server.services.dialer import claim
from server.services.dialer.rechecking import recheck
from tests.factories.campaigns import closed, make_campaign
from tests.factories.contacts import PRIMARY, make_contact, phones
from tests.factories.lists import make_list
from tests.factories.users import make_viewer
from tests.schema.asking import Ask
from tests.schema.blacklists.asked import (
    CREATE,
    EDIT,
    ENTRIES,
    OPT_OUT,
    PREVIEW,
    WITHDRAW,
    faults,
    found,
)

OFFICE = "+390698765432"
MARKS = """query ($id: ID!) { contact(id: $id) { callMark callMarkLabel phoneCallMark
  phoneCallMarkLabel additionalPhones { callMark callMarkLabel } } }"""


class Office:
    """Two contacts who share a number, open in two campaigns; the first one has another number."""

    def __init__(self, database: Database, viewer: Viewer) -> None:
        self.database, self.viewer = database, viewer
        self.contacts: list[int] = []
        self.campaigns: list[int] = []

    async def open(self) -> "Office":
        async with self.database.transaction(self.viewer.tenant_id) as session:
            people = (await make_list(session, self.viewer)).id
            first = await make_contact(
                session,
                self.viewer,
                "Ada",
                "Rossi",
                additional=phones(OFFICE),
                list_ids=[people],
            )
            second = await make_contact(
                session, self.viewer, "Bea", phone=OFFICE, list_ids=[people]
            )
            self.contacts = [first.id, second.id]
            self.campaigns = [
                (await make_campaign(session, self.viewer, name, list_ids=[people])).id
                for name in ("one", "two")
            ]
        return self

    async def rows(self, sql: str, *values: object) -> list[asyncpg.Record]:
        async with self.database.connection(self.viewer.tenant_id) as connection:
            return list(await connection.fetch(sql, *values))

    async def callback(self, contact_id: int, number: str) -> None:
        await self.rows(
            "INSERT INTO scheduled_tasks (campaign_id, contact_id, number, starts_at, ends_at) "
            "VALUES ($1, $2, $3, now() + interval '1 day', now() + interval '2 days')",
            self.campaigns[0],
            contact_id,
            number,
        )

    async def finals(self) -> list[tuple[int, str]]:
        async with self.database.transaction(self.viewer.tenant_id) as session:
            return [row for one in self.campaigns for row in await closed(session, one)]


@pytest.fixture
async def office(database: Database, viewer: Viewer) -> Office:
    return await Office(database, viewer).open()


def told(answer: Any) -> dict[str, Any]:
    result: dict[str, Any] = answer["data"]["result"]
    assert result.pop("userErrors") == []
    return result


async def test_a_number_is_not_called_again_by_any_campaign(ask: Ask, office: Office) -> None:
    """Who has no other number closes, the others go on with theirs; callbacks are given up."""
    await office.callback(office.contacts[0], OFFICE)
    await office.callback(office.contacts[0], PRIMARY)
    number = {"number": "06 98765432"}
    assert told(await ask(PREVIEW, **number)) == {
        "name": OFFICE,
        "optOutId": None,
        "entries": 4,
        "campaigns": 2,
        "inCall": 0,
        "tasks": 1,
        "contacts": 2,
    }
    done = told(await ask(OPT_OUT, input={**number, "note": "on the phone"}))
    assert done == {
        "optOutId": done["optOutId"],
        "name": OFFICE,
        "entriesBlocked": 4,
        "entriesClosed": 2,
        "entriesInCall": 0,
        "tasksClosed": 1,
    }
    assert await office.finals() == [(office.contacts[1], "ALL_PHONES_BLOCKED")] * 2
    [entry] = (await ask(ENTRIES))["data"]["blacklistEntries"]["edges"]
    node = entry["node"]
    assert (node["uri"], node["isOptOut"], node["isEverywhere"], node["campaign"]) == (
        *(OFFICE, True, True),
        None,
    )
    assert (node["note"], node["id"]) == ("on the phone", done["optOutId"])
    tasks = await office.rows("SELECT number, close_reason FROM scheduled_tasks ORDER BY id")
    assert [tuple(row) for row in tasks] == [(OFFICE, "OPT_OUT"), (PRIMARY, None)]
    events = await office.rows("SELECT data FROM events WHERE name = 'blacklist.opted_out'")
    assert '"entries_closed": 2' in events[0][0]
    again = told(await ask(OPT_OUT, input=number))
    assert (again["optOutId"], again["entriesBlocked"]) == (done["optOutId"], 2)
    assert told(await ask(PREVIEW, **number))["optOutId"] == done["optOutId"]


async def test_a_person_leaves_every_campaign_with_all_numbers(ask: Ask, office: Office) -> None:
    ada = {"contactId": global_id("contact", office.contacts[0])}
    await office.callback(office.contacts[0], PRIMARY)
    preview = told(await ask(PREVIEW, **ada))
    assert (preview["name"], preview["entries"], preview["tasks"]) == ("Ada Rossi", 2, 1)
    done = told(await ask(OPT_OUT, input=ada))
    assert (done["name"], done["entriesClosed"], done["tasksClosed"]) == ("Ada Rossi", 2, 1)
    assert await office.finals() == [(office.contacts[0], "BLACKLIST_CONTACT")] * 2
    marks = (await ask(MARKS, id=ada["contactId"]))["data"]["contact"]
    assert marks == {
        "callMark": "OPT_OUT",
        "callMarkLabel": "Does not want to be called",
        "phoneCallMark": None,
        "phoneCallMarkLabel": None,
        "additionalPhones": [{"callMark": None, "callMarkLabel": None}],
    }


async def test_a_call_that_is_up_ends_and_nothing_follows_it(
    ask: Ask, office: Office, database: Database, viewer: Viewer
) -> None:
    await office.rows("UPDATE campaigns SET state = 'RUNNING' WHERE id = $1", office.campaigns[0])
    async with database.connection(viewer.tenant_id) as connection:
        assert len(await claim(connection, office.campaigns[0], 1)) == 1
    [(called,)] = await office.rows("SELECT contact_id FROM hopper_entries WHERE state = 'DIALING'")
    done = told(await ask(OPT_OUT, input={"contactId": global_id("contact", called)}))
    assert (done["entriesClosed"], done["entriesInCall"]) == (1, 1)
    [(mark,)] = await office.rows(
        "SELECT close_after_call FROM hopper_entries WHERE contact_id = $1", called
    )
    assert mark == "BLACKLIST_CONTACT"


@pytest.mark.parametrize("who", ["number", "person"])
async def test_a_call_that_is_claimed_and_does_not_ring_yet_is_not_made(
    who: str, ask: Ask, office: Office, database: Database, viewer: Viewer
) -> None:
    """The second look at the blacklist refuses it; the next claim goes on or ends the stay."""
    campaign = office.campaigns[0]
    await office.rows("UPDATE campaigns SET state = 'RUNNING' WHERE id = $1", campaign)
    async with database.connection(viewer.tenant_id) as connection:
        [call] = await claim(connection, campaign, 1)
    assert call.contact_id == office.contacts[0]
    named: dict[str, object] = {"number": PRIMARY}
    if who == "person":
        named = {"contactId": global_id("contact", office.contacts[0])}
    assert told(await ask(OPT_OUT, input=named))["entriesInCall"] == 1
    async with database.connection(viewer.tenant_id) as connection:
        assert await recheck(connection, [call]) == set()
        again = await claim(connection, campaign, 1)
    next_one = office.contacts[1] if who == "person" else office.contacts[0]
    assert [(one.number, one.contact_id) for one in again] == [(OFFICE, next_one)]
    assert await office.rows("SELECT 1 FROM call_attempts WHERE status <> 'BLACKLIST'") == []


async def test_a_number_that_was_listed_becomes_an_opt_out(ask: Ask, office: Office) -> None:
    given = {"name": "Office", "uri": OFFICE, "note": "old"}
    entry = (await ask(CREATE, input=given))["data"]["result"]["blacklistEntry"]
    done = told(await ask(OPT_OUT, input={"number": OFFICE}))
    assert done["optOutId"] == entry["id"]
    [edge] = (await ask(ENTRIES, filter={"isOptOut": True}))["data"]["blacklistEntries"]["edges"]
    changed = {"isOptOut": True, "isEverywhere": True, "version": 2}
    assert edge["node"] == entry | changed


async def test_an_opt_out_that_is_withdrawn_lets_open_stays_dial_the_number(
    ask: Ask, office: Office
) -> None:
    done = told(await ask(OPT_OUT, input={"number": OFFICE}))
    states = "SELECT phone_state FROM hopper_phones WHERE number = $1"
    assert {row[0] for row in await office.rows(states, OFFICE)} == {"BLOCKED"}
    assert told(await ask(WITHDRAW, input={"id": done["optOutId"]})) == {
        "withdrawn": True,
        "name": OFFICE,
    }
    assert [row[0] for row in await office.rows(states, OFFICE)] == ["OPEN", "OPEN"]
    assert await found(ask) == []
    assert len(await office.finals()) == 2  # what ended by it stays closed
    assert faults(await ask(WITHDRAW, input={"id": done["optOutId"]})) == [("NOT_FOUND", "id")]


async def test_an_agent_blocks_and_takes_back_only_what_was_their_own(
    ask: Ask, office: Office, database: Database, viewer: Viewer
) -> None:
    agent = await make_viewer(database, viewer.tenant_id, Role.AGENT)
    own = told(await ask(OPT_OUT, as_=agent, input={"number": OFFICE}))
    other = told(await ask(OPT_OUT, input={"number": PRIMARY}))
    answer = await ask(WITHDRAW, as_=agent, input={"id": other["optOutId"]})
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert told(await ask(WITHDRAW, as_=agent, input={"id": own["optOutId"]}))["withdrawn"]
    unseen = {"contactId": global_id("contact", office.contacts[0])}
    assert faults(await ask(OPT_OUT, as_=agent, input=unseen)) == [("NOT_FOUND", "contactId")]
    nobody = await make_viewer(
        database, viewer.tenant_id, Role.AGENT, permissions=frozenset({Permission.CALLS_MAKE})
    )
    answer = await ask(OPT_OUT, as_=nobody, input={"number": OFFICE})
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({}, ("REQUIRED", "number")),
        ({"number": "  "}, ("REQUIRED", "number")),
        ({"number": "nobody"}, ("INVALID_NUMBER", "number")),
        ({"contactId": "list_1"}, ("NOT_FOUND", "contactId")),
        ({"contactId": "contact_1", "number": OFFICE}, ("INVALID", "number")),
        ({"number": OFFICE, "note": "x" * 1001}, ("TOO_LONG", "note")),
    ],
)
async def test_what_names_nobody_is_refused(
    given: dict[str, object], fault: tuple[str, str], ask: Ask
) -> None:
    assert faults(await ask(OPT_OUT, input=given)) == [fault]
    if "note" not in given:
        assert faults(await ask(PREVIEW, **given)) == [fault]


async def test_an_opt_out_keeps_what_it_names_and_where_it_holds(ask: Ask) -> None:
    done = told(await ask(OPT_OUT, input={"number": OFFICE}))
    change = {"id": done["optOutId"], "isEverywhere": False, "uri": PRIMARY}
    assert faults(await ask(EDIT, input=change)) == [
        ("WRONG_STATE", "uri"),
        ("WRONG_STATE", "isEverywhere"),
    ]
    named = await ask(EDIT, input={"id": done["optOutId"], "name": "Office"})
    assert faults(named) == []


async def test_the_strictest_entry_marks_a_number(ask: Ask, office: Office) -> None:
    contact = global_id("contact", office.contacts[0])

    async def marks() -> tuple[str | None, str | None]:
        found = (await ask(MARKS, id=contact))["data"]["contact"]
        assert await ask(MARKS, ordinary=True, id=contact) == {"data": {"contact": found}}
        return found["phoneCallMark"], found["additionalPhones"][0]["callMark"]

    assert await marks() == (None, None)
    in_campaign = {"campaignId": global_id("campaign", office.campaigns[0]), "isEverywhere": True}
    await ask(CREATE, input={"uri": OFFICE, **in_campaign})
    assert await marks() == (None, "IN_PLACES")
    await ask(CREATE, input={"uri": OFFICE})
    assert await marks() == (None, "AUTOMATIC")
    await ask(CREATE, input={"uri": PRIMARY, "isEverywhere": True})
    await ask(OPT_OUT, input={"number": OFFICE})
    assert await marks() == ("EVERYWHERE", "OPT_OUT")
