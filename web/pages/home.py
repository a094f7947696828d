# SPDX-License-Identifier: Apache-2.0
"""The home page: what runs now, live; an agent's is their contacts."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from server.domain.permissions import Permission, Role
from web.live import stream
from web.site import ask, page, viewer_of

TOPIC = "campaigns"  # told of by every change of a campaign's state


async def home(request: Request) -> Response:
    viewer = viewer_of(request)
    if not viewer.may(Permission.CAMPAIGNS_VIEW):
        if viewer.may(Permission.CONTACTS_VIEW):
            return RedirectResponse("/contacts", 303)
        return page(request, "home/empty.html")
    data = await ask(request, "home/index")
    agent = viewer.role is Role.AGENT
    return page(request, "home/index.html", campaigns=data["campaigns"]["edges"], is_agent=agent)


async def live(request: Request) -> Response:
    """The running campaigns, whenever one of them changes."""

    async def part() -> Response:
        data = await ask(request, "home/index")
        return page(request, "home/_campaigns.html", campaigns=data["campaigns"]["edges"])

    await part()
    return await stream(request, TOPIC, part, longest_gap=2.0)


ROUTES = [Route("/", home), Route("/live", live)]
