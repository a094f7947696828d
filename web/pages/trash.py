# SPDX-License-Identifier: Apache-2.0
"""The trash of contacts: seen, restored from, emptied; and what a deleted contact's address shows.

Rows are selected by the ids of the trash; a contact is undone by its own (D4).
"""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.domain.permissions import Permission
from server.i18n import N_, translate, translate_plural
from web.frame import Toast
from web.places import came_from, stands_on
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

SORTS = {"deleted": "DELETED_AT", "name": "NAME"}
MOST_NAMED = 5  # in one toast


async def index(request: Request) -> Response:
    params = request.query_params
    data = await ask(
        request,
        "trash/index",
        search=params.get("q") or None,
        processId=params.get("process") or None,
        **sorting(params, SORTS, "-deleted"),
        **paging(params),
    )
    return page(request, "trash/index.html", trashed=data["trashedContacts"])


async def restore(request: Request) -> Response:
    """Those that are selected."""
    form = await request.form()
    chosen = await _chosen(request, [str(value) for value in form.getlist("ids")])
    if not chosen:
        return redirect(request, _trash(request, form.get("matching")), _nothing(request))
    return await _restored(
        request, [one["contactId"] for one in chosen], _trash(request, form.get("matching"))
    )


async def restore_one(request: Request) -> Response:
    """One contact, by the id it had: from the trash, its own address, or the toast of deletion."""
    contact_id = request.path_params["id"]
    here = stands_on(request, "/contacts") or stands_on(request, "/trash")
    if here is None and (at := came_from(request)).partition("?")[0] in ("/contacts", "/trash"):
        here = at
    return await _restored(request, [contact_id], here or f"/contacts/{contact_id}")


async def confirm(request: Request) -> Response:
    viewer_who_may(request, Permission.CONTACTS_PURGE)
    chosen = await _chosen(request, request.query_params.getlist("ids"))
    if not chosen:
        return redirect(request, "/trash", _nothing(request))
    return _confirm(request, chosen, [])


async def purge(request: Request) -> Response:
    """For good; the count that was confirmed goes along, and another one is asked about again."""
    form = await request.form()
    chosen = await _chosen(request, [str(value) for value in form.getlist("ids")])
    if not chosen:
        return redirect(request, _trash(request), _nothing(request))
    count = str(form.get("count", ""))
    given = {
        "ids": [one["contactId"] for one in chosen],
        "count": int(count) if count.isascii() and count.isdigit() and len(count) < 6 else 0,
    }
    payload, errors = await change(request, "trash/purge", input=given)
    if errors:
        return _confirm(request, chosen, errors)
    text = translate_plural(
        locale_of(request),
        "%(num)s contact was deleted for good.",
        "%(num)s contacts were deleted for good.",
        payload["purged"],
    )
    return redirect(request, _trash(request), Toast(text=text))


async def absent(request: Request) -> Response:
    """Instead of the record of a contact that is not there: where it went. PageError 404 if gone.

    One that became part of another leads to that one.
    """
    contact_id = request.path_params["id"]
    found = (await ask(request, "trash/whereabouts", id=contact_id))["contactWhereabouts"]
    if found["place"] == "MERGED":
        text = N_("You were led here: the contact you looked for was merged into %(name)s.")
        told = Toast(text=translate(locale_of(request), text, name=found["name"]), tone="wait")
        return redirect(request, f"/contacts/{found['contactId']}", told)
    if found["place"] != "TRASH":
        raise PageError(404)
    trashed = None
    if viewer_of(request).may(Permission.CONTACTS_DELETE):
        data = await ask(request, "trash/of_contact", contactId=found["contactId"])
        trashed = next((edge["node"] for edge in data["trashedContacts"]["edges"]), None)
    return page(request, "trash/show.html", found=found, trashed=trashed)


async def _chosen(request: Request, ids: Sequence[str]) -> list[Data]:
    """The rows of the trash that were selected and are still there."""
    if not ids:
        return []
    nodes = (await ask(request, "trash/chosen", ids=list(ids)))["nodes"]
    return [node for node in nodes if node and "contactId" in node]


async def _restored(request: Request, contact_ids: list[str], url: str) -> Response:
    payload, errors = await change(request, "trash/restore", input={"ids": contact_ids})
    if errors:
        told = Toast(text=errors[0]["message"], tone="stop")
        return redirect(request, url if len(contact_ids) > 1 else _trash(request), told)
    locale, names = locale_of(request), [one["fullName"] for one in payload["contacts"]]
    if len(names) == 1:
        text = translate(locale, N_("%(name)s is back."), name=names[0])
    else:
        text = translate_plural(
            locale,
            "%(num)s contact is back.",
            "%(num)s contacts are back.",
            payload["restored"],
        )
    left_out = payload["leftOut"]
    if left_out:
        text = f"{text} {left_out_words(locale, left_out)}"
    return redirect(request, url, Toast(text=text, tone="warn" if left_out else "ok"))


def left_out_words(locale: str, left_out: Sequence[Data]) -> str:
    """What could not come back and why, as far as a toast goes."""
    words = [f"{one['name']} ({one['message']})" for one in left_out[:MOST_NAMED]]
    if more := len(left_out) - len(words):
        words.append(translate_plural(locale, "%(num)s more", "%(num)s more", more))
    return translate(locale, N_("Not put back: %(what)s."), what=", ".join(words))


def _confirm(request: Request, chosen: Sequence[Data], errors: Errors) -> Response:
    return page(
        request, "trash/purge.html", status=422 if errors else 200, chosen=chosen, errors=errors
    )


def _nothing(request: Request) -> Toast:
    text = N_("Nothing is selected that is still in the trash.")
    return Toast(text=translate(locale_of(request), text), tone="warn")


def _trash(request: Request, state: object = None) -> str:
    """The trash in the state that the reader left it in; `state` is what its form kept of that."""
    if (at := stands_on(request, "/trash")) is not None:
        return at
    return f"/trash{state}" if isinstance(state, str) and state.startswith("?") else "/trash"


ROUTES = [
    Route("/trash", index),
    Route("/trash/restorations", restore, methods=["POST"]),
    Route("/trash/purge", confirm),
    Route("/trash/purge", purge, methods=["POST"]),
    Route("/trash/{id}/restorations", restore_one, methods=["POST"]),
]
