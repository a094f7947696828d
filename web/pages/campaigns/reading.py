# SPDX-License-Identifier: Apache-2.0
"""The list of campaigns, and a campaign's overview, live."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from server.domain.campaigns import CampaignState
from server.domain.permissions import Permission
from server.domain.views import ViewSubject
from server.i18n import label
from web.live import stream
from web.pages.live import AGENTS_TOPIC, live_of
from web.series import by_minute, grown
from web.shared import ask_shared, ask_soon
from web.site import Data, PageError, ask, ask_one, locale_of, page, paging, sorting, viewer_of
from web.views import Views, views_of

AskTotals = Callable[..., Awaitable[Data | None]]
SORTS = {"name": "NAME", "created": "CREATED_AT"}


async def index(request: Request) -> Response:
    campaigns = await _campaigns(request)
    views = await views_of(request, ViewSubject.CAMPAIGNS)
    return await _listed(request, "campaigns/index.html", campaigns, ask_soon, views)


async def rows(request: Request) -> Response:
    """The list's rows, whenever a campaign on it changes."""
    first = await _campaigns(request)

    async def part() -> Response:
        return await _listed(request, "campaigns/_rows.html", await _campaigns(request), ask_shared)

    return await stream(request, [topic_of(key) for key in _keys(first)], part)


async def _campaigns(request: Request) -> Data:
    query = request.query_params
    state = _state(request)
    data = await ask(
        request,
        "campaigns/index",
        search=query.get("q") or None,
        state=state.value if state else None,
        withLists=viewer_of(request).may(Permission.LISTS_VIEW),
        **sorting(query, SORTS, "name"),
        **paging(query),
    )
    found: Data = data["campaigns"]
    return found


async def _listed(
    request: Request,
    template: str,
    campaigns: Data,
    ask_totals: AskTotals,
    views: Views | None = None,
) -> Response:
    """Hoppers of millions are counted in a moment of their own, for which no page waits."""
    keys = _keys(campaigns)
    found = await ask_totals(request, "campaigns/totals", ids=tuple(keys)) if keys else None
    locale, state = locale_of(request), _state(request)
    return page(
        request,
        template,
        campaigns=campaigns,
        totals={one["id"]: one for one in found["nodes"] if one} if found else {},
        states=[(one.value, label(locale, one)) for one in CampaignState],
        state=label(locale, state) if state else None,
        views=views,
        query=dict(request.query_params),
    )


def _keys(campaigns: Data) -> list[str]:
    return [edge["node"]["id"] for edge in campaigns["edges"]]


def _state(request: Request) -> CampaignState | None:
    wanted = request.query_params.get("state")
    return next((state for state in CampaignState if state == wanted), None)


async def overview(request: Request) -> Response:
    campaign = await campaign_of(request)
    found = await ask_soon(request, "campaigns/live", id=campaign["id"])
    counts = found["campaign"] if found else None
    values: Data = plotted(counts) if counts else {"counts": None}
    values["live_now"] = await live_of(request, campaign["id"])
    return page(request, "campaigns/overview.html", campaign=campaign, **values)


async def live(request: Request) -> Response:
    """The counts and the plots, whenever they change."""
    key = request.path_params["id"]

    async def part() -> Response:
        found = await ask_shared(request, "campaigns/live", id=key)
        if found["campaign"] is None:
            raise PageError(404)
        values = plotted(found["campaign"]) | {"live_now": await live_of(request, key)}
        return page(request, "campaigns/_counts.html", **values)

    return await stream(request, [topic_of(key), AGENTS_TOPIC], part)


def plotted(counts: Data) -> Data:
    """A campaign's counts with the lines that are drawn of them."""
    calls = by_minute(counts["attemptsByMinute"], "status", ("ANSWER",))
    closings = by_minute(counts["closingsByMinute"], "reason", ("REACHED",))
    closed = {row["reason"]: row["count"] for row in counts["finalCounts"]}
    reached = closed.get("REACHED", 0)
    closings = grown(closings, reached, sum(closed.values()) - reached)
    return {"counts": counts, "calls": calls, "closings": closings}


def topic_of(campaign_id: str) -> str:
    """The channel on which the database tells that something in the campaign has changed."""
    return f"campaign:{campaign_id.rpartition('_')[2]}"


async def campaign_of(request: Request) -> Data:
    """The campaign that the address names."""
    may = viewer_of(request).may(Permission.LISTS_VIEW)
    return await ask_one(request, "campaigns/one", id=request.path_params["id"], withLists=may)
