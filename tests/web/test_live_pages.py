# SPDX-License-Identifier: Apache-2.0
"""The live page and the top bar's indicator, by server-sent events (F23)."""

import re
from collections.abc import AsyncIterator

import asyncpg
import pytest

from server.app import SecuredApp, create_app
from server.database import Database
from server.domain.campaigns import CallStatus
from server.domain.permissions import Permission, Role
from server.services.dialer import tell_campaign
from server.settings import Settings
from tests.services.dialer.centre import Centre
from tests.web.test_campaigns_live import OVER, Open, Stream, figures
from tests.web.visiting import Person, SignIn, text_of
from web import live, shared
from web.pages import live as live_pages

A, B = "+390612345000", "+390612345001"


@pytest.fixture
def app(database: Database, monkeypatch: pytest.MonkeyPatch) -> SecuredApp:
    """In more of a hurry; without a notification it is looked at as seldom as ever."""
    monkeypatch.setattr(live, "LEAST_GAP", 0.05)
    monkeypatch.setattr(live, "SETTLING", 0.2)
    monkeypatch.setattr(live_pages, "INDICATOR_GAP", 0.05)
    monkeypatch.setattr(shared, "SHORTEST", 0.01)
    monkeypatch.setattr(shared, "PATIENCE", 5)
    return create_app(Settings(), database)


@pytest.fixture
async def opens(app: SecuredApp) -> AsyncIterator[Open]:
    streams: list[Stream] = []

    def opening(person: Person, path: str) -> Stream:
        streams.append(Stream(app, person, path))
        return streams[-1]

    yield opening
    for stream in streams:
        await stream.end()


@pytest.fixture
async def admin(signed_in: SignIn, app: SecuredApp) -> Person:
    return await signed_in(at=app)


@pytest.fixture
def centre(database: Database, tenant: int) -> Centre:
    return Centre(database, tenant)


async def tell(centre: Centre, campaign: int) -> None:
    await centre.within(lambda connection: tell_campaign(connection, campaign))


async def test_the_page_follows_every_campaign(centre: Centre, admin: Person, opens: Open) -> None:
    campaign = await centre.loaded(await centre.contact(A), name="spring", simultaneous_lines=4)
    page = await admin.browser.get("/live")
    assert page.status_code == 200
    assert 'href="/live"' in page.text  # the navigation leads to it
    assert figures(page.text)["Calls up"] == "0 / 4"
    stream = opens(admin, "/live/figures")
    assert await stream.begin() == 200
    await stream.part()
    call = await centre.claim_one(campaign)
    await tell(centre, campaign)
    assert figures(await stream.part("1 <span", seconds=10))["Lines in use"] == "1 / 4"
    await centre.report(call, CallStatus.ANSWER)
    await tell(centre, campaign)
    assert 'data-plot="live-calls-campaign_' in await stream.part("live-calls")


async def test_a_campaign_that_is_started_appears_by_itself(
    centre: Centre, admin: Person, opens: Open
) -> None:
    stream = opens(admin, "/live/figures")
    await stream.begin()
    assert "No campaign is calling now" in await stream.part()
    await centre.loaded(await centre.contact(A), name="later")
    assert "later" in await stream.part("later", seconds=3)


async def test_the_indicator_is_quiet_until_a_person_is_needed(
    centre: Centre, admin: Person, opens: Open
) -> None:
    """Red only then, and with words for who sees no red."""
    home = await admin.browser.get("/")
    assert 'data-hx-get="/live/indicator"' in home.text
    stream = opens(admin, "/live/indicator")
    await stream.begin()
    campaign = await centre.loaded(await centre.contact(A), name="spring", simultaneous_lines=4)
    quiet = await stream.part("0/4")
    assert "needs-person" not in quiet
    await centre.rows("UPDATE campaigns SET mode = 'PROGRESSIVE'")
    await tell(centre, campaign)
    loud = await stream.part("needs-person")
    assert "It runs, and none of its agents is at work." in loud
    assert 'title="spring: ' in loud


async def test_an_agents_state_shows_on_the_campaigns_page(
    centre: Centre, admin: Person, opens: Open
) -> None:
    campaign = await centre.campaign(mode="PROGRESSIVE")
    stream = opens(admin, f"/campaigns/campaign_{campaign}/live")
    await stream.begin()
    assert "none of its agents is at work" in await stream.part()
    key = await centre.value(
        "INSERT INTO users (name, name_key, full_name, role) "
        "VALUES ('live ada', 'live ada', 'Ada', 'AGENT') RETURNING id"
    )
    await centre.rows(
        "INSERT INTO campaign_agents (campaign_id, user_id) VALUES ($1, $2)", campaign, key
    )
    await centre.rows(
        "INSERT INTO agent_desks (user_id, state, lease_until) "
        "VALUES ($1, 'READY', clock_timestamp() + interval '1 minute')",
        key,
    )
    await centre.rows("SELECT pg_notify('rubrica_agents', $1)", str(key))
    part = await stream.part("Ready 1", seconds=3)
    assert "Abandoned within 720 hours, of at most" in part


async def test_the_page_goes_on_after_the_listening_connection_is_killed(
    centre: Centre, admin: Person, opens: Open, owner: asyncpg.Connection
) -> None:
    """F23: updates again within five seconds."""
    campaign = await centre.loaded(await centre.contact(A), name="spring", simultaneous_lines=4)
    stream = opens(admin, "/live/figures")
    await stream.begin()
    await stream.part("spring")
    await owner.fetchval(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND (query ILIKE 'LISTEN%' OR query = 'SELECT 1')"
    )
    await centre.claim_one(campaign)
    await tell(centre, campaign)
    assert "1 <span" in await stream.part("1 <span", seconds=5.5)


async def test_who_may_not_see_it(
    signed_in: SignIn, app: SecuredApp, centre: Centre, opens: Open
) -> None:
    """X-09: also while it is open."""
    poor = await signed_in(Role.SUPERVISOR, (Permission.CAMPAIGNS_VIEW,), at=app)
    home = await poor.browser.get("/")
    assert "/live/indicator" not in home.text
    assert not re.search(r'href="/live"', home.text)
    for path in ("/live", "/live/figures", "/live/indicator"):
        assert (await poor.browser.get(path)).status_code == 403
    rights = (Permission.CAMPAIGNS_VIEW, Permission.CALLS_VIEW)
    demoted = await signed_in(Role.SUPERVISOR, rights, at=app)
    assert "Live" in text_of(await demoted.browser.get("/live"))
    stream = opens(demoted, "/live/figures")
    await stream.begin()
    await stream.part()
    await centre.rows(
        "UPDATE profiles SET permissions = '{}' WHERE id = $1", demoted.account.profile_id
    )
    assert await stream.part() == OVER
