# SPDX-License-Identifier: Apache-2.0
"""The coming calls of one contact in one campaign, beside those that were made (X-33)."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.domain.campaigns import FAILURES, CallStatus
from server.domain.permissions import Permission
from server.i18n import N_, label, translate
from web.formats import Reader
from web.plans import axis
from web.site import Data, PageError, ask, locale_of, page, viewer_of
from web.tones import tone

OUTCOMES = (*FAILURES, CallStatus.ANSWER)
PAST = 10


async def show(request: Request) -> Response:
    """In the drawer or on a page of its own; `?outcome=` is how each coming call is to end."""
    contact, campaign = request.path_params["contact"], request.path_params["id"]
    locale, viewer = locale_of(request), viewer_of(request)
    asked = request.query_params.get("outcome")
    outcome = next((one for one in OUTCOMES if one == asked), CallStatus.NO_ANSWER)
    data = await ask(
        request,
        "campaigns/contact_plan",
        contactId=contact,
        campaignId=campaign,
        past=PAST,
        withTypes=viewer.may(Permission.ITEM_TYPES_VIEW),
    )
    plan = await dial_plan(request, contact, campaign, outcome=outcome.value)
    if data["contact"] is None or data["campaign"] is None or plan is None:
        raise PageError(404)
    types = data.get("contactItemTypes", {"edges": []})["edges"]
    colors = {edge["node"]["name"]: edge["node"]["color"] for edge in types}
    entry = plan["entry"]
    reader = Reader(locale=locale, region=viewer.region, timezone=viewer.timezone)
    return page(
        request,
        "campaigns/contact_plan.html",
        contact=data["contact"],
        campaign=data["campaign"],
        plan=plan,
        axis=axis(plan, data["campaign"]["timezone"], reader),
        past=[past_step(edge["node"], colors) for edge in reversed(data["callAttempts"]["edges"])],
        steps=steps_of(request, plan, entry, colors),
        outcomes=[(one.value, label(locale, one)) for one in OUTCOMES],
        outcome=outcome.value,
        zone=data["campaign"]["timezone"],
    )


async def dial_plan(
    request: Request,
    contact: str,
    campaign: str,
    *,
    outcome: str = CallStatus.NO_ANSWER.value,
    most: int = 30,
) -> Data | None:
    """None where the contact or the campaign is not there for the reader."""
    data = await ask(
        request,
        "campaigns/dial_plan",
        contactId=contact,
        campaignId=campaign,
        outcome=outcome,
        most=most,
    )
    found: Data | None = data["dialPlan"]["plan"]
    return found


def steps_of(
    request: Request, plan: Data, entry: Data | None, colors: dict[str, str]
) -> list[Data]:
    """A plan's calls as the timeline shows what is coming."""
    locale = locale_of(request)
    dialed = [phone for phone in entry["phones"] if phone["isAvailable"]] if entry else []
    first = plan["calls"][0]["round"] if plan["calls"] else 0
    # A later round asks the contact anew for its numbers: there may be more of them, or fewer.
    now = [len(dialed), *(c["position"] + 1 for c in plan["calls"] if c["round"] == first)]
    later = [c["position"] + 1 for c in plan["calls"] if c["round"] != first]
    steps = []
    for call in plan["calls"]:
        words, count = N_("%(place)s of %(count)s"), max(now)
        if call["round"] != first:
            words, count = N_("Round %(round)s: %(place)s of %(count)s"), max(later)
        place = translate(
            locale, words, place=call["position"] + 1, count=count, round=call["round"]
        )
        is_passed_over = call["outcome"] == CallStatus.BLACKLIST
        when = {"when": translate(locale, N_("Now"))} if call["isUp"] else {"at": call["dialAt"]}
        steps.append(
            {
                "number": call["number"],
                "type": call["itemTypeName"],
                "color": colors.get(call["itemTypeName"] or ""),
                "outcome": call["outcomeLabel"] if is_passed_over else place,
                "why": call["why"],
                "coming": True,
                **when,
            }
        )
    return steps


def past_step(call: Data, colors: dict[str, str]) -> Data:
    """A call as the timeline shows it."""
    return {
        "at": call["startedAt"],
        "number": call["number"],
        "type": call["itemTypeName"],
        "color": colors.get(call["itemTypeName"] or ""),
        "outcome": call["statusLabel"],
        "tone": tone(call["status"]),
        "seconds": call["durationSeconds"],
        "why": call["decisionLabel"],
    }


ROUTES = [Route("/campaigns/{id}/contacts/{contact}/plan", show)]
