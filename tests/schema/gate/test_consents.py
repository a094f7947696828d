# SPDX-License-Identifier: Apache-2.0
"""Consents, objections and the screening of lists through the API (reliability section 5)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.database import Database
from server.domain.permissions import Role
from tests.factories.users import make_viewer
from tests.schema.asking import Ask
from tests.services.dialer.centre import NOW, Centre

A = "+390612345000"
CONSENTS = """
query($id: ID!) {
  contact(id: $id) {
    consents { isObjection matter evidence givenAt withdrawnAt recordedBy }
  }
}
"""
RECORD = """
mutation($input: RecordConsentInput!) {
  recordConsent(input: $input) { consent { id } contact { id } userErrors { code field } }
}
"""
OBJECT = """
mutation($input: RecordObjectionInput!) {
  recordObjection(input: $input) { consent { id } userErrors { code field } }
}
"""
WITHDRAW = """
mutation($input: WithdrawConsentInput!) {
  withdrawConsent(input: $input) { consent { id withdrawnAt } userErrors { code field } }
}
"""
SCREEN = """
mutation($input: EditContactListInput!) {
  editContactList(input: $input) { contactList { screenedAt } userErrors { code field } }
}
"""


def told(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


async def sent(ask: Ask, document: str, **given: object) -> Any:
    [payload] = (await ask(document, input=given))["data"].values()
    return payload


async def held(centre: Centre, contact: int, rule: str) -> None:
    await centre.rows(
        "UPDATE hopper_entries SET held_until = 'infinity', hold_rule = $2 WHERE contact_id = $1",
        contact,
        rule,
    )


async def test_a_consent_is_recorded_shown_and_withdrawn(
    ask: Ask, database: Database, tenant: int
) -> None:
    """And who waited for it is asked about anew."""
    centre = Centre(database, tenant)
    contact = await centre.contact(A)
    campaign = await centre.loaded(contact)
    await held(centre, contact, "NO_CONSENT")
    payload = await sent(
        ask,
        RECORD,
        contactId=f"contact_{contact}",
        evidence="  Web form 12  ",
        matter="Energy",
        givenAt="2026-01-02T03:04:05Z",
    )
    assert payload["userErrors"] == []
    assert payload["contact"]["id"] == f"contact_{contact}"
    assert len(await centre.claim(campaign, NOW)) == 1
    for ordinary in (False, True):
        answer = await ask(CONSENTS, id=f"contact_{contact}", ordinary=ordinary)
        [consent] = answer["data"]["contact"]["consents"]
        assert consent.pop("recordedBy")
        assert consent == {
            "isObjection": False,
            "matter": "Energy",
            "evidence": "Web form 12",
            "givenAt": "2026-01-02T03:04:05Z",
            "withdrawnAt": None,
        }
    key = payload["consent"]["id"]
    withdrawn = await sent(ask, WITHDRAW, id=key, at="2026-02-01T00:00:00Z")
    assert withdrawn["consent"]["withdrawnAt"] == "2026-02-01T00:00:00Z"
    again = await sent(ask, WITHDRAW, id=key)
    assert again["userErrors"] == [{"code": "WRONG_STATE", "field": "id"}]


async def test_an_objection_stands_beside_the_consents(
    ask: Ask, database: Database, tenant: int
) -> None:
    contact = await Centre(database, tenant).contact(A)
    given = {"contactId": f"contact_{contact}", "evidence": "RPO"}
    payload = await sent(ask, OBJECT, **given, givenAt="2026-01-02T00:00:00Z")
    assert payload["userErrors"] == []
    [objection] = (await ask(CONSENTS, id=given["contactId"]))["data"]["contact"]["consents"]
    assert objection["isObjection"] is True


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"evidence": " "}, ("REQUIRED", "evidence")),
        ({"evidence": "x" * 1001}, ("TOO_LONG", "evidence")),
        ({"matter": "x" * 101}, ("TOO_LONG", "matter")),
        ({"givenAt": told(datetime.now(UTC) + timedelta(days=1))}, ("OUT_OF_RANGE", "givenAt")),
        ({"contactId": "contact_999999999"}, ("NOT_FOUND", "contactId")),
    ],
)
async def test_a_consent_needs_a_person_a_past_and_something_to_show(
    given: dict[str, str], expected: tuple[str, str], ask: Ask, database: Database, tenant: int
) -> None:
    centre = Centre(database, tenant)
    contact = await centre.contact(A)
    usual = {"contactId": f"contact_{contact}", "evidence": "form"}
    payload = await sent(ask, RECORD, **usual | given)
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [expected]
    assert await centre.rows("SELECT 1 FROM consents") == []


async def test_a_consent_is_not_withdrawn_before_it_was_given(
    ask: Ask, database: Database, tenant: int
) -> None:
    contact = await Centre(database, tenant).contact(A)
    given = {"contactId": f"contact_{contact}", "evidence": "form"}
    made = await sent(ask, RECORD, **given, givenAt="2026-01-02T00:00:00Z")
    key = made["consent"]["id"]
    payload = await sent(ask, WITHDRAW, id=key, at="2026-01-01T00:00:00Z")
    assert payload["userErrors"] == [{"code": "OUT_OF_RANGE", "field": "at"}]


async def test_agents_record_consents_of_their_own_contacts_alone(
    ask: Ask, database: Database, tenant: int
) -> None:
    """X-17."""
    contact = await Centre(database, tenant).contact(A)
    agent = await make_viewer(database, tenant, Role.AGENT)
    given = {"contactId": f"contact_{contact}", "evidence": "form"}
    answer = await ask(RECORD, as_=agent, input=given)
    assert answer["data"]["recordConsent"]["userErrors"] == [
        {"code": "NOT_FOUND", "field": "contactId"}
    ]


async def test_a_list_says_when_it_was_screened_and_releases_who_waited(
    ask: Ask, database: Database, tenant: int
) -> None:
    centre = Centre(database, tenant)
    contact = await centre.contact(A)
    campaign = await centre.loaded(contact, policies=["UK_OFCOM"])
    ((list_id,),) = await centre.rows("SELECT id FROM contact_lists")
    assert await centre.claim(campaign, NOW) == []
    [(rule,)] = await centre.rows("SELECT hold_rule FROM hopper_entries")
    assert rule == "LIST_EXPIRED"
    refused = await sent(
        ask, SCREEN, id=f"list_{list_id}", screenedAt=told(datetime.now(UTC) + timedelta(hours=1))
    )
    assert refused["userErrors"] == [{"code": "OUT_OF_RANGE", "field": "screenedAt"}]
    yesterday = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    payload = await sent(ask, SCREEN, id=f"list_{list_id}", screenedAt=told(yesterday))
    assert payload == {"contactList": {"screenedAt": told(yesterday)}, "userErrors": []}
    at = yesterday + timedelta(days=28)
    await centre.rows("UPDATE hopper_entries SET scheduled_at = $1", at)
    assert len(await centre.claim(campaign, at)) == 1
    payload = await sent(ask, SCREEN, id=f"list_{list_id}", screenedAt=None)
    assert payload["contactList"]["screenedAt"] is None
