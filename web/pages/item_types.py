# SPDX-License-Identifier: Apache-2.0
"""Contact item types: list with search, create, edit, delete (X-01 to X-10)."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.domain.permissions import Permission
from server.i18n import N_, translate, translate_plural
from web.frame import Toast
from web.site import (
    Data,
    Errors,
    PageError,
    ask,
    change,
    locale_of,
    page,
    paging,
    redirect,
    sorting,
    viewer_who_may,
)

SORTS = {"order": "DIAL_ORDER", "name": "NAME", "created": "CREATED_AT"}
NEW = {"id": None, "name": "", "orderBy": 1, "color": "#B8D8F0", "version": None}


async def index(request: Request) -> Response:
    query = request.query_params
    data = await ask(
        request,
        "item_types/index",
        search=query.get("q") or None,
        **sorting(query, SORTS, "order"),
        **paging(query),
    )
    return page(request, "item_types/index.html", types=data["contactItemTypes"])


async def new(request: Request) -> Response:
    viewer_who_may(request, Permission.ITEM_TYPES_CREATE)
    return page(request, "item_types/form.html", itemType=NEW, errors=[])


async def create(request: Request) -> Response:
    given = await _given(request)
    payload, errors = await change(request, "item_types/create", input=given)
    if errors:
        return _again(request, NEW | given, errors)
    return _done(request, N_("Item type “%(name)s” was created."), payload["contactItemType"])


async def edit(request: Request) -> Response:
    return page(request, "item_types/form.html", itemType=await _one(request), errors=[])


async def save(request: Request) -> Response:
    given = await _given(request) | {"id": request.path_params["id"]}
    payload, errors = await change(request, "item_types/edit", input=given)
    if errors:
        return _again(request, NEW | given, errors)
    return _done(request, N_("Item type “%(name)s” was saved."), payload["contactItemType"])


async def confirm(request: Request) -> Response:
    return page(request, "item_types/delete.html", itemType=await _one(request))


async def delete(request: Request) -> Response:
    payload, errors = await change(
        request, "item_types/delete", input={"id": request.path_params["id"]}
    )
    if errors:
        raise PageError(404, errors[0]["message"])
    count = payload["phonesUntyped"]
    text = translate_plural(
        locale_of(request),
        "Item type “%(name)s” was deleted. %(num)s phone is untyped now and is dialed last.",
        "Item type “%(name)s” was deleted. %(num)s phones are untyped now and are dialed last.",
        count,
        name=payload["name"],
    )
    return redirect(request, "/item-types", Toast(text=text))


async def _one(request: Request) -> Data:
    data = await ask(request, "item_types/one", id=request.path_params["id"])
    if data["contactItemType"] is None:
        raise PageError(404)
    found: Data = data["contactItemType"]
    return found


async def _given(request: Request) -> Data:
    form = await request.form()
    order = str(form.get("orderBy", "")).strip()
    given: Data = {"name": str(form.get("name", "")), "color": str(form.get("color", ""))}
    # 0 is refused with the field's own words, as is everything that is no whole number.
    given["orderBy"] = int(order) if order.isascii() and order.isdigit() and len(order) < 10 else 0
    version = str(form.get("version", ""))
    return given | ({"version": int(version)} if version.isascii() and version.isdigit() else {})


def _again(request: Request, item_type: Data, errors: Errors) -> Response:
    return page(request, "item_types/form.html", status=422, itemType=item_type, errors=errors)


def _done(request: Request, message: str, item_type: Data) -> Response:
    text = translate(locale_of(request), message, name=item_type["name"])
    return redirect(request, "/item-types", Toast(text=text))


ROUTES = [
    Route("/item-types", index),
    Route("/item-types", create, methods=["POST"]),
    Route("/item-types/new", new),
    Route("/item-types/{id}", edit),
    Route("/item-types/{id}", save, methods=["POST"]),
    Route("/item-types/{id}/deletion", confirm),
    Route("/item-types/{id}/deletion", delete, methods=["POST"]),
]
