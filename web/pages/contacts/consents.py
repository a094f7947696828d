# SPDX-License-Identifier: Apache-2.0
"""A contact's consents and objections: recorded in a drawer, withdrawn with a word of warning."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.domain.permissions import Permission
from server.i18n import N_, translate
from web.forms import instant_of
from web.frame import Toast
from web.site import (
    Data,
    Errors,
    PageError,
    ask_one,
    change,
    locale_of,
    page,
    redirect,
    viewer_of,
    viewer_who_may,
)

CONSENTS = "/contacts/{id}/consents"
OBJECTIONS = "/contacts/{id}/objections"
BLANK: Data = {"matter": "", "evidence": "", "givenAt": ""}


async def new(request: Request) -> Response:
    return await _form(request, BLANK, [])


async def create(request: Request) -> Response:
    form = await request.form()
    typed = {name: str(form.get(name, "")) for name in BLANK}
    given = {"contactId": request.path_params["id"], "evidence": typed["evidence"]}
    if typed["givenAt"].strip():
        given["givenAt"] = instant_of(typed["givenAt"], viewer_of(request).timezone)
    document = "contacts/object" if _is_objection(request) else "contacts/consent"
    if not _is_objection(request):
        given["matter"] = typed["matter"]
    _, errors = await change(request, document, input=given)
    if errors:
        return await _form(request, typed, errors)
    told = N_("The objection was recorded.")
    return _done(request, told if _is_objection(request) else N_("The consent was recorded."))


async def confirm(request: Request) -> Response:
    return await _confirm(request, [])


async def withdraw(request: Request) -> Response:
    consent = request.path_params["consent"]
    _, errors = await change(request, "contacts/withdraw", input={"id": consent})
    if errors:
        return await _confirm(request, errors)
    return _done(request, N_("It no longer holds from now on."))


def _is_objection(request: Request) -> bool:
    return "/objections" in request.url.path


async def _form(request: Request, typed: Data, errors: Errors) -> Response:
    viewer_who_may(request, Permission.CONTACTS_EDIT)
    return page(
        request,
        "contacts/consent.html",
        status=422 if errors else 200,
        contact=await _contact(request),
        typed=typed,
        is_objection=_is_objection(request),
        errors=errors,
    )


async def _confirm(request: Request, errors: Errors) -> Response:
    viewer_who_may(request, Permission.CONTACTS_EDIT)
    contact = await _contact(request)
    wanted = request.path_params["consent"]
    consent = next((one for one in contact["consents"] if one["id"] == wanted), None)
    if consent is None:
        raise PageError(404)
    return page(
        request,
        "contacts/withdrawal.html",
        status=422 if errors else 200,
        contact=contact,
        consent=consent,
        errors=errors,
    )


async def _contact(request: Request) -> Data:
    return await ask_one(request, "contacts/consents", id=request.path_params["id"])


def _done(request: Request, message: str) -> Response:
    told = Toast(text=translate(locale_of(request), message))
    return redirect(request, f"/contacts/{request.path_params['id']}/details", told)


ROUTES = [
    Route(CONSENTS, create, methods=["POST"]),
    Route(f"{CONSENTS}/new", new),
    Route(OBJECTIONS, create, methods=["POST"]),
    Route(f"{OBJECTIONS}/new", new),
    Route(f"{CONSENTS}/{{consent}}/withdrawal", confirm),
    Route(f"{CONSENTS}/{{consent}}/withdrawal", withdraw, methods=["POST"]),
]
