# SPDX-License-Identifier: Apache-2.0
"""Entries taken off the blacklist: confirmed by name and count, and taken back by Undo."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from server.domain.permissions import Permission
from server.i18n import N_, translate, translate_plural
from web.frame import Toast
from web.pages.blacklists.listing import may_see
from web.places import came_from, return_to
from web.site import Data, Errors, ask, change, locale_of, page, redirect, viewer_who_may


async def confirm(request: Request) -> Response:
    return await _confirm(request, request.query_params.getlist("ids"), [])


async def confirm_selected(request: Request) -> Response:
    """Those whose boxes are ticked."""
    form = await request.form()
    return await _confirm(request, [str(value) for value in form.getlist("ids")], [])


async def delete(request: Request) -> Response:
    form = await request.form()
    ids = [str(value) for value in form.getlist("ids")]
    payload, errors = await change(request, "blacklists/delete", input={"ids": ids})
    if errors:
        return await _confirm(request, ids, errors)
    locale = locale_of(request)
    text = translate_plural(
        locale,
        "%(num)s entry was taken off the blacklist.",
        "%(num)s entries were taken off the blacklist.",
        payload["deleted"],
    )
    if payload["name"]:
        text = translate(locale, N_("%(name)s was taken off the blacklist."), name=payload["name"])
    undo = f"/blacklists/deletions/{payload['deletionId']}/restorations"
    return redirect(request, return_to(request, "/blacklists"), Toast(text=text, undo=undo))


async def restore(request: Request) -> Response:
    given = {"deletionId": request.path_params["id"]}
    payload, errors = await change(request, "blacklists/restore", input=given)
    back = came_from(request)
    url = back if back.partition("?")[0] == "/blacklists" else "/blacklists"
    if errors:
        return redirect(request, url, Toast(text=errors[0]["message"], tone="stop"))
    locale, left_out = locale_of(request), payload["leftOut"]
    text = translate_plural(
        locale,
        "%(num)s entry is back on the blacklist.",
        "%(num)s entries are back on the blacklist.",
        payload["restored"],
    )
    if left_out:
        more = translate_plural(
            locale,
            "%(num)s has no place any more.",
            "%(num)s have no place any more.",
            left_out,
        )
        text = f"{text} {more}"
    return redirect(request, url, Toast(text=text, tone="warn" if left_out else "ok"))


async def _confirm(request: Request, ids: Sequence[str], errors: Errors) -> Response:
    viewer_who_may(request, Permission.BLACKLISTS_DELETE)
    nodes: list[Data | None] = []
    if ids:
        data = await ask(request, "blacklists/chosen", ids=list(ids), **may_see(request))
        nodes = data["nodes"]
    chosen = [node for node in nodes if node and "isOptOut" in node]
    if not chosen:
        text = translate(locale_of(request), N_("Nothing is selected that is on the blacklist."))
        return redirect(request, return_to(request, "/blacklists"), Toast(text=text, tone="warn"))
    return page(
        request,
        "blacklists/delete.html",
        status=422 if errors else 200,
        chosen=chosen,
        errors=errors,
    )
