# SPDX-License-Identifier: Apache-2.0
"""Dispositions: what agents can say of a call, for all campaigns or one, in up to three levels."""

from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.domain.dispositions import DispositionAction
from server.domain.permissions import Permission
from server.i18n import N_, label, translate
from web.forms import version_of
from web.frame import Toast
from web.pages.tasks.listing import campaign_options
from web.places import return_to
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
    viewer_who_may,
)

URL = "/dispositions"


async def index(request: Request) -> Response:
    chosen = request.query_params.get("campaign") or None
    campaigns = await campaign_options(request)
    filter: Data = {"isTop": True} | ({"campaignId": chosen} if chosen else {})
    data = await ask(request, "dispositions/index", filter=filter)
    groups: dict[str | None, Data] = {None: {"campaign": None, "rows": []}}
    if chosen:
        groups[chosen] = {
            "campaign": {"id": chosen, "name": dict(campaigns).get(chosen, "–")},
            "rows": [],
        }
    for edge in data["dispositions"]["edges"]:
        row = edge["node"]
        owner = row["campaign"]
        key = None if owner is None else owner["id"]
        groups.setdefault(key, {"campaign": owner, "rows": []})["rows"].append(row)
    return page(
        request,
        "dispositions/index.html",
        groups=list(groups.values()),
        chosen=chosen,
        campaigns=campaigns,
    )


async def new(request: Request) -> Response:
    query = request.query_params
    given = {"parentId": query.get("parent", ""), "campaignId": query.get("campaign", "")}
    return await _new(request, given, [])


async def create(request: Request) -> Response:
    given = _given(await request.form())
    payload, errors = await change(request, "dispositions/create", input=given)
    if errors:
        return await _new(request, given, errors)
    return _done(request, N_("Disposition “%(name)s” was created."), payload["disposition"])


async def edit(request: Request) -> Response:
    viewer_who_may(request, Permission.CAMPAIGNS_EDIT)
    return await _form(request, await _one(request), None, [])


async def save(request: Request) -> Response:
    form = await request.form()
    given = _given(form)
    changed = given | version_of(form) | {"id": request.path_params["id"]}
    payload, errors = await change(request, "dispositions/edit", input=changed)
    if errors:
        return await _form(request, await _one(request) | given, None, errors)
    return _done(request, N_("Disposition “%(name)s” was saved."), payload["disposition"])


async def confirm(request: Request) -> Response:
    return await _confirm(request, [])


async def delete(request: Request) -> Response:
    given = {"id": request.path_params["id"]}
    payload, errors = await change(request, "dispositions/delete", input=given)
    if errors:
        return await _confirm(request, errors)
    text = translate(
        locale_of(request), N_("Disposition “%(name)s” was deleted."), name=payload["name"]
    )
    return redirect(request, return_to(request, URL), Toast(text=text))


async def _new(request: Request, given: Data, errors: Errors) -> Response:
    viewer_who_may(request, Permission.CAMPAIGNS_EDIT)
    parent = None
    if given.get("parentId"):
        data = await ask(request, "dispositions/one", id=given["parentId"])
        parent = data["disposition"]
        if parent is None:
            raise PageError(404)
    blank = {
        "id": None,
        "name": "",
        "action": DispositionAction.CLOSE.value,
        "campaignId": "",
        "position": "",
        "version": None,
    }
    return await _form(request, blank | given, parent, errors)


async def _form(
    request: Request, disposition: Data, parent: Data | None, errors: Errors
) -> Response:
    locale = locale_of(request)
    return page(
        request,
        "dispositions/form.html",
        status=422 if errors else 200,
        disposition=disposition,
        parent=parent,
        campaigns=await campaign_options(request),
        actions=[(one.value, label(locale, one)) for one in DispositionAction],
        errors=errors,
    )


async def _one(request: Request) -> Data:
    return await ask_one(request, "dispositions/one", id=request.path_params["id"])


async def _confirm(request: Request, errors: Errors) -> Response:
    viewer_who_may(request, Permission.CAMPAIGNS_EDIT)
    disposition = await _one(request)
    return page(
        request,
        "dispositions/delete.html",
        status=422 if errors else 200,
        disposition=disposition,
        beneath=sum(1 + len(child["children"]) for child in disposition["children"]),
        errors=errors,
    )


def _given(form: FormData) -> Data:
    """Blank fields are left out, except the name."""
    given: dict[str, Any] = {"name": str(form.get("name", ""))}
    for key in ("action", "campaignId", "parentId"):
        if text := str(form.get(key, "")):
            given[key] = text
    if place := str(form.get("position", "")).strip():
        is_place = place.isascii() and place.isdigit() and len(place) < 9
        given["position"] = int(place) if is_place else -1
    return given


def _done(request: Request, message: str, disposition: Data) -> Response:
    text = translate(locale_of(request), message, name=disposition["name"])
    return redirect(request, return_to(request, URL), Toast(text=text))


ROUTES = [
    Route(URL, index),
    Route(URL, create, methods=["POST"]),
    Route(f"{URL}/new", new),
    Route(f"{URL}/{{id}}", edit),
    Route(f"{URL}/{{id}}", save, methods=["POST"]),
    Route(f"{URL}/{{id}}/deletion", confirm),
    Route(f"{URL}/{{id}}/deletion", delete, methods=["POST"]),
]
