# SPDX-License-Identifier: Apache-2.0
"""Rows M1 to M16, S5 and S6 of reliability section 2: malformed requests and hostile values."""

import pytest

from tests.http.conversations import GRAPHQL_JSON, JSON, Caller, codes, refused

BODIES = {
    "M1 open brace": b"{",
    "M2 null": b"null",
    "M3 string": b'"x"',
    "M4 number": b"1",
    "M5 query of a wrong type": b'{"query":1}',
    "M6 variables of a wrong type": b'{"query":"{__typename}","variables":[1]}',
    "M7 operationName of a wrong type": b'{"query":"{__typename}","operationName":7}',
    "M8 not UTF-8": b"\xff\xfe",
    "M9 extensions of a wrong type": b'{"query":"{__typename}","extensions":1}',
    "M10 empty": b"",
    "M10 no query": b"{}",
    "M15 NaN": b'{"query":"{__typename}","variables":{"n":NaN}}',
    "M15 NaN and a surrogate": b'{"query":"{__typename}","variables":{"n":NaN,"s":"\\ud800"}}',
    "M16 BOM": b'\xef\xbb\xbf{"query":"{__typename}"}',
    "bad UTF-8 inside": b'{"query":"{__typename}","variables":{"n":"\xff"}}',
    "too large a number": b'{"query":"{__typename}","variables":{"n":1e999}}',
}


@pytest.mark.parametrize("accept", [JSON, GRAPHQL_JSON])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
async def test_what_is_no_request_is_400(anyone: Caller, body: bytes, accept: str) -> None:
    answer = await anyone.post(
        "/graphql", content=body, headers={"content-type": JSON, "accept": accept}
    )
    assert answer.status_code == 400
    assert codes(answer) == ["BAD_REQUEST"]
    assert refused(answer)


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"query": "query A{__typename}", "operationName": "B"}, "BAD_USER_INPUT"),  # M11
        ({"query": "query A{__typename} query B{__typename}"}, "BAD_USER_INPUT"),
        ({"query": "subscription{ticks(count:1)}"}, "BAD_USER_INPUT"),  # M12
        ({"query": ""}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{\x00}"}, "GRAPHQL_PARSE_FAILED"),  # M14
        ({"query": "\udc80"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "fragment A on Query{__typename}"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "type A{b:Int}"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "{twice(number:99999999999)}"}, "GRAPHQL_VALIDATION_FAILED"),
        (
            {"query": "query($n:Int!){twice(number:$n)}", "variables": {"n": "1"}},
            "BAD_USER_INPUT",
        ),
    ],
)
async def test_what_graphql_refuses_is_200_for_json_and_400_otherwise(
    anyone: Caller, parameters: dict[str, object], code: str
) -> None:
    for accept, status in ((JSON, 200), (GRAPHQL_JSON, 400)):
        answer = await anyone.ask(accept=accept, **parameters)  # type: ignore[arg-type]
        assert answer.status_code == status
        assert refused(answer)
        assert code in codes(answer)


async def test_of_a_doubled_key_the_last_counts(anyone: Caller) -> None:  # M13
    answer = await anyone.post(
        "/graphql",
        content=b'{"query":"{nothing}","query":"{__typename}"}',
        headers={"content-type": JSON},
    )
    assert answer.json() == {"data": {"__typename": "Query"}}


HOSTILE_STRINGS = [
    "' OR 1=1 --",
    "\x00",
    "a\x00b",
    "\ud800",
    "\udfff tail",
    "x" * 100_000,
    "<script>alert(1)</script>",
    "=cmd|'/c calc'!A1",
    "{{7*7}}${7*7}",
    "../../../../etc/passwd",
    "\u202egnp.exe",
    "line\r\nlevel=error user=admin",
]


@pytest.mark.parametrize("text", HOSTILE_STRINGS, ids=range(len(HOSTILE_STRINGS)))
async def test_hostile_text_comes_back_as_it_is(anyone: Caller, text: str) -> None:  # S5
    answer = await anyone.ask("query($t:String!){echo(text:$t)}", variables={"t": text})
    assert answer.status_code == 200
    assert answer.json() == {"data": {"echo": text}}


async def test_text_that_cannot_be_stored_is_the_callers_mistake(anyone: Caller) -> None:  # S5
    answer = await anyone.ask("query($t:String!){unstorable(text:$t)}", variables={"t": "\ud800"})
    assert codes(answer) == ["BAD_USER_INPUT"]
    assert "Unexpected" not in answer.text


@pytest.mark.parametrize("number", [2**31, -(2**31) - 1, 10**10, 2**63, 2**64, 10**40, 1.5, True])
async def test_numbers_outside_int_are_refused(anyone: Caller, number: object) -> None:  # S6
    answer = await anyone.ask("query($n:Int!){twice(number:$n)}", variables={"n": number})
    assert codes(answer) == ["BAD_USER_INPUT"]


async def test_an_id_beyond_64_bits_is_no_fault_of_ours(anyone: Caller) -> None:  # S6
    answer = await anyone.post(
        "/graphql",
        content=b'{"query":"query($i:ID!){contact(id:$i){name}}","variables":{"i":'
        + b"9" * 60
        + b"}}",
        headers={"content-type": JSON},
    )
    assert answer.status_code == 200
    assert "Unexpected" not in answer.text
