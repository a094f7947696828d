# SPDX-License-Identifier: Apache-2.0
"""Callbacks that are agreed and changed: the drawer of one task (C-30, C-35)."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from server.domain.permissions import Permission
from server.i18n import N_, translate
from web.formats import Reader, moment
from web.forms import version_of
from web.frame import Toast
from web.pages.tasks.callbacks import (
    blank_callback,
    choices,
    given_callback,
    number_options,
    shown,
    written,
)
from web.pages.tasks.listing import agent_options
from web.places import return_to, stands_on
from web.site import (
    Data,
    Errors,
    PageError,
    ask,
    ask_one,
    change,
    locale_of,
    page,
    redirect,
    viewer_of,
    viewer_who_may,
)
from web.zones import clock_in

DIALS = ("RUNNING", "PAUSED", "STOPPED", "DRAFT")  # a campaign that has ended calls nobody


async def new(request: Request) -> Response:
    query = request.query_params
    wanted = query.get("campaignId") or query.get("campaign") or ""
    return await _new(request, query.get("contact", ""), wanted, [])


async def schedule(request: Request) -> Response:
    form = await request.form()
    ids = {name: str(form.get(name, "")) for name in ("campaignId", "contactId")}
    given = given_callback(form) | ids
    payload, errors = await change(request, "tasks/schedule", input=given)
    if errors:
        return await _new(request, ids["contactId"], ids["campaignId"], errors)
    task = payload["scheduledTask"]
    text = N_("%(name)s will be called back on %(at)s.")
    return redirect(request, _back(request, ids["contactId"]), _told(request, text, task, payload))


async def edit(request: Request) -> Response:
    viewer_who_may(request, Permission.TASKS_EDIT)
    return await _form(request, await _one(request), [])


async def save(request: Request) -> Response:
    form = await request.form()
    stored = await _one(request)
    given = given_callback(form)
    # Times that were not touched stay, even where they have gone by.
    before = _callback(stored)
    if all(given.get(name) == before[name] for name in ("localAt", "timeZone")):
        given.pop("localAt", None)
        if given.get("localEndsAt") == before["localEndsAt"]:
            given.pop("localEndsAt", None)
    elif given.get("localEndsAt") == before["localEndsAt"]:
        given.pop("localEndsAt", None)  # the end goes along with the start
    given["note"] = str(form.get("note", ""))
    if given.get("number") == stored["number"]:
        given.pop("number")
    changed = given | version_of(form) | {"id": request.path_params["id"]}
    payload, errors = await change(request, "tasks/edit", input=changed)
    if errors:
        return await _form(request, stored, errors)
    text = N_("The callback of %(name)s is on %(at)s.")
    told = _told(request, text, payload["scheduledTask"], payload)
    return redirect(request, _back(request, (stored["contact"] or {}).get("id", "")), told)


async def _new(request: Request, contact_id: str, campaign_id: str, errors: Errors) -> Response:
    viewer = viewer_who_may(request, Permission.TASKS_CREATE)
    may = viewer.may(Permission.CAMPAIGNS_VIEW)
    data = await ask(request, "tasks/person", contact=contact_id, campaigns=may)
    contact = data["contact"]
    if contact is None:
        raise PageError(404)
    nodes = [edge["node"] for edge in data["campaigns"]["edges"]] if may else []
    campaigns = {one["id"]: one for one in nodes if one["state"] in DIALS}
    entries = {entry["campaign"]["id"]: entry for entry in contact.get("openEntries") or ()}
    chosen = campaign_id if campaign_id in campaigns else next(iter(entries), None)
    chosen = chosen if chosen in campaigns else next(iter(campaigns), None)
    campaign, values = campaigns.get(chosen or ""), choices(request)
    if campaign:
        zone = contact["timeZone"] or campaign["timezone"]
        entry = entries.get(campaign["id"])
        callback = blank_callback(zone, campaign["now"], entry["currentNumber"] if entry else "")
        values |= {
            "callback": shown(await request.form(), callback),
            "agents": await agent_options(request, campaign["id"]),
            "local_time": clock_in(zone, datetime.now(UTC)),
            "is_open": entry is not None,
        }
    return page(
        request,
        "tasks/new.html",
        status=422 if errors else 200,
        contact=contact,
        campaigns=[
            (one["id"], f"{one['name']} · {one['stateLabel']}") for one in campaigns.values()
        ],
        campaign_id=chosen,
        numbers=number_options(request, contact),
        errors=errors,
        **values,
    )


async def _one(request: Request) -> Data:
    return await ask_one(request, "tasks/one", id=request.path_params["id"])


async def _form(request: Request, task: Data, errors: Errors) -> Response:
    """After a conflict the version of now counts: what is sent again is meant."""
    if any(error["field"] == "version" for error in errors):
        task = await _one(request)
    numbers = number_options(request, task["contact"])
    if task["number"] not in dict(numbers):
        numbers.insert(0, (task["number"], task["number"]))
    return page(
        request,
        "tasks/form.html",
        status=422 if errors else 200,
        task=task,
        callback=shown(await request.form(), _callback(task)),
        numbers=numbers,
        agents=await agent_options(request, task["campaign"]["id"] if task["campaign"] else None),
        local_time=clock_in(task["timeZone"], datetime.now(UTC)),
        errors=errors,
        **choices(request),
    )


def _callback(task: Data) -> Data:
    """A task as its form holds it, by the clock on which it was agreed."""
    zone = task["timeZone"] or "UTC"
    return {
        "localAt": written(task["startsAt"], zone),
        "localEndsAt": written(task["endsAt"], zone),
        "timeZone": zone,
        "number": task["number"],
        "preference": task["preference"],
        "agentId": task["agentId"] or "",
        "note": task["note"],
        "thresholdMinutes": task["thresholdMinutes"],
        "earlyMinutes": task["earlyMinutes"],
    }


def _told(request: Request, text: str, task: Data, payload: Data) -> Toast:
    """What was agreed, by the clock of the agreement, and what to know of it."""
    viewer, locale = viewer_of(request), locale_of(request)
    reader = Reader(locale=locale, timezone=viewer.timezone, region=viewer.region)
    at = moment(reader, task["startsAt"], zone=task["timeZone"])
    words = [translate(locale, text, name=task["contactName"], at=at)]
    words += [warning["message"] for warning in payload["warnings"]]
    return Toast(text=" ".join(words), tone="warn" if payload["warnings"] else "ok")


def _back(request: Request, contact_id: str) -> str:
    """The record over which it was agreed, else the list."""
    for path in (f"/contacts/{contact_id}", f"/contacts/{contact_id}/details"):
        if contact_id and stands_on(request, path):
            return path
    if request.headers.get("hx-request") != "true" and request.url.path == "/tasks" and contact_id:
        return f"/contacts/{contact_id}"
    return return_to(request, "/tasks")
