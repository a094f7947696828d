# SPDX-License-Identifier: Apache-2.0
"""Rows I1 to I5, A1 and W1 of reliability section 2: who may do what at the product's endpoint."""

from typing import Any

import pytest
from starlette.types import ASGIApp

from server.database import Database
from server.domain.permissions import Permission, Role
from server.schema import build_schema
from tests.factories.access import make_account, sign_in
from tests.http.conversations import (
    GRAPHQL_JSON,
    HOST,
    Caller,
    SocketConversation,
    codes,
    refused,
)
from tests.schema.hostile import document_of, operations, value_of

SCHEMA = build_schema()._schema
READERS = [
    "{__schema{types{name}}}",
    '{__type(name:"Contact"){name}}',
    "{...A @include(if:true)}fragment A on Query{__schema{types{name}}}",
]


@pytest.mark.parametrize("query", READERS)
async def test_strangers_do_not_read_the_schema(nobody: Caller, query: str) -> None:  # I1-I3
    answer = await nobody.ask(query, GRAPHQL_JSON)
    assert answer.status_code == 401
    assert refused(answer)
    assert codes(answer) == ["UNAUTHENTICATED"]
    assert (await nobody.ask("{__typename}")).json() == {"data": {"__typename": "Query"}}


async def test_an_agent_does_not_read_the_schema(
    product: ASGIApp, database: Database, tenant: int
) -> None:
    account = await make_account(database, tenant, Role.AGENT, (Permission.CONTACTS_VIEW,))
    token, _ = await sign_in(database, account)
    async with Caller(product, cookie=f"rubrica_session={token}") as agent:
        assert codes(await agent.ask(READERS[0])) == ["FORBIDDEN"]


@pytest.mark.parametrize(
    "query", ["{contakts{totalCount}}", "{viewer{nam}}", '{contact(ib:"x"){id}}']
)
async def test_a_typo_gets_no_suggestion(nobody: Caller, query: str) -> None:  # I5
    answer = await nobody.ask(query)
    assert refused(answer)
    assert "Did you mean" not in answer.text


@pytest.mark.parametrize(
    ("name", "field"),
    [
        pytest.param(name, field, id=name)
        for operation, name, field in operations(SCHEMA)
        if operation == "mutation"
    ],
)
async def test_no_mutation_runs_for_strangers(nobody: Caller, name: str, field: Any) -> None:  # A1
    variables = {key: value_of(argument.type) for key, argument in field.args.items()}
    document = document_of("mutation", name, field)
    answer = await nobody.ask(document, GRAPHQL_JSON, variables=variables)
    assert answer.status_code == 401, answer.text
    assert codes(answer) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize(
    ("origin", "opens"),
    [("https://evil.example", False), ("null", False), (f"http://{HOST}", True), (None, True)],
)
async def test_only_our_own_pages_open_a_socket(
    product: ASGIApp, origin: str | None, opens: bool
) -> None:  # W1
    socket = SocketConversation(product, **({"origin": origin} if origin else {}))
    message = await socket.next()
    assert message["type"] == ("websocket.accept" if opens else "websocket.close")
    await socket.end()


async def test_a_socket_serves_queries_mutations_and_subscriptions(
    product: ASGIApp, bearer: str
) -> None:
    socket = await SocketConversation(product).opened(authorization=f"Bearer {bearer}")
    socket.subscribe("1", "{viewer{role}}")
    assert (await socket.heard())["payload"] == {"data": {"viewer": {"role": "ADMIN"}}}
    assert await socket.heard() == {"id": "1", "type": "complete"}
    socket.subscribe(
        "2",
        'mutation{createContactItemType(input:{name:"Office",orderBy:1,color:"#112233"})'
        "{contactItemType{name} userErrors{code}}}",
    )
    assert (await socket.heard())["payload"]["data"] == {
        "createContactItemType": {"contactItemType": {"name": "Office"}, "userErrors": []}
    }
    assert await socket.heard() == {"id": "2", "type": "complete"}
    socket.subscribe("3", 'subscription{processChanged(id:"process_1"){id}}')
    answer = await socket.heard()
    assert answer["id"] == "3"
    assert "Unexpected" not in str(answer)
    await socket.end()


async def test_a_socket_without_a_known_token_is_closed(product: ASGIApp) -> None:
    for payload in ({}, {"authorization": "Bearer rub_nobody"}, {"authorization": "x"}):
        socket = SocketConversation(product)
        await socket.next()
        socket.say({"type": "connection_init", "payload": payload})
        assert await socket.closed() == 4401
        await socket.end()
