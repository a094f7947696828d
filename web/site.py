# SPDX-License-Identifier: Apache-2.0
"""What every page handler works with: asking the schema as the viewer, answering with a page."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from graphql import ExecutionResult, GraphQLError
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from server.context import Context
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Permission, Viewer
from server.i18n import LANGUAGES, N_, negotiate, refusal_message, translate
from server.schema.execution import SchemaExecutor
from web.documents import PageDocuments
from web.frame import Toast, frame_for
from web.templating import render

LOCALE_COOKIE = "rubrica_locale"
TOAST_COOKIE = "rubrica_toast"
STATUS_OF = {"UNAUTHENTICATED": 401, "FORBIDDEN": 403, "BAD_USER_INPUT": 400, "NOT_FOUND": 404}
# No form of ours leaves such a field out, or offers such a choice.
UNREADABLE = N_(
    "A field is missing, or holds a choice that there is not. Open the form anew and send it again."
)

Data = dict[str, Any]
Errors = list[dict[str, Any]]


class PageError(Exception):
    """The page cannot be shown: 400, 401, 403, 404 or 500; `field`: the part that was refused."""

    def __init__(self, status: int, message: str = "", field: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.field = field


@dataclass(frozen=True, kw_only=True)
class Site:
    """What the composition root hands to the pages; `request.app.state.site`."""

    executor: SchemaExecutor
    documents: PageDocuments
    paths: frozenset[str]
    cookie: str  # the session cookie's name
    is_secure: bool
    # Logging in sets a cookie, which is no matter of the schema: name, password → token, viewer.
    log_in: Callable[..., Awaitable[tuple[str, Viewer]]]


def site_of(request: Request) -> Site:
    site: Site = request.app.state.site
    return site


def context_of(request: Request) -> Context:
    """The request's context; the composition root made it."""
    context: Context = request.state.context
    return context


def viewer_of(request: Request) -> Viewer:
    viewer = context_of(request).viewer
    if viewer is None:
        raise PageError(401)
    return viewer


def viewer_who_may(request: Request, permission: Permission) -> Viewer:
    """For a page that offers what only some may do; the mutation itself asks again."""
    viewer = viewer_of(request)
    if not viewer.may(permission):
        lacking = DomainError(ErrorCode.FORBIDDEN, permission=permission)
        raise PageError(403, refusal_message(viewer.locale, lacking))
    return viewer


async def ask(request: Request, name: str, /, **variables: object) -> Data:
    """The data of the page document `name`, as the viewer. Raises PageError."""
    site, context = site_of(request), context_of(request)
    answer = await site.executor.answer(site.documents.checked[name], None, variables, context)
    if isinstance(answer, ExecutionResult):
        if answer.errors:
            first = answer.errors[0]
            if "code" not in (first.extensions or {}):
                if _is_unreadable(first):
                    raise PageError(400, translate(locale_of(request), UNREADABLE))
                raise first.original_error or first
            raise _page_error([dict(error.formatted) for error in answer.errors])
        data = answer.data
    else:
        if answer.get("errors"):
            raise _page_error(answer["errors"])
        data = answer["data"]
    assert data is not None
    return data


async def ask_one(request: Request, name: str, /, **variables: object) -> Data:
    """The row that a document of one root field is about. Raises PageError where there is none."""
    [row] = (await ask(request, name, **variables)).values()
    if row is None:
        raise PageError(404)
    found: Data = row
    return found


async def change(request: Request, name: str, /, **variables: object) -> tuple[Data, Errors]:
    """Run a mutation document of one root field: its payload, and its userErrors."""
    data = await ask(request, name, **variables)
    [payload] = data.values()
    return payload, payload["userErrors"]


def _is_unreadable(error: GraphQLError) -> bool:
    """Whether nothing ran, as the schema cannot take what was sent: GraphQL's own error."""
    reason = error.original_error
    return error.path is None and (reason is None or isinstance(reason, GraphQLError))


def _page_error(errors: Errors) -> PageError:
    first, told = errors[0], errors[0]["extensions"]
    return PageError(STATUS_OF.get(told["code"], 500), first["message"], told.get("field"))


def locale_of(request: Request) -> str:
    """The viewer's language; before log-in the chosen one, else the browser's."""
    context = getattr(request.state, "context", None)
    if context is not None and context.viewer is not None:
        return str(context.viewer.locale)
    chosen = request.query_params.get("locale") or request.cookies.get(LOCALE_COOKIE)
    if chosen in LANGUAGES:
        return str(chosen)
    return negotiate(request.headers.get("accept-language"))


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    toasts: tuple[Toast, ...] = (),
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> Response:
    """A page or a partial; every template gets `frame` and `query`, the list's state in the URL."""
    site = site_of(request)
    context = getattr(request.state, "context", None)
    frame = frame_for(
        None if context is None else context.viewer,
        path=request.url.path,
        locale=locale_of(request),
        nonce=request.state.nonce,
        paths=site.paths,
        cookies=request.cookies,
        toasts=(*toasts, *_told(request)),
        search_url="/search",
        is_htmx=is_htmx(request),
    )
    query = values.pop("query", None) or dict(request.query_params)
    # A form in the dialog, the drawer or the desk is a fragment, and answers there; else a page.
    hosts = ("dialog", "drawer", "desk")
    target = request.headers.get("hx-target", "")
    host = next((name for name in hosts if target.endswith(f"{name}-body")), None)
    text = render(template, frame.locale, frame=frame, query=query, host=host, **values)
    response = HTMLResponse(text, status, headers=dict(headers or {}))
    if TOAST_COOKIE in request.cookies and "hx-request" not in request.headers:
        response.delete_cookie(TOAST_COOKIE, path="/")
    return response


def redirect(request: Request, url: str, toast: Toast | None = None) -> Response:
    """See the other page, with a word about what was done; htmx follows with the whole page."""
    response: Response
    if is_htmx(request):
        response = Response(status_code=204, headers={"HX-Redirect": url})
    else:
        response = RedirectResponse(url, 303)
    if toast is not None:
        word = quote(json.dumps([toast.text, toast.tone, toast.undo]))
        response.set_cookie(
            TOAST_COOKIE,
            word,
            max_age=60,
            path="/",
            httponly=True,
            samesite="lax",
            secure=site_of(request).is_secure,
        )
    return response


def is_htmx(request: Request) -> bool:
    return request.headers.get("hx-request") == "true"


def _told(request: Request) -> tuple[Toast, ...]:
    """The word that the page before left in a cookie; anything else there is ignored."""
    if is_htmx(request):
        return ()
    try:
        text, tone, undo = json.loads(unquote(request.cookies[TOAST_COOKIE]))
    except (KeyError, ValueError):
        return ()
    if not isinstance(text, str) or tone not in ("ok", "wait", "warn", "stop"):
        return ()
    is_path = isinstance(undo, str) and undo.startswith("/") and not undo.startswith("//")
    return (Toast(text=text[:500], tone=tone, undo=undo if is_path else None),)


def paging(query: QueryParams, size: int = 50) -> dict[str, object]:
    """The connection arguments that a list's URL means: `after` and `before` hold cursors."""
    if before := query.get("before"):
        return {"last": size, "before": before}
    return {"first": size, "after": query.get("after") or None}


def sorting(query: QueryParams, names: Mapping[str, str], default: str) -> dict[str, object]:
    """`sort=name` or `sort=-name` as the API's `sort` and `direction`; unknown names: `default`."""
    given = query.get("sort") or default
    key = given.removeprefix("-")
    if key not in names:
        given = key = default.removeprefix("-")
    return {"sort": names[key], "direction": "DESC" if given.startswith("-") else "ASC"}
