# SPDX-License-Identifier: Apache-2.0
"""Which field of a contact matched best, and how well."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import asyncpg

from server.domain.search import (
    Mark,
    Rank,
    SearchField,
    SearchType,
    marks_of_digits,
    marks_of_words,
    parted,
    rank_of_number,
    rank_of_text,
)
from server.domain.search.ranks import begins_word
from server.services.search.asking import Asked
from server.services.search.found import Found, Match


@dataclass(frozen=True, kw_only=True)
class _Text:
    """A value that words are looked for in; `wholes` count as the whole of it, too."""

    field: SearchField
    value: str
    name: str | None = None
    wholes: Sequence[str] = ()


def judge(row: asyncpg.Record, asked: Asked) -> Found:
    """A row of `contacts.find_contacts`, ranked by its best field."""
    texts = list(_texts(row))
    found = [each for text in texts if (each := _of_text(text, asked))]
    found += _of_numbers(row, asked)
    rank, match = min(found, key=lambda each: each[0], default=None) or _spread(texts, asked)
    if asked.others:
        rank, match = Rank.SIMILAR, _alike(texts, asked)
    return Found(
        type=SearchType.CONTACT,
        id=row["id"],
        title=texts[0].value,
        detail=row["company"] or row["phone"] or row["email"],
        rank=rank,
        match=match,
    )


def _texts(row: asyncpg.Record) -> Iterator[_Text]:
    """The name is the first of them, and always there."""
    first, last = row["first_name"], row["last_name"]
    wholes = [parted(part) for part in (first, last, f"{last} {first}") if part]
    yield _Text(field=SearchField.NAME, value=f"{first} {last}".strip(), wholes=wholes)
    for field, value in ((SearchField.EMAIL, row["email"]), (SearchField.COMPANY, row["company"])):
        if value:
            yield _Text(field=field, value=value)
    for name, text, figure, day, _ in row["custom"]:
        value = text if text is not None else figure if figure is not None else day
        if value is not None:
            shown = f"{value:.15g}" if isinstance(value, float) else str(value)
            yield _Text(field=SearchField.CUSTOM, value=shown, name=name)


def _of_text(text: _Text, asked: Asked) -> tuple[Rank, Match] | None:
    folded = parted(text.value)
    rank = rank_of_text(folded, asked.typed, *text.wholes)
    if rank is None and text.field is SearchField.CUSTOM and asked.beginnings:
        rank = rank_of_number(text.value, asked.beginnings, asked.digits)
        marks = marks_of_digits(text.value, asked.beginnings, asked.digits)
        return None if rank is None else (rank, _match(text, marks))
    return None if rank is None else (rank, _match(text, marks_of_words(text.value, asked.typed)))


def _of_numbers(row: asyncpg.Record, asked: Asked) -> Iterator[tuple[Rank, Match]]:
    if not asked.digits:
        return
    numbers = [(row["phone"], None, None)] if row["phone"] else []
    for place, (number, item_type_id, name) in enumerate([*numbers, *row["numbers"]]):
        rank = rank_of_number(number, asked.beginnings, asked.digits)
        if rank is None:
            continue
        is_primary = place < len(numbers)
        if not asked.beginnings:  # the number is only a part of what was asked
            rank = Rank.WORD if number.endswith(asked.digits) else Rank.INSIDE
        yield (
            rank,
            Match(
                field=SearchField.PHONE if is_primary else SearchField.ADDITIONAL_PHONE,
                value=number,
                marks=marks_of_digits(number, asked.beginnings, asked.digits),
                name=name,
                item_type_id=item_type_id,
            ),
        )


def _spread(texts: Sequence[_Text], asked: Asked) -> tuple[Rank, Match]:
    """The words stand in several fields: the one with the most of them is shown."""
    best, most = texts[0], 0
    begun: set[str] = set()
    for text in texts:
        folded = parted(text.value)
        begun.update(word for word in asked.typed if begins_word(folded, word))
        held = sum(word in folded for word in asked.typed)
        if held > most:
            best, most = text, held
    rank = Rank.WORD if begun >= set(asked.typed) else Rank.INSIDE
    return rank, _match(best, marks_of_words(best.value, asked.typed))


def _alike(texts: Sequence[_Text], asked: Asked) -> Match:
    """Where a word like the typed one stands: in the name, or else in another field."""
    sought = (*asked.others, *asked.typed)
    for text in texts:
        folded = parted(text.value)
        if set(folded.split()) & set(asked.others):
            begun = [word for word in sought if begins_word(folded, word)]
            return _match(text, marks_of_words(text.value, begun))
    return _spread(texts, replace(asked, typed=sought))[1]


def _match(text: _Text, marks: list[Mark]) -> Match:
    return Match(field=text.field, value=text.value, marks=marks, name=text.name)
