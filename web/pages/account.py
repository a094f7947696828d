# SPDX-License-Identifier: Apache-2.0
"""Logging in and out, and one's own account: preferences, password, sessions."""

import re

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from server.domain.errors import DomainError, ErrorCode
from server.i18n import LANGUAGES, N_, refusal_message, translate, translate_plural
from web.frame import Toast
from web.site import (
    LOCALE_COOKIE,
    Data,
    Errors,
    ask,
    change,
    context_of,
    is_htmx,
    locale_of,
    page,
    paging,
    redirect,
    site_of,
    viewer_of,
)
from web.visits import program_of
from web.zones import zones

YEAR_SECONDS = 31_536_000
LOCAL_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]{0,1999}")
PREFERENCES = ("fullName", "locale", "timezone", "theme", "density")


def local_path(text: str, otherwise: str = "/") -> str:
    """A path of this site; what leads elsewhere, or back to the log-in, is `otherwise` (3.7.2)."""
    if not LOCAL_PATH.fullmatch(text) or text.startswith(("/login", "/logout")):
        return otherwise
    return text


async def enter(request: Request) -> Response:
    """The log-in page; whoever is signed in already goes where they wanted."""
    target = local_path(request.query_params.get("next", ""))
    if context_of(request).viewer is not None:
        return RedirectResponse(target, 303)
    return await _log_in_page(request, target)


async def log_in(request: Request) -> Response:
    """A session of its own for each log-in: no value that the browser brought is taken (7.2.4)."""
    form = await request.form()
    name, password = str(form.get("name", "")), str(form.get("password", ""))
    target = local_path(str(form.get("next", "")))
    context, site = context_of(request), site_of(request)
    try:
        token, _ = await site.log_in(name, password, ip=context.ip, user_agent=context.user_agent)
    except DomainError as refusal:
        return await _log_in_page(request, target, refusal=refusal, name=name)
    if context.viewer is not None:
        await change(request, "account/log_out")
    response = RedirectResponse(target, 303)
    response.set_cookie(
        site.cookie, token, path="/", httponly=True, secure=site.is_secure, samesite="lax"
    )
    return response


async def log_out(request: Request) -> Response:
    """Ends the session at the server; the cookie goes as well."""
    site = site_of(request)
    text = translate(locale_of(request), N_("You are logged out."))
    if context_of(request).viewer is not None:
        await change(request, "account/log_out")
    response = redirect(request, "/login", Toast(text=text))
    response.delete_cookie(
        site.cookie, path="/", httponly=True, secure=site.is_secure, samesite="lax"
    )
    return response


async def preferences(request: Request) -> Response:
    return await _preferences_page(request)


async def save_preferences(request: Request) -> Response:
    """From the account page, and from the menus of the bar above every page."""
    form = await request.form()
    given = {name: str(form[name]) for name in PREFERENCES if name in form}
    _, errors = await change(request, "account/preferences", input=given)
    if errors:
        return await _preferences_page(request, given, errors)
    target = local_path(str(form.get("next", "")), "/account")
    if len(given) == 1:  # a menu's choice is seen at once
        return redirect(request, target)
    locale = given.get("locale", locale_of(request))
    return redirect(request, target, Toast(text=translate(locale, N_("Preferences were saved."))))


async def password(request: Request) -> Response:
    viewer_of(request)
    return page(request, "account/password.html", errors=[])


async def save_password(request: Request) -> Response:
    form = await request.form()
    given = {name: str(form.get(name, "")) for name in ("currentPassword", "newPassword")}
    payload, errors = await change(request, "account/password", input=given)
    if errors:
        throttled = any(error["code"] == ErrorCode.THROTTLED for error in errors)
        status = 429 if throttled and not is_htmx(request) else 422
        return page(request, "account/password.html", status=status, errors=errors)
    text = translate_plural(
        locale_of(request),
        "Your password was changed. %(num)s other session was ended.",
        "Your password was changed. %(num)s other sessions were ended.",
        payload["sessionsEnded"],
    )
    return redirect(request, "/account/password", Toast(text=text))


async def sessions(request: Request) -> Response:
    data = await ask(request, "account/sessions", **paging(request.query_params))
    for edge in data["sessions"]["edges"]:
        edge["node"]["program"] = program_of(edge["node"]["userAgent"])
    return page(request, "account/sessions.html", **data)


async def end_session(request: Request) -> Response:
    given = {"id": request.path_params["id"]}
    _, errors = await change(request, "account/end_session", input=given)
    if errors:
        return redirect(request, "/account/sessions", Toast(text=errors[0]["message"], tone="warn"))
    text = translate(locale_of(request), N_("The session was ended."))
    return redirect(request, "/account/sessions", Toast(text=text))


async def end_other_sessions(request: Request) -> Response:
    payload, _ = await change(request, "account/end_other_sessions")
    text = translate_plural(
        locale_of(request),
        "%(num)s other session was ended.",
        "%(num)s other sessions were ended.",
        payload["sessionsEnded"],
    )
    return redirect(request, "/account/sessions", Toast(text=text))


async def _log_in_page(
    request: Request, target: str, *, refusal: DomainError | None = None, name: str = ""
) -> Response:
    locale, errors, headers = locale_of(request), [], {}
    if refusal is not None:
        errors = [{"field": None, "message": refusal_message(locale, refusal)}]
        if "seconds" in refusal.params:
            headers["Retry-After"] = str(refusal.params["seconds"])
    data = await ask(request, "account/login")
    response = page(
        request,
        "account/login.html",
        status=429 if headers else 422 if refusal else 200,
        headers=headers,
        centre=data["centre"],
        query={"next": target if target != "/" else None},
        name=name,
        errors=errors,
    )
    if request.query_params.get("locale") in LANGUAGES:
        secure = site_of(request).is_secure
        response.set_cookie(
            LOCALE_COOKIE,
            locale,
            max_age=YEAR_SECONDS,
            httponly=True,
            secure=secure,
            samesite="lax",
        )
    return response


async def _preferences_page(
    request: Request, given: Data | None = None, errors: Errors | None = None
) -> Response:
    data = await ask(request, "account/index")
    me = {**data["viewer"], **(given or {})} if data["viewer"] else viewer_of(request)
    return page(
        request,
        "account/index.html",
        status=422 if errors else 200,
        me=me,
        zones=zones(),
        errors=errors or [],
    )


ROUTES = [
    Route("/login", enter),
    Route("/login", log_in, methods=["POST"]),
    Route("/logout", log_out, methods=["POST"]),
    Route("/account", preferences),
    Route("/account/preferences", save_preferences, methods=["POST"]),
    Route("/account/password", password),
    Route("/account/password", save_password, methods=["POST"]),
    Route("/account/sessions", sessions),
    Route("/account/sessions/{id}/end", end_session, methods=["POST"]),
    Route("/account/other-sessions/end", end_other_sessions, methods=["POST"]),
]
