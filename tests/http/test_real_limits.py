# SPDX-License-Identifier: Apache-2.0
"""Rows L1 to L11, S1 to S4 and Z1 of reliability section 2 against the product's own schema."""

import pytest
from graphql import get_introspection_query

from server.app import LIST_SIZES
from server.schema import build_schema
from tests.http.conversations import Caller, codes, refused

CYCLE = "lists{contacts(first:1){edges{node{"
PAGE = "contacts(first:100){edges{node{lists{"


def nested(outer: str, opened: str, times: int) -> str:
    inside = opened * times
    return outer + inside + "id" + "}" * (outer + inside).count("{")


HOSTILE = {
    "L1 aliases": "{" + " ".join(f"a{n}:__typename" for n in range(101)) + "}",
    "L2 fields": "{" + "__typename " * 10_000 + "}",
    "L3 unknown directives": "{__typename " + "@aa" * 10 + "}",
    "L4 known directives": "{__typename " + "@skip(if:false)@include(if:true)" * 50 + "}",
    "L5 nested lists": "{nodes(ids:" + "[" * 500 + "]" * 500 + "){id}}",
    "L7 tokens": "{" + "a " * 100_000 + "}",
    "L8 fragments": "{__typename}"
    + "".join(f"fragment F{n} on Query{{__typename}}" for n in range(500)),
    "L9 circular": "{...A}fragment A on Query{...B}fragment B on Query{...A}",
    "L10 exponential": "{...F20}fragment F0 on Query{__typename}"
    + "".join(f"fragment F{n} on Query{{...F{n - 1} ...F{n - 1}}}" for n in range(1, 21)),
    "L11 operations": " ".join(f"query Q{n}{{__typename}}" for n in range(500)),
    "S1 contacts to lists to contacts": nested('{contact(id:"x"){', CYCLE, 15),
    "S1 campaigns to hopper to campaigns": nested(
        '{campaign(id:"x"){', "hopper(first:1){edges{node{campaign{", 15
    ),
    "S1 through fragments": '{contact(id:"x"){...A}}'
    + "".join(
        f"fragment {name} on Contact{{{CYCLE}...{other}" + "}" * 5
        for name, other in ("AB", "BC", "CD", "DE", "EF")
    )
    + "fragment F on Contact{id}",
    "S2 twelve levels of a hundred": nested("{", PAGE, 6),
    "S2 within the depth": nested("{", PAGE, 2),
    "S3 a million": "{contacts(first:1000000){edges{node{id}}}}",
    "S3 the last million": "{contactLists{edges{node{contacts(last:1000000){edges{cursor}}}}}}",
    "S4 pages": "{"
    + " ".join(f"a{n}:contacts(first:100){{edges{{node{{id}}}}}}" for n in range(14))
    + "}",
    "S4 pages of nodes": "{" + " ".join(f'a{n}:nodes(ids:["x"]){{id}}' for n in range(61)) + "}",
}


@pytest.mark.parametrize("document", HOSTILE.values(), ids=HOSTILE.keys())
async def test_hostile_documents_are_refused_at_once(program: Caller, document: str) -> None:
    answer = await program.ask(document)
    assert answer.status_code == 200
    assert refused(answer)
    assert len(answer.json()["errors"]) < 10
    assert set(codes(answer)) <= {
        "LIMIT_EXCEEDED",
        "GRAPHQL_VALIDATION_FAILED",
        "GRAPHQL_PARSE_FAILED",
    }
    if document.startswith("{c"):
        assert codes(answer) == ["LIMIT_EXCEEDED"]
    assert answer.extensions["seconds"] < 1
    again = await program.ask("{__typename}")  # Z1
    assert again.json() == {"data": {"__typename": "Query"}}
    assert again.extensions["seconds"] < 0.2


ORDINARY = {
    "a page of contacts with phones and types": "{contacts(first:50){totalCount edges{node{id"
    " firstName lastName phone additionalPhones{number itemType{name color}}}}}}",
    "a hundred contacts with phones and lists": "{contacts(first:100){edges{node{id"
    " additionalPhones{number itemType{name}} lists{name}}}}}",
    "the hopper with its numbers": "{hopperEntries(first:50){edges{node{state scheduledAt"
    " phones{number counters{status attempts}} contact{firstName} campaign{name}}}}}",
    "the final table": "{finalResults(first:100){edges{node{reason counters{status attempts}"
    " contact{lastName}}}}}",
    "campaigns as the home page shows them": "{campaigns(first:12){edges{node{name state"
    " entryCounts{state count} attemptCounts{status count} finalCounts{reason count}}}}}",
    "one campaign minute by minute": "{campaigns(first:1){edges{node{attemptsByMinute{minute"
    " counts{status count}}}}}}",
    "all of the account": "{viewer{name permissions} sessions{edges{node{id}}}"
    " profiles(first:100){edges{node{name}}} users(first:100){edges{node{name}}}}",
}


@pytest.mark.parametrize("document", ORDINARY.values(), ids=ORDINARY.keys())
async def test_what_pages_and_programs_ask_is_within_the_limits(
    program: Caller, document: str
) -> None:
    answer = await program.ask(document)
    assert "errors" not in answer.json(), answer.text


async def test_of_first_and_last_the_given_one_counts(program: Caller) -> None:
    document = (
        "query($first:Int,$last:Int){hopperEntries(first:$first,last:$last){edges{node{"
        "phones{number counters{attempts}}}}}}"
    )
    for variables in ({"first": 100, "last": None}, {"last": 100}):
        answer = await program.ask(document, variables=variables)
        assert "errors" not in answer.json()
    over = await program.ask(document, variables={"first": 112})  # 112 * (1 + 4 * (1 + 1))
    assert codes(over) == ["LIMIT_EXCEEDED"]


async def test_the_usual_introspection_query_is_answered(program: Caller) -> None:
    query = get_introspection_query(
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
    )
    answer = await program.ask(query)
    assert "errors" not in answer.json()
    assert answer.json()["data"]["__schema"]["queryType"]["name"] == "Query"


def test_sizes_are_given_for_lists_that_exist() -> None:
    types = build_schema()._schema.type_map
    for name in LIST_SIZES:
        kind, _, field = name.partition(".")
        assert field in types[kind].fields  # type: ignore[attr-defined]
