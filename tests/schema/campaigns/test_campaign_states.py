# SPDX-License-Identifier: Apache-2.0
"""`startCampaign`, `pauseCampaign`, `resumeCampaign`, `stopCampaign`, `deleteCampaign`."""

from typing import Any

import pytest

from server.database import Database
from server.domain.permissions import Permission, Role, Viewer
from tests.conftest import MakeTenant
from tests.factories.users import make_viewer
from tests.schema.asking import Ask
from tests.services.dialer.centre import Centre

CHANGES = ("startCampaign", "pauseCampaign", "resumeCampaign", "stopCampaign", "deleteCampaign")
GIVES = {"deleteCampaign": "deleted name"}
LABELS = {"DRAFT": "Draft", "RUNNING": "Running", "PAUSED": "Paused", "STOPPED": "Stopped"}
ALLOWED: dict[str, dict[str, str | None]] = {
    "startCampaign": {"DRAFT": "RUNNING", "STOPPED": "RUNNING"},
    "pauseCampaign": {"RUNNING": "PAUSED"},
    "resumeCampaign": {"PAUSED": "RUNNING"},
    "stopCampaign": {"RUNNING": "STOPPED", "PAUSED": "STOPPED"},
    "deleteCampaign": {"DRAFT": None, "PAUSED": None, "STOPPED": None},
}


def document(change: str) -> str:
    given = GIVES.get(change, "campaign { state stateLabel startedAt }")
    return (
        f"mutation($id: ID!) {{ {change}(input: {{id: $id}}) "
        f"{{ {given} userErrors {{ code field message }} }} }}"
    )


async def changed(ask: Ask, change: str, campaign: int, **how: object) -> Any:
    return (await ask(document(change), id=f"campaign_{campaign}", **how))["data"][change]


async def state_of(ask: Ask, campaign: int) -> Any:
    query = "query($id: ID!) { campaign(id: $id) { state } }"
    found = (await ask(query, id=f"campaign_{campaign}"))["data"]["campaign"]
    return found and found["state"]


@pytest.mark.parametrize("state", list(LABELS))
@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_is_made_from_its_own_states_only(
    ask: Ask, database: Database, tenant: int, change: str, state: str
) -> None:
    campaign = await Centre(database, tenant).campaign(state=state, name="Spring")
    payload = await changed(ask, change, campaign)
    if state in ALLOWED[change]:
        after = ALLOWED[change][state]
        assert payload["userErrors"] == []
        assert await state_of(ask, campaign) == after
        if change == "deleteCampaign":
            assert (payload["deleted"], payload["name"]) == (True, "Spring")
        else:
            assert payload["campaign"]["stateLabel"] == LABELS[str(after)]
    else:
        words = f"This cannot be done while it is “{LABELS[state]}”."
        refused = {"code": "WRONG_STATE", "field": "id", "message": words}
        assert payload["userErrors"] == [refused]
        assert await state_of(ask, campaign) == state


async def test_a_campaign_whose_end_has_passed_does_not_start(
    ask: Ask, database: Database, tenant: int
) -> None:
    centre = Centre(database, tenant)
    campaign = await centre.campaign(state="DRAFT")
    await centre.rows("UPDATE campaigns SET ends_at = '2020-01-01'")
    payload = await changed(ask, "startCampaign", campaign)
    assert [(e["code"], e["field"]) for e in payload["userErrors"]] == [("OUT_OF_RANGE", "endsAt")]
    assert await state_of(ask, campaign) == "DRAFT"


async def test_deleting_takes_hopper_and_results_along_keeps_the_calls_and_waits_for_those_up(
    ask: Ask, database: Database, tenant: int
) -> None:
    centre = Centre(database, tenant)
    campaign = await centre.loaded(*[await centre.contact(f"+3906000{n}0000") for n in range(2)])
    call, _ = await centre.claim(campaign)
    await centre.rows("UPDATE campaigns SET state = 'STOPPED'")
    payload = await changed(ask, "deleteCampaign", campaign)
    assert payload["userErrors"][0]["code"] == "WRONG_STATE"
    await centre.report(call)
    await centre.rows(
        "UPDATE hopper_entries SET state = 'WAIT_RETRY', claim_token = NULL, lease_until = NULL"
    )
    assert (await changed(ask, "deleteCampaign", campaign))["deleted"] is True
    for table in ("hopper_entries", "hopper_phones", "final_results"):
        assert await centre.value(f"SELECT count(*) FROM {table}") == 0, table
    assert await centre.value("SELECT count(*) FROM call_attempts") == 1  # caps go by it
    assert await centre.value("SELECT count(*) FROM contacts") == 2


@pytest.mark.parametrize("change", CHANGES)
async def test_each_takes_its_permission_and_a_campaign_of_the_centre(
    ask: Ask, database: Database, viewer: Viewer, new_tenant: MakeTenant, change: str
) -> None:
    """X-09, D9."""
    campaign = await Centre(database, viewer.tenant_id).campaign(state="DRAFT")
    rights = frozenset({Permission.CAMPAIGNS_VIEW, Permission.CAMPAIGNS_CREATE})
    poor = await make_viewer(database, viewer.tenant_id, Role.SUPERVISOR, permissions=rights)
    answer = await ask(document(change), as_=poor, id=f"campaign_{campaign}")
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    stranger = await make_viewer(database, await new_tenant())
    payload = await changed(ask, change, campaign, as_=stranger)
    assert [(e["code"], e["field"]) for e in payload["userErrors"]] == [("NOT_FOUND", "id")]
    assert await state_of(ask, campaign) == "DRAFT"
