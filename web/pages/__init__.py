# SPDX-License-Identifier: Apache-2.0
"""The pages: one module a subject, each with its routes; addresses are nouns."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute

from server.database import DatabaseUnavailable
from web.pages import (
    account,
    blacklists,
    campaigns,
    contacts,
    desk,
    dispositions,
    duplicates,
    events,
    fields,
    home,
    imports,
    item_types,
    lists,
    live,
    merging,
    opt_outs,
    profiles,
    search,
    tasks,
    telephony,
    tokens,
    trash,
    users,
    views,
)
from web.site import PageError, is_htmx, page

ROUTES: list[BaseRoute] = [
    *home.ROUTES,
    *account.ROUTES,
    *blacklists.ROUTES,
    *campaigns.ROUTES,
    *contacts.ROUTES,
    *desk.ROUTES,
    *dispositions.ROUTES,
    *duplicates.ROUTES,
    *events.ROUTES,
    *fields.ROUTES,
    *imports.ROUTES,
    *item_types.ROUTES,
    *lists.ROUTES,
    *live.ROUTES,
    *merging.ROUTES,
    *opt_outs.ROUTES,
    *profiles.ROUTES,
    *search.ROUTES,
    *tasks.ROUTES,
    *telephony.ROUTES,
    *tokens.ROUTES,
    *trash.ROUTES,
    *users.ROUTES,
    *views.ROUTES,
]


def error_handlers(log_in: str) -> Mapping[Any, Any]:
    """What a reader sees when a page cannot be shown; nothing internal."""

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, PageError)
        if error.status == 401:
            return _to_log_in(request, log_in)
        return page(request, "errors/refused.html", status=error.status, message=str(error))

    async def missing(request: Request, _: Exception) -> Response:
        return page(request, "errors/refused.html", status=404, message="")

    async def away(_: Request, __: Exception) -> Response:
        text = "The database does not answer. Try again in a moment."
        return PlainTextResponse(text, 503, headers={"Retry-After": "5"})

    return {PageError: refused, 404: missing, DatabaseUnavailable: away}


def _to_log_in(request: Request, log_in: str) -> Response:
    """Never a log-in page inside a table: htmx is told to leave."""
    target = f"{log_in}?next={quote(request.url.path)}" if request.method == "GET" else log_in
    if is_htmx(request):
        return Response(status_code=401, headers={"HX-Redirect": log_in})
    return RedirectResponse(target, 303)
