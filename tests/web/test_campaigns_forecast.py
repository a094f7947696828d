# SPDX-License-Identifier: Apache-2.0
"""A campaign's forecast: hour by hour as a plot with its table, with a word about idle agents."""

import pytest

from server.database import Database
from server.domain.permissions import Permission, Role
from tests.services.dialer.centre import Centre
from tests.web.visiting import SignIn, Visitor, text_of
from web import shared

A, B = "+390612345000", "+390612345001"


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine: the page waits for its figures, as it would for a second."""
    monkeypatch.setattr(shared, "PATIENCE", 5)


@pytest.fixture
def centre(database: Database, tenant: int) -> Centre:
    return Centre(database, tenant)


@pytest.fixture
async def browser(signed_in: SignIn) -> Visitor:
    return (await signed_in()).browser


async def due(centre: Centre, **columns: object) -> int:
    """A campaign with two contacts that are due already."""
    campaign = await centre.loaded(await centre.contact(A), await centre.contact(B), **columns)
    await centre.rows("UPDATE hopper_entries SET scheduled_at = '2020-01-01T00:00:00Z'")
    return campaign


async def test_the_hours_are_plotted_and_listed(browser: Visitor, centre: Centre) -> None:
    url = f"/campaigns/campaign_{await due(centre)}"
    assert f'href="{url}/forecast"' in (await browser.get(url)).text
    page = await browser.get(f"{url}/forecast?days=1")
    assert page.status_code == 200
    text = text_of(page)
    assert "Due now" in text
    assert 'data-plot="forecast-plot-data"' in page.text
    assert page.text.count("<tr><td>") == 24
    assert "At this pace lines will be free from" in text


async def test_agents_who_will_idle_are_warned_of(browser: Visitor, centre: Centre) -> None:
    campaign = await due(centre, mode="PROGRESSIVE")
    url = f"/campaigns/campaign_{campaign}/forecast"
    assert "Nobody can call: no agent is assigned." in text_of(await browser.get(url))
    await centre.rows(
        "INSERT INTO users (name, name_key, full_name, role) VALUES ('a', 'a', 'A', 'AGENT')"
    )
    await centre.rows(
        "INSERT INTO campaign_agents (campaign_id, user_id) SELECT $1, id FROM users "
        "WHERE name = 'a'",
        campaign,
    )
    page = await browser.get(f"{url}/figures?days=1")
    assert "At this pace agents will be idle from" in text_of(page)
    assert "<html" not in page.text


async def test_a_page_that_is_not_counted_yet_fetches_its_figures(
    browser: Visitor, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared, "PATIENCE", 0)
    url = f"/campaigns/campaign_{await due(centre)}/forecast"
    page = await browser.get(f"{url}?days=7")
    assert f'data-hx-get="{url}/figures?days=7"' in page.text
    assert "forecast-plot" in (await browser.get(f"{url}?days=7&wait=1")).text


async def test_it_takes_the_right_to_foresee(signed_in: SignIn, centre: Centre) -> None:
    """X-09."""
    url = f"/campaigns/campaign_{await centre.campaign()}"
    poor = (await signed_in(Role.SUPERVISOR, (Permission.CAMPAIGNS_VIEW,))).browser
    assert "/forecast" not in (await poor.get(url)).text
    for path in ("/forecast", "/forecast/figures"):
        assert (await poor.get(url + path)).status_code == 403
    rich = (await signed_in()).browser
    assert (await rich.get("/campaigns/campaign_0/forecast/figures")).status_code == 404
