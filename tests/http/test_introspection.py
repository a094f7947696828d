# SPDX-License-Identifier: Apache-2.0
"""Rows I1 to I8 of reliability section 2: who reads the schema, and what answers give away."""

import pytest
from graphql import get_introspection_query

from tests.http.conversations import GRAPHQL_JSON, JSON, Caller, codes, refused

READERS = [
    "{__schema{queryType{name}}}",
    '{__type(name:"Query"){name}}',
    "{__typename ...A @include(if:true)}fragment A on Query{s:__schema{queryType{name}}}",
    "query($yes:Boolean=true){...@include(if:$yes){__schema{types{name}}}}",
    "query A{__typename} query B{__schema{queryType{name}}}",
]


@pytest.mark.parametrize("query", READERS)
async def test_the_schema_is_read_only_with_the_permission(
    anyone: Caller, agent: Caller, admin: Caller, query: str
) -> None:  # I1-I3
    parameters = {"operationName": "B"} if "query B" in query else {}
    for caller, status, code in ((anyone, 401, "UNAUTHENTICATED"), (agent, 403, "FORBIDDEN")):
        answer = await caller.ask(query, **parameters)
        assert refused(answer)
        assert codes(answer) == [code]
        assert (await caller.ask(query, GRAPHQL_JSON, **parameters)).status_code == status
    assert not refused(await admin.ask(query, **parameters))


async def test_the_usual_introspection_query_is_within_the_limits(admin: Caller) -> None:
    query = get_introspection_query(
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
    )
    answer = await admin.ask(query)
    assert "errors" not in answer.json()
    assert answer.json()["data"]["__schema"]["queryType"]["name"] == "Query"


async def test_an_operation_beside_one_that_introspects_runs(anyone: Caller) -> None:
    answer = await anyone.ask(
        "query A{__typename} query B{__schema{queryType{name}}}", operationName="A"
    )
    assert answer.json() == {"data": {"__typename": "Query"}}


async def test_the_endpoint_shows_no_page(admin: Caller) -> None:  # I4
    answer = await admin.get("/graphql", headers={"accept": "text/html"})
    assert answer.status_code == 406
    assert "<" not in answer.text


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{contakt(id:1){name}}", {}),
        ("{contact(ib:1){name}}", {}),
        ("{contact(id:1){...A}} fragment A on Contakt{name}", {}),
        ("{contact(id:1){nam}}", {}),
        ("{__typename @incude(if:true)}", {}),
        ("query($n:Int!){twice(number:$n)}", {"m": 1}),
    ],
)
async def test_a_typo_gets_no_suggestion(
    anyone: Caller, query: str, variables: dict[str, object]
) -> None:  # I5
    answer = await anyone.ask(query, variables=variables)
    assert refused(answer)
    assert "Did you mean" not in answer.text


async def test_answers_carry_data_and_nothing_else(anyone: Caller) -> None:  # I6
    answer = await anyone.ask("{__typename}", extensions={"tracing": True})
    assert answer.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("query", ["{__typename}", "{", "{broken}"], ids=["fine", "refused", "bug"])
async def test_answers_are_neither_sniffed_nor_stored(anyone: Caller, query: str) -> None:  # I7, I8
    answer = await anyone.ask(query)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == f"{JSON}; charset=utf-8"
    assert "server" not in answer.headers
    assert "x-powered-by" not in answer.headers
