# SPDX-License-Identifier: Apache-2.0
"""The merges of the last thirty days, and undoing one after a look at what changed since (D2)."""

from starlette.requests import Request
from starlette.responses import Response

from server.domain.permissions import Permission
from server.i18n import translate_plural
from web.frame import Toast
from web.pages.trash import left_out_words
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
    viewer_who_may,
)


async def index(request: Request) -> Response:
    params = request.query_params
    data = await ask(
        request, "merging/index", contactId=params.get("contact") or None, **paging(params)
    )
    return page(request, "merging/index.html", merges=data["contactMerges"])


async def confirm(request: Request) -> Response:
    viewer_who_may(request, Permission.CONTACTS_MERGE)
    return await _confirm(request, [])


async def undo(request: Request) -> Response:
    """From its page at once; from the toast of the merge only while nothing changed since."""
    merge_id = request.path_params["id"]
    if "confirmed" not in await request.form():
        data = await ask(request, "merging/undo_preview", id=merge_id)
        if data["undoMergePreview"]["changes"]:
            return redirect(request, f"/merges/{merge_id}/undo")
    payload, errors = await change(request, "merging/undo", input={"mergeId": merge_id})
    if errors:
        return await _confirm(request, errors)
    locale, contacts = locale_of(request), payload["contacts"]
    text = translate_plural(
        locale,
        "The merge was undone: %(num)s contact is there again.",
        "The merge was undone: %(num)s contacts are there again.",
        len(contacts),
    )
    left_out = payload["leftOut"]
    if left_out:
        text = f"{text} {left_out_words(locale, left_out)}"
    told = Toast(text=text, tone="warn" if left_out else "ok")
    url = f"/contacts/{contacts[0]['id']}" if contacts else "/merges"
    return redirect(request, url, told)


async def _confirm(request: Request, errors: Errors) -> Response:
    merge_id = request.path_params["id"]
    data = await ask(request, "merging/undo_preview", id=merge_id)
    merge: Data | None = data["contactMerge"]
    if merge is None:
        raise PageError(404)
    preview = data["undoMergePreview"]
    refusals = [*errors, *preview["userErrors"]]
    return page(
        request,
        "merging/undo.html",
        status=422 if errors else 200,
        merge=merge,
        changes=preview["changes"],
        errors=list({error["message"]: error for error in refusals}.values()),
    )
