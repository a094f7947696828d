# SPDX-License-Identifier: Apache-2.0
"""Live parts: sent when something changes, never to whom they may not show, and they end."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from starlette.types import ASGIApp

from server.app import SecuredApp, create_app
from server.database import Database
from server.domain.campaigns import CallStatus
from server.domain.permissions import Permission, Role
from server.services.dialer import tell_campaign
from server.settings import Settings
from tests.http.conversations import Conversation
from tests.services.dialer.centre import Centre, minutes
from tests.web.visiting import COOKIE, Person, SignIn
from web import live, shared
from web.pages.campaigns import calls, logs

A, B = "+390612345000", "+390612345001"
OVER = "event: live:over\ndata: \n\n"


class Stream:
    """A page's live part, held open."""

    def __init__(self, app: ASGIApp, person: Person, path: str) -> None:
        token = person.browser.cookies[COOKIE]
        headers = {"host": "127.0.0.1:8000", "cookie": f"{COOKIE}={token}", "hx-request": "true"}
        path, _, query = path.partition("?")
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "scheme": "http",
            "server": ("127.0.0.1", 8000),
            "client": ("10.1.1.1", 1),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
        self.conversation = Conversation(app, scope)
        self.conversation.to_app.put_nowait({"type": "http.request", "body": b""})

    async def begin(self) -> int:
        start = await self.conversation.next()
        self.headers = dict(start["headers"])
        return int(start["status"])

    async def part(self, has: str = "", seconds: float = 6) -> str:
        """The next part that holds the text, as the browser puts it together."""
        async with asyncio.timeout(seconds):
            while True:
                message = await self.conversation.next(seconds)
                text: str = message.get("body", b"").decode()
                if text in (OVER, "") and not message.get("more_body"):
                    return text
                if text == OVER:
                    return text
                if text.startswith("data: ") and has in text:
                    return re.sub(r"^data: ?", "", text, flags=re.M)

    async def end(self) -> None:
        await self.conversation.end()


Open = Callable[[Person, str], Stream]


@pytest.fixture
def app(database: Database, monkeypatch: pytest.MonkeyPatch) -> SecuredApp:
    """An application of the test's own, in more of a hurry: it is stopped."""
    monkeypatch.setattr(live, "LEAST_GAP", 0.05)
    monkeypatch.setattr(live, "SETTLING", 0.2)
    monkeypatch.setattr(logs, "LEAST_GAP", 0.05)
    monkeypatch.setattr(calls, "LEAST_GAP", 0.05)
    monkeypatch.setattr(shared, "SHORTEST", 0.01)
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


async def told(centre: Centre, campaign: int) -> None:
    """As a worker does after a batch of results."""
    await centre.within(lambda connection: tell_campaign(connection, campaign))


def figures(text: str) -> dict[str, str]:
    pairs = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", text)
    return {name: re.sub(r"<[^>]+>", "", value).strip() for name, value in pairs}


async def test_the_overview_follows_the_campaign(
    centre: Centre, admin: Person, opens: Open
) -> None:
    campaign = await centre.loaded(await centre.contact(A), await centre.contact(B))
    stream = opens(admin, f"/campaigns/campaign_{campaign}/live")
    assert await stream.begin() == 200
    assert stream.headers[b"content-type"] == b"text/event-stream; charset=utf-8"
    assert stream.headers[b"cache-control"] == b"no-store"
    shown = figures(await stream.part())
    assert (shown["In the hopper"], shown["Closed"], shown["Calls"]) == ("2", "0", "0")
    call, _ = await centre.claim(campaign)
    await centre.report(call, CallStatus.ANSWER, minutes(1))
    await told(centre, campaign)
    text = await stream.part("Reached")
    shown = figures(text)
    assert (shown["In the hopper"], shown["Closed"], shown["Calls"]) == ("1", "1", "1")
    assert shown["Lines in use"] == "1 / 30"
    assert '"times": [1799053260]' in text


async def test_the_logs_follow_the_campaign_with_their_filter(
    centre: Centre, admin: Person, opens: Open
) -> None:
    campaign = await centre.loaded(await centre.contact(A), await centre.contact(B))
    base = f"/campaigns/campaign_{campaign}"
    hopper = opens(admin, f"{base}/hopper/live?state=READY")
    history = opens(admin, f"{base}/history/live?")
    final = opens(admin, f"{base}/final/live")
    for stream in (hopper, history, final):
        assert await stream.begin() == 200
    assert (await hopper.part()).count("<tr id=") == 2
    assert "No calls yet" in await history.part()
    assert "Nobody is closed yet" in await final.part()
    call, _ = await centre.claim(campaign)
    await centre.report(call, CallStatus.ANSWER, minutes(1))
    await told(centre, campaign)
    assert "Nobody is in this state now" in await hopper.part("Nobody")
    assert (await history.part("Answered")).count("<tr id=") == 1
    assert (await final.part("Reached")).count("<tr id=") == 1


async def test_home_and_the_list_of_campaigns_are_live_too(
    centre: Centre, admin: Person, opens: Open
) -> None:
    campaign = await centre.loaded(await centre.contact(A), name="spring")
    home, rows = opens(admin, "/live/campaigns"), opens(admin, "/campaigns/live?q=spring")
    assert (await home.begin(), await rows.begin()) == (200, 200)
    assert figures(await home.part())["In the hopper"] == "1"
    assert "Running" in await rows.part()
    await centre.report(await centre.claim_one(campaign), CallStatus.ANSWER)
    await centre.rows("UPDATE campaigns SET state = 'PAUSED'")
    await told(centre, campaign)
    assert figures(await home.part("Paused"))["In the hopper"] == "0"
    assert "Paused" in await rows.part("Paused")


async def test_a_contacts_calls_are_live(centre: Centre, admin: Person, opens: Open) -> None:
    contact = await centre.contact(A, (B, None))
    campaign = await centre.loaded(contact)
    stream = opens(admin, f"/contacts/contact_{contact}/calls/live")
    assert await stream.begin() == 200
    assert "1 of 2" in await stream.part()
    await centre.report(await centre.claim_one(campaign), CallStatus.BUSY)
    await told(centre, campaign)
    text = await stream.part("Busy")
    assert "2 of 2" in text.partition("past-calls")[0]


async def test_nothing_is_sent_again_that_has_not_changed(
    centre: Centre, admin: Person, opens: Open
) -> None:
    campaign = await centre.campaign(state="STOPPED")
    stream = opens(admin, f"/campaigns/campaign_{campaign}/live")
    await stream.begin()
    await stream.part()
    for _ in range(3):
        await told(centre, campaign)
        await asyncio.sleep(0.1)
    with pytest.raises(TimeoutError):
        await stream.part(seconds=0.5)


async def test_a_refusal_is_a_refusal_and_no_stream(
    centre: Centre, signed_in: SignIn, app: SecuredApp, admin: Person, opens: Open
) -> None:
    """X-09, X-17."""
    campaign = await centre.campaign()
    agent = await signed_in(Role.AGENT, (Permission.CAMPAIGNS_VIEW,), at=app)
    poor = await signed_in(Role.SUPERVISOR, (), at=app)
    for who, status in ((agent, 404), (poor, 403)):
        for tab in ("", "/hopper", "/history", "/final"):
            stream = opens(who, f"/campaigns/campaign_{campaign}{tab}/live")
            assert await stream.begin() == status, tab
    assert await opens(admin, "/campaigns/campaign_0/live").begin() == 404


async def test_a_stream_ends_when_the_right_or_the_sign_in_does(
    centre: Centre, signed_in: SignIn, app: SecuredApp, opens: Open
) -> None:
    """X-09: in effect at once, also for who has the page open already."""
    campaign = await centre.campaign(state="STOPPED")
    rights = (Permission.CAMPAIGNS_VIEW,)
    demoted = await signed_in(Role.SUPERVISOR, rights, at=app)
    leaver = await signed_in(Role.SUPERVISOR, rights, at=app)
    paths = ("/live", "/history/live")
    streams = [
        opens(who, f"/campaigns/campaign_{campaign}{path}")
        for who in (demoted, leaver)
        for path in paths
    ]
    for stream in streams:
        assert await stream.begin() == 200
        await stream.part()
    await centre.rows(
        "UPDATE profiles SET permissions = '{}' WHERE id = $1", demoted.account.profile_id
    )
    await centre.rows(
        "UPDATE sessions SET revoked_at = now() WHERE user_id = $1", leaver.account.user_id
    )
    await told(centre, campaign)
    for stream in streams:
        assert await stream.part() == OVER


async def test_a_stream_ends_when_the_campaign_is_gone_or_the_server_stops(
    centre: Centre, admin: Person, app: SecuredApp, opens: Open
) -> None:
    gone, stays = await centre.campaign(name="a"), await centre.campaign(name="b")
    app.state.stopping = asyncio.Event()
    first = opens(admin, f"/campaigns/campaign_{gone}/live")
    second = opens(admin, f"/campaigns/campaign_{stays}/live")
    for stream in (first, second):
        await stream.begin()
        await stream.part()
    await centre.rows("DELETE FROM campaigns WHERE id = $1", gone)
    await told(centre, gone)
    assert await first.part() == OVER
    app.state.stopping.set()
    # No word of an end: the page connects again once there is a server again.
    assert await second.part() == ""


async def test_ten_screens_ask_the_database_once(
    centre: Centre, signed_in: SignIn, app: SecuredApp, opens: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hoppers are counted once a moment for all who see the same, not once a screen."""
    campaign = await centre.loaded(await centre.contact(A))
    people = [await signed_in(at=app) for _ in range(5)]
    counted: list[str] = []
    reads = Database.read

    async def read(
        self: Database, tenant_id: int | None, sql: str, *args: object, **how: Any
    ) -> object:
        if "GROUP BY" in sql:
            counted.append(sql)
        return await reads(self, tenant_id, sql, *args, **how)

    monkeypatch.setattr(Database, "read", read)
    streams = [
        opens(person, f"/campaigns/campaign_{campaign}/live") for person in people for _ in range(2)
    ]
    for stream in streams:
        assert await stream.begin() == 200
    for stream in streams:
        assert figures(await stream.part())["In the hopper"] == "1"
    assert len(counted) == 1


async def test_what_is_shared_is_shared_only_among_equals(
    centre: Centre, signed_in: SignIn, app: SecuredApp, opens: Open
) -> None:
    """D9, X-17: another centre, an agent and another language each get their own answer."""
    other = await centre.loaded(await centre.contact(A), name="spring")
    admin = await signed_in(at=app)
    italian = await signed_in(at=app)
    await centre.rows("UPDATE users SET locale = 'it' WHERE id = $1", italian.account.user_id)
    agent = await signed_in(Role.AGENT, (Permission.CAMPAIGNS_VIEW,), at=app)
    pages = {}
    for name, person in (("admin", admin), ("italian", italian), ("agent", agent)):
        stream = opens(person, "/campaigns/live")
        await stream.begin()
        pages[name] = await stream.part()
    assert ("spring" in pages["admin"], "spring" in pages["agent"]) == (True, False)
    assert f"/campaigns/campaign_{other}" in pages["italian"]
    assert "Running" in pages["admin"]
    assert "Running" not in pages["italian"]
