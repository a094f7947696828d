# SPDX-License-Identifier: Apache-2.0
"""Delete a contact, after saying who it is and what goes with it; the trash keeps it (D4)."""

from starlette.requests import Request
from starlette.responses import Response

from server.domain.permissions import Permission
from server.i18n import N_, translate
from web.forms import version_of
from web.frame import Toast
from web.places import return_to
from web.site import Errors, PageError, ask, change, locale_of, page, redirect, viewer_who_may


async def confirm(request: Request) -> Response:
    return await _confirm(request, [])


async def delete(request: Request) -> Response:
    given = {"id": request.path_params["id"]} | version_of(await request.form())
    payload, errors = await change(request, "contacts/delete", input=given)
    if errors:
        return await _confirm(request, errors)
    text = translate(locale_of(request), N_("%(name)s was deleted."), name=payload["name"])
    undo = f"/trash/{given['id']}/restorations"
    return redirect(request, return_to(request, "/contacts"), Toast(text=text, undo=undo))


async def _confirm(request: Request, errors: Errors) -> Response:
    viewer = viewer_who_may(request, Permission.CONTACTS_DELETE)
    data = await ask(
        request,
        "contacts/deletion",
        id=request.path_params["id"],
        withLists=viewer.may(Permission.LISTS_VIEW),
        withCampaigns=viewer.may(Permission.CAMPAIGNS_VIEW),
    )
    if data["contact"] is None:
        raise PageError(404)
    return page(
        request,
        "contacts/delete.html",
        status=422 if errors else 200,
        contact=data["contact"],
        entries=data["hopperEntries"]["totalCount"] if "hopperEntries" in data else 0,
        errors=errors,
    )
