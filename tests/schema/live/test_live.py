# SPDX-License-Identifier: Apache-2.0
"""`campaignLive` and `centreLive`: figures now, and after each change made anywhere (F23)."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import count
from typing import Any

import asyncpg
import pytest
from starlette.types import ASGIApp

from server.app import create_app
from server.database import Database
from server.domain.campaigns import CallStatus
from server.domain.permissions import Permission, Role
from server.services.dialer import tell_campaign
from server.services.live import watching
from server.settings import Settings
from tests.factories.access import Account, make_account, sign_in
from tests.factories.users import make_viewer
from tests.http.conversations import HOST, Conversation, SocketConversation
from tests.schema.asking import Ask
from tests.services.dialer.centre import NOW, Centre, minutes

_numbers = count(1)
A, B = "+390612345000", "+390612345001"
FIGURES = """
  campaign { name state } callsUp lines agents { state count } answered abandoned abandonedRate
  abandonedCap alerts { code message } faults
"""
CAMPAIGN = f"""($id: ID!) {{ campaignLive(campaignId: $id) {{
  {FIGURES} hopper {{ state count }} minutes {{ minute counts {{ status count }} }} }} }}"""
CENTRE = f"""{{ centreLive {{ callsUp lines abandonedRate agents {{ state count }}
  campaigns {{ {FIGURES} }} }} }}"""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks in more of a hurry; those without a notification come as seldom as they do."""
    monkeypatch.setattr(watching, "LEAST_GAP", 0.05)


async def tell(centre: Centre, campaign: int) -> None:
    await centre.within(lambda connection: tell_campaign(connection, campaign))


async def seat(centre: Centre, campaign: int, state: str) -> None:
    """One more agent of the campaign, whose desk says so."""
    name = f"agent {next(_numbers)} of {centre.tenant_id}"
    key = await centre.value(
        "INSERT INTO users (name, name_key, full_name, role) VALUES ($1, $1, $1, 'AGENT') "
        "RETURNING id",
        name,
    )
    await centre.rows(
        "INSERT INTO campaign_agents (campaign_id, user_id) VALUES ($1, $2)", campaign, key
    )
    await centre.rows(
        "INSERT INTO agent_desks (user_id, state, lease_until) "
        "VALUES ($1, $2, clock_timestamp() + interval '1 minute')",
        key,
        state,
    )


async def test_a_campaigns_figures(ask: Ask, centre: Centre) -> None:
    """Calls up and lines, hopper and agents by state, outcomes by the minute."""
    first, second = await centre.contact(A), await centre.contact(B)
    campaign = await centre.loaded(first, second, mode="PREDICTIVE", name="spring")
    await centre.rows("UPDATE campaigns SET mode = 'DIRECT'")
    one, _ = await centre.claim(campaign)
    await centre.report(one, CallStatus.BUSY, minutes(1))
    await centre.rows("UPDATE campaigns SET mode = 'PREDICTIVE', abandoned_cap = 3")
    for state in ("READY", "READY", "TALKING"):
        await seat(centre, campaign, state)
    found = (await ask(f"query{CAMPAIGN}", id=f"campaign_{campaign}"))["data"]["campaignLive"]
    assert found == {
        "campaign": {"name": "spring", "state": "RUNNING"},
        "callsUp": 1,
        "lines": 30,
        "agents": [{"state": "READY", "count": 2}, {"state": "TALKING", "count": 1}],
        "answered": 0,
        "abandoned": 0,
        "abandonedRate": 0.0,
        "abandonedCap": 3.0,
        "alerts": [],
        "faults": 0,
        "hopper": [{"state": "WAIT_RETRY", "count": 1}, {"state": "DIALING", "count": 1}],
        "minutes": [{"minute": "2027-01-04T09:01:00Z", "counts": [{"status": "BUSY", "count": 1}]}],
    }


async def test_the_centres_figures(ask: Ask, centre: Centre) -> None:
    """Of campaigns that run or are paused; only those that run have lines."""
    spring = await centre.loaded(await centre.contact(A), name="spring", simultaneous_lines=4)
    await centre.campaign(name="paused", state="PAUSED", simultaneous_lines=9)
    await centre.campaign(name="stopped", state="STOPPED")
    await centre.claim_one(spring)
    await seat(centre, spring, "PAUSED")
    found = (await ask(CENTRE))["data"]["centreLive"]
    assert (found["callsUp"], found["lines"]) == (1, 4)
    assert found["agents"] == [{"state": "PAUSED", "count": 1}]
    assert [one["campaign"]["name"] for one in found["campaigns"]] == ["paused", "spring"]


async def test_a_person_is_called_for_only_when_one_is_needed(ask: Ask, centre: Centre) -> None:
    """The abandoned rate of the rolling window against its cap; agents; parked entries (F21)."""
    campaign = await centre.campaign(mode="PROGRESSIVE", abandoned_cap=5, clock_origin=NOW)

    async def alerts() -> list[str]:
        answer = await ask(f"query{CAMPAIGN}", id=f"campaign_{campaign}")
        return [one["code"] for one in answer["data"]["campaignLive"]["alerts"]]

    assert await alerts() == ["NO_AGENTS"]
    await centre.rows("UPDATE campaigns SET mode = 'PREVIEW'")
    assert await alerts() == []  # nobody looks, so nothing is dialed
    await centre.rows("UPDATE campaigns SET mode = 'PROGRESSIVE', ends_at = '2020-01-01'")
    assert await alerts() == []  # it does not dial now
    await centre.rows("UPDATE campaigns SET ends_at = NULL")
    await seat(centre, campaign, "READY")
    assert await alerts() == []
    await centre.rows("UPDATE agent_desks SET lease_until = clock_timestamp() - interval '1 s'")
    assert await alerts() == ["NO_AGENTS"]
    await centre.rows("UPDATE agent_desks SET lease_until = clock_timestamp() + interval '1 h'")
    tally = (
        "INSERT INTO answer_hours (campaign_id, hour, answered, abandoned) VALUES ($1, $2, $3, $4)"
    )
    clock = (await centre.rows("SELECT date_trunc('hour', clock_timestamp())"))[0][0]
    await centre.rows("UPDATE campaigns SET clock_origin = NULL")
    await centre.rows(tally, campaign, clock, 100, 4)
    assert await alerts() == []
    await centre.rows("UPDATE answer_hours SET abandoned = 5")
    assert await alerts() == ["ABANDONED_AT_CAP"]
    answer = await ask(f"query{CAMPAIGN}", id=f"campaign_{campaign}", locale="it")
    assert answer["data"]["campaignLive"]["abandonedRate"] == 5.0
    await centre.rows("UPDATE campaigns SET abandoned_hours = 1")
    await centre.rows("UPDATE answer_hours SET hour = hour - $1::interval", timedelta(hours=3))
    assert await alerts() == []  # it has left the window
    contact = await centre.contact(A)
    await centre.attach(campaign, await centre.list_of(contact))
    await centre.rows("UPDATE hopper_entries SET hold_rule = 'FAULT', held_until = 'infinity'")
    assert await alerts() == ["FAULTS"]


async def test_who_may_not_see_them(
    ask: Ask, centre: Centre, database: Database, tenant: int
) -> None:
    """X-09, X-17: an agent sees the campaigns assigned to them."""
    campaign = await centre.loaded(await centre.contact(A))
    rights = frozenset({Permission.CAMPAIGNS_VIEW})
    poor = await make_viewer(database, tenant, Role.SUPERVISOR, permissions=rights)
    answer = await ask(f"query{CAMPAIGN}", as_=poor, id=f"campaign_{campaign}")
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    gone = await ask(f"query{CAMPAIGN}", id="campaign_999999")
    assert gone["data"] == {"campaignLive": None}
    agent = await make_viewer(database, tenant, Role.AGENT)
    if agent.may(Permission.CALLS_VIEW):
        answer = await ask(CENTRE, as_=agent)
        assert answer["data"]["centreLive"]["campaigns"] == []


@pytest.fixture
def application(database: Database) -> ASGIApp:
    return create_app(Settings(), database)


@pytest.fixture
async def account(database: Database, tenant: int) -> Account:
    return await make_account(database, tenant, Role.SUPERVISOR, tuple(Permission))


@pytest.fixture
async def cookie(database: Database, account: Account) -> str:
    return f"rubrica_session={(await sign_in(database, account))[0]}"


@pytest.fixture
async def socket(application: ASGIApp, cookie: str) -> AsyncIterator[SocketConversation]:
    conversation = await SocketConversation(application, cookie=cookie).opened()
    yield conversation
    await conversation.end()


async def told(socket: SocketConversation, name: str, seconds: float = 5) -> Any:
    async with asyncio.timeout(seconds):
        return (await socket.heard())["payload"]["data"][name]


async def test_a_change_made_elsewhere_is_told_at_once(
    socket: SocketConversation, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By notification, from whichever node: the look without one would come after a minute."""
    monkeypatch.setattr(watching, "LONGEST_GAP", 60.0)
    campaign = await centre.loaded(await centre.contact(A))
    socket.subscribe("a", f"subscription{CAMPAIGN}", variables={"id": f"campaign_{campaign}"})
    assert (await told(socket, "campaignLive"))["callsUp"] == 0
    call = await centre.claim_one(campaign)
    await tell(centre, campaign)
    assert (await told(socket, "campaignLive", 2))["callsUp"] == 1
    await centre.report(call, CallStatus.ANSWER)
    await tell(centre, campaign)
    found = await told(socket, "campaignLive", 2)
    assert (found["callsUp"], found["hopper"]) == (0, [])
    assert found["minutes"][0]["counts"] == [{"status": "ANSWER", "count": 1}]


async def test_nothing_is_told_that_has_not_changed(
    socket: SocketConversation, centre: Centre
) -> None:
    campaign = await centre.campaign(state="PAUSED")
    socket.subscribe("a", f"subscription{CENTRE}")
    await told(socket, "centreLive")
    for _ in range(3):
        await tell(centre, campaign)
        await asyncio.sleep(0.1)
    with pytest.raises(TimeoutError):
        await told(socket, "centreLive", 0.5)


async def test_the_centre_hears_of_every_campaign_by_server_sent_events(
    application: ASGIApp, cookie: str, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of one that was not there as the stream began."""
    monkeypatch.setattr(watching, "LONGEST_GAP", 60.0)
    headers = {"host": HOST, "content-type": "application/json", "accept": "text/event-stream"}
    headers |= {"cookie": cookie, "sec-fetch-site": "same-origin"}
    conversation = Conversation(
        application,
        {
            "type": "http",
            "method": "POST",
            "path": "/graphql",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        },
    )
    body = json.dumps({"query": f"subscription{CENTRE}"}).encode()
    conversation.to_app.put_nowait({"type": "http.request", "body": body})
    assert (await conversation.next())["status"] == 200

    async def event() -> Any:
        while True:
            text: str = (await conversation.next(3))["body"].decode()
            for line in text.splitlines():
                if line.startswith("data: {"):
                    return json.loads(line[6:])["data"]["centreLive"]

    assert (await event())["campaigns"] == []
    campaign = await centre.loaded(await centre.contact(A), name="later")
    assert [one["campaign"]["name"] for one in (await event())["campaigns"]] == ["later"]
    await centre.claim_one(campaign)
    await tell(centre, campaign)
    assert (await event())["callsUp"] == 1
    await conversation.end()


async def test_updates_go_on_after_the_listening_connection_is_killed(
    socket: SocketConversation, centre: Centre, owner: asyncpg.Connection
) -> None:
    """F23: within five seconds, whether the notification was heard or not."""
    campaign = await centre.loaded(await centre.contact(A))
    socket.subscribe("a", f"subscription{CAMPAIGN}", variables={"id": f"campaign_{campaign}"})
    assert (await told(socket, "campaignLive"))["callsUp"] == 0
    killed = await owner.fetchval(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND (query ILIKE 'LISTEN%' OR query = 'SELECT 1')"
    )
    assert killed >= 1
    await centre.claim_one(campaign)
    await tell(centre, campaign)
    assert (await told(socket, "campaignLive", 5))["callsUp"] == 1


async def test_a_subscription_ends_with_the_right_to_see_it(
    socket: SocketConversation, centre: Centre, account: Account
) -> None:
    """X-09: the profile loses the permission while the figures are watched."""
    campaign = await centre.loaded(await centre.contact(A))
    socket.subscribe("a", f"subscription{CAMPAIGN}", variables={"id": f"campaign_{campaign}"})
    await told(socket, "campaignLive")
    await centre.rows("DELETE FROM campaigns WHERE id = $1", campaign)
    await tell(centre, campaign)
    assert await told(socket, "campaignLive", 6) is None
    assert (await socket.heard())["type"] == "complete"
    socket.subscribe("b", f"subscription{CENTRE}")
    await told(socket, "centreLive")
    await centre.rows("UPDATE profiles SET permissions = '{}' WHERE id = $1", account.profile_id)
    await tell(centre, campaign)
    assert await told(socket, "centreLive", 6) is None
    assert (await socket.heard())["type"] == "complete"
