# SPDX-License-Identifier: Apache-2.0
"""Global search: the text onto services, and what they found into the reader's words (X-08)."""

from dataclasses import dataclass
from typing import Any

from strawberry import ID

from server.context import Context
from server.domain.permissions import Permission
from server.domain.search import SearchType
from server.i18n import label
from server.planner import key_of, reference
from server.planner.arguments import BadArgumentError
from server.planner.declarations import LARGEST_PAGE
from server.planner.ids import cursor, parse_cursor
from server.resolvers.inputs import NO_ROW
from server.services import search
from server.services.search import Found, Match, PhoneMatch

NODES = {
    SearchType.CONTACT: ("Contact", Permission.CONTACTS_VIEW),
    SearchType.ITEM_TYPE: ("ContactItemType", Permission.ITEM_TYPES_VIEW),
    SearchType.LIST: ("ContactList", Permission.LISTS_VIEW),
    SearchType.CAMPAIGN: ("Campaign", Permission.CAMPAIGNS_VIEW),
    SearchType.USER: ("User", Permission.USERS_VIEW),
}


async def find(
    context: Context,
    text: str,
    types: list[SearchType] | None = None,
    first: int = 20,
) -> list[dict[str, Any]]:
    viewer = context.require(None)
    _check_size(first)
    wanted = [
        kind
        for kind in SearchType
        if (types is None or kind in types) and viewer.may(NODES[kind][1])
    ]
    found = await search.search_everything(context.database, viewer, text, wanted, first)
    return [_result(context.locale, each) for each in found]


@dataclass(frozen=True)
class PhoneMatchPage:
    edges: list[dict[str, Any]]
    page_info: dict[str, Any]
    total_count_capped: int


async def phone_matches(
    context: Context,
    text: str,
    campaign_id: ID | None = None,
    first: int = 50,
    after: str | None = None,
) -> PhoneMatchPage:
    viewer = context.require(Permission.CONTACTS_VIEW)
    _check_size(first)
    campaign = None
    if campaign_id is not None:
        campaign = key_of(campaign_id, "Campaign") or NO_ROW
    start = None if after is None else parse_cursor(after, [str, int, int])
    if after is not None and start is None:
        raise BadArgumentError("'after' is no cursor of this list; take one from 'pageInfo'.")
    matches = await search.find_phones(context.database, viewer, text, campaign_id=campaign)
    keys = [match.key for match in matches]
    begins = 0 if start is None else sum(key <= tuple(start) for key in keys)
    page = matches[begins : begins + first]
    edges = [_edge(context.locale, match) for match in page]
    info = {
        "hasNextPage": len(matches) > begins + first,
        "hasPreviousPage": begins > 0,
        "startCursor": edges[0]["cursor"] if edges else None,
        "endCursor": edges[-1]["cursor"] if edges else None,
    }
    return PhoneMatchPage(edges, info, len(matches))


def _check_size(first: int) -> None:
    if not 0 <= first <= LARGEST_PAGE:
        raise BadArgumentError(f"'first' must be between 0 and {LARGEST_PAGE}.")


def _result(locale: str, found: Found) -> dict[str, Any]:
    return {
        "type": found.type,
        "typeLabel": label(locale, found.type),
        "node": reference(NODES[found.type][0], found.id),
        "title": found.title,
        "detail": found.detail,
        "matched": _matched(locale, found.match),
        "rank": int(found.rank),
        "accuracy": found.accuracy,
    }


def _matched(locale: str, match: Match) -> dict[str, Any]:
    return {
        "field": match.field,
        "label": field_label(locale, match),
        "value": match.value,
        "marks": match.marks,
        "itemType": _item_type(match.item_type_id),
    }


def field_label(locale: str, match: Match) -> str:
    return label(locale, match.field) if match.name is None else match.name


def _edge(locale: str, match: PhoneMatch) -> dict[str, Any]:
    return {
        "node": reference("Contact", match.contact_id),
        "cursor": cursor(match.key),
        "matchedPhone": {
            "number": match.match.value,
            "label": field_label(locale, match.match),
            "marks": match.match.marks,
            "itemType": _item_type(match.match.item_type_id),
            "description": match.description,
            "position": match.position,
            "isPrimary": match.position is None,
        },
    }


def _item_type(key: int | None) -> Any:
    return None if key is None else reference("ContactItemType", key)
