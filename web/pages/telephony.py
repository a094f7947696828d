# SPDX-License-Identifier: Apache-2.0
"""Telephone exchanges: the list, the form, and the test of a connection (architecture 6)."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.domain.permissions import Permission
from server.i18n import N_, translate
from web.forms import version_of
from web.frame import Toast
from web.places import return_to
from web.site import (
    Data,
    Errors,
    PageError,
    ask,
    ask_one,
    change,
    locale_of,
    page,
    paging,
    redirect,
    sorting,
    viewer_who_may,
)

URL = "/telephony"
SORTS = {"name": "NAME", "created": "CREATED_AT"}
TEXTS = (
    *("name", "url", "username", "application", "dialTemplate", "agentTemplate"),
    "answeredContext",
)
NEW: Data = {
    "id": None,
    "name": "",
    "url": "http://127.0.0.1:8088/ari",
    "username": "rubrica",
    "application": "rubrica",
    "dialTemplate": "PJSIP/{number}@trunk",
    "agentTemplate": "PJSIP/{endpoint}",
    "answeredContext": "",
    "detectsMachines": False,
    "version": None,
}


async def index(request: Request) -> Response:
    query = dict(request.query_params)
    data = await ask(
        request,
        "telephony/index",
        search=query.get("q") or None,
        **sorting(request.query_params, SORTS, "name"),
        **paging(request.query_params),
    )
    return page(request, "telephony/index.html", exchanges=data["telephonyExchanges"], query=query)


async def new(request: Request) -> Response:
    viewer_who_may(request, Permission.TELEPHONY_EDIT)
    return _form(request, NEW, [])


async def create(request: Request) -> Response:
    given = await _given(request)
    payload, errors = await change(
        request, "telephony/create", input=given | {"secret": given.get("secret", "")}
    )
    if errors:
        return _form(request, NEW | _shown(given), errors)
    return _done(
        request, N_("Exchange “%(name)s” was added. Test it."), payload["telephonyExchange"]
    )


async def edit(request: Request) -> Response:
    viewer_who_may(request, Permission.TELEPHONY_EDIT)
    return _form(request, await _one(request), [])


async def save(request: Request) -> Response:
    form = await request.form()
    given = await _given(request)
    changed = given | version_of(form) | {"id": request.path_params["id"]}
    payload, errors = await change(request, "telephony/edit", input=changed)
    if errors:
        is_conflict = any(error["field"] == "version" for error in errors)
        stored = await _one(request) | ({} if is_conflict else version_of(form))
        return _form(request, stored | _shown(given), errors)
    return _done(request, N_("Exchange “%(name)s” was saved."), payload["telephonyExchange"])


async def test(request: Request) -> Response:
    """What the exchange answered, beneath its row; without scripts a page of its own."""
    payload, errors = await change(
        request, "telephony/test", input={"id": request.path_params["id"]}
    )
    if errors:
        raise PageError(404)
    return page(request, "telephony/test.html", tested=payload)


async def confirm(request: Request) -> Response:
    return await _confirm(request, [])


async def delete(request: Request) -> Response:
    given = {"id": request.path_params["id"]} | version_of(await request.form())
    payload, errors = await change(request, "telephony/delete", input=given)
    if errors:
        return await _confirm(request, errors)
    return _done(request, N_("Exchange “%(name)s” was deleted."), payload)


async def _one(request: Request) -> Data:
    return await ask_one(request, "telephony/one", id=request.path_params["id"])


async def _given(request: Request) -> Data:
    """A secret left blank stays as it is."""
    form = await request.form()
    given: Data = {name: str(form.get(name, "")) for name in TEXTS}
    given["detectsMachines"] = "detectsMachines" in form
    if form.get("secret"):
        given["secret"] = str(form["secret"])
    return given


def _shown(given: Data) -> Data:
    """What was typed stands in its box again, but for the secret."""
    return {name: value for name, value in given.items() if name != "secret"}


def _form(request: Request, exchange: Data, errors: Errors) -> Response:
    return page(
        request,
        "telephony/form.html",
        status=422 if errors else 200,
        exchange=exchange,
        errors=errors,
    )


async def _confirm(request: Request, errors: Errors) -> Response:
    viewer_who_may(request, Permission.TELEPHONY_EDIT)
    return page(
        request,
        "telephony/delete.html",
        status=422 if errors else 200,
        exchange=await _one(request),
        errors=errors,
    )


def _done(request: Request, message: str, exchange: Data) -> Response:
    text = translate(locale_of(request), message, name=exchange["name"])
    return redirect(request, return_to(request, URL), Toast(text=text))


ROUTES = [
    Route(URL, index),
    Route(URL, create, methods=["POST"]),
    Route(f"{URL}/new", new),
    Route(f"{URL}/{{id}}", edit),
    Route(f"{URL}/{{id}}", save, methods=["POST"]),
    Route(f"{URL}/{{id}}/tests", test, methods=["POST"]),
    Route(f"{URL}/{{id}}/deletion", confirm),
    Route(f"{URL}/{{id}}/deletion", delete, methods=["POST"]),
]
