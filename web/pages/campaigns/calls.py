# SPDX-License-Identifier: Apache-2.0
"""A contact's calls over all campaigns, and what comes next in each (X-33, X-39)."""

from starlette.requests import Request
from starlette.responses import Response

from server.domain.dialer import IN_CALL, DialState
from server.domain.permissions import Permission
from server.i18n import N_, translate, translate_plural
from web.live import stream
from web.pages.campaigns.explanations import explained
from web.pages.campaigns.plans import dial_plan, past_step, steps_of
from web.pages.campaigns.reading import topic_of
from web.photos import allow_photo
from web.site import Data, PageError, ask, locale_of, page, paging, viewer_of

LEAST_GAP = 1.0  # seconds between two changes of a page that is read
SHOWN = 30  # past calls on a page
MOST_COMING = 12  # coming calls of a stay
WHY_NEXT = {
    DialState.READY: N_("Nobody has called in this campaign yet."),
    DialState.WAIT_NEXT_PHONE: N_("The number before it was not reached."),
    DialState.WAIT_RETRY: N_("Nobody was reached in the last round; the retry time runs."),
    DialState.WAIT_CALLBACK: N_("A callback was asked for."),
}


async def show(request: Request) -> Response:
    return page(request, "campaigns/contact_calls.html", **await _calls(request))


async def live(request: Request) -> Response:
    """The newest calls and what comes next, whenever a campaign with the contact goes on."""
    data = await _calls(request)
    topics = [topic_of(stay["campaign"]["id"]) for stay in data["stays"] if stay["campaign"]]

    async def part() -> Response:
        return page(request, "campaigns/_contact_calls.html", **await _calls(request))

    return await stream(request, topics, part, least_gap=LEAST_GAP)


async def _calls(request: Request) -> Data:
    query, viewer, locale = request.query_params, viewer_of(request), locale_of(request)
    data = await ask(
        request,
        "campaigns/contact_calls",
        id=request.path_params["id"],
        withTypes=viewer.may(Permission.ITEM_TYPES_VIEW),
        withCampaigns=viewer.may(Permission.CAMPAIGNS_VIEW),
        **paging(query, SHOWN),
    )
    if data["contact"] is None:
        raise PageError(404)
    allow_photo(request, data["contact"])
    types = [edge["node"] for edge in data.get("contactItemTypes", {"edges": []})["edges"]]
    colors = {one["name"]: one["color"] for one in types}
    attempts = data["callAttempts"]
    return {
        "contact": data["contact"],
        "stays": [
            await _coming(request, edge["node"], colors) for edge in data["hopperEntries"]["edges"]
        ],
        "past": [_past(edge["node"], colors, locale) for edge in attempts["edges"]],
        "colors": colors,
        "page_info": attempts["pageInfo"],
        "results": [edge["node"] for edge in data["finalResults"]["edges"]],
        "is_newest": not (query.get("before") or query.get("after")),
    }


def _past(call: Data, colors: dict[str, str], locale: str) -> Data:
    """A call with its place in the round, its campaign and what the gates said."""
    step = translate(
        locale,
        N_("Round %(round)s, number %(place)s."),
        round=call["round"],
        place=call["position"] + 1,
    )
    return past_step(call, colors) | {
        "campaign": call["campaign"],
        "why": f"{step} {call['decisionLabel']}",
        "gates": call["reason"]["gates"] if call["reason"] else [],
    }


async def _coming(request: Request, entry: Data, colors: dict[str, str]) -> Data:
    """An open stay with the calls that follow while nobody answers (X-33)."""
    contact, campaign = request.path_params["id"], entry["campaign"]
    if campaign is None:
        return planned(entry, colors, locale_of(request)) | {"plan": None, "explanation": None}
    plan = await dial_plan(request, contact, campaign["id"], most=MOST_COMING)
    if plan is None:  # it was closed since
        return {**entry, "steps": [], "plan": None, "explanation": None}
    explanation, _ = await explained(request, contact, campaign["id"])
    steps = steps_of(request, plan, entry, colors)
    return {**entry, "steps": steps, "plan": plan, "explanation": explanation}


def planned(entry: Data, colors: dict[str, str], locale: str) -> Data:
    """An open stay: the number that is next, then those that follow it in the round."""
    campaign = entry["campaign"]
    listed = [phone for phone in entry["phones"] if phone["isAvailable"]]
    left = [
        phone
        for phone in listed
        if phone["position"] >= entry["currentPosition"] and phone["phoneState"] != "BLOCKED"
    ]
    steps = [
        {
            "number": phone["number"],
            "type": phone["itemTypeName"],
            "color": colors.get(phone["itemTypeName"] or ""),
            "outcome": translate(
                locale,
                N_("%(place)s of %(count)s"),
                place=phone["position"] + 1,
                count=len(listed),
            ),
            "coming": True,
        }
        for phone in left
    ]
    if steps:
        steps[0] |= _next(entry, locale)
    for step in steps[1:]:
        step |= _then(campaign["additionalPhonesAfter"] if campaign else 0, locale)
    return {**entry, "campaign": campaign, "steps": steps}


def _next(entry: Data, locale: str) -> Data:
    if DialState(entry["state"]) in IN_CALL:
        return {"when": translate(locale, N_("Now")), "outcome": entry["stateLabel"]}
    why = [translate(locale, WHY_NEXT[DialState(entry["state"])])]
    if entry["effectiveDialAt"] is None:
        return {
            "when": translate(locale, N_("Not any more")),
            "why": translate(locale, N_("The campaign ends before it may be dialed.")),
        }
    if entry["effectiveDialAt"] != entry["scheduledAt"]:
        why.append(translate(locale, N_("It is due, and waits for the calling hours.")))
    return {"at": entry["effectiveDialAt"], "why": " ".join(why)}


def _then(minutes: int, locale: str) -> Data:
    if not minutes:
        return {"when": translate(locale, N_("At once, if not reached"))}
    return {
        "when": translate_plural(
            locale,
            "%(num)s minute later, if not reached",
            "%(num)s minutes later, if not reached",
            minutes,
        )
    }
