# SPDX-License-Identifier: Apache-2.0
"""What a campaign's hopper holds for the next days, hour by hour, as a plot with its table."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.domain.permissions import Permission
from web.formats import instant
from web.pages.campaigns.reading import campaign_of
from web.shared import ask_shared, ask_soon
from web.site import Data, PageError, page, viewer_who_may

DAYS = (1, 3, 7, 14, 28)
USUAL = 3


async def show(request: Request) -> Response:
    """A million entries take a moment: the page does not wait for them, unless it is told to."""
    viewer_who_may(request, Permission.CALLS_VIEW)
    campaign, days = await campaign_of(request), _days(request)
    ask = ask_shared if "wait" in request.query_params else ask_soon
    found = await ask(request, "campaigns/forecast", id=campaign["id"], hours=days * 24)
    return page(
        request,
        "campaigns/forecast.html",
        campaign=campaign,
        days=days,
        choices=DAYS,
        **(_shown(found) if found else {"forecast": None}),
    )


async def figures(request: Request) -> Response:
    viewer_who_may(request, Permission.CALLS_VIEW)
    key, days = request.path_params["id"], _days(request)
    found = await ask_shared(request, "campaigns/forecast", id=key, hours=days * 24)
    return page(request, "campaigns/_forecast.html", days=days, **_shown(found))


def _shown(found: Data) -> Data:
    forecast = found["forecast"]["forecast"]
    if forecast is None:
        raise PageError(404)
    hours = forecast["hours"]
    return {
        "forecast": forecast,
        "times": [int(instant(hour["at"]).timestamp()) for hour in hours],
        "has_closed": any(not hour["isOpen"] for hour in hours),
    }


def _days(request: Request) -> int:
    asked = request.query_params.get("days", "")
    return next((days for days in DAYS if str(days) == asked), USUAL)


ROUTES = [
    Route("/campaigns/{id}/forecast", show),
    Route("/campaigns/{id}/forecast/figures", figures),
]
