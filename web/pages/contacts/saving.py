# SPDX-License-Identifier: Apache-2.0
"""After a contact was saved: what changes on the page behind the form, or where to go next."""

import json
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from server.i18n import N_, translate
from web.frame import Toast
from web.pages.account import local_path
from web.pages.contacts.bulk import may_select
from web.pages.contacts.columns import columns_of
from web.pages.contacts.fields import with_texts
from web.pages.contacts.reading import in_dial_order, selected_by
from web.places import stands_on
from web.site import Data, ask, is_htmx, locale_of, page, redirect, viewer_of

CHANGED = "contact:changed"  # what the page behind the form listens for


async def saved(request: Request, contact: Data, *, stays: bool = False) -> Response:
    """Over the list the row changes in its place; from anywhere else the record follows.

    A form that `stays` over its page leaves it standing, and tells it to show the contact anew.
    """
    told = Toast(
        text=translate(locale_of(request), N_("%(name)s was saved."), name=contact["fullName"])
    )
    if (at := stands_on(request, "/contacts")) is not None:
        return await _row(request, contact, at, told)
    record = f"/contacts/{contact['id']}"
    if stays and is_htmx(request):
        done = json.dumps({"dialog:close": "", CHANGED: {"id": contact["id"]}})
        return page(request, "contacts/quick_saved.html", headers={"HX-Trigger": done}, told=told)
    back = str((await request.form()).get("next", ""))
    return redirect(request, local_path(back, record), told)


async def _row(request: Request, contact: Data, at: str, told: Toast) -> Response:
    columns = await columns_of(request, dict(parse_qsl(urlsplit(at).query)))
    data = await ask(request, "contacts/row", id=contact["id"], **selected_by(columns))
    return page(
        request,
        "contacts/saved.html",
        headers={"HX-Trigger": "dialog:close"},
        contact=with_texts(data["contact"]) | {"additionalPhones": in_dial_order(data["contact"])},
        columns=columns,
        may_select=may_select(viewer_of(request)),
        told=told,
    )
