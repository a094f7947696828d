# SPDX-License-Identifier: Apache-2.0
"""Why a contact is not being called in a campaign: a drawer of the hopper and of the contact."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from server.domain.permissions import Permission
from web.forms import instant_of, written_instant
from web.forms_campaign import UNREADABLE
from web.site import Data, PageError, ask, page, viewer_of, viewer_who_may

MOST_CAMPAIGNS = 200


async def show(request: Request) -> Response:
    """`?at=` is another moment, of the campaign's clock and in its zone."""
    contact, campaign = request.path_params["contact"], request.path_params["id"]
    data = await ask(
        request,
        "campaigns/explained",
        contactId=contact,
        campaignId=campaign,
        withTypes=viewer_of(request).may(Permission.ITEM_TYPES_VIEW),
    )
    if data["contact"] is None or data["campaign"] is None:
        raise PageError(404)
    zone = data["campaign"]["timezone"]
    typed = request.query_params.get("at", "")
    at = instant_of(typed, zone)
    errors: list[Data] = []
    explanation = None
    if at is None or not at.startswith(UNREADABLE):
        explanation, errors = await explained(request, contact, campaign, at)
    if explanation is None:
        explanation, _ = await explained(request, contact, campaign)
    if explanation is None:
        raise PageError(404)
    types = data.get("contactItemTypes", {"edges": []})["edges"]
    return page(
        request,
        "campaigns/explained.html",
        contact=data["contact"],
        campaign=data["campaign"],
        found=explanation,
        colors={edge["node"]["name"]: edge["node"]["color"] for edge in types},
        at=typed or written_instant(explanation["at"], zone),
        asked=bool(typed),
        zone=zone,
        errors=errors,
    )


async def explained(
    request: Request, contact: str, campaign: str, at: str | None = None
) -> tuple[Data | None, list[Data]]:
    """Why the contact is called or not, or None and the refusals."""
    data = await ask(request, "campaigns/explain", contactId=contact, campaignId=campaign, at=at)
    payload: Data = data["explainDial"]
    return payload["explanation"], payload["userErrors"]


async def choose(request: Request) -> Response:
    """Of any campaign, also one that the contact was never in."""
    viewer_who_may(request, Permission.CAMPAIGNS_VIEW)
    contact = request.path_params["id"]
    if campaign := request.query_params.get("campaign"):
        return RedirectResponse(f"/campaigns/{campaign}/contacts/{contact}/explanation", 303)
    data = await ask(request, "campaigns/explainable", id=contact, first=MOST_CAMPAIGNS)
    if data["contact"] is None:
        raise PageError(404)
    return page(
        request,
        "campaigns/explainable.html",
        contact=data["contact"],
        campaigns=[edge["node"] for edge in data["campaigns"]["edges"]],
    )


ROUTES = [
    Route("/campaigns/{id}/contacts/{contact}/explanation", show),
    Route("/contacts/{id}/explanation", choose),
]
