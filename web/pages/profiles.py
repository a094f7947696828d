# SPDX-License-Identifier: Apache-2.0
"""User profiles: list, and the permission tree of each (X-09).

The tree's “all” switches are buttons of the form: a script ticks the boxes at once, and without
scripts the form comes back with them ticked.
"""

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.domain.permissions import Permission
from server.i18n import N_, translate
from web.frame import Toast
from web.permission_tree import Tree, free_for, groups_of, switched
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
    sorting,
    viewer_of,
    viewer_who_may,
)

SORTS = {"name": "NAME", "created": "CREATED_AT"}
NEW: Data = {"id": None, "name": "", "description": "", "permissions": [], "version": None}


async def index(request: Request) -> Response:
    query = request.query_params
    data = await ask(
        request,
        "profiles/index",
        search=query.get("q") or None,
        **sorting(query, SORTS, "name"),
        **paging(query),
    )
    return page(request, "profiles/index.html", profiles=data["profiles"], most=len(Permission))


async def new(request: Request) -> Response:
    viewer_who_may(request, Permission.PROFILES_CREATE)
    return _form(request, NEW, await _tree(request))


async def create(request: Request) -> Response:
    form = await request.form()
    given = _given(form)
    if "toggle" in form:
        toggle = str(form["toggle"])
        return _form(request, NEW | given, await _tree(request), before=NEW, toggle=toggle)
    payload, errors = await change(request, "profiles/create", input=given)
    if errors:
        return _form(request, NEW | given, await _tree(request), before=NEW, errors=errors)
    return _done(request, N_("User profile “%(name)s” was created."), payload["profile"])


async def edit(request: Request) -> Response:
    """The profile's page; who may not edit it sees what it grants."""
    profile, tree = await _one(request)
    return _form(request, profile, tree)


async def save(request: Request) -> Response:
    form = await request.form()
    profile, tree = await _one(request)
    given = _given(form)
    if "toggle" in form:
        toggle = str(form["toggle"])
        return _form(request, profile | given, tree, before=profile, toggle=toggle)
    version = str(form.get("version", ""))
    sent = given | {"id": profile["id"]}
    if version.isascii() and version.isdigit():
        sent["version"] = int(version)
    payload, errors = await change(request, "profiles/edit", input=sent)
    if errors:
        return _form(request, profile | sent, tree, before=profile, errors=errors)
    return _done(request, N_("User profile “%(name)s” was saved."), payload["profile"])


async def confirm(request: Request) -> Response:
    viewer_who_may(request, Permission.PROFILES_DELETE)
    profile, _ = await _one(request)
    return page(request, "profiles/delete.html", profile=profile, errors=[])


async def delete(request: Request) -> Response:
    given = {"id": request.path_params["id"]}
    payload, errors = await change(request, "profiles/delete", input=given)
    if errors:
        profile, _ = await _one(request)
        return page(request, "profiles/delete.html", status=422, profile=profile, errors=errors)
    return _done(request, N_("User profile “%(name)s” was deleted."), payload)


def _given(form: FormData) -> Data:
    return {
        "name": str(form.get("name", "")),
        "description": str(form.get("description", "")),
        "permissions": [str(name) for name in form.getlist("permissions")],
    }


async def _one(request: Request) -> tuple[Data, Tree]:
    data = await ask(request, "profiles/one", id=request.path_params["id"])
    if data["profile"] is None:
        raise PageError(404)
    return data["profile"], data["permissionTree"]


async def _tree(request: Request) -> Tree:
    tree: Tree = (await ask(request, "profiles/tree"))["permissionTree"]
    return tree


def _form(
    request: Request,
    profile: Data,
    tree: Tree,
    *,
    before: Data | None = None,
    toggle: str | None = None,
    errors: Errors | None = None,
) -> Response:
    """`before` is the stored profile where `profile` holds what was sent; `toggle`: a branch."""
    viewer = viewer_of(request)
    right = Permission.PROFILES_EDIT if profile["id"] else Permission.PROFILES_CREATE
    free = free_for(viewer, (before or profile)["permissions"]) if viewer.may(right) else ()
    ticked = profile["permissions"]
    if toggle is not None:
        ticked = switched(tree, ticked, free, toggle)
    return page(
        request,
        "profiles/form.html",
        status=422 if errors else 200,
        profile=profile,
        groups=groups_of(tree, ticked, free),
        is_open=viewer.may(right),
        errors=errors or [],
    )


def _done(request: Request, message: str, profile: Data) -> Response:
    text = translate(locale_of(request), message, name=profile["name"])
    return redirect(request, "/profiles", Toast(text=text))


ROUTES = [
    Route("/profiles", index),
    Route("/profiles", create, methods=["POST"]),
    Route("/profiles/new", new),
    Route("/profiles/{id}", edit),
    Route("/profiles/{id}", save, methods=["POST"]),
    Route("/profiles/{id}/deletion", confirm),
    Route("/profiles/{id}/deletion", delete, methods=["POST"]),
]
