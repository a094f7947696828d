# SPDX-License-Identifier: Apache-2.0
"""What goes on now: the centre on a page of its own, and quietly in the top bar of every page."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.domain.permissions import Permission, Viewer
from web.frame import INDICATOR
from web.live import stream
from web.series import by_minute
from web.shared import ask_shared, ask_soon
from web.site import Data, page, viewer_of, viewer_who_may

AGENTS_TOPIC = "rubrica_agents"
"""The channel on which the database tells that an agent's state has changed."""
INDICATOR_GAP = 2.0  # seconds between two changes of what nobody looks at for long


def centre_topic(viewer: Viewer) -> str:
    """The channel on which the database tells that something in any campaign has changed."""
    return f"centre:{viewer.tenant_id}"


async def show(request: Request) -> Response:
    viewer_who_may(request, Permission.CALLS_VIEW)
    found = await ask_soon(request, "live/index")
    return page(request, "live/index.html", **(_shown(found) if found else {"centre": None}))


async def figures(request: Request) -> Response:
    viewer = viewer_who_may(request, Permission.CALLS_VIEW)

    async def part() -> Response:
        viewer_who_may(request, Permission.CALLS_VIEW)
        return page(request, "live/_centre.html", **_shown(await ask_shared(request, "live/index")))

    return await stream(request, [centre_topic(viewer), AGENTS_TOPIC], part)


async def indicator(request: Request) -> Response:
    """Calls up, lines and the abandoned rate; red only when a person is needed."""
    viewer = viewer_who_may(request, Permission.CALLS_VIEW)

    async def part() -> Response:
        found = await ask_shared(request, "live/indicator")
        centre = found["centreLive"]
        alerts = {
            alert["message"]: one["campaign"]["name"]
            for one in centre["campaigns"]
            for alert in one["alerts"]
        }
        return page(request, "live/_indicator.html", centre=centre, alerts=alerts)

    topics = [centre_topic(viewer), AGENTS_TOPIC]
    return await stream(request, topics, part, least_gap=INDICATOR_GAP)


def _shown(found: Data) -> Data:
    centre = found["centreLive"]
    return {
        "centre": centre,
        "campaigns": [
            one | {"calls": by_minute(one["campaign"]["attemptsByMinute"], "status", ("ANSWER",))}
            for one in centre["campaigns"]
        ],
    }


async def live_of(request: Request, campaign_id: str) -> Data | None:
    """A campaign's live figures, for who may see them."""
    if not viewer_of(request).may(Permission.CALLS_VIEW):
        return None
    found = await ask_shared(request, "live/campaign", id=campaign_id)
    live: Data | None = found["campaignLive"]
    return live


ROUTES = [
    Route("/live", show),
    Route("/live/figures", figures),
    Route(INDICATOR, indicator),
]
