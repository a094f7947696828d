# SPDX-License-Identifier: Apache-2.0
"""The cache of checked documents: exact text, bounded by count and by bytes."""

import pytest

from server.limits import DocumentError, Documents, Limits
from tests.http import toy


def documents(**limits: int) -> Documents:
    return Documents(toy.SCHEMA._schema, Limits(**limits))  # type: ignore[arg-type]


def test_the_same_text_is_checked_once() -> None:
    cache = documents()
    assert cache.checked("{__typename}") is cache.checked("{__typename}")
    assert cache.checked("{__typename}") is not cache.checked("{ __typename}")


def test_a_refusal_is_remembered_and_raised_anew() -> None:
    cache = documents()
    with pytest.raises(DocumentError) as first:
        cache.checked("{nothing}")
    with pytest.raises(DocumentError) as second:
        cache.checked("{nothing}")
    assert first.value is not second.value
    assert first.value.errors[0] is second.value.errors[0]


def test_the_least_used_document_goes_first() -> None:
    cache = documents(cached_documents=2)
    kept = cache.checked("{a:__typename}")
    cache.checked("{b:__typename}")
    cache.checked("{a:__typename}")
    cache.checked("{c:__typename}")
    assert list(cache.kept) == ["{a:__typename}", "{c:__typename}"]
    assert cache.checked("{a:__typename}") is kept


def test_bytes_bound_the_cache_whatever_the_count() -> None:
    cache = documents(cached_bytes=100_000)
    for number in range(200):
        cache.checked("{" + f"a{number}:__typename " + "__typename " * 10 + "}")
    assert 0 < cache.kept_bytes <= 100_000
    assert len(cache.kept) < 20
    assert cache.kept_bytes == sum(weight for _, weight in cache.kept.values())


def test_an_operation_is_singled_out_by_name() -> None:
    checked = documents().checked("query A{__typename}query B{a:__typename}")
    assert checked.operation("B").name == "B"
    for name in (None, "C", ""):
        with pytest.raises(DocumentError):
            checked.operation(name)


@pytest.mark.parametrize(
    ("text", "introspects"),
    [
        ("{__typename contact(id:1){__typename}}", False),
        ('{__type(name:"Query"){name}}', True),
        ("{...A}fragment A on Query{...@include(if:true){__schema{queryType{name}}}}", True),
    ],
)
def test_reading_the_schema_is_seen_through_fragments(text: str, introspects: bool) -> None:  # I3
    assert documents().checked(text).operation(None).introspects is introspects
