# SPDX-License-Identifier: Apache-2.0
"""Rows L1 to L11, S1 to S4 and Z1 of reliability section 2: refused, soon, with few errors."""

import asyncio

import pytest

from tests.http import toy
from tests.http.conversations import Caller, codes, refused

EXPONENTIAL = "{...F20}fragment F0 on Query{__typename}" + "".join(
    f"fragment F{n} on Query{{...F{n - 1} ...F{n - 1}}}" for n in range(1, 21)
)
HOSTILE = {
    "L1 aliases": "{" + " ".join(f"a{n}:__typename" for n in range(101)) + "}",
    "L2 fields": "{" + "__typename " * 10_000 + "}",
    "L3 unknown directives": "{__typename " + "@aa" * 10 + "}",
    "L4 known directives": "{__typename " + "@skip(if:false)@include(if:true)" * 50 + "}",
    "L5 nested lists": "{twice(number:" + "[" * 500 + "]" * 500 + ")}",
    "L7 tokens": "{" + "a " * 100_000 + "}",
    "L8 fragments": "{__typename}"
    + "".join(f"fragment F{n} on Query{{__typename}}" for n in range(500)),
    "L9 circular": "{...A}fragment A on Query{...B}fragment B on Query{...A}",
    "L9 circular, itself": "{...A}fragment A on Query{__typename ...A}",
    "L9 circular, unused": "{__typename}fragment A on Query{...B}fragment B on Query{...A}",
    "L10 exponential": EXPONENTIAL,
    "L10 exponential, unused": EXPONENTIAL.replace("{...F20}", "{__typename}"),
    "L10 exponential, inside fields": "{contact(id:1){...F20}}fragment F0 on Contact{name}"
    + "".join(
        f"fragment F{n} on Contact{{phones{{contact{{...F{n - 1}}}}} ...F{n - 1}}}"
        for n in range(1, 21)
    ),
    "L11 operations": " ".join(f"query Q{n}{{__typename}}" for n in range(500)),
    "deep inline fragments": "{" + "...{" * 150 + "__typename" + "}" * 151,
    "deep by many fragments": "{...F48}fragment F0 on Query{__typename}"
    + "".join(f"fragment F{n} on Query{{...{{...{{...{{...F{n - 1}}}}}}}}}" for n in range(1, 49)),
    "one field again and again": "{" + "contact(id:1){name} " * 150 + "}",
    "root fields": "mutation{" + " ".join(f'a{n}:rename(text:"x")' for n in range(21)) + "}",
    "comments": "{__typename}" + "#\n" * 50_000,
    "S1 cycle": "{contact(id:1){" + "phones{contact{" * 30 + "name" + "}}" * 30 + "}}",
    "S2 pages of pages": "{contacts(first:100){edges{node{"
    + "phones{contact{" * 5
    + "name"
    + "}}" * 5
    + "}}}}",
    "S3 a million": "{contacts(first:1000000){edges{node{name}}}}",
    "S3 a number of 5000 digits": "{contacts(first:" + "9" * 5000 + "){edges{node{name}}}}",
    "S4 aliased pages": "{"
    + " ".join(f"a{n}:contacts(first:100){{edges{{node{{name}}}}}}" for n in range(14))
    + "}",
    "a page through fragments": "{...P ...Q}"
    "fragment P on Query{contacts(first:600){...E}}"
    "fragment Q on Query{more:contacts(last:600){...E}}"
    "fragment E on ContactConnection{edges{node{name}}}",
    "1001 ids": "{nodes(ids:[" + '"1" ' * 1001 + "]){name}}",
}


@pytest.mark.parametrize("document", HOSTILE.values(), ids=HOSTILE.keys())
async def test_hostile_documents_are_refused_at_once(admin: Caller, document: str) -> None:
    answer = await admin.ask(document)
    assert answer.status_code == 200
    assert refused(answer)
    assert len(answer.json()["errors"]) < 10
    assert set(codes(answer)) <= {
        "LIMIT_EXCEEDED",
        "GRAPHQL_VALIDATION_FAILED",
        "GRAPHQL_PARSE_FAILED",
    }
    assert answer.extensions["seconds"] < 1
    assert len(answer.content) < 5000


async def test_a_2_mb_document_is_413(anyone: Caller) -> None:  # L6
    answer = await anyone.ask("{" + "__typename " * 190_000 + "}")
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("variables", "allowed"),
    [
        ({"first": 1000}, True),
        ({"first": 1001}, False),
        ({"first": 10**30}, False),
        ({}, True),
        ({"first": None}, True),
    ],
)
async def test_a_page_size_in_a_variable_counts(
    anyone: Caller, variables: dict[str, object], allowed: bool
) -> None:  # S3
    answer = await anyone.ask(
        "query($first:Int=3){contacts(first:$first){edges{node{name}}}}", variables=variables
    )
    assert refused(answer) is not allowed
    if not allowed:
        assert codes(answer) == ["LIMIT_EXCEEDED"]


async def test_variables_multiply_along_the_nesting(anyone: Caller) -> None:  # S2
    document = "query($a:Int,$b:[ID!]!){nodes(ids:$b){name} ...P}" + (
        "fragment P on Query{contacts(first:$a){edges{node{phones{contact{phones{number}}}}}}}"
    )
    within = await anyone.ask(document, variables={"a": 47, "b": ["1"] * 13})  # 47 * 21 + 13
    assert not refused(within)
    over = await anyone.ask(document, variables={"a": 47, "b": ["1"] * 14})
    assert codes(over) == ["LIMIT_EXCEEDED"]


async def test_a_count_alone_costs_nothing(anyone: Caller) -> None:
    answer = await anyone.ask("{contacts(first:100000){totalCount}}")
    assert answer.json() == {"data": {"contacts": {"totalCount": 100000}}}


@pytest.mark.parametrize(
    ("within", "over"),
    [
        (
            "{" + " ".join(f"a{n}:__typename" for n in range(20)) + "}",
            "{" + " ".join(f"a{n}:__typename" for n in range(21)) + "}",
        ),
        (
            "{contact(id:1){" + " ".join(f"a{n}:name" for n in range(30)) + "}}",
            "{contact(id:1){" + " ".join(f"a{n}:name" for n in range(31)) + "}}",
        ),
        (
            "{__typename" + "@skip(if:false) __typename" * 20 + "}",
            "{__typename" + "@skip(if:false) __typename" * 21 + "}",
        ),
        (
            "{contact(id:1){" + "...{" * 62 + "name" + "}" * 64,
            "{contact(id:1){" + "...{" * 63 + "name" + "}" * 65,
        ),
        (
            "{contacts(first:1000){edges{cursor}}}",
            "{contacts(first:1001){edges{cursor}}}",
        ),
    ],
    ids=["root fields", "aliases", "directives", "nesting", "cost"],
)
async def test_each_limit_stands_exactly_where_it_says(within: str, over: str) -> None:
    async with Caller(toy.endpoint(root_fields=20, directives=20, aliases=30)) as caller:
        if "@skip" in within:  # else root fields would be the first excess
            within, over = (f"{{contact(id:1){each}}}" for each in (within, over))
        assert not refused(await caller.ask(within))
        assert codes(await caller.ask(over)) == ["LIMIT_EXCEEDED"]


async def test_depth_is_counted_through_fragments(anyone: Caller) -> None:  # S1
    def document(pairs: int) -> str:
        inside = "phones{contact{" * pairs + "name" + "}}" * pairs
        return f"{{contact(id:1){{...C}}}}fragment C on Contact{{{inside}}}"

    async with Caller(toy.endpoint(cost=10**9)) as caller:
        assert not refused(await caller.ask(document(6)))  # 1 + 12 + 1 = 14
        assert codes(await caller.ask(document(7))) == ["LIMIT_EXCEEDED"]  # 16


async def test_schema_lists_within_lists_are_refused_even_to_admins(admin: Caller) -> None:
    inside = "name"
    for _ in range(3):
        inside = f"fields{{type{{{inside}}}}}"
    answer = await admin.ask(f"{{__schema{{types{{...T}}}}}}fragment T on __Type{{{inside}}}")
    assert codes(answer) == ["LIMIT_EXCEEDED"]


async def test_after_all_of_it_a_small_query_is_as_fast_as_before() -> None:  # Z1
    async with Caller(toy.endpoint(), authorization="Bearer admin") as caller:
        await caller.ask("{__typename}")

        async def quickest() -> float:
            answers = [await caller.ask("{__typename}") for _ in range(20)]
            assert all(answer.json() == {"data": {"__typename": "Query"}} for answer in answers)
            return float(min(answer.extensions["seconds"] for answer in answers))

        before = await quickest()
        await asyncio.gather(*(caller.ask(document) for document in HOSTILE.values()))
        assert await quickest() < before * 3 + 0.002
