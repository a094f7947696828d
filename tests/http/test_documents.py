# SPDX-License-Identifier: Apache-2.0
"""The cache of checked documents: exact text, bounded by count and by bytes."""

from time import process_time

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


def test_a_fragment_is_summed_up_once_however_often_it_is_spread() -> None:
    """With no limit to stop it early, only the memo keeps 2^40 spreads from being walked."""
    huge = 10**15
    text = "{...F40}fragment F0 on Query{__typename}" + "".join(
        f"fragment F{n} on Query{{...F{n - 1} ...F{n - 1}}}" for n in range(1, 41)
    )
    started = process_time()
    documents(fields=huge, root_fields=huge).checked(text)
    assert process_time() - started < 1


def test_selections_count_wherever_they_are_nested() -> None:
    text = "{contact(id:1){phones{contact{phones{number}}}}}"
    assert documents(fields=5).checked(text)
    with pytest.raises(DocumentError, match="more than 4 fields"):
        documents(fields=4).checked(text)


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
