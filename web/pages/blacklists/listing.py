# SPDX-License-Identifier: Apache-2.0
"""The list of do-not-call entries, and its filters between address and API (C-29)."""

from datetime import UTC, date, datetime, time, timedelta

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from server.domain.blacklists import Media
from server.domain.permissions import Permission
from server.i18n import N_, label, translate
from web.formats import zone_of
from web.pages.lists import list_options
from web.site import Data, ask, locale_of, page, paging, sorting, viewer_of

SORTS = {"created": "CREATED_AT", "name": "NAME"}
TEXTS = {"q": "search", "name": "name", "number": "number", "email": "email"}
HOLDS: dict[str, tuple[str, Data]] = {
    "opt-out": (N_("Opt-outs"), {"isOptOut": True}),
    "everywhere": (N_("For every call"), {"isEverywhere": True}),
    "automatic": (N_("For automatic calls only"), {"isEverywhere": False}),
}
CHIPS = {
    "name": N_("Name: %(name)s"),
    "number": N_("Number: %(name)s"),
    "email": N_("E-mail: %(name)s"),
    "media": N_("Kind: %(name)s"),
    "campaign": N_("Campaign: %(name)s"),
    "list": N_("List: %(name)s"),
    "holds": N_("Holds: %(name)s"),
    "from": N_("Added from %(name)s"),
    "until": N_("Added until %(name)s"),
}
Pairs = list[tuple[str, str]]


async def index(request: Request) -> Response:
    query = {key: value for key, value in request.query_params.items() if value}
    given = filter_of(request)
    campaigns, lists = await scopes_of(request)
    data = await ask(
        request,
        "blacklists/index",
        filter=given,
        **may_see(request),
        **sorting(request.query_params, SORTS, "-created"),
        **paging(request.query_params),
    )
    return page(
        request,
        "blacklists/index.html",
        entries=data["blacklistEntries"],
        campaigns=campaigns,
        lists=lists,
        media=media_options(request),
        holds=[(key, text) for key, (text, _) in HOLDS.items()],
        chips=_chips(request, given, dict(campaigns), dict(lists)),
        filter_keys=list(CHIPS),
        query=query,
    )


def may_see(request: Request) -> dict[str, object]:
    """What an entry refers to is asked for as far as the reader may see it."""
    viewer = viewer_of(request)
    return {
        "withContacts": viewer.may(Permission.CONTACTS_VIEW),
        "withCampaigns": viewer.may(Permission.CAMPAIGNS_VIEW),
        "withLists": viewer.may(Permission.LISTS_VIEW),
    }


async def scopes_of(request: Request) -> tuple[Pairs, Pairs]:
    """The campaigns and the lists that an entry can hold for: pairs of id and name."""
    campaigns: Pairs = []
    if viewer_of(request).may(Permission.CAMPAIGNS_VIEW):
        edges = (await ask(request, "blacklists/campaigns"))["campaigns"]["edges"]
        campaigns = [(edge["node"]["id"], edge["node"]["name"]) for edge in edges]
    return campaigns, await list_options(request)


def media_options(request: Request) -> Pairs:
    return [(media.value, label(locale_of(request), media)) for media in Media]


def filter_of(request: Request, params: QueryParams | None = None) -> Data:
    """The API's filter; what cannot be read does not narrow."""
    query, viewer = params or request.query_params, viewer_of(request)
    given: Data = {name: query[key] for key, name in TEXTS.items() if query.get(key)}
    if query.get("media") in set(Media):
        given["media"] = query["media"]
    if query.get("campaign"):
        given["campaignId"] = query["campaign"]
    if query.get("list"):
        given["listId"] = query["list"]
    if query.get("holds") in HOLDS:
        given |= HOLDS[query["holds"]][1]
    for key, name, days in (("from", "createdFrom", 0), ("until", "createdBefore", 1)):
        if moment := _midnight(query.get(key, ""), viewer.timezone, days):
            given[name] = moment
    return given


def _chips(
    request: Request, given: Data, campaigns: dict[str, str], lists: dict[str, str]
) -> list[tuple[str, list[str]]]:
    query, locale = request.query_params, locale_of(request)
    holds = HOLDS.get(query.get("holds", ""))
    words = {
        "name": given.get("name"),
        "number": given.get("number"),
        "email": given.get("email"),
        "media": label(locale, Media(given["media"])) if "media" in given else None,
        "campaign": campaigns.get(query.get("campaign", ""), "–") if query.get("campaign") else "",
        "list": lists.get(query.get("list", ""), "–") if query.get("list") else "",
        "holds": translate(locale, holds[0]) if holds else None,
        "from": query["from"] if "createdFrom" in given else None,
        "until": query["until"] if "createdBefore" in given else None,
    }
    return [
        (translate(locale, CHIPS[key], name=text), [key]) for key, text in words.items() if text
    ]


def _midnight(text: str, timezone: str, days: int) -> str | None:
    """When that day begins where the reader is, or so many days later."""
    try:
        day = date.fromisoformat(text) + timedelta(days=days)
        local = datetime.combine(day, time(), tzinfo=zone_of(timezone))
        return local.astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return None
