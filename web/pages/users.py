# SPDX-License-Identifier: Apache-2.0
"""Users: list, create, edit, password, sign out, deactivate and reactivate."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.domain.permissions import Permission, Role, Viewer
from server.domain.views import ViewSubject
from server.i18n import N_, label, translate, translate_plural
from web.frame import Toast
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
from web.views import views_of
from web.zones import zones

SORTS = {"name": "NAME", "role": "ROLE", "created": "CREATED_AT"}
STATES = {"active": True, "deactivated": False}
STATE_LABELS = {"active": N_("Active"), "deactivated": N_("Deactivated")}
TEXTS = ("name", "fullName", "locale", "timezone")
NEW = {
    "id": None,
    "name": "",
    "fullName": "",
    "role": Role.AGENT.value,
    "profile": None,
    "locale": "en",
    "timezone": "Europe/Rome",
    "version": None,
}


async def index(request: Request) -> Response:
    query = request.query_params
    roles = [role.value for role in Role if role == query.get("role")]
    data = await ask(
        request,
        "users/index",
        search=query.get("q") or None,
        role=roles[0] if roles else None,
        isActive=STATES.get(query.get("state", "")),
        profileId=query.get("profile") or None,
        withProfiles=viewer_of(request).may(Permission.PROFILES_VIEW),
        **sorting(query, SORTS, "name"),
        **paging(query),
    )
    profiles = _profiles(data)
    return page(
        request,
        "users/index.html",
        users=data["users"],
        profiles=profiles,
        roles=_labelled(request, list(Role)),
        filters=_filters(request, roles, profiles),
        views=await views_of(request, ViewSubject.USERS),
    )


async def new(request: Request) -> Response:
    viewer = viewer_who_may(request, Permission.USERS_CREATE)
    user = NEW | {"locale": viewer.locale, "timezone": viewer.timezone}
    return await _form(request, user, [])


async def create(request: Request) -> Response:
    given = await _given(request)
    form = await request.form()
    if password := str(form.get("password", "")):
        given["password"] = password
    payload, errors = await change(request, "users/create", input=given)
    if errors:
        return await _form(request, _shown(NEW, given), errors)
    return _done(request, N_("User “%(name)s” was created."), payload["user"])


async def edit(request: Request) -> Response:
    viewer_who_may(request, Permission.USERS_EDIT)
    return await _form(request, await _one(request), [])


async def save(request: Request) -> Response:
    given = await _given(request) | {"id": request.path_params["id"]}
    payload, errors = await change(request, "users/edit", input=given)
    if errors:
        return await _form(request, _shown(await _one(request), given), errors)
    return _done(request, N_("User “%(name)s” was saved."), payload["user"])


async def save_password(request: Request) -> Response:
    form = await request.form()
    given = {"id": request.path_params["id"], "password": str(form.get("password", ""))}
    payload, errors = await change(request, "users/password", input=given)
    if errors:
        return await _refused(request, "users/password.html", errors)
    text = N_("“%(name)s” has a new password and is signed out everywhere.")
    return _done(request, text, payload["user"])


async def sign_out(request: Request) -> Response:
    payload, errors = await change(request, "users/sign_out", input=_id(request))
    if errors:
        return await _refused(request, "users/sign_out.html", errors)
    text = translate_plural(
        locale_of(request),
        "“%(name)s” was signed out: %(num)s session was ended.",
        "“%(name)s” was signed out: %(num)s sessions were ended.",
        payload["sessionsEnded"],
        name=payload["user"]["name"],
    )
    return redirect(request, "/users", Toast(text=text))


async def deactivate(request: Request) -> Response:
    payload, errors = await change(request, "users/deactivate", input=_id(request))
    if errors:
        return await _refused(request, "users/deactivation.html", errors)
    user = payload["user"]
    text = translate(locale_of(request), N_("“%(name)s” was deactivated."), name=user["name"])
    undo = f"/users/{user['id']}/reactivation"
    return redirect(request, "/users", Toast(text=text, undo=undo))


async def reactivate(request: Request) -> Response:
    payload, errors = await change(request, "users/reactivate", input=_id(request))
    if errors:
        return redirect(request, "/users", Toast(text=errors[0]["message"], tone="stop"))
    return _done(request, N_("“%(name)s” may sign in again."), payload["user"])


def _form_about(template: str, right: Permission) -> Callable[[Request], Awaitable[Response]]:
    """The page of a small form about one user, for those who may send it."""

    async def show(request: Request) -> Response:
        viewer_who_may(request, right)
        return page(request, template, user=await _one(request), errors=[])

    return show


def _id(request: Request) -> Data:
    return {"id": request.path_params["id"]}


async def _one(request: Request) -> Data:
    with_profile = viewer_of(request).may(Permission.PROFILES_VIEW)
    data = await ask(request, "users/one", **_id(request), withProfile=with_profile)
    found: Data | None = data["user"]
    if found is None:
        raise PageError(404)
    return found


async def _given(request: Request) -> Data:
    form = await request.form()
    given: Data = {name: str(form[name]) for name in TEXTS if name in form}
    role = str(form.get("role", ""))
    if role in list(Role):
        given["role"] = role
    if "profileId" in form:
        given["profileId"] = str(form["profileId"]) or None
    version = str(form.get("version", ""))
    return given | ({"version": int(version)} if version.isascii() and version.isdigit() else {})


def _shown(user: Data, given: Data) -> Data:
    """The form again as it was sent; the version stays the one that the editor saw."""
    shown = user | given
    if "profileId" in given:
        shown["profile"] = given["profileId"] and {"id": given["profileId"]}
    return shown


async def _form(request: Request, user: Data, errors: Errors) -> Response:
    viewer = viewer_of(request)
    profiles: list[tuple[str, str]] = []
    if viewer.may(Permission.PROFILES_VIEW):
        profiles = _profiles(await ask(request, "users/profiles"))
    return page(
        request,
        "users/form.html",
        status=422 if errors else 200,
        user=user,
        profiles=profiles,
        roles=_labelled(request, _roles(viewer, user)),
        zones=zones(),
        errors=errors,
    )


def _profiles(data: Data) -> list[tuple[str, str]]:
    """Pairs of id and name, for the choices of a form."""
    edges = data["profiles"]["edges"] if "profiles" in data else []
    return [(edge["node"]["id"], edge["node"]["name"]) for edge in edges]


def _labelled(request: Request, roles: list[Role]) -> list[tuple[str, str]]:
    return [(role.value, label(locale_of(request), role)) for role in roles]


def _filters(
    request: Request, roles: list[str], profiles: list[tuple[str, str]]
) -> list[tuple[str, list[str]]]:
    """The chips of the filters in the address: their words, and what taking one out removes."""
    locale, query = locale_of(request), request.query_params
    chips = [(label(locale, Role(role)), ["role"]) for role in roles]
    if query.get("state") in STATES:
        chips.append((translate(locale, STATE_LABELS[query["state"]]), ["state"]))
    if query.get("profile"):
        name = dict(profiles).get(query["profile"], "–")
        chips.append((f"{translate(locale, N_('User profile'))}: {name}", ["profile"]))
    return chips


def _roles(viewer: Viewer, user: Data) -> list[Role]:
    """Those that the viewer may give; only an administrator makes another one."""
    may_all = viewer.role is Role.ADMIN or user["role"] == Role.ADMIN
    return [role for role in Role if may_all or role is not Role.ADMIN]


async def _refused(request: Request, template: str, errors: Errors) -> Response:
    return page(request, template, status=422, user=await _one(request), errors=errors)


def _done(request: Request, message: str, user: Data) -> Response:
    text = translate(locale_of(request), message, name=user["name"])
    return redirect(request, "/users", Toast(text=text))


ROUTES = [
    Route("/users", index),
    Route("/users", create, methods=["POST"]),
    Route("/users/new", new),
    Route("/users/{id}", edit),
    Route("/users/{id}", save, methods=["POST"]),
    Route("/users/{id}/password", _form_about("users/password.html", Permission.USERS_EDIT)),
    Route("/users/{id}/password", save_password, methods=["POST"]),
    Route("/users/{id}/sign-out", _form_about("users/sign_out.html", Permission.USERS_EDIT)),
    Route("/users/{id}/sign-out", sign_out, methods=["POST"]),
    Route(
        "/users/{id}/deactivation",
        _form_about("users/deactivation.html", Permission.USERS_DELETE),
    ),
    Route("/users/{id}/deactivation", deactivate, methods=["POST"]),
    Route("/users/{id}/reactivation", reactivate, methods=["POST"]),
]
