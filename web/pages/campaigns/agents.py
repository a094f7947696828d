# SPDX-License-Identifier: Apache-2.0
"""A campaign's agents: who is at work, and whose customers are whose (R-09)."""

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.domain.agents import AGENTS_CHANNEL
from server.domain.permissions import Permission
from server.i18n import N_, translate, translate_plural
from web.frame import Toast
from web.live import stream
from web.site import (
    Data,
    PageError,
    ask,
    change,
    locale_of,
    page,
    paging,
    redirect,
    viewer_of,
    viewer_who_may,
)

ONE = "/campaigns/{id}"
UNASSIGNED = "none"
CHOOSE = N_("Choose customers first, or nobody is given to anybody.")


async def show(request: Request) -> Response:
    viewer = viewer_who_may(request, Permission.CALLS_VIEW)
    query = request.query_params
    owner, list_id = query.get("owner") or UNASSIGNED, query.get("list") or None
    data = await ask(
        request,
        "campaigns/agents",
        id=request.path_params["id"],
        withLists=viewer.may(Permission.LISTS_VIEW),
        withContacts=viewer.may(Permission.CONTACTS_VIEW),
        owner=None if owner == UNASSIGNED else owner,
        free=True if owner == UNASSIGNED else None,
        list=list_id,
        **paging(query),
    )
    if data["campaign"] is None:
        raise PageError(404)
    return page(
        request,
        "campaigns/agents.html",
        campaign=data["campaign"],
        agents=data["agentsAtWork"],
        rows=data["hopperEntries"],
        owner=owner,
        list_id=list_id or "",
    )


async def live(request: Request) -> Response:
    """The agents' states, at each change of any."""
    viewer_who_may(request, Permission.CALLS_VIEW)

    async def part() -> Response:
        data = await ask(
            request,
            "campaigns/agents_live",
            id=request.path_params["id"],
            withContacts=viewer_of(request).may(Permission.CONTACTS_VIEW),
        )
        if data["campaign"] is None:
            raise PageError(404)
        return page(
            request,
            "campaigns/_agents.html",
            campaign=data["campaign"],
            agents=data["agentsAtWork"],
        )

    return await stream(request, [AGENTS_CHANNEL], part)


async def assign(request: Request) -> Response:
    """By hand where entries or one agent's form say so, else evenly over the agents chosen."""
    viewer_who_may(request, Permission.CALLS_ASSIGN)
    form = await request.form()
    payload, errors = await change(request, "campaigns/assign", input=_given(request, form))
    if errors:
        return _back(request, Toast(text=errors[0]["message"], tone="stop"))
    text = translate_plural(
        locale_of(request),
        "%(num)s customer was given to the agents.",
        "%(num)s customers were given to the agents.",
        payload["assigned"],
    )
    return _back(request, Toast(text=text, tone="ok" if payload["assigned"] else "wait"))


async def unassign(request: Request) -> Response:
    viewer_who_may(request, Permission.CALLS_ASSIGN)
    form = await request.form()
    entries, agents = _texts(form, "entryIds"), _texts(form, "ofAgents")
    if not entries and not agents:
        text = translate(locale_of(request), CHOOSE)
        return _back(request, Toast(text=text, tone="stop"))
    given = {"campaignId": request.path_params["id"], "entryIds": entries, "agentIds": agents}
    payload, errors = await change(request, "campaigns/unassign", input=given)
    if errors:
        return _back(request, Toast(text=errors[0]["message"], tone="stop"))
    text = translate_plural(
        locale_of(request),
        "%(num)s customer is nobody's again.",
        "%(num)s customers are nobody's again.",
        payload["unassigned"],
    )
    return _back(request, Toast(text=text))


def _given(request: Request, form: FormData) -> Data:
    given: Data = {
        "campaignId": request.path_params["id"],
        "agentIds": _texts(form, "agentIds"),
    }
    if "byHand" in form:
        return given | {"entryIds": _texts(form, "entryIds")}
    if list_id := str(form.get("list", "")).strip():
        given["listId"] = list_id
    most = str(form.get("most", "")).strip()
    if most.isdecimal() and len(most) < 10:
        given["most"] = int(most)
    return given


def _texts(form: FormData, name: str) -> list[str]:
    return [str(text) for text in form.getlist(name) if text]


def _back(request: Request, toast: Toast) -> Response:
    return redirect(request, f"/campaigns/{request.path_params['id']}/agents", toast)


ROUTES = [
    Route(f"{ONE}/agents", show),
    Route(f"{ONE}/agents/live", live),
    Route(f"{ONE}/assignments", assign, methods=["POST"]),
    Route(f"{ONE}/unassignments", unassign, methods=["POST"]),
]
