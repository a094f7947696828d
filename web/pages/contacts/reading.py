# SPDX-License-Identifier: Apache-2.0
"""The list of contacts and a contact's record."""

from starlette.requests import Request
from starlette.responses import Response

from server.domain.dialer import AdditionalNumber, dial_order
from server.domain.permissions import Permission, Viewer
from web.pages.contacts.columns import column_names, shown_columns
from web.pages.contacts.members import may_move
from web.pages.lists import import_url, list_options
from web.site import Data, PageError, ask, page, paging, sorting, viewer_of

SORTS = {"name": "NAME", "created": "CREATED_AT"}


async def index(request: Request) -> Response:
    query, viewer = request.query_params, viewer_of(request)
    shown = shown_columns(query, viewer)
    wanted = _wanted_list(request, viewer)
    data = await ask(
        request,
        "contacts/index",
        search=query.get("q") or None,
        list=wanted,
        listId=wanted or "",
        withList=wanted is not None,
        withNames="lists" in shown,
        **sorting(query, SORTS, "name"),
        **paging(query),
    )
    for edge in data["contacts"]["edges"]:
        edge["node"]["additionalPhones"] = in_dial_order(edge["node"])
    return page(
        request,
        "contacts/index.html",
        contacts=data["contacts"],
        list=data.get("contactList"),
        lists=await list_options(request),
        columns=column_names(viewer),
        shown=shown,
        may_move=may_move(viewer),
        import_url=import_url(request),
    )


async def count(request: Request) -> Response:
    """The whole count of a long list, which the page did not wait for."""
    query = request.query_params
    wanted = _wanted_list(request, viewer_of(request))
    data = await ask(request, "contacts/count", search=query.get("q") or None, list=wanted)
    shown = query.get("shown", "")
    return page(
        request,
        "contacts/count.html",
        shown=int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 4 else 0,
        total=data["contacts"]["totalCount"],
    )


async def show(request: Request) -> Response:
    contact = await contact_of(request)
    return page(request, "contacts/show.html", contact=contact, phones=in_dial_order(contact))


async def contact_of(request: Request) -> Data:
    """The contact that the address names."""
    may_see_lists = viewer_of(request).may(Permission.LISTS_VIEW)
    contact_id = request.path_params["id"]
    data = await ask(request, "contacts/one", id=contact_id, withLists=may_see_lists)
    if data["contact"] is None:
        raise PageError(404)
    found: Data = data["contact"]
    return found


def in_dial_order(contact: Data) -> list[Data]:
    """The additional phones as a round dials them (X-05, X-06)."""
    by_number = {phone["number"]: phone for phone in contact["additionalPhones"]}
    numbers = [AdditionalNumber(number, *_type_of(phone)) for number, phone in by_number.items()]
    return [by_number[phone.number] for phone in dial_order(None, numbers)]


def _type_of(phone: Data) -> tuple[str | None, int]:
    found = phone["itemType"]
    return (found["name"], found["orderBy"]) if found else (None, 0)


def _wanted_list(request: Request, viewer: Viewer) -> str | None:
    wanted = request.query_params.get("list")
    return wanted if wanted and viewer.may(Permission.LISTS_VIEW) else None
