# SPDX-License-Identifier: Apache-2.0
"""Telephone exchanges through the schema; their secret is nowhere in an answer."""

import json
from typing import Any

import pytest

from server.database import Database
from server.domain.campaigns.drivers import Driver
from server.domain.permissions import Permission, Role, Viewer
from server.services.campaigns import CampaignInput
from tests.conftest import as_owner
from tests.factories.access import viewer_of
from tests.factories.campaigns import make_campaign
from tests.schema.asking import Ask
from tests.telephony.asterisk.replay import probe, replaying

ERRORS = "userErrors { code field message }"
FIELDS = (
    "id name url username application dialTemplate agentTemplate answeredContext"
    " detectsMachines campaignCount version"
)
LIST = f"""query ($search: String) {{ telephonyExchanges(filter: {{search: $search}}) {{
  totalCount edges {{ node {{ {FIELDS} }} }} }} }}"""
CREATE = f"""mutation ($input: CreateTelephonyExchangeInput!) {{
  result: createTelephonyExchange(input: $input) {{
    telephonyExchange {{ {FIELDS} }} {ERRORS} }} }}"""
EDIT = f"""mutation ($input: EditTelephonyExchangeInput!) {{
  result: editTelephonyExchange(input: $input) {{ telephonyExchange {{ {FIELDS} }} {ERRORS} }} }}"""
DELETE = f"""mutation ($input: DeleteTelephonyExchangeInput!) {{
  result: deleteTelephonyExchange(input: $input) {{ deleted name {ERRORS} }} }}"""
TEST = f"""mutation ($input: TestTelephonyExchangeInput!) {{
  result: testTelephonyExchange(input: $input) {{ isFine version applications milliseconds
    findings {{ code message }} telephonyExchange {{ name }} {ERRORS} }} }}"""
SECRET = "hush-hush-4711"
GIVEN = {
    "name": "Head office",
    "url": "http://127.0.0.1:8088",
    "username": "rubrica",
    "secret": SECRET,
}


def faults(answer: Any) -> list[tuple[str, str | None]]:
    return [(error["code"], error["field"]) for error in answer["data"]["result"]["userErrors"]]


async def made(ask: Ask, **changes: object) -> Any:
    answer = await ask(CREATE, input=GIVEN | changes)
    assert faults(answer) == []
    return answer["data"]["result"]["telephonyExchange"]


async def listed(ask: Ask, search: str = "") -> list[Any]:
    answer = await ask(LIST, search=search)
    assert await ask(LIST, ordinary=True, search=search) == answer
    assert SECRET not in json.dumps(answer)
    return [edge["node"] for edge in answer["data"]["telephonyExchanges"]["edges"]]


async def test_an_exchange_is_listed_as_it_was_made_without_its_secret(ask: Ask) -> None:
    office = await made(ask)
    expected = {
        "name": "Head office",
        "url": "http://127.0.0.1:8088/ari",  # where nothing else is said
        "username": "rubrica",
        "application": "rubrica",
        "dialTemplate": "PJSIP/{number}@trunk",
        "agentTemplate": "PJSIP/{endpoint}",
        "answeredContext": "",
        "detectsMachines": False,
        "campaignCount": 0,
        "version": 1,
    }
    assert office == {"id": office["id"], **expected}
    assert await listed(ask) == [office]
    assert await listed(ask, "8088") == [office]
    assert await listed(ask, "elsewhere") == []


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"name": " "}, ("REQUIRED", "name")),
        ({"name": "HEAD  office"}, ("TAKEN", "name")),
        ({"url": "ftp://pbx/ari"}, ("INVALID", "url")),
        ({"url": "file:///etc/passwd"}, ("INVALID", "url")),
        ({"url": "http://user:pass@pbx/ari"}, ("INVALID", "url")),
        ({"url": "http://pbx/ari?api_key=a:b"}, ("INVALID", "url")),
        ({"url": "http://pbx:99999/ari"}, ("INVALID", "url")),
        ({"url": "http://"}, ("INVALID", "url")),
        ({"url": "pbx.example"}, ("INVALID", "url")),
        ({"url": "http://" + "x" * 300}, ("TOO_LONG", "url")),
        ({"username": "a:b"}, ("INVALID", "username")),
        ({"secret": ""}, ("REQUIRED", "secret")),
        ({"application": "rub rica"}, ("INVALID", "application")),
        ({"application": "a,b"}, ("INVALID", "application")),
        ({"dialTemplate": "PJSIP/trunk"}, ("INVALID", "dialTemplate")),
        ({"dialTemplate": "PJSIP/{number}@a&PJSIP/{number}@b"}, ("INVALID", "dialTemplate")),
        ({"dialTemplate": "PJSIP/{number}@${EVIL}"}, ("INVALID", "dialTemplate")),
        ({"dialTemplate": "{number}"}, ("INVALID", "dialTemplate")),
        ({"agentTemplate": "PJSIP/{number}"}, ("INVALID", "agentTemplate")),
        ({"answeredContext": "an,swered"}, ("INVALID", "answeredContext")),
    ],
)
async def test_what_is_refused_stores_nothing(
    ask: Ask, given: dict[str, object], fault: tuple[str, str]
) -> None:
    office = await made(ask)
    answer = await ask(CREATE, input=GIVEN | {"name": "Branch"} | given)
    assert faults(answer) == [fault]
    assert SECRET not in json.dumps(answer)
    assert await listed(ask) == [office]


async def test_an_edit_keeps_the_secret_but_never_sends_it_elsewhere(
    ask: Ask, database: Database, tenant: int
) -> None:
    office = await made(ask)

    async def stored() -> tuple[str, str]:
        rows = await database.read(tenant, "SELECT url, secret FROM telephony_exchanges")
        return rows[0]["url"], rows[0]["secret"]

    answer = await ask(EDIT, input={"id": office["id"], "url": "http://127.0.0.1:8088/pbx/ari"})
    assert faults(answer) == []
    assert await stored() == ("http://127.0.0.1:8088/pbx/ari", SECRET)
    for url in (
        "http://127.0.0.1:9999/ari",
        "http://collector.example/ari",
        "https://127.0.0.1:8088/ari",
    ):
        answer = await ask(EDIT, input={"id": office["id"], "url": url})
        assert faults(answer) == [("REQUIRED", "secret")]
    assert await stored() == ("http://127.0.0.1:8088/pbx/ari", SECRET)
    moved = {"id": office["id"], "url": "http://pbx.example:8088/ari", "secret": "another"}
    assert faults(await ask(EDIT, input=moved)) == []
    assert await stored() == ("http://pbx.example:8088/ari", "another")
    stale = await ask(EDIT, input={"id": office["id"], "name": "Late", "version": 1})
    assert faults(stale) == [("CONFLICT", "version")]
    async with as_owner(database.url) as owner:
        kept = await owner.fetch(
            "SELECT name, data::text FROM events WHERE tenant_id = $1 AND name LIKE 'exchange.%'",
            tenant,
        )
    assert {row["name"] for row in kept} == {"exchange.created", "exchange.edited"}
    assert not any(SECRET in row["data"] or "another" in row["data"] for row in kept)


async def test_an_exchange_in_use_is_not_deleted(
    ask: Ask, database: Database, tenant: int, viewer: Viewer
) -> None:
    office, branch = await made(ask), await made(ask, name="Branch")
    key = int(office["id"].rpartition("_")[2])
    given = CampaignInput(name="x", driver=Driver.ASTERISK, exchange_id=key)
    async with database.transaction(tenant) as session:
        await make_campaign(session, viewer, "Spring", given=given)
    answer = await ask(DELETE, input={"id": office["id"]})
    assert faults(answer) == [("IN_USE", "id")]
    assert "Spring" in answer["data"]["result"]["userErrors"][0]["message"]
    answer = await ask(DELETE, input={"id": branch["id"], "version": 1})
    assert answer["data"]["result"] == {"deleted": True, "name": "Branch", "userErrors": []}
    assert [(row["name"], row["campaignCount"]) for row in await listed(ask)] == [
        ("Head office", 1)
    ]


async def test_a_test_says_what_the_exchange_answers_in_the_readers_language(ask: Ask) -> None:
    async with replaying(probe("fine")) as replay:
        office = await made(ask, url=f"http://127.0.0.1:{replay.port}/ari", secret="secret")
        found = (await ask(TEST, input={"id": office["id"]}))["data"]["result"]
    assert (found["isFine"], found["version"], found["findings"]) == (True, "22.10.1", [])
    assert found["applications"] == ["rubrica-f42d62453d2d"]
    assert found["telephonyExchange"] == {"name": "Head office"}
    found = (await ask(TEST, input={"id": office["id"]}, locale="it"))["data"]["result"]
    assert (found["isFine"], found["version"]) == (False, None)
    assert [one["code"] for one in found["findings"]] == ["REFUSED"]
    assert "Nessuno è in ascolto su 127.0.0.1" in found["findings"][0]["message"]


async def test_another_centres_exchange_is_none(
    ask: Ask, database: Database, new_tenant: Any
) -> None:
    office = await made(ask)
    stranger = await viewer_of(database, await new_tenant())
    for document in (EDIT, DELETE, TEST):
        answer = await ask(document, as_=stranger, input={"id": office["id"]})
        assert faults(answer) == [("NOT_FOUND", "id")]
    assert (await ask(LIST, as_=stranger))["data"]["telephonyExchanges"]["edges"] == []


async def test_who_may_only_see_changes_and_tests_nothing(
    ask: Ask, database: Database, tenant: int
) -> None:
    office = await made(ask)
    reader = await viewer_of(database, tenant, Role.SUPERVISOR, (Permission.TELEPHONY_VIEW,))
    assert (await ask(LIST, as_=reader))["data"]["telephonyExchanges"]["totalCount"] == 1
    for document in (EDIT, DELETE, TEST):
        answer = await ask(document, as_=reader, input={"id": office["id"]})
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]


async def test_a_campaigns_editor_is_offered_names_not_addresses(
    ask: Ask, database: Database, tenant: int
) -> None:
    await made(ask)
    editor = await viewer_of(
        database,
        tenant,
        Role.SUPERVISOR,
        (Permission.CAMPAIGNS_VIEW, Permission.CAMPAIGNS_EDIT),
    )
    offered = "{ offeredExchanges { edges { node { %s } } } }"
    answer = await ask(offered % "name", as_=editor)
    assert answer["data"]["offeredExchanges"]["edges"] == [{"node": {"name": "Head office"}}]
    for field in ("url", "username"):
        answer = await ask(offered % field, as_=editor)
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
