# SPDX-License-Identifier: Apache-2.0
"""Columns that a reader chooses for a list, and filters kept under a name, one's own or shared."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.domain.permissions import Permission
from server.domain.views import ViewSubject
from server.i18n import N_, translate
from web.frame import Toast
from web.pages.contacts.columns import USUAL, columns_offered
from web.places import stands_on, state_at
from web.site import (
    Data,
    Errors,
    PageError,
    ask,
    change,
    locale_of,
    page,
    redirect,
    viewer_of,
    viewer_who_may,
)
from web.views import ListColumn, views_of


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A list page; `columns` gives all that it can show, `usual` are those shown at first."""

    path: str
    title: str
    permission: Permission
    columns: Callable[[Request], Awaitable[list[ListColumn]]] | None = None
    usual: Sequence[str] = ()


LISTINGS = {
    ViewSubject.CONTACTS: Listing(
        path="/contacts",
        title=N_("Contacts"),
        permission=Permission.CONTACTS_VIEW,
        columns=columns_offered,
        usual=USUAL,
    ),
    ViewSubject.LISTS: Listing(
        path="/lists", title=N_("Contact lists"), permission=Permission.LISTS_VIEW
    ),
    ViewSubject.ITEM_TYPES: Listing(
        path="/item-types", title=N_("Contact item types"), permission=Permission.ITEM_TYPES_VIEW
    ),
    ViewSubject.CAMPAIGNS: Listing(
        path="/campaigns", title=N_("Campaigns"), permission=Permission.CAMPAIGNS_VIEW
    ),
    ViewSubject.USERS: Listing(path="/users", title=N_("Users"), permission=Permission.USERS_VIEW),
}


async def columns(request: Request) -> Response:
    subject, listing = _listing(request)
    chosen = (await views_of(request, subject)).columns or listing.usual
    return await _columns_page(request, list(chosen), list(chosen))


async def choose_columns(request: Request) -> Response:
    subject, listing = _listing(request)
    form = await request.form()
    order, wanted = _texts(form, "order"), _texts(form, "columns")
    for name, step in (("up", -1), ("down", 1)):
        if name in form:
            return await _columns_page(request, _moved(order, str(form[name]), step), wanted)
    kept = [] if "usual" in form else [key for key in order if key in wanted]
    given = {"subject": subject.value, "columns": kept}
    _, errors = await change(request, "views/choose", input=given)
    if errors:
        return await _columns_page(request, order, wanted, errors)
    text = translate(locale_of(request), N_("The columns were kept."))
    return redirect(request, listing.path + _at(form, without="columns"), Toast(text=text))


async def new_filter(request: Request) -> Response:
    _listing(request)
    return await _filter_page(request, None, {"name": "", "isShared": False}, [])


async def create_filter(request: Request) -> Response:
    subject, listing = _listing(request)
    form = await request.form()
    given = _given(form) | {"subject": subject.value, "query": _at(form)}
    payload, errors = await change(request, "views/save", input=given)
    if errors:
        return await _filter_page(request, None, {"isShared": False} | given, errors)
    return _kept(request, listing, payload["savedFilter"])


async def edit_filter(request: Request) -> Response:
    found = await _one(request)
    return await _filter_page(request, found, found, [])


async def save_filter(request: Request) -> Response:
    found, form = await _one(request), await request.form()
    listing = LISTINGS[ViewSubject(found["subject"])]
    given = _given(form) | {"id": found["id"], "subject": found["subject"]}
    if "replace" in form:
        given["query"] = _at(form)
    payload, errors = await change(request, "views/save", input=given)
    if errors:
        return await _filter_page(request, found, found | given, errors)
    return _kept(request, listing, payload["savedFilter"])


async def delete_filter(request: Request) -> Response:
    found = await _one(request)
    listing = LISTINGS[ViewSubject(found["subject"])]
    payload, errors = await change(request, "views/delete", input={"id": found["id"]})
    if errors:
        told = Toast(text=errors[0]["message"], tone="stop")
    else:
        text = N_("The filter “%(name)s” was deleted.")
        told = Toast(
            text=translate(locale_of(request), text, name=payload["name"]),
            undo=f"/filters/{found['id']}/restorations",
        )
    return redirect(request, listing.path + _at(await request.form()), told)


async def restore_filter(request: Request) -> Response:
    given = {"id": request.path_params["id"]}
    payload, errors = await change(request, "views/restore", input=given)
    if errors:
        if errors[0]["field"] == "id":
            raise PageError(404)
        return redirect(request, "/", Toast(text=errors[0]["message"], tone="stop"))
    found = payload["savedFilter"]
    text = translate(locale_of(request), N_("“%(name)s” is back."), name=found["name"])
    listing = LISTINGS[ViewSubject(found["subject"])]
    return redirect(request, f"{listing.path}?{found['query']}", Toast(text=text))


def _kept(request: Request, listing: Listing, found: Data) -> Response:
    text = translate(locale_of(request), N_("“%(name)s” was kept."), name=found["name"])
    return redirect(request, f"{listing.path}?{found['query']}", Toast(text=text))


async def _columns_page(
    request: Request, order: list[str], wanted: list[str], errors: Errors | None = None
) -> Response:
    subject, listing = _listing(request)
    assert listing.columns is not None
    known = {one.key: one for one in await listing.columns(request)}
    ordered = [*(key for key in order if key in known), *(key for key in known if key not in order)]
    form = await request.form()
    return page(
        request,
        "views/columns.html",
        status=422 if errors else 200,
        listing=listing,
        action=f"/views/{slug_of(subject)}/columns",
        columns=[known[key] for key in ordered],
        wanted=wanted,
        at=_at(form) if request.method == "POST" else _here(request, listing),
        errors=errors or [],
    )


async def _filter_page(
    request: Request, found: Data | None, given: Data, errors: Errors
) -> Response:
    subject = ViewSubject(found["subject"]) if found else _listing(request)[0]
    form = await request.form()
    action = f"/filters/{found['id']}" if found else f"/views/{slug_of(subject)}/filters"
    return page(
        request,
        "views/filter.html",
        status=422 if errors else 200,
        listing=LISTINGS[subject],
        filter=found,
        given=given,
        action=action,
        at=_at(form) if request.method == "POST" else _here(request, LISTINGS[subject]),
        may_share=viewer_of(request).may(Permission.CONTACTS_SHARE),
        errors=errors,
    )


async def _one(request: Request) -> Data:
    viewer_of(request)
    data = await ask(request, "views/one", id=request.path_params["id"])
    if not data["node"]:
        raise PageError(404)
    found: Data = data["node"]
    return found


def _listing(request: Request) -> tuple[ViewSubject, Listing]:
    name = request.path_params["subject"].upper().replace("-", "_")
    if name not in frozenset(ViewSubject):
        raise PageError(404)
    listing = LISTINGS[ViewSubject(name)]
    viewer_who_may(request, listing.permission)
    if listing.columns is None and request.url.path.endswith("/columns"):
        raise PageError(404)
    return ViewSubject(name), listing


def slug_of(subject: ViewSubject) -> str:
    return subject.value.lower().replace("_", "-")


def _given(form: FormData) -> Data:
    given: Data = {"name": str(form.get("name", ""))}
    if "may_share" in form:
        given["isShared"] = "isShared" in form
    return given


def _here(request: Request, listing: Listing) -> str:
    if stands_on(request, listing.path) is None:
        return _at(request.query_params)
    return _at({"at": urlencode(state_at(request, listing.path).multi_items())})


def _at(given: Mapping[str, object], *, without: str = "") -> str:
    """The list's state that the form was opened over, as `?…`; never another address."""
    text = str(given.get("at", ""))
    pairs = parse_qsl(text.removeprefix("?"), max_num_fields=100) if len(text) < 4000 else []
    kept = [(key, value) for key, value in pairs if key not in (without, "after", "before")]
    return "?" + urlencode(kept) if kept else ""


def _texts(form: FormData, name: str) -> list[str]:
    return [str(value) for value in form.getlist(name)]


def _moved(order: list[str], key: str, step: int) -> list[str]:
    if key not in order:
        return order
    place = order.index(key)
    rest = [one for one in order if one != key]
    rest.insert(min(max(place + step, 0), len(rest)), key)
    return rest


ROUTES = [
    Route("/views/{subject}/columns", columns),
    Route("/views/{subject}/columns", choose_columns, methods=["POST"]),
    Route("/views/{subject}/filters/new", new_filter),
    Route("/views/{subject}/filters", create_filter, methods=["POST"]),
    Route("/filters/{id}", edit_filter),
    Route("/filters/{id}", save_filter, methods=["POST"]),
    Route("/filters/{id}/deletion", delete_filter, methods=["POST"]),
    Route("/filters/{id}/restorations", restore_filter, methods=["POST"]),
]
