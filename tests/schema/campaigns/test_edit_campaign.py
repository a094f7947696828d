# SPDX-License-Identifier: Apache-2.0
"""`editCampaign`: only what is given, from the next step on (X-37)."""

from typing import Any

from server.database import Database
from server.domain.campaigns import CallStatus
from server.domain.permissions import Permission, Role, Viewer
from tests.conftest import MakeTenant
from tests.factories.users import make_viewer
from tests.schema.asking import Ask
from tests.services.dialer.centre import Centre, minutes

A, B, C = (f"+39061234500{place}" for place in range(3))
EDIT = """
mutation($input: EditCampaignInput!) {
  editCampaign(input: $input) {
    campaign {
      name version settingsVersion additionalPhonesAfter maxAttemptsPerContact windowFrom windowDays
      endsAt agents { id } retrySettings { status max minutes }
    }
    userErrors { code field message }
  }
}
"""


async def edited(ask: Ask, campaign: int, **given: object) -> Any:
    answer = await ask(EDIT, input={"id": f"campaign_{campaign}", **given})
    return answer["data"]["editCampaign"]


async def test_call_additional_phone_after_holds_from_the_next_step(
    ask: Ask, database: Database, tenant: int
) -> None:
    """X-37: the field is saved, and the wait that is scheduled next goes by it."""
    centre = Centre(database, tenant)
    contact = await centre.contact(A, (B, None), (C, None))
    campaign = await centre.loaded(contact, additional_phones_after=5)
    await centre.report(await centre.claim_one(campaign), at=minutes(1))
    payload = await edited(ask, campaign, additionalPhonesAfter=20)
    assert payload["userErrors"] == []
    assert payload["campaign"]["additionalPhonesAfter"] == 20
    # The step that was scheduled before stays where it is, the one after it waits twenty minutes.
    await centre.report(await centre.claim_one(campaign, minutes(6)), at=minutes(7))
    query = "query($id: ID!) { campaign(id: $id) { hopper { edges { node { scheduledAt } } } } }"
    answer = await ask(query, id=f"campaign_{campaign}")
    [edge] = answer["data"]["campaign"]["hopper"]["edges"]
    assert edge["node"]["scheduledAt"] == "2027-01-04T09:27:00Z"


async def test_what_is_left_out_stays_and_null_clears_only_what_may_be_empty(
    ask: Ask, database: Database, tenant: int
) -> None:
    centre = Centre(database, tenant)
    campaign = await centre.campaign()
    first = await edited(
        ask,
        campaign,
        maxAttemptsPerContact=9,
        windowFrom="08:00",
        windowTo="20:00",
        windowDays=["MON"],
        endsAt="2027-06-30T18:00:00Z",
        retry=[{"status": "BUSY", "minutes": 11}],
    )
    assert first["userErrors"] == []
    assert first["campaign"]["retrySettings"][1] == {"status": "BUSY", "max": 3, "minutes": 11}
    second = await edited(
        ask,
        campaign,
        maxAttemptsPerContact=None,
        windowFrom=None,
        windowTo=None,
        windowDays=None,
        additionalPhonesAfter=None,
    )
    found = second["campaign"]
    assert (found["maxAttemptsPerContact"], found["windowFrom"], found["windowDays"]) == (None,) * 3
    assert (found["endsAt"], found["additionalPhonesAfter"]) == ("2027-06-30T18:00:00Z", 1)
    assert (found["version"], found["settingsVersion"]) == (3, 3)


async def test_somebody_elses_edit_is_not_overwritten(
    ask: Ask, database: Database, tenant: int
) -> None:
    campaign = await Centre(database, tenant).campaign()
    await edited(ask, campaign, name="Theirs", version=1)
    payload = await edited(ask, campaign, name="Mine", version=1)
    assert [(e["code"], e["field"]) for e in payload["userErrors"]] == [("CONFLICT", "version")]
    answer = await ask("query($id: ID!) { campaign(id: $id) { name } }", id=f"campaign_{campaign}")
    assert answer["data"]["campaign"]["name"] == "Theirs"


async def test_the_clock_is_fixed_once_it_runs(ask: Ask, database: Database, tenant: int) -> None:
    campaign = await Centre(database, tenant).campaign(state="DRAFT")
    assert (await edited(ask, campaign, clockRate=60))["userErrors"] == []
    start = "mutation($id: ID!) { startCampaign(input: {id: $id}) { userErrors { code } } }"
    await ask(start, id=f"campaign_{campaign}")
    payload = await edited(ask, campaign, clockRate=30)
    assert [(e["code"], e["field"]) for e in payload["userErrors"]] == [
        ("WRONG_STATE", "clockRate")
    ]


async def test_agents_are_replaced_and_see_the_campaign(
    ask: Ask, database: Database, viewer: Viewer
) -> None:
    """X-17: an agent sees the campaigns assigned, and no others."""
    campaign = await Centre(database, viewer.tenant_id).campaign()
    one, other = [await make_viewer(database, viewer.tenant_id, Role.AGENT) for _ in range(2)]
    await edited(ask, campaign, agentIds=[f"agent_{one.user_id}"])
    payload = await edited(ask, campaign, agentIds=[f"user_{other.user_id}"])
    assert payload["campaign"]["agents"] == [{"id": f"agent_{other.user_id}"}]
    query = "{ campaigns { totalCount } }"
    seen = [(await ask(query, as_=agent))["data"]["campaigns"] for agent in (one, other)]
    assert seen == [{"totalCount": 0}, {"totalCount": 1}]


async def test_it_takes_the_permission_and_a_campaign_of_ones_own(
    ask: Ask, database: Database, viewer: Viewer, new_tenant: MakeTenant
) -> None:
    """X-09, D9."""
    campaign = await Centre(database, viewer.tenant_id).campaign()
    rights = frozenset(Permission) - {Permission.CAMPAIGNS_EDIT}
    poor = await make_viewer(database, viewer.tenant_id, Role.SUPERVISOR, permissions=rights)
    answer = await ask(EDIT, as_=poor, input={"id": f"campaign_{campaign}", "name": "Mine"})
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    stranger = await make_viewer(database, await new_tenant())
    for key in (f"campaign_{campaign}", "campaign_0", "list_1", "x"):
        answer = await ask(EDIT, as_=stranger, input={"id": key, "name": "Mine"})
        errors = answer["data"]["editCampaign"]["userErrors"]
        assert [(error["code"], error["field"]) for error in errors] == [("NOT_FOUND", "id")]


async def test_a_call_keeps_the_version_of_the_settings_it_was_made_under(
    ask: Ask, database: Database, tenant: int
) -> None:
    """Section 8: `policyVersion`."""
    centre = Centre(database, tenant)
    campaign = await centre.loaded(await centre.contact(A))
    await edited(ask, campaign, globalMaxRetry=9)
    await centre.report(await centre.claim_one(campaign), CallStatus.BUSY, minutes(1))
    query = "{ callAttempts { edges { node { policyVersion status } } } }"
    assert (await ask(query))["data"]["callAttempts"]["edges"] == [
        {"node": {"policyVersion": 2, "status": "BUSY"}}
    ]
