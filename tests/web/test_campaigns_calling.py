# SPDX-License-Identifier: Apache-2.0
"""The calling mode on a campaign's pages: what fits is sent, the rest keeps still (X-38, R-05)."""

import re
from typing import Any

import pytest

from server.database import Database
from tests.services.agents.floor import Floor
from tests.web.visiting import SignIn, Visitor, text_of

FIELDS = "kind mode powerLevel abandonedCap queueTimeout dialway mayObtain mostOwned callerId"
HIDDEN = {
    "queueTimeout": "9",
    "powerLevel": "4",
    "abandonedCap": "1,5",
    "abandonedHours": "24",
    "wrapUpSeconds": "10",
    "dialway": "AUTO",
    "has.mayObtain": "1",
    "mayObtain": "on",
    "obtainedPerClick": "5",
    "mostOwned": "7",
    "callerId": "+390612345000",
}


@pytest.fixture
async def browser(signed_in: SignIn) -> Visitor:
    return (await signed_in()).browser


@pytest.fixture
def floor(database: Database, tenant: int) -> Floor:
    return Floor(database, tenant)


async def settings_of(browser: Visitor, campaign: int) -> Any:
    query = f"query($id: ID!) {{ campaign(id: $id) {{ {FIELDS} }} }}"
    return (await browser.graphql(query, id=f"campaign_{campaign}"))["data"]["campaign"]


@pytest.mark.parametrize(
    ("mode", "kept"),
    [
        ("DIRECT", {"kind": "MOTION_BULL", "mode": "DIRECT"}),
        ("PREVIEW", {"mayObtain": True, "mostOwned": 7}),
        ("PROGRESSIVE", {"queueTimeout": 9}),
        ("POWER", {"powerLevel": 4.0, "abandonedCap": 1.5, "queueTimeout": 9}),
        ("PREDICTIVE", {"abandonedCap": 1.5, "queueTimeout": 9}),
        ("AGENT_FIRST", {"dialway": "AUTO", "mayObtain": True, "mostOwned": 7}),
    ],
)
async def test_a_form_with_every_field_sends_those_of_its_mode(
    browser: Visitor, floor: Floor, mode: str, kept: dict[str, object]
) -> None:
    """Without styles and scripts a browser shows and sends them all."""
    campaign = await floor.campaign(name="Spring", state="DRAFT")
    path = f"/campaigns/campaign_{campaign}/settings"
    answer = await browser.send_form(path, version="1", mode=mode, **HIDDEN)
    assert answer.status_code == 303, text_of(answer)
    found = await settings_of(browser, campaign)
    defaults = {
        "kind": "QUEUE",
        "mode": mode,
        "powerLevel": 1.0,
        "abandonedCap": 3.0,
        "queueTimeout": 3,
        "dialway": "OFF",
        "mayObtain": False,
        "mostOwned": 50,
        "callerId": "+390612345000",
    }
    assert found == defaults | kept


async def test_a_refused_level_stands_under_its_field_as_it_was_typed(
    browser: Visitor, floor: Floor
) -> None:
    campaign = await floor.campaign(name="Spring", state="DRAFT")
    path = f"/campaigns/campaign_{campaign}/settings"
    sent = HIDDEN | {"mode": "POWER", "powerLevel": "twelve", "queueTimeout": ""}
    answer = await browser.send_form(path, version="1", **sent)
    assert answer.status_code == 422
    wrong = re.findall(r'id="field-(\w+)-error">(?:<svg.*?</svg>)?(.*?)</p>', answer.text)
    assert wrong == [
        ("powerLevel", "This must be between 1 and 10."),
        ("queueTimeout", "This cannot be blank. Fill it in."),
    ]
    assert 'value="twelve"' in answer.text
    assert re.search(r'value="POWER" checked', answer.text)
    assert (await settings_of(browser, campaign))["mode"] == "DIRECT"


async def test_a_campaign_without_agents_says_so_when_it_is_to_start(
    browser: Visitor, floor: Floor
) -> None:
    campaign = await floor.campaign(name="Spring", state="DRAFT", kind="QUEUE", mode="POWER")
    answer = await browser.send_form(f"/campaigns/campaign_{campaign}/starts")
    settings = f"/campaigns/campaign_{campaign}/settings"
    assert answer.headers["location"] == settings
    page = await browser.get(settings)
    assert "Nobody works on this campaign who could take its calls." in text_of(page)
    assert await floor.rows("SELECT state FROM campaigns") == [("DRAFT",)]
