# SPDX-License-Identifier: Apache-2.0
"""Contacts that may be one person: looked at group by group, merged, or told apart (D2)."""

import re

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.domain.duplicates import DuplicateKind
from server.i18n import N_, translate, translate_plural
from web.frame import Toast
from web.places import came_from, stands_on
from web.site import PageError, ask, change, is_htmx, locale_of, page, redirect
from web.templating import link

SIZE = 20
MOST_PAGES_BACK = 50
LONGEST_UNDO = 2_000  # of an address that a cookie has to hold
GROUP = re.compile(r"group-\d{1,3}")


async def index(request: Request) -> Response:
    """`kind` narrows; `after` is where the page begins, `past` where those before it began."""
    params = request.query_params
    kind = _kind(params)
    after = params.get("after") or None
    data = await ask(
        request,
        "duplicates/index",
        kinds=[kind] if kind else None,
        first=SIZE,
        after=after,
    )
    found = data["duplicateGroups"]
    if found["userErrors"]:
        raise PageError(400, found["userErrors"][0]["message"])
    past = [place for place in params.getlist("past") if place][-MOST_PAGES_BACK:]
    newer = older = None
    if after:
        newer = link({}, kind=kind, after=past[-1] if past else None, past=past[:-1])
    if found["hasNextPage"]:
        older = link(
            {}, kind=kind, after=found["endCursor"], past=[*past, after] if after else None
        )
    return page(
        request,
        "duplicates/index.html",
        kind=kind,
        found=found,
        kinds=list(DuplicateKind),
        at=link({}, kind=kind, after=after, past=past),
        newer=newer,
        older=older,
    )


async def dismiss(request: Request) -> Response:
    """All contacts of the group are told apart; over the page only the group goes."""
    form = await request.form()
    key = str(form.get("key", ""))
    payload, errors = await change(request, "duplicates/dismiss", input={"key": key})
    at = str(form.get("at", ""))
    url = f"/duplicates{at}" if at.startswith("?") else "/duplicates"
    if errors:
        return redirect(request, url, Toast(text=errors[0]["message"], tone="stop"))
    text = translate_plural(
        locale_of(request),
        "%(num)s contact is not shown as a duplicate any more.",
        "%(num)s contacts are not shown as duplicates any more.",
        payload["contacts"],
    )
    undo = f"/duplicates/dismissals/undo{link({}, key=key)}"
    told = Toast(text=text, undo=undo if len(undo) <= LONGEST_UNDO else None)
    group = str(form.get("group", ""))
    if is_htmx(request) and GROUP.fullmatch(group):
        return page(request, "duplicates/dismissed.html", group=group, told=told)
    return redirect(request, url, told)


async def undo(request: Request) -> Response:
    """What `dismiss` did is taken back; the key stands in the address, as a toast has no fields."""
    given = {"key": request.query_params.get("key", "")}
    _, errors = await change(request, "duplicates/restore", input=given)
    back = stands_on(request, "/duplicates") or came_from(request)
    url = back if back.partition("?")[0] == "/duplicates" else "/duplicates"
    if errors:
        return redirect(request, url, Toast(text=errors[0]["message"], tone="stop"))
    text = translate(locale_of(request), N_("They are shown as duplicates again."))
    return redirect(request, url, Toast(text=text))


def _kind(params: QueryParams) -> str | None:
    """The reason that the page is narrowed to; nothing for one that there is not."""
    kind = params.get("kind")
    return kind if kind in list(DuplicateKind) else None


ROUTES = [
    Route("/duplicates", index),
    Route("/duplicates/dismissals", dismiss, methods=["POST"]),
    Route("/duplicates/dismissals/undo", undo, methods=["POST"]),
]
