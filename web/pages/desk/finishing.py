# SPDX-License-Identifier: Apache-2.0
"""The result of a call: what the script asks, what became of it, and on to the next (C-22)."""

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from server.domain.permissions import Permission
from server.domain.tasks import PreferenceType
from server.i18n import label
from web.pages.contacts.content import given_content, script_of
from web.pages.contacts.record import given_note
from web.pages.desk.working import DESK
from web.site import Data, Errors, ask, change, locale_of, redirect, viewer_who_may

KEPT = ("dispositionId", "localAt", "preference", "note", "comment", "tags", "pause")


async def result_of(
    request: Request, work: Data | None, errors: Errors | None = None
) -> Data | None:
    """The form beside a call in hand; it can be filled in while the call is up."""
    call = work["call"] if work else None
    if call is None or call["contact"] is None or call["campaign"] is None:
        return None
    form = await request.form() if request.method == "POST" else FormData()
    data = await ask(
        request, "desk/script", contact=call["contact"]["id"], campaign=call["campaign"]["id"]
    )
    locale = locale_of(request)
    return {
        "groups": await script_of(request, data, errors),
        "dispositions": [edge["node"] for edge in data["dispositions"]["edges"]],
        "preferences": [(one.value, label(locale, one)) for one in PreferenceType],
        "errors": errors or [],
        "sent": {name: str(form.get(name, "")) for name in KEPT},
    }


async def finish(request: Request) -> tuple[Response | None, Errors]:
    """Send the result: to the desk, or the refusals to show with what was typed."""
    viewer = viewer_who_may(request, Permission.CALLS_MAKE)
    form = await request.form()
    given = given_note(form) | given_content(form, viewer)
    if reason := _text(form, "pause"):
        given["pauseReason"] = reason
    if chosen := _text(form, "dispositionId"):
        given |= {"dispositionId": chosen} | _callback(form)
    _, errors = await change(request, "desk/steps/finish", input=given)
    return (None, errors) if errors else (redirect(request, DESK), [])


def _callback(form: FormData) -> Data:
    """When to call again; a time that a disposition does not ask for is not sent with it."""
    if not _text(form, "localAt"):
        return {}
    sent = {name: _text(form, name) for name in ("localAt", "preference", "note")}
    return {"callback": {name: text for name, text in sent.items() if text}}


def _text(form: FormData, name: str) -> str:
    return str(form.get(name, "")).strip()
