# SPDX-License-Identifier: Apache-2.0
"""Create and edit a contact, on a page of its own or over the list (X-15 to X-17)."""

import json

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from server.domain.permissions import Permission, Role
from server.i18n import N_, translate
from web.forms import blank_rows
from web.frame import Toast
from web.pages.contacts.forms import NEW, given_contact, shown_again, shown_contact
from web.pages.contacts.reading import contact_of
from web.pages.contacts.resolving import held, save_edit
from web.pages.lists import list_options
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
    form = await request.form()
    answer = await save_edit(request, form, given_contact(form, viewer))
    if isinstance(answer, Response):
        return answer
    given, errors = answer
    stored = await contact_of(request) | {k: given[k] for k in ("scheduledAt",) if k in given}
    return await _form(
        request, shown_again(shown_contact(stored, viewer), form, given, errors), errors
    )


async def whole_form(request: Request, form: FormData, given: Data) -> Response:
    """The form of all fields, with what fast edit has sent so far."""
    contact = shown_contact(await contact_of(request), viewer_of(request))
    base = json.dumps(json.loads(contact["base"]) | held(form, "base"))
    return await _form(request, shown_again(contact, form, given, []) | {"base": base}, [])


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
