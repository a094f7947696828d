# SPDX-License-Identifier: Apache-2.0
"""The list of contacts and a contact's record."""

import asyncio
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from server.domain.contacts import PhoneState
from server.domain.dialer import AdditionalNumber, dial_order
from server.domain.permissions import Permission
from server.domain.views import ViewSubject
from web.pages.contacts.bulk import actions_for, may_select
from web.pages.contacts.columns import columns_of
from web.pages.contacts.fields import is_field, order_of, with_texts
from web.pages.contacts.filters import chips_of, choices_of, filter_of, keys_of, query_of
from web.pages.lists import import_url
from web.site import Data, PageError, ask, ask_one, page, paging, viewer_of
from web.views import ListColumn, views_of


async def index(request: Request) -> Response:
    params, viewer = request.query_params, viewer_of(request)
    query = query_of(params)
    views, choices = await asyncio.gather(
        views_of(request, ViewSubject.CONTACTS), choices_of(request)
    )
    columns = await columns_of(request, query, views, choices.fields)
    filters = filter_of(request)
    contacts: Data = {"edges": []}
    refusal = None
    try:
        data = await ask(
            request,
            "contacts/index",
            filter=filters,
            # What filters mean may take longer to count than to show: the page does not wait.
            withCount=not filters.keys() - {"search"},
            **order_of(params),
            **paging(params),
            **selected_by(columns),
        )
        contacts = data["contacts"]
    except PageError as error:
        # A filter that was kept, as a link or under a name, may outlive the type of its field.
        if error.field is None:
            raise
        refusal = str(error)
    for edge in contacts["edges"]:
        edge["node"] = with_texts(edge["node"])
        edge["node"]["additionalPhones"] = in_dial_order(edge["node"])
    return page(
        request,
        "contacts/index.html",
        status=422 if refusal else 200,
        query=query,
        contacts=contacts,
        refusal=refusal,
        choices=choices,
        chips=chips_of(request, choices),
        columns=columns,
        views=views,
        filter_keys=keys_of(choices),
        may_select=may_select(viewer),
        bulk=actions_for(viewer),
        import_url=import_url(request),
    )


def selected_by(columns: Sequence[ListColumn]) -> dict[str, bool]:
    """Which of the costlier fields a row needs for these columns."""
    keys = {one.key for one in columns}
    return {
        "withNames": "lists" in keys,
        "withTags": "tags" in keys,
        "withValues": any(map(is_field, keys)),
    }


async def count(request: Request) -> Response:
    """The whole count of a long list, which the page did not wait for."""
    data = await ask(request, "contacts/count", filter=filter_of(request))
    shown = request.query_params.get("shown", "")
    return page(
        request,
        "contacts/count.html",
        shown=int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 4 else 0,
        total=data["contacts"]["totalCount"],
    )


async def contact_of(request: Request) -> Data:
    """The contact that the address names."""
    viewer = viewer_of(request)
    return await ask_one(
        request,
        "contacts/one",
        id=request.path_params["id"],
        withLists=viewer.may(Permission.LISTS_VIEW),
        withCampaigns=viewer.may(Permission.CAMPAIGNS_VIEW),
    )


def in_dial_order(contact: Data) -> list[Data]:
    """The additional phones as a round dials them, then those that it does not (X-05, C-08)."""
    by_number = {phone["number"]: phone for phone in contact["additionalPhones"]}
    numbers = [
        AdditionalNumber(number, *_type_of(phone), is_available=_is_dialed(phone))
        for number, phone in by_number.items()
    ]
    return [by_number[phone.number] for phone in dial_order(None, numbers)]


def _type_of(phone: Data) -> tuple[str | None, int]:
    found = phone["itemType"]
    return (found["name"], found["orderBy"]) if found else (None, 0)


def _is_dialed(phone: Data) -> bool:
    return bool(phone.get("state", PhoneState.AVAILABLE) == PhoneState.AVAILABLE)
