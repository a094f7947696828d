# SPDX-License-Identifier: Apache-2.0
"""A campaign's hopper, history and final results: the newest live, older ones page by page."""

from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.domain.campaigns import CallStatus
from server.domain.dialer import DialState, FinalReason
from server.domain.permissions import Permission
from server.i18n import label
from web.live import stream
from web.pages.campaigns.agents import UNASSIGNED
from web.pages.campaigns.reading import topic_of
from web.shared import ask_shared, ask_soon
from web.site import Data, PageError, ask, locale_of, page, paging, viewer_of

LEAST_GAP = 1.0  # a table that is read changes no oftener, in seconds
PAUSED = "paused"


@dataclass(frozen=True, kw_only=True)
class Log:
    """One of the three: its filter in the address, and the counts that stand on the filter."""

    name: str
    filter: str
    kind: type[StrEnum]
    counts: str
    connection: str
    has_owners: bool = False  # whether its contacts may be customers of one agent


LOGS = (
    Log(
        name="hopper",
        filter="state",
        kind=DialState,
        counts="entryCounts",
        connection="hopperEntries",
        has_owners=True,
    ),
    Log(
        name="history",
        filter="status",
        kind=CallStatus,
        counts="attemptCounts",
        connection="callAttempts",
    ),
    Log(
        name="final",
        filter="reason",
        kind=FinalReason,
        counts="finalCounts",
        connection="finalResults",
    ),
)


async def show(request: Request, *, log: Log) -> Response:
    counts = await ask_soon(request, "campaigns/totals", ids=(request.path_params["id"],))
    return await _page(request, log, f"campaigns/{log.name}.html", counts)


async def live(request: Request, *, log: Log) -> Response:
    """The first page, whenever the campaign goes on."""
    key = request.path_params["id"]

    async def part() -> Response:
        counts = await ask_shared(request, "campaigns/totals", ids=(key,))
        return await _page(request, log, f"campaigns/_{log.name}.html", counts)

    return await stream(request, [topic_of(key)], part, least_gap=LEAST_GAP)


async def _page(request: Request, log: Log, template: str, counts: Data | None) -> Response:
    query, viewer = dict(request.query_params), viewer_of(request)
    chosen = next((one for one in log.kind if one == query.get(log.filter)), None)
    owner = query.get("owner", "") if log.has_owners else ""
    data = await ask(
        request,
        f"campaigns/{log.name}",
        id=request.path_params["id"],
        withLists=viewer.may(Permission.LISTS_VIEW),
        withContacts=viewer.may(Permission.CONTACTS_VIEW),
        **{log.filter: chosen.value if chosen else None},
        **(_owned(owner) if log.has_owners else {}),
        **paging(request.query_params),
    )
    if data["campaign"] is None:
        raise PageError(404)
    return page(
        request,
        template,
        campaign=data["campaign"],
        rows=data[log.connection],
        # The counts are those of everybody.
        facets=_facets(log, None if owner else counts, chosen, locale_of(request)),
        facet=log.filter,
        is_newest=not (query.get("after") or query.get("before")),
        is_live=query.get("live") != PAUSED,
        query=query,
    )


def _owned(owner: str) -> Data:
    """Customers of one agent, or nobody's (R-01, R-09)."""
    is_free = owner == UNASSIGNED
    return {"owner": None if is_free else owner or None, "free": is_free or None}


def _facets(log: Log, counts: Data | None, chosen: StrEnum | None, locale: str) -> list[Data]:
    """What the rows can be narrowed down to: what there is, and what is chosen already."""
    found = None
    if counts and counts["nodes"] and counts["nodes"][0]:
        found = {row[log.filter]: row["count"] for row in counts["nodes"][0][log.counts]}
    return [
        {
            "value": one.value,
            "label": label(locale, one),
            "count": None if found is None else found.get(one.value, 0),
            "is_chosen": one is chosen,
        }
        for one in log.kind
        if one is not DialState.CLOSED and (found is None or one.value in found or one is chosen)
    ]


ROUTES = [
    route
    for log in LOGS
    for route in (
        Route(f"/campaigns/{{id}}/{log.name}", partial(show, log=log)),
        Route(f"/campaigns/{{id}}/{log.name}/live", partial(live, log=log)),
    )
]
