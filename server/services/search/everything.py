# SPDX-License-Identifier: Apache-2.0
"""All types together, the best first."""

from collections.abc import Sequence

from server.domain.permissions import Viewer
from server.domain.search import SearchType
from server.services.search.asking import read_text
from server.services.search.contacts import find_contacts
from server.services.search.found import Found, Reads
from server.services.search.others import find_others

_KEPT = 3  # places that each type has for its best, however many contacts stand higher


async def search_everything(
    reads: Reads, viewer: Viewer, text: str, types: Sequence[SearchType], most: int
) -> list[Found]:
    """At most `most` of the types, which are those that the viewer may see."""
    asked = read_text(text, viewer.region)
    if asked is None or most == 0:
        return []
    found: list[Found] = []
    if SearchType.CONTACT in types:
        found += await find_contacts(reads, viewer, asked, most)
    others = [kind for kind in SearchType if kind in types and kind is not SearchType.CONTACT]
    found += await find_others(reads, viewer, others, asked.typed)
    return _best(found, most)


def _best(found: list[Found], most: int) -> list[Found]:
    """Ranked; of each type the first few have a place, as contacts alone would fill the page."""
    places = {kind: place for place, kind in enumerate(SearchType)}
    ranked = sorted(found, key=lambda each: (each.rank, places[each.type], each.title))
    if len(ranked) <= most:
        return ranked
    seen = dict.fromkeys(SearchType, 0)
    kept: set[tuple[SearchType, int]] = set()
    for each in ranked:
        if seen[each.type] < _KEPT:
            seen[each.type] += 1
            kept.add((each.type, each.id))
    free = most - len(kept)
    chosen = []
    for each in ranked:
        if (each.type, each.id) in kept:
            chosen.append(each)
        elif free > 0:
            free -= 1
            chosen.append(each)
    return chosen[:most]
