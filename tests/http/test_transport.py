# SPDX-License-Identifier: Apache-2.0
"""Rows C1 to C11, D1, D2, L12 to L14 of reliability section 2: what the transport lets in."""

import gzip

import pytest

from server.http import GraphQLEndpoint
from tests.http import toy
from tests.http.conversations import GRAPHQL_JSON, JSON, Caller, codes

QUERY = b'{"query":"{echo(text:\\"ran\\")}"}'
MUTATION = 'mutation{rename(text:"ran")}'


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        None,
        "application/graphql",
        "application/json; charset=utf-16",
        "text/json",
    ],
)
async def test_a_body_of_another_type_is_415_and_not_executed(
    anyone: Caller, content_type: str | None
) -> None:  # C1-C4, C6
    headers = {"content-type": content_type} if content_type else {}
    answer = await anyone.post("/graphql", content=QUERY, headers=headers)
    assert answer.status_code == 415
    assert codes(answer) == ["UNSUPPORTED_MEDIA_TYPE"]
    assert toy.executed == []


@pytest.mark.parametrize("content_type", ["application/json", 'Application/JSON; charset="UTF-8"'])
async def test_json_in_utf8_is_executed(anyone: Caller, content_type: str) -> None:
    answer = await anyone.post("/graphql", content=QUERY, headers={"content-type": content_type})
    assert answer.json() == {"data": {"echo": "ran"}}


async def test_a_mutation_by_get_is_405(anyone: Caller) -> None:  # C7
    answer = await anyone.get("/graphql", params={"query": MUTATION}, headers={"accept": JSON})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert toy.executed == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (
            {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "accept": "text/html"},
            403,
        ),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "cors", "accept": JSON}, 403),
        ({"sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors", "accept": "*/*"}, 403),
        ({"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}, 406),
        ({"accept": "*/*"}, 406),
        ({"accept": JSON}, 200),
        ({"accept": GRAPHQL_JSON}, 200),
        ({"accept": "*/*", "sec-fetch-mode": "cors"}, 200),
        ({"accept": "*/*", "x-requested-with": "fetch"}, 200),
        ({"accept": JSON, "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"}, 200),
    ],
)
async def test_get_needs_a_sign_that_a_program_asks(
    anyone: Caller, headers: dict[str, str], status: int
) -> None:  # C8
    answer = await anyone.get("/graphql", params={"query": '{echo(text:"ran")}'}, headers=headers)
    assert answer.status_code == status
    assert toy.executed == (["ran"] if status == 200 else [])


async def test_get_takes_variables_as_json_text(anyone: Caller) -> None:
    answer = await anyone.get(
        "/graphql",
        params={"query": "query($n:Int!){twice(number:$n)}", "variables": '{"n":21}'},
        headers={"accept": JSON},
    )
    assert answer.json() == {"data": {"twice": 42}}


@pytest.mark.parametrize(
    "query_string", ["query=%ff", "query={echo", "variables={", "query={a}&variables=[1]", ""]
)
async def test_a_broken_address_is_a_clean_refusal(anyone: Caller, query_string: str) -> None:
    answer = await anyone.get(f"/graphql?{query_string}", headers={"accept": GRAPHQL_JSON})
    assert answer.status_code == 400


@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
async def test_no_answer_invites_a_foreign_origin(anyone: Caller, method: str) -> None:  # C9, C10
    answer = await anyone.request(
        method,
        "/graphql",
        content=QUERY,
        headers={
            "origin": "https://evil.example",
            "content-type": JSON,
            "access-control-request-method": "POST",
        },
    )
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert toy.executed == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "HEAD"])
async def test_other_methods_are_405(anyone: Caller, method: str) -> None:  # C11
    answer = await anyone.request(method, "/graphql", content=QUERY)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, POST, OPTIONS"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"origin": "http://centre.example"}, 200),
        ({"origin": "https://centre.example"}, 200),  # a proxy ends TLS
        ({"origin": "http://centre.example:8443"}, 403),
        ({"origin": "http://centre.example", "sec-fetch-site": "cross-site"}, 403),
        ({}, 200),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site", "origin": "http://other.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://centre.example.evil.example"}, 403),
        ({"origin": "http://evil.example", "authorization": "Bearer admin"}, 200),
    ],
)
async def test_a_cookie_counts_only_on_our_own_pages(
    headers: dict[str, str], status: int
) -> None:  # ASVS 3.5.1
    async with Caller(toy.endpoint(), cookie="session=admin") as caller:
        answer = await caller.post(
            "/graphql", json={"query": MUTATION}, headers={"accept": GRAPHQL_JSON, **headers}
        )
    assert answer.status_code == status
    assert toy.executed == (["ran"] if status == 200 else [])


async def test_an_origin_that_the_settings_name_is_ours() -> None:
    endpoint = GraphQLEndpoint(
        toy.SCHEMA,
        toy.CoreExecutor(),
        viewer_of=toy.Doors().viewer_of,
        context_of=lambda scope, viewer: toy.ToyContext(viewer),
        own_origins=frozenset({"https://rubrica.example"}),
    )
    async with Caller(endpoint, cookie="session=admin") as caller:
        answer = await caller.post(
            "/graphql", json={"query": MUTATION}, headers={"origin": "https://rubrica.example"}
        )
    assert answer.status_code == 200


@pytest.mark.parametrize("body", [b"[" + b",".join([QUERY] * 10) + b"]", b"[]"])
async def test_batches_are_400(anyone: Caller, body: bytes) -> None:  # D1, D2
    answer = await anyone.post("/graphql", content=body, headers={"content-type": JSON})
    assert answer.status_code == 400
    assert toy.executed == []


async def test_900_kb_of_variables_are_413(anyone: Caller) -> None:  # L12
    answer = await anyone.ask("{__typename}", variables={"a": "x" * 900_000})
    assert answer.status_code == 413
    assert answer.headers["connection"] == "close"


async def test_a_large_body_without_a_length_is_413(anyone: Caller) -> None:
    async def chunks():  # type: ignore[no-untyped-def]
        for _ in range(100):
            yield b" " * 8192

    answer = await anyone.post("/graphql", content=chunks(), headers={"content-type": JSON})
    assert answer.status_code == 413


async def test_json_100_000_deep_is_400(anyone: Caller) -> None:  # L13
    for body in (b"[" * 100_000, b'{"query":"{__typename}","variables":' + b'{"a":' * 40_000):
        answer = await anyone.post("/graphql", content=body, headers={"content-type": JSON})
        assert answer.status_code == 400
        assert answer.extensions["seconds"] < 1


async def test_deep_json_with_a_surrogate_is_400(anyone: Caller) -> None:
    body = b'{"query":"\\ud800","variables":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    answer = await anyone.post("/graphql", content=body, headers={"content-type": JSON})
    assert answer.status_code == 400


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "zstd", "x"])
async def test_compressed_bodies_are_415(anyone: Caller, encoding: str) -> None:  # L14
    answer = await anyone.post(
        "/graphql",
        content=gzip.compress(QUERY + b" " * 5_000_000),
        headers={"content-type": JSON, "content-encoding": encoding},
    )
    assert answer.status_code == 415


async def test_an_accept_that_we_cannot_meet_is_406(anyone: Caller) -> None:
    assert (await anyone.ask("{__typename}", accept="image/png")).status_code == 406


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*", JSON),
        ("application/*", JSON),
        (f"{GRAPHQL_JSON}, {JSON};q=0.9", GRAPHQL_JSON),
        (f"{JSON};q=0.1, {GRAPHQL_JSON};q=0.5", GRAPHQL_JSON),
        (f"{GRAPHQL_JSON};q=0, {JSON}", JSON),
        (f"{GRAPHQL_JSON};charset=utf-8", GRAPHQL_JSON),
        (f"{JSON};q=nonsense, {GRAPHQL_JSON}", GRAPHQL_JSON),
    ],
)
async def test_the_best_accepted_type_is_sent(
    anyone: Caller, accept: str, content_type: str
) -> None:
    answer = await anyone.ask("{__typename}", accept=accept)
    assert answer.headers["content-type"] == f"{content_type}; charset=utf-8"
