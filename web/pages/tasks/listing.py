# SPDX-License-Identifier: Apache-2.0
"""The list of scheduled tasks, and its filters between address and API (C-30 to C-33)."""

from datetime import date, time

from starlette.requests import Request
from starlette.responses import Response

from server.domain.permissions import Permission
from server.domain.tasks import OPEN_STATES, PreferenceType, ScheduleState, ScheduleType
from server.i18n import N_, label, translate
from web.site import Data, ask, is_htmx, locale_of, page, paging, sorting, viewer_of

PAGE = 1_000  # C-31
SORTS = {"start": "STARTS_AT", "end": "ENDS_AT"}
IDS = {"campaign": "campaignId", "next": "nextAgentId", "last": "lastAgentId"}
CHIPS = {
    "campaign": N_("Campaign: %(name)s"),
    "state": N_("State: %(name)s"),
    "next": N_("Next agent: %(name)s"),
    "last": N_("Last agent: %(name)s"),
    "preference": N_("Delivered to: %(name)s"),
    "type": N_("Type: %(name)s"),
    "date": N_("Start date: %(name)s"),
    "time": N_("Start time: %(name)s"),
    "until": N_("Until %(name)s"),
}
Pairs = list[tuple[str, str]]


async def index(request: Request) -> Response:
    """A thousand; more of them come into the page that is open, or by themselves (C-31)."""
    query = {key: value for key, value in request.query_params.items() if value}
    before = query.pop("seen", "")
    is_more = is_htmx(request) and request.headers.get("hx-target", "").endswith("load-more")
    given = filter_of(query)
    data = await ask(
        request,
        "tasks/index",
        filter=given,
        **sorting(request.query_params, SORTS, "start"),
        **paging(request.query_params, PAGE),
    )
    tasks = data["scheduledTasks"]
    seen = len(tasks["edges"]) + (int(before) if before.isascii() and before.isdigit() else 0)
    campaigns = [] if is_more else await campaign_options(request)
    chosen = query.get("campaign")
    values: Data = {
        "tasks": tasks,
        "seen": seen,
        "campaign": (chosen, dict(campaigns).get(chosen, "–")) if chosen else None,
        "query": query,
    }
    if is_more:
        return page(request, "tasks/_rows.html", **values)
    locale, agents = locale_of(request), await agent_options(request, chosen)
    options: Data = {
        "campaigns": campaigns,
        "agents": agents,
        "states": [(one.value, label(locale, one)) for one in OPEN_STATES],
        "types": [(one.value, label(locale, one)) for one in ScheduleType],
        "preferences": [(one.value, label(locale, one)) for one in PreferenceType],
    }
    return page(
        request,
        "tasks/index.html",
        chips=_chips(locale, query, given, options),
        filter_keys=["q", *CHIPS],
        **options,
        **values,
    )


async def callbacks_of(request: Request, contact_id: str) -> list[Data]:
    """What a contact waits for, the next one first; for who may see tasks."""
    if not viewer_of(request).may(Permission.TASKS_VIEW):
        return []
    data = await ask(request, "tasks/of_contact", contact=contact_id)
    return [edge["node"] for edge in data["scheduledTasks"]["edges"]]


def filter_of(query: dict[str, str]) -> Data:
    """The API's filter; what cannot be read does not narrow."""
    given: Data = {name: query[key] for key, name in IDS.items() if query.get(key)}
    if query.get("q"):
        given["contactName"] = query["q"]
    if query.get("state") in set(ScheduleState):
        given["states"] = [query["state"]]
    if query.get("type") in set(ScheduleType):
        given["type"] = query["type"]
    if query.get("preference") in set(PreferenceType):
        given["preference"] = query["preference"]
    if _reads(date.fromisoformat, query.get("date")):
        given["startDate"] = query["date"]
    if _reads(time.fromisoformat, query.get("time")):
        given["startTime"] = query["time"]
    if _reads(time.fromisoformat, query.get("until")):
        given["startTimeTo"] = query["until"]
    return given


async def campaign_options(request: Request) -> Pairs:
    """The campaigns that the viewer sees; the first two hundred."""
    if not viewer_of(request).may(Permission.CAMPAIGNS_VIEW):
        return []
    edges = (await ask(request, "tasks/campaigns"))["campaigns"]["edges"]
    return [(edge["node"]["id"], edge["node"]["name"]) for edge in edges]


async def agent_options(request: Request, campaign: str | None) -> Pairs:
    """Those of a campaign, or of the centre, as far as the viewer knows them."""
    if campaign:
        found = (await ask(request, "tasks/colleagues", campaign=campaign))["callbackAgents"]
        return [(one["id"], one["fullName"]) for one in found]
    if not viewer_of(request).may(Permission.LISTS_VIEW):
        return []
    edges = (await ask(request, "tasks/agents"))["agents"]["edges"]
    return [(edge["node"]["id"], edge["node"]["fullName"]) for edge in edges]


def _chips(
    locale: str, query: dict[str, str], given: Data, options: Data
) -> list[tuple[str, list[str]]]:
    campaigns, agents = dict(options["campaigns"]), dict(options["agents"])
    words = {
        "campaign": campaigns.get(query.get("campaign", ""), "–"),
        "state": dict(options["states"]).get(query.get("state", ""), "–"),
        "next": agents.get(query.get("next", ""), "–"),
        "last": agents.get(query.get("last", ""), "–"),
        "preference": dict(options["preferences"]).get(query.get("preference", ""), "–"),
        "type": dict(options["types"]).get(query.get("type", ""), "–"),
        "date": given.get("startDate", ""),
        "time": given.get("startTime", ""),
        "until": given.get("startTimeTo", ""),
    }
    return [
        (translate(locale, CHIPS[key], name=text), [key])
        for key, text in words.items()
        if query.get(key) and text
    ]


def _reads(read: object, text: str | None) -> bool:
    try:
        return bool(text) and callable(read) and read(text) is not None
    except ValueError:
        return False
