# SPDX-License-Identifier: Apache-2.0
"""Row W1 of reliability section 2, and the graphql-transport-ws protocol with its limits."""

import asyncio

import pytest

from server.domain.permissions import Role
from tests.http import toy
from tests.http.conversations import HOST, SocketConversation

TOKEN = {"authorization": "Bearer admin"}
COOKIE = {"cookie": "session=admin"}


@pytest.mark.parametrize(
    ("origin", "opens"),
    [
        ("https://evil.example", False),
        ("null", False),
        (f"http://{HOST}.evil.example", False),
        (f"http://{HOST}:8080", False),
        (f"http://{HOST}", True),
        (f"https://{HOST}", True),
        (None, True),
    ],
)
async def test_only_our_own_pages_open_a_socket(origin: str | None, opens: bool) -> None:  # W1
    headers = COOKIE | ({"origin": origin} if origin else {})
    socket = SocketConversation(toy.endpoint(), **headers)
    message = await socket.next()
    assert message["type"] == ("websocket.accept" if opens else "websocket.close")
    await socket.end()


@pytest.mark.parametrize("subprotocol", ["graphql-ws", "", "soap"])
async def test_no_other_protocol_is_spoken(subprotocol: str) -> None:
    socket = SocketConversation(toy.endpoint(), subprotocol, **TOKEN)
    assert (await socket.next())["type"] == "websocket.close"
    await socket.end()


async def test_a_subscription_runs_to_its_end_and_frees_its_name() -> None:
    socket = await SocketConversation(toy.endpoint(), **COOKIE).opened()
    for _ in range(2):
        socket.subscribe("a", "subscription($n:Int!){ticks(count:$n)}", variables={"n": 2})
        for number in range(2):
            assert await socket.heard() == {
                "id": "a",
                "type": "next",
                "payload": {"data": {"ticks": number}},
            }
        assert await socket.heard() == {"id": "a", "type": "complete"}
    await socket.end()


async def test_queries_and_mutations_run_too() -> None:
    socket = await SocketConversation(toy.endpoint(), **TOKEN).opened()
    socket.subscribe("1", 'mutation{rename(text:"x")}')
    assert (await socket.heard())["payload"] == {"data": {"rename": "x"}}
    assert await socket.heard() == {"id": "1", "type": "complete"}
    await socket.end()


async def test_a_browser_signs_in_by_connection_init() -> None:
    socket = await SocketConversation(toy.endpoint()).opened(authorization="Bearer admin")
    socket.subscribe("1", "{__typename}")
    assert (await socket.heard())["payload"] == {"data": {"__typename": "Query"}}
    await socket.end()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ([{"type": "connection_init"}], 4401),
        ([{"type": "connection_init", "payload": {"authorization": "Bearer no"}}], 4401),
        ([{"type": "connection_init", "payload": [1]}], 4400),
        ([{"type": "subscribe", "id": "1", "payload": {"query": "{__typename}"}}], 4401),
        (["{"], 4400),
        (["[]"], 4400),
        (["null"], 4400),
        (["[" * 100_000], 4400),
    ],
)
async def test_nobody_gets_in_by_another_way(said: list[object], code: int) -> None:
    socket = SocketConversation(toy.endpoint())
    await socket.next()
    for message in said:
        socket.say(message)
    assert await socket.closed() == code
    await socket.end()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"type": "connection_init"}, 4429),
        ({"type": "start"}, 4400),
        ({"id": "1"}, 4400),
        ({"type": "subscribe", "id": 1, "payload": {"query": "{__typename}"}}, 4400),
        ({"type": "subscribe", "id": "", "payload": {"query": "{__typename}"}}, 4400),
        ({"type": "complete"}, 4400),
        ('{"type":"ping","payload":"' + "x" * 300_000 + '"}', 1009),
    ],
)
async def test_a_broken_message_closes_the_socket(said: object, code: int) -> None:
    socket = await SocketConversation(toy.endpoint(), **TOKEN).opened()
    socket.say(said)
    assert await socket.closed() == code
    await socket.end()


async def test_bytes_are_no_messages() -> None:
    socket = await SocketConversation(toy.endpoint(), **TOKEN).opened()
    socket.to_app.put_nowait({"type": "websocket.receive", "bytes": b"{}"})
    assert await socket.closed() == 4400
    await socket.end()


async def test_ping_is_answered() -> None:
    socket = await SocketConversation(toy.endpoint(), **TOKEN).opened()
    socket.say({"type": "pong"})
    socket.say({"type": "ping"})
    assert await socket.heard() == {"type": "pong"}
    await socket.end()


async def test_silence_after_the_handshake_is_not_waited_for() -> None:
    socket = SocketConversation(toy.endpoint(init_seconds=0.05), **TOKEN)
    assert await socket.closed() == 4408
    await socket.end()


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{nothing}"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "{__schema{queryType{name}}}"}, "FORBIDDEN"),
        ({"query": "{contacts(first:1000000){edges{cursor}}}"}, "LIMIT_EXCEEDED"),
        ({"query": 1}, "BAD_REQUEST"),
        ([], "BAD_REQUEST"),
    ],
)
async def test_a_refused_operation_is_an_error_message(payload: object, code: str) -> None:
    socket = await SocketConversation(toy.endpoint(), authorization="Bearer agent").opened()
    socket.say({"type": "subscribe", "id": "1", "payload": payload})
    message = await socket.heard()
    assert (message["id"], message["type"]) == ("1", "error")
    assert [each["extensions"]["code"] for each in message["payload"]] == [code]
    socket.say({"type": "ping"})
    assert await socket.heard() == {"type": "pong"}
    await socket.end()


async def test_a_bug_in_a_subscription_is_masked() -> None:
    socket = await SocketConversation(toy.endpoint(), **TOKEN).opened()
    socket.subscribe("1", "subscription{breaks}")
    assert (await socket.heard())["payload"] == {"data": {"breaks": 1}}
    message = await socket.heard()
    assert message["type"] == "next"
    assert message["payload"]["errors"][0]["message"] == "Unexpected error."
    assert (await socket.heard())["type"] == "complete"
    await socket.end()


async def test_complete_ends_a_subscription_and_nothing_follows() -> None:
    socket = await SocketConversation(toy.endpoint(), **TOKEN).opened()
    socket.subscribe("1", "subscription{ticks(count:101)}")
    for _ in range(101):
        await socket.heard()
    socket.say({"type": "complete", "id": "1"})
    socket.say({"type": "ping"})
    assert await socket.heard() == {"type": "pong"}
    assert not toy.running
    await socket.end()


async def test_a_name_in_use_closes_the_socket_and_all_it_runs() -> None:
    socket = await SocketConversation(toy.endpoint(), **TOKEN).opened()
    for _ in range(2):
        socket.subscribe("1", "subscription{ticks(count:101)}")
    assert await socket.closed() == 4409
    await socket.task
    assert not toy.running


async def test_a_socket_runs_a_bounded_number_of_operations() -> None:
    app = toy.endpoint(operations_per_socket=1)
    socket = await SocketConversation(app, **TOKEN).opened()
    socket.subscribe("1", "{slow}")
    socket.subscribe("2", "{__typename}")
    message = await socket.heard()
    assert (message["id"], message["type"]) == ("2", "error")
    assert message["payload"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
    await socket.end()


async def test_a_viewer_holds_a_bounded_number_of_sockets() -> None:
    app = toy.endpoint(streams_per_viewer=1)
    first = await SocketConversation(app, **TOKEN).opened()
    second = SocketConversation(app, **TOKEN)
    await second.next()
    second.say({"type": "connection_init"})
    assert await second.closed() == 4429
    await first.end()
    await (await SocketConversation(app, **TOKEN).opened()).end()


@pytest.mark.parametrize(("now", "code"), [(None, 4401), (Role.SUPERVISOR, 1012)])
async def test_lost_or_changed_rights_close_the_socket(now: Role | None, code: int) -> None:
    doors = toy.Doors()
    app = toy.endpoint(doors, recheck_seconds=0.05)
    socket = await SocketConversation(app, authorization="Bearer agent").opened()
    socket.subscribe("1", "subscription{ticks(count:101)}")
    if now is None:
        del doors.people[b"agent"]
    else:
        doors.people[b"agent"] = toy.person(now, user_id=2)
    assert await socket.closed() == code
    await socket.task
    assert not toy.running


async def test_a_client_that_goes_leaves_nothing_running() -> None:
    socket = await SocketConversation(toy.endpoint(), **TOKEN).opened()
    socket.subscribe("1", "subscription{ticks(count:101)}")
    await socket.heard()
    socket.to_app.put_nowait({"type": "websocket.disconnect", "code": 1001})
    async with asyncio.timeout(2):
        await socket.task
    assert not toy.running
