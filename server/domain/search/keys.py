# SPDX-License-Identifier: Apache-2.0
"""The form in which texts are compared in a search: one spelling for one name, in plain ASCII.

Trigrams need letters that every locale of PostgreSQL takes for letters. What stays beside ASCII
after folding is written with the Latin letter that it sounds like most: "Łukasz" is found by
"lukasz", "Иван" by "ivan" and "иван". The database does the same in `rubrica_fold`.
"""

from server.domain.text import sort_key

_LETTERS = (
    ("łđðøħıŋŧĸəƒ", "lddohintkef"),
    ("абвгдежзиклмнопрстуфхцчшщыэюяіјљњћџђ", "abvgdejziklmnoprstufhcqwwyeuaijlncdd"),
    ("αβγδεζηθικλμνξοπρσςτυφχψω", "abgdezitiklmnxoprsstyfhpo"),
)
SPELLINGS = {"æ": "ae", "œ": "oe", "ß": "ss", "þ": "th"}
SOFT = "ъьʼʹ"  # signs without a sound
SIGNS = ".@-_'&,/()+\""  # what parts words, beside blanks
QUOTES = "’‘`´"  # other hands write them for an apostrophe
_PLAIN = {
    **{
        ord(letter): plain
        for letters, sounds in _LETTERS
        for letter, plain in zip(letters, sounds, strict=True)
    },
    **{ord(letter): text for letter, text in SPELLINGS.items()},
    **{ord(letter): "" for letter in SOFT},
}
PARTED = str.maketrans(dict.fromkeys(SIGNS + QUOTES, " "))
# Where letters with marks live: Latin, Greek, Cyrillic, and the Latin ones of Vietnam.
_BLOCKS = ((0xC0, 0x250), (0x370, 0x530), (0x1E00, 0x2000))


def search_key(*parts: str) -> str:
    """Folded like a sort key, and in ASCII wherever a Latin letter comes near."""
    folded = sort_key(*parts)
    return folded if folded.isascii() else folded.translate(_PLAIN)


def search_words(folded: str) -> list[str]:
    """The words of a search key, parted as the database parts them."""
    return folded.translate(PARTED).split()


def parted(value: str) -> str:
    """A text as words are looked for in it."""
    return " ".join(search_words(search_key(value)))


def folded_letters() -> tuple[str, str]:
    """For `translate` of SQL: what a sort key may still have beside ASCII, and what it becomes."""
    single = [(chr(code), plain) for code, plain in _PLAIN.items() if len(plain) == 1]
    known = "".join(letter for letter, _ in single) + QUOTES
    return known + SOFT, "".join(plain for _, plain in single) + " " * len(QUOTES)


def letters() -> tuple[str, str]:
    """Every single letter beside ASCII that becomes one, and what it becomes; then what vanishes.

    The first text may be longer than the second: so `translate` of SQL has it.
    """
    pairs = [(chr(code), plain) for code, plain in _PLAIN.items() if len(plain) == 1]
    known = {letter for letter, _ in pairs}
    for first, last in _BLOCKS:
        for code in range(first, last):
            letter, plain = chr(code), search_key(chr(code))
            if letter not in known and len(plain) == 1 and plain.isascii():
                pairs.append((letter, plain))
    return "".join(pair[0] for pair in pairs) + SOFT, "".join(pair[1] for pair in pairs)
