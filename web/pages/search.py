# SPDX-License-Identifier: Apache-2.0
"""Global search: what stands under the box while typing, and the page of all results (X-08)."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.domain.permissions import Permission, Viewer
from server.domain.search import SearchType
from server.i18n import N_, translate
from web.site import Data, ask, locale_of, page, viewer_of

SOON = 12  # results that stand under the box
ALL = 100  # results on the page
LONGEST = 200  # characters of a text, as in the box
# What each type is called as a group, its symbol, and who may see it.
GROUPS = {
    SearchType.CONTACT: (N_("Contacts"), "contacts", Permission.CONTACTS_VIEW),
    SearchType.LIST: (N_("Lists"), "lists", Permission.LISTS_VIEW),
    SearchType.CAMPAIGN: (N_("Campaigns"), "campaigns", Permission.CAMPAIGNS_VIEW),
    SearchType.ITEM_TYPE: (N_("Contact item types"), "types", Permission.ITEM_TYPES_VIEW),
    SearchType.USER: (N_("Users"), "users", Permission.USERS_VIEW),
}


async def index(request: Request) -> Response:
    """The page of all results; the types are filters, one at a time."""
    viewer, text = viewer_of(request), _text(request)
    offered = offered_types(viewer)
    chosen = next((one for one in offered if one == request.query_params.get("type")), None)
    groups = await _found(request, text, ALL, chosen)
    count = sum(len(group["results"]) for group in groups)
    return page(
        request,
        "search/index.html",
        text=text,
        groups=groups,
        count=count,
        is_cut=count == ALL,
        chosen=chosen,
        offered=[(one.value, translate(locale_of(request), GROUPS[one][0])) for one in offered],
    )


async def suggestions(request: Request) -> Response:
    """What the box shows while typing; nothing of it is kept anywhere."""
    text = _text(request)
    groups = await _found(request, text, SOON, None)
    headers = {"Cache-Control": "no-store"}
    return page(request, "search/_suggestions.html", headers=headers, text=text, groups=groups)


def offered_types(viewer: Viewer) -> list[SearchType]:
    """Those that the viewer may see anything of."""
    return [one for one, (_, _, permission) in GROUPS.items() if viewer.may(permission)]


def _text(request: Request) -> str:
    """As much of it as the box takes: a page is no place for ten thousand characters."""
    return request.query_params.get("q", "").strip()[:LONGEST]


async def _found(request: Request, text: str, most: int, chosen: SearchType | None) -> list[Data]:
    """By type, the types in the order of their best results."""
    if not text:
        return []
    types = None if chosen is None else [chosen.value]
    data = await ask(request, "search/results", text=text, types=types, first=most)
    viewer, groups = viewer_of(request), dict[str, Data]()
    for one in data["search"]:
        msgid, symbol, _ = GROUPS[SearchType(one["type"])]
        name = translate(locale_of(request), msgid)
        group = groups.setdefault(one["type"], {"name": name, "icon": symbol, "results": []})
        group["results"].append(one | {"url": url_of(one, viewer)})
    return list(groups.values())


def url_of(found: Data, viewer: Viewer) -> str:
    """Where the object is, or else the list that shows it."""
    key, name = found["node"]["id"], quote(found["title"])
    match SearchType(found["type"]):
        case SearchType.CONTACT:
            return f"/contacts/{key}"
        case SearchType.CAMPAIGN:
            return f"/campaigns/{key}"
        case SearchType.LIST if viewer.may(Permission.CONTACTS_VIEW):
            return f"/contacts?list={key}"
        case SearchType.LIST:
            return f"/lists?q={name}"
        case SearchType.ITEM_TYPE if viewer.may(Permission.ITEM_TYPES_EDIT):
            return f"/item-types/{key}"
        case SearchType.ITEM_TYPE:
            return f"/item-types?q={name}"
        case SearchType.USER if viewer.may(Permission.USERS_EDIT):
            return f"/users/{key}"
        case SearchType.USER:
            return f"/users?q={name}"


ROUTES = [Route("/search", index), Route("/search/suggestions", suggestions)]
