# SPDX-License-Identifier: Apache-2.0
"""Which lists a campaign calls: attach, detach, start afresh (X-23, X-40)."""

from starlette.requests import Request
from starlette.responses import Response

from server.domain.permissions import Permission
from server.i18n import N_, translate, translate_plural
from web.formats import Reader, number
from web.frame import Toast
from web.site import (
    Data,
    PageError,
    ask,
    change,
    locale_of,
    page,
    redirect,
    viewer_of,
    viewer_who_may,
)

MANY = 1000  # from so many records on, the list's name has to be typed


def ngettext(one: str, many: str) -> tuple[str, str]:
    """Marks the two forms for extraction and gives them back untouched."""
    return one, many


RELOADED = {
    "loaded": ngettext("%(shown)s contact loaded", "%(shown)s contacts loaded"),
    "duplicates": ngettext("%(shown)s left out as a duplicate", "%(shown)s left out as duplicates"),
    "withoutNumbers": ngettext("%(shown)s without a number", "%(shown)s without a number"),
    "closed": ngettext("%(shown)s entry closed", "%(shown)s entries closed"),
    "inCall": ngettext(
        "%(shown)s goes on until its call ends", "%(shown)s go on until their calls end"
    ),
}


async def show(request: Request) -> Response:
    viewer_who_may(request, Permission.LISTS_VIEW)
    data = await ask(request, "campaigns/lists", id=request.path_params["id"])
    if data["campaign"] is None:
        raise PageError(404)
    attached = {one["id"] for one in data["campaign"]["lists"]}
    nodes = [edge["node"] for edge in data["contactLists"]["edges"]]
    others = [one for one in nodes if one["id"] not in attached]
    return page(request, "campaigns/lists.html", campaign=data["campaign"], others=others)


async def attach(request: Request) -> Response:
    form = await request.form()
    chosen = [str(value) for value in form.getlist("listIds") if value]
    return await _relist(request, "attach", {"listIds": chosen})


async def _relist(request: Request, name: str, given: Data) -> Response:
    """Says what the change did to the hopper."""
    key = request.path_params["id"]
    payload, errors = await change(request, f"campaigns/{name}", input={"id": key, **given})
    target = f"/campaigns/{key}/lists"
    if errors:
        return redirect(request, target, Toast(text=errors[0]["message"], tone="stop"))
    return redirect(request, target, Toast(text=loaded_text(request, payload)))


async def confirm(request: Request, *, name: str) -> Response:
    """What detaching or resetting the list would do."""
    viewer_who_may(request, Permission.CAMPAIGNS_EDIT)
    return await _confirm(request, name, [])


async def _confirm(request: Request, name: str, errors: list[Data]) -> Response:
    data = await _one(request)
    return page(
        request,
        f"campaigns/{name}.html",
        status=422 if errors else 200,
        campaign=data["campaign"],
        list=data["contactList"],
        entries=data["hopperEntries"]["totalCount"],
        must_type=_count(name, data) >= MANY,
        errors=errors,
    )


async def detach(request: Request) -> Response:
    return await _confirmed(request, "detach", {"listIds": [request.path_params["list"]]})


async def reset(request: Request) -> Response:
    return await _confirmed(request, "reset", {"listId": request.path_params["list"]})


async def _confirmed(request: Request, name: str, given: Data) -> Response:
    viewer_who_may(request, Permission.CAMPAIGNS_EDIT)
    data = await _one(request)
    typed = str((await request.form()).get("confirm", ""))
    if _count(name, data) >= MANY and typed != data["contactList"]["name"]:
        text = translate(locale_of(request), N_("Type the list's name as it stands here."))
        return await _confirm(request, name, [{"field": None, "message": text}])
    return await _relist(request, name, given)


async def _one(request: Request) -> Data:
    key, list_id = request.path_params["id"], request.path_params["list"]
    data = await ask(request, "campaigns/list", id=key, listId=list_id)
    if data["campaign"] is None or data["contactList"] is None:
        raise PageError(404)
    return data


def _count(name: str, data: Data) -> int:
    """How many records the change is about."""
    entries: int = data["hopperEntries"]["totalCount"]
    contacts: int = data["contactList"]["contactCount"]
    return contacts if name == "reset" else entries


def loaded_text(request: Request, payload: Data) -> str:
    """What became of the contacts and entries, without the things that did not happen."""
    locale = locale_of(request)
    reader = Reader(locale=locale, region=viewer_of(request).region)
    parts = []
    for name, words in RELOADED.items():
        if num := payload.get(name):
            parts.append(translate_plural(locale, *words, num, shown=number(reader, num)))
    said = ", ".join(parts)
    return f"{said}." if said else translate(locale, N_("Nothing changed in the hopper."))
