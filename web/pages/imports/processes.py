# SPDX-License-Identifier: Apache-2.0
"""The list of processes and one of them, live while they go on (C-10 to C-13, C-53)."""

from starlette.requests import Request
from starlette.responses import Response

from server.domain.permissions import Permission
from server.domain.processes import OPEN_STATES, ProcessState
from server.i18n import N_, label, translate
from web.formats import instant
from web.frame import Toast
from web.live import stream
from web.site import Data, PageError, ask, change, locale_of, page, paging, redirect, viewer_of
from web.uploads import key_of

PATIENCE = 15.0  # seconds between looks at what nobody told of
ROWS = 50


async def index(request: Request) -> Response:
    locale, query = locale_of(request), request.query_params
    states = [(state.value, label(locale, state)) for state in ProcessState]
    names = dict(states)
    chosen = query.get("state")
    filters = [(names[chosen], ["state"])] if chosen in names else []
    if list_name := await _list_name(request):
        filters.append((list_name, ["list"]))
    return page(
        request,
        "imports/index.html",
        processes=await _processes(request),
        states=states,
        filters=filters,
    )


async def live_index(request: Request) -> Response:
    """The rows of the list whenever a process of the centre changes."""

    async def part() -> Response:
        return page(request, "imports/_rows.html", processes=await _processes(request))

    topic = f"processes:{viewer_of(request).tenant_id}"
    return await stream(request, [topic], part, longest_gap=PATIENCE)


async def show(request: Request) -> Response:
    found = await _one(request)
    return page(request, "imports/show.html", **found, **_steps(found["process"]))


async def live(request: Request) -> Response:
    """The whole of a process's page whenever it changes."""

    async def part() -> Response:
        found = await _one(request)
        return page(request, "imports/_process.html", **found, **_steps(found["process"]))

    key = key_of(request.path_params["id"], "process")
    return await stream(request, [f"process:{key}"], part, longest_gap=PATIENCE)


async def cancel(request: Request) -> Response:
    """C-13: what was done stays."""
    key = request.path_params["id"]
    _, errors = await change(request, "imports/cancel", input={"id": key})
    at = request.query_params.get("at")
    target = "/imports" if at == "list" else f"/imports/{key}"
    if errors:
        return redirect(request, target, Toast(text=errors[0]["message"], tone="stop"))
    number = key.rpartition("_")[2]
    text = translate(locale_of(request), N_("Process %(number)s was cancelled."), number=number)
    return redirect(request, target, Toast(text=text))


def _steps(process: Data) -> Data:
    """What the page of a process shows besides it; `took` are seconds."""
    started, finished = process["startedAt"], process["finishedAt"]
    is_over = started and finished
    return {
        "is_open": process["state"] in [state.value for state in OPEN_STATES],
        "number": process["id"].rpartition("_")[2],
        "took": (instant(finished) - instant(started)).total_seconds() if is_over else None,
    }


async def _processes(request: Request) -> Data:
    query, viewer = request.query_params, viewer_of(request)
    states = {state.value for state in ProcessState}
    data = await ask(
        request,
        "imports/index",
        state=query.get("state") if query.get("state") in states else None,
        list=query.get("list") or None,
        lists=viewer.may(Permission.LISTS_VIEW),
        campaigns=viewer.may(Permission.CAMPAIGNS_VIEW),
        **paging(query, ROWS),
    )
    found: Data = data["processes"]
    return found


async def _one(request: Request) -> Data:
    viewer = viewer_of(request)
    data = await ask(
        request,
        "imports/one",
        id=request.path_params["id"],
        lists=viewer.may(Permission.LISTS_VIEW),
        campaigns=viewer.may(Permission.CAMPAIGNS_VIEW),
        types=viewer.may(Permission.CONTACTS_VIEW),
        **paging(request.query_params, ROWS),
    )
    if data["process"] is None:
        raise PageError(404)
    types = data.get("offeredItemTypes", {"edges": []})["edges"]
    own = data.get("offeredFields", {"edges": []})["edges"]
    return {
        "process": data["process"],
        "own_fields": {edge["node"]["id"]: edge["node"]["displayName"] for edge in own},
        "types": {edge["node"]["id"]: edge["node"] for edge in types},
    }


async def _list_name(request: Request) -> str | None:
    wanted = request.query_params.get("list")
    if not wanted or not viewer_of(request).may(Permission.LISTS_VIEW):
        return None
    found = (await ask(request, "imports/list", id=wanted))["contactList"]
    return None if found is None else str(found["name"])
