# SPDX-License-Identifier: Apache-2.0
"""Finding contacts in a list as the global search finds them, but none by a typing error."""

from collections.abc import Callable

from sqlalchemy import ColumnElement, FromClause, any_, false, func, true

from server.domain.counts import SEARCH_CAP
from server.domain.permissions import Viewer
from server.services.search.asking import read_abroad, read_text
from server.services.search.contacts import Reach, keys_found

Condition = Callable[[FromClause], ColumnElement[bool]]

MOST = SEARCH_CAP


def matching(
    text: str, viewer: Viewer, *, list_id: int | None = None, campaign_id: int | None = None
) -> Condition:
    """The contacts that a search box means by this text, the best MOST of them; blank finds all.

    Inside a list or a campaign they are the best of those in it, so that none is crowded out. What
    an agent does not see crowds nobody out either.
    """
    if not text.strip():
        return lambda contacts: true()
    asked = read_text(text, viewer.region)
    if asked is None:
        return lambda contacts: false()
    reach = Reach(list_id=list_id, campaign_id=campaign_id)
    found = keys_found(asked, viewer, MOST, reach)
    if abroad := read_abroad(asked):
        found = func.coalesce(func.nullif(found, []), keys_found(abroad, viewer, MOST, reach))
    return lambda contacts: contacts.c.id == any_(found)
