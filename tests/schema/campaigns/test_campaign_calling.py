# SPDX-License-Identifier: Apache-2.0
"""Kind, mode and what fits them: shown, taken, and refused at their field (X-38, R-05, R-07)."""

from typing import Any

import pytest

from server.database import Database
from server.domain.permissions import Role, Viewer
from tests.factories.users import make_viewer
from tests.schema.asking import Ask

FIELDS = """kind kindLabel mode modeLabel powerLevel abandonedCap abandonedHours wrapUpSeconds
  dialway dialwayLabel mayObtain obtainedPerClick mostOwned callerId version"""
CREATE = f"""mutation($input: CreateCampaignInput!) {{ createCampaign(input: $input) {{
  campaign {{ id {FIELDS} }} userErrors {{ code field message }} }} }}"""
EDIT = f"""mutation($input: EditCampaignInput!) {{ editCampaign(input: $input) {{
  campaign {{ id {FIELDS} }} userErrors {{ code field message }} }} }}"""
READ = f"query($id: ID!) {{ campaign(id: $id) {{ id {FIELDS} }} }}"
START = """mutation($id: ID!) { startCampaign(input: {id: $id}) {
  campaign { state } userErrors { code field message } } }"""
STATE = "query($id: ID!) { campaign(id: $id) { state } }"


async def created(ask: Ask, **given: object) -> Any:
    return (await ask(CREATE, input={"name": "Spring", **given}))["data"]["createCampaign"]


async def edited(ask: Ask, campaign: Any, **given: object) -> Any:
    return (await ask(EDIT, input={"id": campaign["id"], **given}))["data"]["editCampaign"]


async def test_a_campaign_has_no_agents_unless_it_says_so(ask: Ask) -> None:
    payload = await created(ask)
    assert payload["userErrors"] == []
    campaign = payload["campaign"]
    assert {**campaign, "id": ""} == {
        "id": "",
        "kind": "MOTION_BULL",
        "kindLabel": "Motion Bull: no agents",
        "mode": "DIRECT",
        "modeLabel": "Direct",
        "powerLevel": 1.0,
        "abandonedCap": 3.0,
        "abandonedHours": 720,
        "wrapUpSeconds": 30,
        "dialway": "OFF",
        "dialwayLabel": "Off",
        "mayObtain": False,
        "obtainedPerClick": 20,
        "mostOwned": 50,
        "callerId": "",
        "version": 1,
    }
    for ordinary in (False, True):
        read = await ask(READ, id=campaign["id"], ordinary=ordinary)
        assert read["data"]["campaign"] == campaign


async def test_what_is_given_is_kept_and_an_edit_sets_back_what_no_longer_fits(ask: Ask) -> None:
    payload = await created(
        ask,
        kind="QUEUE",
        mode="POWER",
        powerLevel=2.5,
        abandonedCap=1.25,
        abandonedHours=24,
        wrapUpSeconds=0,
        mayObtain=True,
        obtainedPerClick=5,
        mostOwned=7,
        callerId="+39 06 1234-5000",
    )
    assert payload["userErrors"] == []
    power = payload["campaign"]
    kept = [power[key] for key in ("kind", "mode", "powerLevel", "abandonedCap", "callerId")]
    assert kept == ["QUEUE", "POWER", 2.5, 1.25, "+390612345000"]
    assert (power["mayObtain"], power["obtainedPerClick"], power["mostOwned"]) == (True, 5, 7)
    first = (await edited(ask, power, mode="AGENT_FIRST"))["campaign"]
    assert (first["mode"], first["dialway"], first["mayObtain"]) == (
        "AGENT_FIRST",
        "OPTIONAL",
        True,
    )
    assert (await edited(ask, power, dialway="AUTO"))["campaign"]["dialway"] == "AUTO"
    direct = (await edited(ask, power, kind="MOTION_BULL"))["campaign"]
    assert (direct["mode"], direct["dialway"], direct["mayObtain"]) == ("DIRECT", "OFF", False)
    queue = (await edited(ask, power, kind="QUEUE"))["campaign"]
    assert queue["mode"] == "PROGRESSIVE"


async def test_a_mode_alone_says_the_kind_of_a_new_campaign(ask: Ask) -> None:
    payload = await created(ask, mode="PREVIEW")
    assert (payload["campaign"]["kind"], payload["campaign"]["mode"]) == ("QUEUE", "PREVIEW")


@pytest.mark.parametrize(
    ("given", "field", "message"),
    [
        (
            {"kind": "MOTION_BULL", "mode": "POWER"},
            "mode",
            "This does not go with “Motion Bull: no agents”. Leave it out.",
        ),
        (
            {"kind": "QUEUE", "mode": "DIRECT"},
            "mode",
            "This does not go with “Queue: with agents”. Leave it out.",
        ),
        (
            {"mode": "PROGRESSIVE", "powerLevel": 2},
            "powerLevel",
            "This goes with “Power” only. Leave it out, or choose that.",
        ),
        ({"mode": "POWER", "powerLevel": 0.9}, "powerLevel", "This must be between 1 and 10."),
        ({"mode": "POWER", "powerLevel": 10.1}, "powerLevel", "This must be between 1 and 10."),
        (
            {"mode": "POWER", "powerLevel": 2.55},
            "powerLevel",
            "“2.55” does not fit here. Give 2.5.",
        ),
        ({"mode": "POWER", "abandonedCap": 101}, "abandonedCap", "This must be between 0 and 100."),
        ({"abandonedHours": 0}, "abandonedHours", "This must be between 1 and 8784."),
        ({"wrapUpSeconds": 3601}, "wrapUpSeconds", "This must be between 0 and 3600."),
        (
            {"mode": "POWER", "dialway": "AUTO"},
            "dialway",
            "This goes with “Agent first” only. Leave it out, or choose that.",
        ),
        (
            {"mode": "AGENT_FIRST", "dialway": "OFF"},
            "dialway",
            "This does not go with “Agent first”. Leave it out.",
        ),
        (
            {"mayObtain": True},
            "mayObtain",
            "This goes with “Queue: with agents” only. Leave it out, or choose that.",
        ),
        (
            {"mode": "PREVIEW", "obtainedPerClick": 60},
            "obtainedPerClick",
            "This must be 50 or less.",
        ),
        ({"callerId": "Acme"}, "callerId", "This does not fit here. Give +390612345000."),
        ({"driver": "ASTERISK"}, "exchangeId", "This cannot be blank. Fill it in."),
    ],
)
async def test_what_contradicts_itself_is_refused_at_its_field(
    ask: Ask, given: dict[str, object], field: str, message: str
) -> None:
    payload = await created(ask, **given)
    assert payload["campaign"] is None
    assert [(error["field"], error["message"]) for error in payload["userErrors"]] == [
        (field, message)
    ]


async def test_a_queue_campaign_starts_only_with_agents_who_can_sign_in(
    ask: Ask, database: Database, viewer: Viewer
) -> None:
    campaign = (await created(ask, mode="PROGRESSIVE"))["campaign"]
    refused = (await ask(START, id=campaign["id"]))["data"]["startCampaign"]
    assert refused["userErrors"] == [
        {
            "code": "NO_AGENTS",
            "field": "agentIds",
            "message": "Nobody works on this campaign who could take its calls. "
            "Choose its agents first.",
        }
    ]
    assert (await ask(STATE, id=campaign["id"]))["data"]["campaign"]["state"] == "DRAFT"
    agent = await make_viewer(database, viewer.tenant_id, Role.AGENT)
    await edited(ask, campaign, agentIds=[f"agent_{agent.user_id}"])
    started = (await ask(START, id=campaign["id"]))["data"]["startCampaign"]
    assert started["campaign"] == {"state": "RUNNING"}
    left = await edited(ask, campaign, agentIds=[])
    assert [error["code"] for error in left["userErrors"]] == ["NO_AGENTS"]
    kind = await edited(ask, campaign, kind="MOTION_BULL")
    assert [(e["code"], e["field"]) for e in kind["userErrors"]] == [("WRONG_STATE", "kind")]
