# SPDX-License-Identifier: Apache-2.0
"""API tokens: list, create (the secret is shown once), revoke."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.domain.permissions import Permission
from server.i18n import N_, translate, translate_plural
from web.frame import Toast
from web.permission_tree import Tree, groups_of, switched
from web.site import (
    Data,
    Errors,
    PageError,
    ask,
    change,
    locale_of,
    page,
    paging,
    redirect,
    viewer_of,
    viewer_who_may,
)

DAYS = (7, 30, 90, 180, 365)
NEW: Data = {"name": "", "days": 90, "scopes": None}


async def index(request: Request) -> Response:
    data = await ask(request, "tokens/index", **paging(request.query_params))
    return page(request, "tokens/index.html", tokens=data["apiTokens"])


async def new(request: Request) -> Response:
    viewer_who_may(request, Permission.TOKENS_CREATE)
    return await _form(request, NEW, await _tree(request))


async def create(request: Request) -> Response:
    """The answer is the page with the secret: to show it after a redirect it had to be kept."""
    form = await request.form()
    days = str(form.get("days", ""))
    given: Data = {
        "name": str(form.get("name", "")),
        "days": int(days) if days.isascii() and days.isdigit() and len(days) < 6 else 0,
    }
    if form.get("extent") == "some":
        given["scopes"] = [str(name) for name in form.getlist("scopes")]
    if "toggle" in form:
        tree, free = await _tree(request), viewer_of(request).permissions
        ticked = [str(name) for name in form.getlist("scopes")]
        given["scopes"] = switched(tree, ticked, free, str(form["toggle"]))
        return await _form(request, NEW | given, tree)
    payload, errors = await change(request, "tokens/create", input=given)
    if errors:
        return await _form(request, NEW | given, await _tree(request), errors)
    return page(request, "tokens/secret.html", token=payload["apiToken"], secret=payload["secret"])


async def confirm(request: Request) -> Response:
    viewer_who_may(request, Permission.TOKENS_DELETE)
    data = await ask(request, "tokens/one", id=request.path_params["id"])
    if data["apiToken"] is None:
        raise PageError(404)
    return page(request, "tokens/revocation.html", token=data["apiToken"])


async def revoke(request: Request) -> Response:
    given = {"id": request.path_params["id"]}
    payload, errors = await change(request, "tokens/revoke", input=given)
    if errors:
        raise PageError(404, errors[0]["message"])
    name = payload["apiToken"]["name"]
    text = translate(locale_of(request), N_("API token “%(name)s” was revoked."), name=name)
    return redirect(request, "/tokens", Toast(text=text))


async def _tree(request: Request) -> Tree:
    tree: Tree = (await ask(request, "profiles/tree"))["permissionTree"]
    return tree


async def _form(
    request: Request, token: Data, tree: Tree, errors: Errors | None = None
) -> Response:
    locale, free = locale_of(request), viewer_of(request).permissions
    lengths = [
        (days, translate_plural(locale, "%(num)s day", "%(num)s days", days)) for days in DAYS
    ]
    return page(
        request,
        "tokens/new.html",
        status=422 if errors else 200,
        token=token,
        lengths=lengths,
        groups=groups_of(tree, token["scopes"] or (), free, only_free=True),
        errors=errors or [],
    )


ROUTES = [
    Route("/tokens", index),
    Route("/tokens", create, methods=["POST"]),
    Route("/tokens/new", new),
    Route("/tokens/{id}/revocation", confirm),
    Route("/tokens/{id}/revocation", revoke, methods=["POST"]),
]
