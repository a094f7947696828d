# SPDX-License-Identifier: Apache-2.0
"""`attachLists`, `detachLists`, `replaceLists`, `resetList`, and lists that grow (X-23, X-40)."""

from typing import Any

import pytest

from server.database import Database
from server.domain.campaigns import CallStatus
from server.domain.permissions import Viewer
from tests.factories.contacts import make_contact
from tests.schema.asking import Ask
from tests.schema.campaigns.conftest import Lists
from tests.services.dialer.centre import Centre, minutes

CREATE = """
mutation($input: CreateCampaignInput!) {
  createCampaign(input: $input) { campaign { id } userErrors { code } }
}
"""
RELIST = """
mutation($id: ID!, $lists: [ID!]!) {
  %s(input: {id: $id, listIds: $lists}) {
    campaign { lists { name } } loaded duplicates withoutNumbers closed inCall
    userErrors { code field message }
  }
}
"""
RESET = """
mutation($id: ID!, $list: ID!) {
  resetList(input: {id: $id, listId: $list}) {
    loaded duplicates inCall userErrors { code field }
  }
}
"""
HOPPER = """
query($id: ID!) {
  hopperEntries(first: 5, filter: {campaignId: $id}) {
    edges { node {
      state round totalAttempts currentNumber contactList { name } contact { firstName }
      phones { number position itemTypeName phoneState counters { status attempts } }
    } }
  }
}
"""
FINALS = "query($id: ID!) { finalResults(filter: {campaignId: $id}) { edges { node { reason } } } }"


@pytest.fixture
async def campaign(ask: Ask) -> str:
    answer = await ask(CREATE, input={"name": "Spring offers"})
    key: str = answer["data"]["createCampaign"]["campaign"]["id"]
    return key


async def relisted(ask: Ask, change: str, campaign: str, *lists: str) -> Any:
    answer = await ask(RELIST % change, id=campaign, lists=list(lists))
    return answer["data"][change]


def counted(payload: Any) -> tuple[int, ...]:
    assert payload["userErrors"] == []
    names = ("loaded", "duplicates", "withoutNumbers", "closed", "inCall")
    return tuple(payload[name] for name in names)


async def entries(ask: Ask, campaign: str) -> list[Any]:
    found = (await ask(HOPPER, id=campaign))["data"]["hopperEntries"]["edges"]
    return [edge["node"] for edge in found]


async def reasons(ask: Ask, campaign: str) -> list[str]:
    found = (await ask(FINALS, id=campaign))["data"]["finalResults"]["edges"]
    return [edge["node"]["reason"] for edge in found]


async def test_a_list_is_loaded_once_and_told_as_duplicates_the_second_time(
    ask: Ask, campaign: str, lists: Lists
) -> None:
    """X-40 a and b: ALWAYS on an empty campaign loads everybody, and then nobody."""
    payload = await relisted(ask, "attachLists", campaign, lists.spring)
    assert counted(payload) == (2, 0, 0, 0, 0)
    assert payload["campaign"]["lists"] == [{"name": "Spring"}]
    assert counted(await relisted(ask, "attachLists", campaign, lists.spring)) == (0, 2, 0, 0, 0)
    ada, bruno = await entries(ask, campaign)
    assert [phone["number"] for phone in ada["phones"]] == [
        "+390612345000",
        "+390612345001",
        "+390612345002",
    ]
    assert [(phone["position"], phone["phoneState"]) for phone in ada["phones"]] == [
        (place, "OPEN") for place in range(3)
    ]
    assert (ada["state"], ada["round"], ada["totalAttempts"]) == ("READY", 1, 0)
    assert ada["contactList"] == {"name": "Spring"}
    assert bruno["contact"] == {"firstName": "Bruno"}


@pytest.mark.parametrize(
    ("check", "open_again", "closed_again"),
    [("ALWAYS", (0, 1), (0, 1)), ("ONLY_IF_OPEN", (0, 1), (1, 0)), ("NEVER", (1, 0), (1, 0))],
)
async def test_check_duplicate_knows_its_three_values(
    ask: Ask,
    database: Database,
    viewer: Viewer,
    campaign: str,
    lists: Lists,
    check: str,
    open_again: tuple[int, int],
    closed_again: tuple[int, int],
) -> None:
    """X-40: another contact with the primary number of an open one, then of a closed one."""
    await ask(
        "mutation($id: ID!, $check: CheckDuplicate!) "
        "{ editCampaign(input: {id: $id, checkDuplicate: $check}) { userErrors { code } } }",
        id=campaign,
        check=check,
    )
    await relisted(ask, "attachLists", campaign, lists.autumn)
    async with database.transaction(viewer.tenant_id) as session:
        twin = await make_contact(
            session,
            viewer,
            "Twin",
            phone="+390612345020",
            list_ids=[int(lists.spring.removeprefix("list_"))],
        )
    payload = await relisted(ask, "attachLists", campaign, lists.spring)
    assert (payload["loaded"] - 2, payload["duplicates"]) == open_again
    centre = Centre(database, viewer.tenant_id)
    await centre.rows("DELETE FROM hopper_entries WHERE contact_id = $1", twin.id)
    await centre.rows("UPDATE campaigns SET state = 'RUNNING'")
    key = int(campaign.removeprefix("campaign_"))
    for call in await centre.claim(key, minutes(0)):
        await centre.report(call, CallStatus.ANSWER, minutes(1))
    payload = await relisted(ask, "attachLists", campaign, lists.spring)
    again = 0 if check == "ALWAYS" else 2  # Ada and Bruno, who were closed as well
    assert (payload["loaded"] - again, payload["duplicates"] - 2 + again) == closed_again


async def test_contacts_that_join_an_attached_list_are_loaded_like_those_before(
    ask: Ask, database: Database, viewer: Viewer, campaign: str, lists: Lists
) -> None:
    """X-23: attached first and filled after is the same as filled first and attached after."""
    await relisted(ask, "attachLists", campaign, lists.autumn)
    ada, bruno, _ = lists.contacts
    join = """
      mutation($list: ID!, $contacts: [ID!]!) {
        addContactsToList(input: {listId: $list, contactIds: $contacts}) {
          count userErrors { code }
        }
      }
    """
    answer = await ask(join, list=lists.autumn, contacts=[ada, bruno])
    assert answer["data"]["addContactsToList"] == {"count": 2, "userErrors": []}
    grown = await entries(ask, campaign)
    other = (await ask(CREATE, input={"name": "Second"}))["data"]["createCampaign"]["campaign"]
    await relisted(ask, "attachLists", other["id"], lists.autumn)
    attached = await entries(ask, other["id"])
    assert len(grown) == 3
    by_name = [
        sorted(found, key=lambda row: row["contact"]["firstName"]) for found in (grown, attached)
    ]
    assert by_name[0] == by_name[1]
    assert [len(row["phones"]) for row in by_name[0]] == [3, 1, 1]
    assert all(phone["counters"] == [] for row in grown for phone in row["phones"])


async def test_detaching_closes_what_came_with_the_list(
    ask: Ask, campaign: str, lists: Lists
) -> None:
    await relisted(ask, "attachLists", campaign, lists.spring, lists.autumn)
    payload = await relisted(ask, "detachLists", campaign, lists.spring)
    assert counted(payload) == (0, 0, 0, 2, 0)
    assert payload["campaign"]["lists"] == [{"name": "Autumn"}]
    assert [row["contact"]["firstName"] for row in await entries(ask, campaign)] == ["Clara"]
    assert await reasons(ask, campaign) == ["LIST_DETACHED"] * 2


async def test_replacing_lists_is_one_step_in_which_nobody_is_a_duplicate_of_the_old(
    ask: Ask, campaign: str, lists: Lists
) -> None:
    """Section 9 h."""
    await relisted(ask, "attachLists", campaign, lists.spring)
    payload = await relisted(ask, "replaceLists", campaign, lists.spring, lists.autumn)
    assert payload["campaign"]["lists"] == [{"name": "Autumn"}, {"name": "Spring"}]
    assert len(await entries(ask, campaign)) == 3
    payload = await relisted(ask, "replaceLists", campaign, lists.autumn)
    assert payload["campaign"]["lists"] == [{"name": "Autumn"}]
    assert [row["contact"]["firstName"] for row in await entries(ask, campaign)] == ["Clara"]


async def test_a_reset_list_starts_afresh_and_its_history_stays(
    ask: Ask, database: Database, viewer: Viewer, campaign: str, lists: Lists
) -> None:
    await relisted(ask, "attachLists", campaign, lists.spring)
    centre = Centre(database, viewer.tenant_id)
    await centre.rows("UPDATE campaigns SET state = 'RUNNING'")
    key = int(campaign.removeprefix("campaign_"))
    first, second = await centre.claim(key, minutes(0))
    await centre.report(first, CallStatus.BUSY, minutes(1))
    await centre.report(second, CallStatus.ANSWER, minutes(1))
    answer = await ask(RESET, id=campaign, list=lists.spring)
    assert answer["data"]["resetList"] == {
        "loaded": 2,
        "duplicates": 0,
        "inCall": 0,
        "userErrors": [],
    }
    states = [
        (row["state"], row["round"], row["totalAttempts"]) for row in await entries(ask, campaign)
    ]
    assert states == [("READY", 1, 0)] * 2
    assert await reasons(ask, campaign) == ["REACHED"]
    query = "query($id: ID!) { callAttempts(filter: {campaignId: $id}) { totalCount } }"
    assert (await ask(query, id=campaign))["data"]["callAttempts"]["totalCount"] == 2


async def test_lists_are_refused_by_their_place(ask: Ask, campaign: str, lists: Lists) -> None:
    words = "There is nothing here under that id: it may have been deleted. Reload the list."
    for change in ("attachLists", "replaceLists"):
        payload = await relisted(ask, change, campaign, lists.spring, "list_0")
        refused = {"code": "NOT_FOUND", "field": "listIds.1", "message": words}
        assert payload["userErrors"] == [refused], change
    payload = await relisted(ask, "detachLists", campaign, lists.spring)
    assert [(e["code"], e["field"]) for e in payload["userErrors"]] == [("NOT_FOUND", "listIds.0")]
    reset = (await ask(RESET, id=campaign, list=lists.spring))["data"]["resetList"]
    assert reset["userErrors"] == [{"code": "NOT_FOUND", "field": "listId"}]
    assert await entries(ask, campaign) == []
