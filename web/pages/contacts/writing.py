# SPDX-License-Identifier: Apache-2.0
"""Create and edit a contact, on a page of its own or over the list (X-15 to X-17)."""

from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from server.domain.permissions import Permission, Role
from server.i18n import N_, translate
from web.forms import blank_rows, version_of
from web.frame import Toast
from web.pages.contacts.columns import shown_columns
from web.pages.contacts.forms import NEW, given_contact, shown_again, shown_contact
from web.pages.contacts.members import may_move
from web.pages.contacts.reading import contact_of, in_dial_order
from web.pages.lists import list_options
from web.places import stands_on
from web.site import (
    Data,
    Errors,
    ask,
    change,
    locale_of,
    page,
    redirect,
    viewer_of,
    viewer_who_may,
)


async def new(request: Request) -> Response:
    viewer = viewer_who_may(request, Permission.CONTACTS_CREATE)
    lists = await list_options(request)
    wanted = [request.query_params["list"]] if "list" in request.query_params else []
    if viewer.role is Role.AGENT and len(lists) == 1:  # who sees one list only works on that
        wanted = [lists[0][0]]
    return await _form(request, NEW | {"listIds": wanted}, [])


async def create(request: Request) -> Response:
    viewer = viewer_who_may(request, Permission.CONTACTS_CREATE)
    form = await request.form()
    given = given_contact(form, viewer)
    if "add_phone" in form:
        return await _form(request, shown_again(NEW, form, given, []), [])
    payload, errors = await change(request, "contacts/create", input=given)
    if errors:
        return await _form(request, shown_again(NEW, form, given, errors), errors)
    contact = payload["contact"]
    text = translate(locale_of(request), N_("%(name)s was created."), name=contact["fullName"])
    return redirect(request, f"/contacts/{contact['id']}", Toast(text=text))


async def edit(request: Request) -> Response:
    viewer = viewer_who_may(request, Permission.CONTACTS_EDIT)
    return await _form(request, shown_contact(await contact_of(request), viewer), [])


async def save(request: Request) -> Response:
    viewer = viewer_who_may(request, Permission.CONTACTS_EDIT)
    form, contact_id = await request.form(), request.path_params["id"]
    given = given_contact(form, viewer)
    errors: Errors = []
    if "add_phone" not in form:
        changed = given | version_of(form) | {"id": contact_id}
        payload, errors = await change(request, "contacts/edit", input=changed)
        if not errors:
            return await _saved(request, payload["contact"])
    stored = shown_contact(await contact_of(request), viewer)
    return await _form(request, shown_again(stored, form, given, errors), errors)


async def _form(request: Request, contact: Data, errors: Errors) -> Response:
    offered = await ask(request, "contacts/types")
    blanks = blank_rows(await request.form()) if request.method == "POST" else 1
    return page(
        request,
        "contacts/form.html",
        status=422 if errors else 200,
        contact=contact,
        types=[edge["node"] for edge in offered["offeredItemTypes"]["edges"]],
        lists=await list_options(request),
        errors=errors,
        blanks=blanks,
    )


async def _saved(request: Request, contact: Data) -> Response:
    """Over the list the row changes in its place; from anywhere else the record follows."""
    told = Toast(
        text=translate(locale_of(request), N_("%(name)s was saved."), name=contact["fullName"])
    )
    at = stands_on(request, "/contacts")
    if at is None:
        return redirect(request, f"/contacts/{contact['id']}", told)
    viewer = viewer_of(request)
    shown = shown_columns(dict(parse_qsl(urlsplit(at).query)), viewer)
    data = await ask(request, "contacts/row", id=contact["id"], withNames="lists" in shown)
    return page(
        request,
        "contacts/saved.html",
        headers={"HX-Trigger": "dialog:close"},
        contact=data["contact"] | {"additionalPhones": in_dial_order(data["contact"])},
        shown=shown,
        may_move=may_move(viewer),
        told=told,
    )
