# SPDX-License-Identifier: Apache-2.0
"""A campaign's agents for supervisors: at work, and whose customers are whose (R-09)."""

from collections import Counter

import pytest

from server.database import Database
from server.domain.agents import AgentState
from server.domain.permissions import Permission, Role
from server.services import agents
from tests.services.agents.floor import Floor
from tests.web.visiting import Person, SignIn, text_of

OWNERS = "SELECT owner_id FROM hopper_entries WHERE owner_id IS NOT NULL"
AUTO: dict[str, object] = {"kind": "QUEUE", "mode": "AGENT_FIRST", "dialway": "OPTIONAL"}


@pytest.fixture
def floor(database: Database, tenant: int) -> Floor:
    return Floor(database, tenant)


@pytest.fixture
async def boss(signed_in: SignIn) -> Person:
    return await signed_in(Role.SUPERVISOR, tuple(Permission))


async def campaign_of(floor: Floor, contacts: int) -> int:
    keys = [await floor.contact(f"+3906123{number:05}") for number in range(contacts)]
    return await floor.loaded(*keys, **AUTO)


async def owners(floor: Floor) -> Counter[object]:
    return Counter(row[0] for row in await floor.rows(OWNERS))


async def test_supervisors_see_who_is_at_work_and_with_which_reason_not(
    boss: Person, floor: Floor
) -> None:
    campaign = await campaign_of(floor, 1)
    ada = await floor.agent(campaign)
    await floor.agent(campaign, at_work=False)
    await floor.does(ada, agents.set_state, AgentState.PAUSED, "Lunch")
    said = text_of(await boss.browser.get(f"/campaigns/campaign_{campaign}/agents"))
    assert f"{ada.full_name} Paused Lunch" in said
    assert "Not at work" in said


async def test_customers_are_given_by_hand_to_one_agent_and_taken_back(
    boss: Person, floor: Floor
) -> None:
    """R-09, by hand."""
    campaign = await campaign_of(floor, 3)
    ada, bob = await floor.agent(campaign), await floor.agent(campaign)
    keys = [row[0] for row in await floor.rows("SELECT id FROM hopper_entries ORDER BY id")]
    url = f"/campaigns/campaign_{campaign}"
    given = {"byHand": "on", "entryIds": [f"entry_{key}" for key in keys[:2]]}
    sent = given | {"agentIds": f"agent_{ada.user_id}"}
    assert (await boss.browser.send_form(f"{url}/assignments", **sent)).status_code == 303
    assert await owners(floor) == {ada.user_id: 2}
    said = text_of(await boss.browser.get(f"{url}/agents?owner=agent_{ada.user_id}"))
    assert "2 customers were given to the agents." in said
    # The agent chosen for giving is none whose customers are all taken back.
    sent = {"entryIds": f"entry_{keys[0]}", "agentIds": f"agent_{ada.user_id}"}
    await boss.browser.send_form(f"{url}/unassignments", **sent)
    assert await owners(floor) == {ada.user_id: 1}
    await boss.browser.send_form(f"{url}/unassignments", agentIds=f"agent_{bob.user_id}")
    assert await owners(floor) == {ada.user_id: 1}


async def test_the_unassigned_are_spread_evenly_over_the_chosen_agents(
    boss: Person, floor: Floor
) -> None:
    """R-09, automatically: a difference of one at most."""
    campaign = await campaign_of(floor, 5)
    some = [await floor.agent(campaign) for _ in range(2)]
    chosen = [f"agent_{one.user_id}" for one in some]
    url = f"/campaigns/campaign_{campaign}/assignments"
    assert (await boss.browser.send_form(url, agentIds=chosen, list="", most="")).status_code == 303
    assert sorted((await owners(floor)).values()) == [2, 3]


async def test_who_may_not_assign_sees_the_agents_only(signed_in: SignIn, floor: Floor) -> None:
    may = (Permission.CAMPAIGNS_VIEW, Permission.CALLS_VIEW)
    person = await signed_in(Role.SUPERVISOR, may)
    campaign = await campaign_of(floor, 1)
    await floor.agent(campaign)
    page = await person.browser.get(f"/campaigns/campaign_{campaign}/agents")
    assert "Agents at work" in text_of(page)
    assert "/assignments" not in page.text
    url = f"/campaigns/campaign_{campaign}/assignments"
    assert (await person.browser.send_form(url, agentIds="agent_1")).status_code == 403


async def test_the_hopper_is_narrowed_to_one_agents_customers_or_to_nobodys(
    boss: Person, floor: Floor
) -> None:
    """R-01, R-09."""
    campaign = await campaign_of(floor, 3)
    ada, bob = await floor.agent(campaign), await floor.agent(campaign)
    await floor.rows(
        "UPDATE hopper_entries SET owner_id = $1 WHERE id = (SELECT min(id) FROM hopper_entries)",
        ada.user_id,
    )
    url, shown = f"/campaigns/campaign_{campaign}/hopper", {}
    for owner in ("", "none", f"agent_{ada.user_id}", f"agent_{bob.user_id}"):
        page = (await boss.browser.get(f"{url}?owner={owner}")).text
        shown[owner] = page.count('<tr id="entry_')
        assert not owner or f"live?owner={owner}" in page
    assert list(shown.values()) == [3, 2, 1, 0]
    assert "This agent has no customers here." in page
    assert 'href="?owner=none"' in page
    assert page.count('aria-current="true"') == 1
