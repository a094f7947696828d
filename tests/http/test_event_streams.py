# SPDX-License-Identifier: Apache-2.0
"""Subscriptions as server-sent events: GraphQL over SSE, distinct connections."""

import asyncio
import json
from typing import Any

from server.domain.permissions import Role
from tests.http import toy
from tests.http.conversations import HOST, Caller, Conversation, codes

EVENTS = "text/event-stream"


def stream(app: Any, query: str, token: str = "admin") -> Conversation:
    conversation = Conversation(
        app,
        {
            "type": "http",
            "method": "POST",
            "path": "/graphql",
            "headers": [
                (b"host", HOST.encode()),
                (b"content-type", b"application/json"),
                (b"accept", EVENTS.encode()),
                (b"authorization", f"Bearer {token}".encode()),
            ],
        },
    )
    body = json.dumps({"query": query}).encode()
    conversation.to_app.put_nowait({"type": "http.request", "body": body})
    return conversation


async def started(conversation: Conversation) -> Conversation:
    assert (await conversation.next())["status"] == 200
    assert (await conversation.next())["body"] == b":\n\n"
    return conversation


async def heard(conversation: Conversation) -> Any:
    chunk = (await conversation.next())["body"]
    assert chunk.startswith(b"event: next\ndata: ")
    assert chunk.endswith(b"\n\n")
    return json.loads(chunk[18:])


async def test_each_value_is_an_event_and_the_end_too(admin: Caller) -> None:
    answer = await admin.ask("subscription{ticks(count:2)}", accept=EVENTS)
    assert answer.headers["content-type"] == f"{EVENTS}; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text == (
        ":\n\n"
        'event: next\ndata: {"data":{"ticks":0}}\n\n'
        'event: next\ndata: {"data":{"ticks":1}}\n\n'
        "event: complete\ndata: \n\n"
    )


async def test_a_query_is_one_event(admin: Caller) -> None:
    answer = await admin.ask("{__typename}", accept=EVENTS)
    assert answer.text.count("event: next") == 1
    assert '{"data":{"__typename":"Query"}}' in answer.text


async def test_a_refused_document_is_one_event_of_errors(admin: Caller, agent: Caller) -> None:
    answer = await admin.ask("subscription{tocks}", accept=EVENTS)
    assert "GRAPHQL_VALIDATION_FAILED" in answer.text
    assert answer.text.endswith("event: complete\ndata: \n\n")
    assert "FORBIDDEN" in (await agent.ask("{__schema{queryType{name}}}", accept=EVENTS)).text


async def test_nobody_listens_without_signing_in(anyone: Caller) -> None:
    answer = await anyone.ask("subscription{ticks(count:2)}", accept=EVENTS)
    assert answer.status_code == 401
    assert codes(answer) == ["UNAUTHENTICATED"]


async def test_a_bug_in_a_stream_is_masked(admin: Caller) -> None:
    answer = await admin.ask("subscription{breaks}", accept=EVENTS)
    assert '{"data":{"breaks":1}}' in answer.text
    assert "INTERNAL" in answer.text
    assert "secret" not in answer.text


async def test_a_listener_who_leaves_ends_the_subscription() -> None:
    conversation = await started(stream(toy.endpoint(), "subscription{ticks(count:101)}"))
    assert await heard(conversation) == {"data": {"ticks": 0}}
    assert toy.running
    conversation.to_app.put_nowait({"type": "http.disconnect"})
    async with asyncio.timeout(2):
        await conversation.task
    assert not toy.running


async def test_a_silent_stream_shows_that_it_is_alive() -> None:
    app = toy.endpoint(heartbeat_seconds=0.05)
    conversation = await started(stream(app, "subscription{ticks(count:101)}"))
    for _ in range(101):
        await heard(conversation)
    assert (await conversation.next())["body"] == b":\n\n"
    await conversation.end()


async def test_a_stream_ends_when_its_session_does() -> None:  # ASVS 7.4.1, 7.4.2; X-09
    doors = toy.Doors()
    app = toy.endpoint(doors, recheck_seconds=0.05)
    conversation = await started(stream(app, "subscription{ticks(count:101)}", "agent"))
    doors.people[b"agent"] = toy.person(Role.SUPERVISOR, user_id=2)
    async with asyncio.timeout(2):
        await conversation.task
    assert not toy.running


async def test_a_viewer_holds_a_bounded_number_of_streams() -> None:
    app = toy.endpoint(streams_per_viewer=1)
    first = await started(stream(app, "subscription{ticks(count:101)}"))
    second = stream(app, "subscription{ticks(count:1)}")
    assert (await second.next())["status"] == 400
    other = await started(stream(app, "subscription{ticks(count:1)}", "agent"))
    await first.end()
    third = await started(stream(app, "subscription{ticks(count:1)}"))
    for each in (first, second, other, third):
        await each.end()
    assert not app.service.streams
