# SPDX-License-Identifier: Apache-2.0
"""Rows C1 to D2, L12 to M16 of reliability section 2 against the product's own endpoint."""

import gzip
import json

import pytest

from tests.http.conversations import GRAPHQL_JSON, JSON, Caller, codes, refused

QUERY = b'{"query":"{__typename}"}'
CREATE = (
    'mutation{createContactItemType(input:{name:"By GET",orderBy:1,color:"#112233"}){__typename}}'
)
TYPES = "{contactItemTypes{totalCount}}"


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        None,
        "application/graphql",
    ],
)
async def test_a_body_of_another_type_is_415(program: Caller, content_type: str | None) -> None:
    headers = {"content-type": content_type} if content_type else {}
    body = json.dumps({"query": CREATE}).encode()
    answer = await program.post("/graphql", content=body, headers=headers)  # C1-C4, C6
    assert answer.status_code == 415
    assert (await program.ask(TYPES)).json()["data"]["contactItemTypes"]["totalCount"] == 0


@pytest.mark.parametrize("accept", ["*/*", JSON, GRAPHQL_JSON, f"text/event-stream, {JSON}"])
async def test_a_mutation_by_get_is_405_in_whatever_form_the_answer_would_come(
    program: Caller, accept: str
) -> None:  # C7, ASVS 3.5.3
    headers = {"accept": accept}
    for query in (CREATE, "mutation{__typename}"):
        answer = await program.get("/graphql", params={"query": query}, headers=headers)
        assert answer.status_code == 405
        assert answer.headers["allow"] == "POST"
    assert (await program.ask(TYPES)).json()["data"]["contactItemTypes"]["totalCount"] == 0


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "cross-site", "accept": "text/html"}, 403),
        ({"sec-fetch-site": "cross-site", "accept": JSON}, 403),
        ({"accept": "text/html"}, 406),
        ({"accept": "*/*"}, 406),
        ({"accept": JSON}, 200),
    ],
)
async def test_a_query_by_get_is_not_for_navigations(
    nobody: Caller, headers: dict[str, str], status: int
) -> None:  # C8, I4
    answer = await nobody.get("/graphql", params={"query": "{__typename}"}, headers=headers)
    assert answer.status_code == status
    assert "<" not in answer.text


@pytest.mark.parametrize(("method", "status"), [("POST", 403), ("OPTIONS", 204)])
async def test_no_foreign_origin_is_let_in(nobody: Caller, method: str, status: int) -> None:
    headers = {
        "content-type": JSON,
        "origin": "https://evil.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
    }
    answer = await nobody.request(method, "/graphql", content=QUERY, headers=headers)  # C9, C10
    assert answer.status_code == status
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "HEAD"])
async def test_other_methods_are_405(nobody: Caller, method: str) -> None:  # C11
    headers = {"content-type": JSON}
    answer = await nobody.request(method, "/graphql", content=QUERY, headers=headers)
    assert answer.status_code == 405


BAD = {
    "D1": b"[" + b",".join([QUERY] * 10) + b"]",
    "D2": b"[]",
    "L13 lists": b"[" * 100_000,
    "L13 objects": b'{"query":"{__typename}","variables":' + b'{"a":' * 40_000,
    "M1": b"{",
    "M2": b"null",
    "M3": b'"x"',
    "M4": b"1",
    "M5": b'{"query":1}',
    "M6": b'{"query":"{__typename}","variables":[1]}',
    "M7": b'{"query":"{__typename}","operationName":7}',
    "M8": b"\xff\xfe",
    "M9": b'{"query":"{__typename}","extensions":1}',
    "M10": b"",
    "M14 raw": b'{"query":"{__type\x00name}"}',
    "M15": b'{"query":"{__typename}","variables":{"n":NaN}}',
    "M16": b"\xef\xbb\xbf" + QUERY,
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD.keys())
async def test_what_is_no_request_is_400(program: Caller, body: bytes) -> None:
    answer = await program.post("/graphql", content=body, headers={"content-type": JSON})
    assert answer.status_code == 400
    assert codes(answer) == ["BAD_REQUEST"]
    assert answer.extensions["seconds"] < 1


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"query": "query A{__typename}", "operationName": "B"}, "BAD_USER_INPUT"),  # M11
        ({"query": 'subscription{processChanged(id:"x"){__typename}}'}, "BAD_USER_INPUT"),  # M12
        ({"query": "{__typename\x00}"}, "GRAPHQL_PARSE_FAILED"),  # M14
    ],
)
async def test_what_graphql_refuses_is_a_clean_error(
    program: Caller, parameters: dict[str, object], code: str
) -> None:
    for accept, status in ((JSON, 200), (GRAPHQL_JSON, 400)):
        answer = await program.ask(accept=accept, **parameters)
        assert answer.status_code == status
        assert refused(answer)
        assert codes(answer) == [code]


async def test_of_a_doubled_key_the_last_counts(nobody: Caller) -> None:  # M13
    body = b'{"query":"{nothing}","query":"{__typename}"}'
    answer = await nobody.post("/graphql", content=body, headers={"content-type": JSON})
    assert answer.json() == {"data": {"__typename": "Query"}}


async def test_large_and_compressed_bodies_are_refused_unread(program: Caller) -> None:
    large = await program.ask("{__typename}", variables={"a": "x" * 900_000})
    assert large.status_code == 413  # L12
    document = await program.ask("{" + "__typename " * 190_000 + "}")
    assert document.status_code == 413  # L6
    bomb = await program.post(
        "/graphql",
        content=gzip.compress(b" " * 50_000_000, 1),
        headers={"content-type": JSON, "content-encoding": "gzip"},
    )
    assert bomb.status_code == 415  # L14


@pytest.mark.parametrize("query", ["{__typename}", "{", "{contacts{totalCount}}"])
async def test_answers_are_neither_sniffed_nor_stored_and_name_no_version(
    nobody: Caller, query: str
) -> None:  # I6, I7, I8
    answer = await nobody.ask(query, extensions={"tracing": True})
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers
    assert "x-powered-by" not in answer.headers
    assert "extensions" not in answer.json()
