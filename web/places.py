# SPDX-License-Identifier: Apache-2.0
"""Where the reader stands while a form is open over the page, so that saving leads back there."""

from urllib.parse import urlsplit

from starlette.datastructures import QueryParams
from starlette.requests import Request


def stands_on(request: Request, path: str) -> str | None:
    """The page's path and query if the form was opened over the page at `path`, else None."""
    try:
        at = urlsplit(request.headers.get("hx-current-url", ""))
    except ValueError:  # no browser's own address
        return None
    if at.path != path:
        return None
    return f"{at.path}?{at.query}" if at.query else at.path


def state_at(request: Request, path: str) -> QueryParams:
    """The state of the list at `path` that a form was opened over; else what the address says.

    What opens it stands beside the list, and is not drawn anew when a filter changes.
    """
    at = stands_on(request, path)
    return request.query_params if at is None else QueryParams(urlsplit(at).query)


def return_to(request: Request, path: str) -> str:
    """The page at `path` in the state (search, sort, page) that the reader left it in."""
    return stands_on(request, path) or path


def came_from(request: Request) -> str:
    """The page that a link was followed from, as the browser tells it; "" if it is none of ours."""
    try:
        at = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return ""
    if at.netloc != request.headers.get("host") or at.path == request.url.path:
        return ""
    return f"{at.path}?{at.query}" if at.query else at.path
