# SPDX-License-Identifier: Apache-2.0
"""The home page: what runs now, live; an agent's own is their campaigns, lists and contacts."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.domain.permissions import Permission, Role
from web.live import stream
from web.pages.campaigns.reading import plotted, topic_of
from web.shared import ask_shared, ask_soon
from web.site import Data, ask, page, viewer_of

FULL = 2  # campaigns that are shown with bars and plots; more of them would be a wall


async def home(request: Request) -> Response:
    viewer = viewer_of(request)
    if viewer.role is Role.AGENT:
        return await _agent(request)
    if not viewer.may(Permission.CAMPAIGNS_VIEW):
        return page(request, "home/empty.html")
    data = await ask_soon(request, "home/index")
    return page(request, "home/index.html", **_shown(data))


async def live(request: Request) -> Response:
    """The campaigns, whenever one of those that run changes."""
    data = await ask_shared(request, "home/index")
    topics = [topic_of(edge["node"]["id"]) for edge in data["active"]["edges"]]

    async def part() -> Response:
        return page(
            request, "home/_campaigns.html", **_shown(await ask_shared(request, "home/index"))
        )

    return await stream(request, topics, part)


def _shown(data: Data | None) -> Data:
    if data is None:
        return {"active": None, "others": []}
    active = [edge["node"] for edge in data["active"]["edges"]]
    return {
        "active": [plotted(node) | {"is_full": place < FULL} for place, node in enumerate(active)],
        "others": [edge["node"] for edge in data["others"]["edges"]],
    }


async def _agent(request: Request) -> Response:
    viewer = viewer_of(request)
    may = viewer.may
    data = await ask(
        request,
        "home/agent",
        me=f"agent_{viewer.user_id}",
        withTasks=may(Permission.TASKS_VIEW),
        withCampaigns=may(Permission.CAMPAIGNS_VIEW),
        withLists=may(Permission.LISTS_VIEW),
        withContacts=may(Permission.CONTACTS_VIEW),
    )
    found = {name: [edge["node"] for edge in rows["edges"]] for name, rows in data.items()}
    return page(request, "home/agent.html", found=found)


ROUTES = [Route("/", home), Route("/live/campaigns", live)]
