# SPDX-License-Identifier: Apache-2.0
"""Words that typing errors, or "ue" for "ü", may have made of what was typed."""

import re
from collections.abc import Sequence
from dataclasses import replace

from server.domain.permissions import Viewer
from server.domain.search import search_words
from server.domain.search.distances import distance
from server.services.search.asking import Asked
from server.services.search.found import Reads

_SHORTEST = 4  # letters; of shorter words too many others are alike
_LONG = 8  # letters from which on two errors are forgiven
_LOOKED_AT = 40
_KEPT = 6  # words for each that was typed
_WORD = re.compile(rf"[a-z]{{{_SHORTEST},40}}")
_UMLAUT = re.compile("(?<![aeq])([aou])e")  # as in "Mueller", though not in "Bauer" or "Miguel"
_SIMILAR = """
SELECT a.word AS asked, s.word FROM unnest($1::text[]) AS a (word),
LATERAL rubrica_similar_words(a.word, $2) AS s
"""


async def like(reads: Reads, viewer: Viewer, asked: Asked) -> Asked | None:
    """The same with words much like the typed ones; None where no name has any."""
    uncertain = [word for word in asked.words if _WORD.fullmatch(word)]
    if not uncertain or asked.beginnings:
        return None
    rows = await reads.read(viewer.tenant_id, _SIMILAR, uncertain, _LOOKED_AT)
    alike: dict[str, list[tuple[int, str]]] = {}
    for row in rows:
        typed, word = row["asked"], row["word"]
        errors = distance(typed, word)
        if 0 < errors <= (2 if len(typed) >= _LONG else 1):
            alike.setdefault(typed, []).append((errors, word))
    plain = {short for word in uncertain if (short := _UMLAUT.sub(r"\1", word)) != word}
    if not alike and not plain:
        return None
    patterns = [
        _pattern(word, [other for _, other in sorted(alike.get(word, ()))[:_KEPT]])
        for word in asked.words
    ]
    return replace(
        asked,
        words=tuple(sorted(patterns, key=len, reverse=True)),
        steps=("alike",),
        others=(
            *(part for found in alike.values() for _, word in found for part in search_words(word)),
            *plain,
        ),
    )


def _pattern(word: str, others: Sequence[str]) -> str:
    """A regular expression for a search key: what begins as typed, or another word whole."""
    begun = _UMLAUT.sub(r"\1e?", word) if _WORD.fullmatch(word) else re.escape(word)
    spaced = [" ".join(search_words(other)) for other in others]
    wholes = [f"{re.escape(other)}( |$)" for other in spaced if other]
    return f" ({'|'.join([begun, *wholes])})"
