# SPDX-License-Identifier: Apache-2.0
"""The record structure of a campaign: which fields its records have, in which order (C-23)."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from server.domain.permissions import Permission
from server.i18n import N_, translate
from web.frame import Toast
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

STEPS = {"up": -1, "down": 1}


async def show(request: Request) -> Response:
    data = await _read(request)
    return _page(request, data, [one["id"] for one in data["campaign"]["fields"]], [])


async def save(request: Request) -> Response:
    """The fields that are ticked, in the order they stand; without scripts a button moves one."""
    viewer_who_may(request, Permission.CAMPAIGNS_EDIT)
    form = await request.form()
    order = [str(key) for key in form.getlist("order")]
    chosen = [key for key in map(str, form.getlist("fieldIds")) if key]
    chosen.sort(key=lambda key: order.index(key) if key in order else len(order))
    if moved := str(form.get("move", "")):
        data = await _read(request)
        return _page(request, data, _moved(chosen, moved), [])
    lost = str(form.get("valuesLost", ""))
    given = {
        "campaignId": request.path_params["id"],
        "fieldIds": chosen,
        "valuesLost": int(lost) if lost.isascii() and lost.isdigit() and len(lost) < 10 else 0,
    }
    payload, errors = await change(request, "campaigns/set_structure", input=given)
    if errors:
        return _page(request, await _read(request), chosen, errors, payload["valuesLost"])
    text = translate(locale_of(request), N_("The record structure was saved."))
    return redirect(request, request.url.path, Toast(text=text))


def _moved(chosen: Sequence[str], moved: str) -> list[str]:
    key, _, step = moved.partition(":")
    found = list(chosen)
    if key in found and step in STEPS:
        place = found.index(key)
        found.insert(min(max(place + STEPS[step], 0), len(found) - 1), found.pop(place))
    return found


async def _read(request: Request) -> Data:
    viewer = viewer_of(request)
    data = await ask(
        request,
        "campaigns/structure",
        id=request.path_params["id"],
        withLists=viewer.may(Permission.LISTS_VIEW),
        withFields=viewer.may(Permission.CONTACTS_VIEW),
    )
    if data["campaign"] is None:
        raise PageError(404)
    return data


def _page(
    request: Request, data: Data, chosen: Sequence[str], errors: Errors, lost: int = 0
) -> Response:
    known = {one["id"]: one for one in data["campaign"]["fields"]}
    offered = data.get("offeredFields", {"edges": []})["edges"]
    known |= {edge["node"]["id"]: edge["node"] for edge in offered}
    fields = [known[key] for key in chosen if key in known]
    return page(
        request,
        "campaigns/structure.html",
        status=422 if errors else 200,
        campaign=data["campaign"],
        fields=fields + [one for key, one in known.items() if key not in chosen],
        chosen=chosen,
        lost=lost,
        errors=errors,
    )
