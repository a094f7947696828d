# SPDX-License-Identifier: Apache-2.0
"""The first step of an import: the file, and the list that its contacts go on."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.domain.errors import DomainError
from server.domain.permissions import Permission
from server.i18n import refusal_message
from web.pages.lists import list_options
from web.site import Data, Errors, locale_of, page, viewer_who_may
from web.uploads import drain, form_of, in_words, limit_of, store_chosen

TARGET = ("list", "newList")


async def choose(request: Request) -> Response:
    viewer_who_may(request, Permission.PROCESSES_CREATE)
    target = {name: request.query_params.get(name, "") for name in TARGET}
    return await _page(request, target, [])


async def receive(request: Request) -> Response:
    """The way without scripts: the file comes in the form; with scripts it goes to `/files`."""
    viewer_who_may(request, Permission.PROCESSES_CREATE)
    target = dict.fromkeys(TARGET, "")
    try:
        async with form_of(request) as form:
            target = {name: str(form.get(name, ""))[:400] for name in TARGET}
            stored = await store_chosen(request, form)
    except DomainError as refusal:
        await drain(request)
        message = refusal_message(locale_of(request), refusal)
        error = {"code": refusal.code, "field": "file", "message": message}
        return await _page(request, target, [error])
    given = urlencode({name: text for name, text in target.items() if text})
    return RedirectResponse(f"/imports/new/file_{stored.id}?{given}".rstrip("?"), 303)


async def _page(request: Request, target: Data, errors: Errors) -> Response:
    return page(
        request,
        "imports/new.html",
        status=422 if errors else 200,
        target=target,
        lists=await list_options(request),
        limit=in_words(limit_of(request)),
        bytes=limit_of(request),
        errors=errors,
    )
