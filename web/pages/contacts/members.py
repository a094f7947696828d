# SPDX-License-Identifier: Apache-2.0
"""Selected contacts join a list, or leave it."""

from starlette.requests import Request
from starlette.responses import Response

from server.domain.permissions import Permission, Role, Viewer
from server.i18n import translate_plural
from web.frame import Toast
from web.site import Data, change, locale_of, redirect


def may_move(viewer: Viewer) -> bool:
    """Whether whole selections may be put on lists; agents edit one contact at a time (X-17)."""
    may = viewer.may(Permission.LISTS_VIEW) and viewer.may(Permission.CONTACTS_EDIT)
    return may and viewer.role is not Role.AGENT


async def put_on_list(request: Request) -> Response:
    form = await request.form()
    joins = form.get("change") != "leave"
    given = {"listId": str(form.get("list", "")), "contactIds": form.getlist("ids")}
    document = "contacts/join" if joins else "contacts/leave"
    payload, errors = await change(request, document, input=given)
    state = str(form.get("matching", ""))
    url = "/contacts" + (state if state.startswith("?") else "")
    if errors:
        return redirect(request, url, Toast(text=errors[0]["message"], tone="stop"))
    return redirect(request, url, Toast(text=_told(request, payload, joins=joins)))


def _told(request: Request, payload: Data, *, joins: bool) -> str:
    locale, num, name = locale_of(request), payload["count"], payload["contactList"]["name"]
    if joins:
        return translate_plural(
            locale,
            "%(num)s contact was put on “%(name)s”.",
            "%(num)s contacts were put on “%(name)s”.",
            num,
            name=name,
        )
    return translate_plural(
        locale,
        "%(num)s contact was taken off “%(name)s”.",
        "%(num)s contacts were taken off “%(name)s”.",
        num,
        name=name,
    )
