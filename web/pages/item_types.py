# SPDX-License-Identifier: Apache-2.0
"""Contact item types: list with search, create, edit, delete (X-01 to X-10)."""

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.domain.permissions import Permission
from server.domain.views import ViewSubject
from server.i18n import N_, translate, translate_plural
from web.forms import version_of
from web.frame import Toast
from web.places import return_to
from web.site import (
    Data,
    Errors,
    ask,
    ask_one,
    change,
    locale_of,
    page,
    paging,
    redirect,
    sorting,
    viewer_who_may,
)
from web.views import views_of

SORTS = {"order": "DIAL_ORDER", "name": "NAME", "created": "CREATED_AT"}
NEW: Data = {"id": None, "name": "", "orderBy": 1, "color": "#B8D8F0", "version": None}
PALETTE = (
    *("#B8D8F0", "#CFE8CF", "#FFE0A3", "#F6C6B8", "#DCCBF2", "#D5D8DC"),
    *("#0B5394", "#2E7D32", "#B45F06", "#A61C1C", "#6A3D9A", "#4A545D"),
)
MOST_ORDER = 999_999_999


async def index(request: Request) -> Response:
    query = dict(request.query_params)
    is_exact = query.pop("counts", "") == "exact"
    data = await ask(
        request,
        "item_types/index",
        search=query.get("q") or None,
        exact=is_exact,
        **sorting(request.query_params, SORTS, "order"),
        **paging(request.query_params),
    )
    return page(
        request,
        "item_types/index.html",
        types=data["contactItemTypes"],
        views=await views_of(request, ViewSubject.ITEM_TYPES),
        query=query,
    )


async def new(request: Request) -> Response:
    """The next place in the order; who wants another one says so."""
    viewer = viewer_who_may(request, Permission.ITEM_TYPES_CREATE)
    order = 1
    if viewer.may(Permission.ITEM_TYPES_VIEW):
        found = (await ask(request, "item_types/last"))["contactItemTypes"]["edges"]
        order = min(found[0]["node"]["orderBy"] + 1, MOST_ORDER) if found else 1
    return _form(request, NEW | {"orderBy": order}, [])


async def create(request: Request) -> Response:
    given = await _given(request)
    payload, errors = await change(request, "item_types/create", input=given)
    if errors:
        return _form(request, _shown(NEW | given, await request.form()), errors)
    return _done(request, N_("Item type “%(name)s” was created."), payload["contactItemType"])


async def edit(request: Request) -> Response:
    viewer_who_may(request, Permission.ITEM_TYPES_EDIT)
    return _form(request, await _one(request), [])


async def save(request: Request) -> Response:
    form = await request.form()
    given = await _given(request)
    changed = given | version_of(form) | {"id": request.path_params["id"]}
    payload, errors = await change(request, "item_types/edit", input=changed)
    if errors:
        # After a conflict the version of now counts: what is sent again is meant.
        is_conflict = any(error["field"] == "version" for error in errors)
        stored = await _one(request) | ({} if is_conflict else version_of(form))
        return _form(request, _shown(stored | given, form), errors)
    return _done(request, N_("Item type “%(name)s” was saved."), payload["contactItemType"])


async def confirm(request: Request) -> Response:
    return await _confirm(request, [])


async def delete(request: Request) -> Response:
    given = {"id": request.path_params["id"]} | version_of(await request.form())
    payload, errors = await change(request, "item_types/delete", input=given)
    if errors:
        return await _confirm(request, errors)
    count = payload["phonesUntyped"]
    text = translate_plural(
        locale_of(request),
        "Item type “%(name)s” was deleted. %(num)s phone is untyped now and is dialed last.",
        "Item type “%(name)s” was deleted. %(num)s phones are untyped now and are dialed last.",
        count,
        name=payload["name"],
    )
    return redirect(request, return_to(request, "/item-types"), Toast(text=text))


async def _one(request: Request, *, exact: bool = False) -> Data:
    return await ask_one(request, "item_types/one", id=request.path_params["id"], exact=exact)


async def _given(request: Request) -> Data:
    form = await request.form()
    order = str(form.get("orderBy", "")).strip()
    # 0 is refused with the field's own words, as is everything that is no whole number.
    is_order = order.isascii() and order.isdigit() and len(order) < 10
    return {
        "name": str(form.get("name", "")),
        "orderBy": int(order) if is_order else 0,
        "color": str(form.get("color", "")),
    }


def _shown(item_type: Data, form: FormData) -> Data:
    """What was typed stands in its box again, also where it is no order."""
    return item_type | {"orderBy": str(form.get("orderBy", ""))}


def _form(request: Request, item_type: Data, errors: Errors) -> Response:
    return page(
        request,
        "item_types/form.html",
        status=422 if errors else 200,
        itemType=item_type,
        palette=PALETTE,
        errors=errors,
    )


async def _confirm(request: Request, errors: Errors) -> Response:
    viewer_who_may(request, Permission.ITEM_TYPES_DELETE)
    return page(
        request,
        "item_types/delete.html",
        status=422 if errors else 200,
        itemType=await _one(request, exact=True),
        errors=errors,
    )


def _done(request: Request, message: str, item_type: Data) -> Response:
    text = translate(locale_of(request), message, name=item_type["name"])
    return redirect(request, return_to(request, "/item-types"), Toast(text=text))


ROUTES = [
    Route("/item-types", index),
    Route("/item-types", create, methods=["POST"]),
    Route("/item-types/new", new),
    Route("/item-types/{id}", edit),
    Route("/item-types/{id}", save, methods=["POST"]),
    Route("/item-types/{id}/deletion", confirm),
    Route("/item-types/{id}/deletion", delete, methods=["POST"]),
]
