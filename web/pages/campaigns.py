# SPDX-License-Identifier: Apache-2.0
"""Campaigns: list, settings, retry settings, lists, and the live hopper, history and final."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.domain.permissions import Permission
from server.i18n import N_, translate
from web.forms_campaign import NEW, given_settings, shown_again
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
    sorting,
    viewer_of,
)

SORTS = {"name": "NAME", "created": "CREATED_AT"}
DONE = {
    "start": N_("Campaign “%(name)s” is running."),
    "pause": N_("Campaign “%(name)s” is paused."),
    "resume": N_("Campaign “%(name)s” is running again."),
    "stop": N_("Campaign “%(name)s” is stopped. Its open entries stay for another start."),
}
LOADED = N_(
    "%(loaded)s contacts loaded, %(duplicates)s left out as duplicates, "
    "%(without)s without a number, %(closed)s entries closed."
)


async def index(request: Request) -> Response:
    query = request.query_params
    data = await ask(
        request,
        "campaigns/index",
        search=query.get("q") or None,
        state=query.get("state") or None,
        **sorting(query, SORTS, "name"),
        **paging(query),
    )
    return page(request, "campaigns/index.html", campaigns=data["campaigns"])


async def new(request: Request) -> Response:
    if not viewer_of(request).may(Permission.CAMPAIGNS_CREATE):
        raise PageError(403)
    return await _new(request, NEW, [])


async def create(request: Request) -> Response:
    form = await request.form()
    given = given_settings(form, viewer_of(request).timezone)
    given["listIds"] = [str(value) for value in form.getlist("listIds")]
    payload, errors = await change(request, "campaigns/create", input=given)
    if errors:
        return await _new(request, shown_again(NEW, given), errors, status=422)
    campaign = payload["campaign"]
    text = _loaded_text(request, payload)
    return redirect(request, f"/campaigns/{campaign['id']}", Toast(text=text))


async def _new(request: Request, campaign: Data, errors: list[Data], status: int = 200) -> Response:
    options = await ask(request, "campaigns/options")
    lists = [edge["node"] for edge in options["contactLists"]["edges"]]
    return page(
        request, "campaigns/new.html", status=status, campaign=campaign, lists=lists, errors=errors
    )


async def overview(request: Request) -> Response:
    campaign = await _one(request)
    counts = (await ask(request, "campaigns/live", id=campaign["id"]))["campaign"]
    return page(request, "campaigns/overview.html", campaign=campaign, counts=counts)


async def live(request: Request) -> Response:
    """The counts and the plot, whenever they change."""
    key = request.path_params["id"]

    async def part() -> Response:
        data = await ask(request, "campaigns/live", id=key)
        if data["campaign"] is None:
            raise PageError(404)
        return page(request, "campaigns/_counts.html", counts=data["campaign"])

    await part()
    return await stream(request, f"campaign:{key.rpartition('_')[2]}", part)


async def settings(request: Request) -> Response:
    campaign = await _one(request)
    return page(request, "campaigns/settings.html", campaign=campaign, errors=[])


async def retry(request: Request) -> Response:
    return page(request, "campaigns/retry.html", campaign=await _one(request), errors=[])


async def save(request: Request, *, template: str) -> Response:
    campaign = await _one(request)
    given = given_settings(await request.form(), campaign["timezone"]) | {"id": campaign["id"]}
    _, errors = await change(request, "campaigns/edit", input=given)
    if errors:
        shown = shown_again(campaign, given)
        return page(request, template, status=422, campaign=shown, errors=errors)
    text = translate(locale_of(request), N_("The settings were saved."))
    return redirect(request, request.url.path, Toast(text=text))


async def lists(request: Request) -> Response:
    campaign = await _one(request)
    options = await ask(request, "campaigns/options")
    attached = {one["id"] for one in campaign["lists"]}
    others = [
        edge["node"]
        for edge in options["contactLists"]["edges"]
        if edge["node"]["id"] not in attached
    ]
    return page(request, "campaigns/lists.html", campaign=campaign, others=others)


async def relist(request: Request, *, name: str) -> Response:
    """Attach or detach lists, or reset one; says what that did to the hopper."""
    form = await request.form()
    key = request.path_params["id"]
    chosen = [str(value) for value in form.getlist("listIds") if value]
    given: Data = {"id": key, "listIds": chosen}
    if name == "reset":
        given = {"id": key, "listId": chosen[0] if chosen else ""}
    payload, errors = await change(request, f"campaigns/{name}", input=given)
    target = f"/campaigns/{key}/lists"
    if errors:
        return redirect(request, target, Toast(text=errors[0]["message"], tone="stop"))
    return redirect(request, target, Toast(text=_loaded_text(request, payload)))


async def become(request: Request, *, name: str) -> Response:
    key = request.path_params["id"]
    payload, errors = await change(request, f"campaigns/{name}", input={"id": key})
    target = f"/campaigns/{key}"
    if errors:
        return redirect(request, target, Toast(text=errors[0]["message"], tone="stop"))
    text = translate(locale_of(request), DONE[name], name=payload["campaign"]["name"])
    return redirect(request, target, Toast(text=text))


async def log(request: Request, *, name: str, filter_: str) -> Response:
    """Hopper, history or final: a page of rows beneath the campaign's summary."""
    query = request.query_params
    variables = {filter_: query.get(filter_) or None, **paging(query)}
    data = await ask(request, f"campaigns/{name}", id=request.path_params["id"], **variables)
    if data["campaign"] is None:
        raise PageError(404)
    return page(request, f"campaigns/{name}.html", **data)


async def confirm(request: Request) -> Response:
    return page(request, "campaigns/delete.html", campaign=await _one(request))


async def delete(request: Request) -> Response:
    key = request.path_params["id"]
    payload, errors = await change(request, "campaigns/delete", input={"id": key})
    if errors:
        return redirect(request, f"/campaigns/{key}", Toast(text=errors[0]["message"], tone="stop"))
    text = translate(
        locale_of(request), N_("Campaign “%(name)s” was deleted."), name=payload["name"]
    )
    return redirect(request, "/campaigns", Toast(text=text))


async def _one(request: Request) -> Data:
    data = await ask(request, "campaigns/one", id=request.path_params["id"])
    if data["campaign"] is None:
        raise PageError(404)
    campaign: Data = data["campaign"]
    return campaign


def _loaded_text(request: Request, payload: Data) -> str:
    return translate(
        locale_of(request),
        LOADED,
        loaded=payload["loaded"],
        duplicates=payload["duplicates"],
        without=payload["withoutNumbers"],
        closed=payload.get("closed", 0),
    )


ROUTES = [
    Route("/campaigns", index),
    Route("/campaigns", create, methods=["POST"]),
    Route("/campaigns/new", new),
    Route("/campaigns/{id}", overview),
    Route("/campaigns/{id}/live", live),
    Route("/campaigns/{id}/settings", settings),
    Route(
        "/campaigns/{id}/settings",
        partial(save, template="campaigns/settings.html"),
        methods=["POST"],
    ),
    Route("/campaigns/{id}/retry-settings", retry),
    Route(
        "/campaigns/{id}/retry-settings",
        partial(save, template="campaigns/retry.html"),
        methods=["POST"],
    ),
    Route("/campaigns/{id}/lists", lists),
    Route("/campaigns/{id}/lists", partial(relist, name="attach"), methods=["POST"]),
    Route("/campaigns/{id}/lists/detachments", partial(relist, name="detach"), methods=["POST"]),
    Route("/campaigns/{id}/lists/resets", partial(relist, name="reset"), methods=["POST"]),
    Route("/campaigns/{id}/hopper", partial(log, name="hopper", filter_="state")),
    Route("/campaigns/{id}/history", partial(log, name="history", filter_="status")),
    Route("/campaigns/{id}/final", partial(log, name="final", filter_="reason")),
    Route("/campaigns/{id}/starts", partial(become, name="start"), methods=["POST"]),
    Route("/campaigns/{id}/pauses", partial(become, name="pause"), methods=["POST"]),
    Route("/campaigns/{id}/resumptions", partial(become, name="resume"), methods=["POST"]),
    Route("/campaigns/{id}/stops", partial(become, name="stop"), methods=["POST"]),
    Route("/campaigns/{id}/deletion", confirm),
    Route("/campaigns/{id}/deletion", delete, methods=["POST"]),
]
