# SPDX-License-Identifier: Apache-2.0
"""Tasks that are given to other agents, and tasks that nobody calls any more (C-37, C-38)."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from server.domain.permissions import Permission
from server.i18n import N_, translate, translate_plural
from web.frame import Toast
from web.places import came_from, return_to
from web.site import (
    Data,
    Errors,
    PageError,
    ask,
    change,
    locale_of,
    page,
    redirect,
    viewer_who_may,
)

LIST = "/tasks"


async def assign(request: Request) -> Response:
    """The tasks whose boxes are ticked; a task leaves a list of the former agent's (C-37)."""
    form = await request.form()
    ids = [str(value) for value in form.getlist("ids")]
    agent = str(form.get("agentId", ""))
    if not ids:
        return _nothing(request)
    given = {"ids": ids} | ({"agentId": agent} if agent else {})
    payload, errors = await change(request, "tasks/assign", input=given)
    if errors:
        return redirect(request, _list(request), Toast(text=errors[0]["message"], tone="stop"))
    locale = locale_of(request)
    words = [
        translate_plural(
            locale,
            "%(num)s scheduled task was assigned.",
            "%(num)s scheduled tasks were assigned.",
            payload["reassigned"],
        )
    ]
    if payload["inCall"]:
        words.append(
            translate_plural(
                locale,
                "%(num)s is in a call and stays as it is.",
                "%(num)s are in a call and stay as they are.",
                payload["inCall"],
            )
        )
    if payload["notAssigned"]:
        words.append(
            translate_plural(
                locale,
                "%(num)s is of a campaign that the agent does not work on.",
                "%(num)s are of campaigns that the agent does not work on.",
                payload["notAssigned"],
            )
        )
    tone = "warn" if len(words) > 1 else "ok"
    return redirect(request, _list(request), Toast(text=" ".join(words), tone=tone))


async def close(request: Request) -> Response:
    """The tasks whose boxes are ticked."""
    form = await request.form()
    ids = [str(value) for value in form.getlist("ids")]
    if not ids:
        return _nothing(request)
    payload, errors = await change(request, "tasks/close", input={"ids": ids})
    if errors:
        return redirect(request, _list(request), Toast(text=errors[0]["message"], tone="stop"))
    return redirect(request, _list(request), Toast(text=_closed(request, payload)))


async def confirm(request: Request) -> Response:
    return await _confirm(request, [])


async def close_sessions(request: Request) -> Response:
    """All of a campaign, and the way back."""
    campaign = request.query_params.get("campaign", "")
    payload, errors = await change(request, "tasks/close_sessions", input={"campaignId": campaign})
    if errors:
        return await _confirm(request, errors)
    undo = f"/tasks/closings/{campaign}/{quote(payload['closedAt'])}/reopenings"
    toast = Toast(text=_closed(request, payload), undo=undo)
    return redirect(request, return_to(request, LIST), toast)


async def reopen(request: Request) -> Response:
    given = {
        "campaignId": request.path_params["campaign"],
        "closedAt": request.path_params["moment"],
    }
    payload, errors = await change(request, "tasks/reopen_sessions", input=given)
    url = _list(request)
    if errors:
        return redirect(request, url, Toast(text=errors[0]["message"], tone="stop"))
    text = translate_plural(
        locale_of(request),
        "%(num)s scheduled task is back.",
        "%(num)s scheduled tasks are back.",
        payload["reopened"],
    )
    return redirect(request, url, Toast(text=text))


async def _confirm(request: Request, errors: Errors) -> Response:
    viewer_who_may(request, Permission.TASKS_DELETE)
    data = await ask(request, "tasks/sessions", campaign=request.query_params.get("campaign", ""))
    if data["campaign"] is None:
        raise PageError(404)
    return page(
        request,
        "tasks/closing.html",
        status=422 if errors else 200,
        campaign=data["campaign"],
        count=data["scheduledTasks"]["totalCount"],
        errors=errors,
    )


def _closed(request: Request, payload: Data) -> str:
    locale = locale_of(request)
    text = translate_plural(
        locale,
        "%(num)s scheduled task was closed.",
        "%(num)s scheduled tasks were closed.",
        payload["closed"],
    )
    if payload["inCall"]:
        more = translate_plural(
            locale,
            "%(num)s is in a call and closes at its end.",
            "%(num)s are in a call and close at its end.",
            payload["inCall"],
        )
        text = f"{text} {more}"
    return text


def _nothing(request: Request) -> Response:
    text = translate(locale_of(request), N_("Nothing is selected."))
    return redirect(request, _list(request), Toast(text=text, tone="warn"))


def _list(request: Request) -> str:
    """The list as the reader left it."""
    back = came_from(request)
    return back if back.partition("?")[0] == LIST else return_to(request, LIST)
