# SPDX-License-Identifier: Apache-2.0
"""`createContact` with a campaign chosen: the contact has a record there at once (C-03)."""

from typing import Any

import pytest

from server.database import Database
from server.domain.permissions import Role, Viewer
from tests.factories.users import make_viewer
from tests.schema.asking import Ask
from tests.schema.contacts.asked import ERRORS, faults
from tests.services.dialer.centre import Centre

A, B = "+390612345000", "+390612345001"
CREATE = f"""mutation ($input: CreateContactInput!) {{ result: createContact(input: $input) {{
  contact {{ id openEntries {{ recordState campaign {{ id }} contactList {{ id }} }}
    lists {{ id }} }} {ERRORS} }} }}"""
EDIT = f"""mutation ($input: EditContactInput!) {{
  result: editContact(input: $input) {{ contact {{ lastName }} {ERRORS} }} }}"""


@pytest.fixture
def centre(database: Database, tenant: int) -> Centre:
    return Centre(database, tenant)


@pytest.fixture
async def agent(database: Database, tenant: int) -> Viewer:
    return await make_viewer(database, tenant, Role.AGENT)


async def assign(centre: Centre, campaign: int, agent: Viewer) -> None:
    await centre.rows(
        "INSERT INTO campaign_agents (campaign_id, user_id) VALUES ($1, $2)",
        campaign,
        agent.user_id,
    )


async def created(ask: Ask, campaign: int, **given: object) -> Any:
    wanted = {"firstName": "Ada", "phone": A, "campaignId": f"campaign_{campaign}", **given}
    answer = await ask(CREATE, input=wanted)
    assert faults(answer) == []
    return answer["data"]["result"]["contact"]


async def test_it_joins_the_list_attached_first_and_is_loaded(ask: Ask, centre: Centre) -> None:
    campaign = await centre.campaign()
    first, second = await centre.list_of(), await centre.list_of()
    await centre.attach(campaign, second)
    await centre.rows("UPDATE campaign_lists SET attached_at = attached_at - interval '1 hour'")
    await centre.attach(campaign, first)
    contact = await created(ask, campaign)
    key = {"id": f"list_{second}"}
    record = {"campaign": {"id": f"campaign_{campaign}"}, "contactList": key}
    assert contact["openEntries"] == [record | {"recordState": "REMAINING"}]
    assert contact["lists"] == [key]


async def test_it_stays_on_the_list_that_was_chosen_where_the_campaign_calls_it(
    ask: Ask, centre: Centre
) -> None:
    campaign = await centre.campaign()
    first, second = await centre.list_of(), await centre.list_of()
    await centre.attach(campaign, first)
    await centre.attach(campaign, second)
    contact = await created(ask, campaign, listIds=[f"list_{second}"])
    assert contact["lists"] == [{"id": f"list_{second}"}]
    assert [one["contactList"] for one in contact["openEntries"]] == [{"id": f"list_{second}"}]


async def test_a_campaign_without_lists_takes_it_too(ask: Ask, centre: Centre) -> None:
    campaign = await centre.campaign()
    contact = await created(ask, campaign)
    assert contact["lists"] == []
    assert [(one["recordState"], one["contactList"]) for one in contact["openEntries"]] == [
        ("REMAINING", None)
    ]


async def test_a_campaign_out_of_sight_is_refused_and_nothing_is_made(
    ask: Ask, centre: Centre, agent: Viewer
) -> None:
    campaign = await centre.campaign()
    given = {"firstName": "Ada", "phone": A}
    for viewer, key in ((agent, f"campaign_{campaign}"), (None, "campaign_0"), (None, "list_1")):
        who = {} if viewer is None else {"as_": viewer}
        answer = await ask(CREATE, input={**given, "campaignId": key}, **who)
        assert faults(answer) == [("NOT_FOUND", "campaignId")]
    assert await centre.rows("SELECT 1 FROM contacts") == []


async def test_an_agent_adds_a_contact_to_their_campaign_and_edits_it(
    ask: Ask, centre: Centre, agent: Viewer
) -> None:
    """X-17: the campaign's list is not theirs, so they can name none; they see the contact."""
    campaign = await centre.loaded(await centre.contact(B))
    await assign(centre, campaign, agent)
    given = {"firstName": "Ada", "phone": A, "campaignId": f"campaign_{campaign}"}
    answer = await ask(CREATE, as_=agent, input=given)
    assert faults(answer) == []
    contact = answer["data"]["result"]["contact"]
    assert (contact["lists"], len(contact["openEntries"])) == ([], 1)
    edit = {"id": contact["id"], "lastName": "Rossi", "listIds": []}
    answer = await ask(EDIT, as_=agent, input=edit)
    assert answer["data"]["result"] == {"contact": {"lastName": "Rossi"}, "userErrors": []}
    assert await centre.value("SELECT count(*) FROM list_members") == 2
