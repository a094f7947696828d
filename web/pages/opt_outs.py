# SPDX-License-Identifier: Apache-2.0
"""“Do not call again”: confirmed with what it stops, done at once, and taken back by Undo."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.domain.permissions import Permission
from server.i18n import N_, translate, translate_plural
from web.formats import phone_in
from web.frame import Toast
from web.places import came_from
from web.site import (
    Data,
    Errors,
    PageError,
    ask,
    change,
    locale_of,
    page,
    redirect,
    viewer_of,
    viewer_who_may,
)

PERSON, NUMBER = "person", "number"


async def new(request: Request) -> Response:
    """For a number, a person, or both to choose from: whatever the address names."""
    query = request.query_params
    asked = {"number": query.get("number", ""), "contact": query.get("contact", "")}
    chosen = NUMBER if asked["number"] else PERSON
    return await _form(request, asked | {"who": chosen, "note": "", "next": _next(request)}, [])


async def create(request: Request) -> Response:
    form = await request.form()
    given = {name: str(form.get(name, "")) for name in ("number", "contact", "who", "note", "next")}
    is_person = given["who"] == PERSON and given["contact"]
    named = {"contactId": given["contact"]} if is_person else {"number": given["number"]}
    payload, errors = await change(
        request, "opt_outs/create", input=named | {"note": given["note"]}
    )
    if errors:
        return await _form(request, given, errors)
    undo = f"/opt-outs/{payload['optOutId']}/withdrawals"
    told = Toast(text=_words(request, payload), undo=undo)
    return redirect(request, _local(given["next"]) or "/", told)


async def withdraw(request: Request) -> Response:
    given = {"id": request.path_params["id"]}
    payload, errors = await change(request, "opt_outs/withdraw", input=given)
    url = _local(came_from(request)) or "/"
    if errors:
        return redirect(request, url, Toast(text=errors[0]["message"], tone="stop"))
    text = N_("%(name)s may be called again. What ended stays ended.")
    name = _shown(request, payload["name"])
    told = Toast(text=translate(locale_of(request), text, name=name))
    return redirect(request, url, told)


async def _form(request: Request, given: Data, errors: Errors) -> Response:
    viewer_who_may(request, Permission.CALLS_BLOCK)
    choices = []
    for who, variables in (
        (NUMBER, {"number": given["number"]}),
        (PERSON, {"contactId": given["contact"]}),
    ):
        if all(variables.values()):
            found = (await ask(request, "opt_outs/preview", **variables))["optOutPreview"]
            if found["userErrors"] and not errors:
                errors = found["userErrors"]
            elif not found["userErrors"]:
                choices.append(found | {"who": who})
    if not choices and not errors:
        raise PageError(404)
    return page(
        request,
        "opt_outs/new.html",
        status=422 if errors else 200,
        given=given,
        choices=choices,
        errors=errors,
    )


def _words(request: Request, done: Data) -> str:
    locale = locale_of(request)
    name = _shown(request, done["name"])
    text = translate(locale, N_("%(name)s will not be called again."), name=name)
    stays = done["entriesClosed"] or done["entriesBlocked"]
    if stays:
        more = translate_plural(
            locale,
            "%(num)s open stay goes without it from now on.",
            "%(num)s open stays go without it from now on.",
            done["entriesBlocked"] or stays,
        )
        text = f"{text} {more}"
    if done["tasksClosed"]:
        given_up = translate_plural(
            locale,
            "%(num)s callback was given up.",
            "%(num)s callbacks were given up.",
            done["tasksClosed"],
        )
        text = f"{text} {given_up}"
    return text


def _shown(request: Request, name: str) -> str:
    """A number as the reader writes it."""
    return phone_in(name, viewer_of(request).region) if name.startswith("+") else name


def _next(request: Request) -> str:
    """The page over which it was opened: there the reader goes on."""
    return _local(request.query_params.get("next", "")) or _local(_opened_over(request)) or "/"


def _opened_over(request: Request) -> str:
    current = request.headers.get("hx-current-url", "")
    host = request.headers.get("host", "")
    _, found, rest = current.partition(f"//{host}")
    return rest if found else came_from(request)


def _local(url: str) -> str:
    return url if url.startswith("/") and not url.startswith("//") and "\\" not in url else ""


ROUTES = [
    Route("/opt-outs/new", new),
    Route("/opt-outs", create, methods=["POST"]),
    Route("/opt-outs/{id}/withdrawals", withdraw, methods=["POST"]),
]
