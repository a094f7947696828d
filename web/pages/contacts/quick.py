# SPDX-License-Identifier: Apache-2.0
"""Fast edit: who a contact is and its numbers, in a dialog over any page (X-18, X-19, X-20)."""

from starlette.requests import Request
from starlette.responses import Response

from server.domain.permissions import Permission
from web.forms import blank_rows
from web.pages.contacts.forms import given_person, shown_again, shown_contact
from web.pages.contacts.resolving import save_edit
from web.pages.contacts.writing import whole_form
from web.places import came_from
from web.site import Data, Errors, PageError, ask, page, viewer_who_may


async def edit(request: Request) -> Response:
    viewer = viewer_who_may(request, Permission.CONTACTS_EDIT)
    contact, types = await _asked(request)
    return _form(request, shown_contact(contact, viewer), types, [], back=came_from(request))


async def save(request: Request) -> Response:
    """`all_fields` goes on in the full form with what was typed so far."""
    viewer = viewer_who_may(request, Permission.CONTACTS_EDIT)
    form = await request.form()
    given = given_person(form)
    if "all_fields" in form:
        return await whole_form(request, form, given)
    answer = await save_edit(request, form, given, stays=True)
    if isinstance(answer, Response):
        return answer
    given, errors = answer
    contact, types = await _asked(request)
    contact = shown_again(shown_contact(contact, viewer), form, given, errors)
    return _form(
        request, contact, types, errors, blanks=blank_rows(form), back=str(form.get("next", ""))
    )


async def _asked(request: Request) -> tuple[Data, list[Data]]:
    data = await ask(request, "contacts/quick", id=request.path_params["id"])
    if data["contact"] is None:
        raise PageError(404)
    return data["contact"], [edge["node"] for edge in data["offeredItemTypes"]["edges"]]


def _form(
    request: Request,
    contact: Data,
    types: list[Data],
    errors: Errors,
    *,
    back: str,
    blanks: int = 1,
) -> Response:
    """`back` is where saving leads without scripts."""
    return page(
        request,
        "contacts/quick.html",
        status=422 if errors else 200,
        contact=contact,
        types=types,
        errors=errors,
        blanks=blanks,
        back=back,
    )
