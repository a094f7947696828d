# SPDX-License-Identifier: Apache-2.0
"""Merge two contacts or more: the preview with its choices, and the merge itself (X-25 to X-28).

`/merge?ids=contact_1&ids=contact_2`, or `ids=contact_1,contact_2`; `master` is the one that stays.
"""

from collections.abc import Iterable, Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response

from server.domain.permissions import Permission
from server.i18n import translate_plural
from web.frame import Toast
from web.pages.merging.changes import changes, kept
from web.pages.merging.shown import shown
from web.site import (
    Errors,
    ask,
    change,
    locale_of,
    page,
    redirect,
    viewer_of,
    viewer_who_may,
)

CHOICE = "choice."


async def preview(request: Request) -> Response:
    """One contact alone is asked for its partner first."""
    viewer_who_may(request, Permission.CONTACTS_MERGE)
    given = request.query_params
    ids = _ids(given.getlist("ids"))
    if len(ids) == 1:
        return redirect(request, f"/contacts/{ids[0]}/merge")
    return await _page(request, ids, given.get("master"), {})


async def merge(request: Request) -> Response:
    form = await request.form()
    ids, master = _ids(map(str, form.getlist("ids"))), str(form.get("master", ""))
    chosen = {
        name.removeprefix(CHOICE): str(value)
        for name, value in form.items()
        if name.startswith(CHOICE)
    }
    given = {
        "ids": ids,
        "masterId": master,
        "fingerprint": str(form.get("fingerprint", "")),
        "choices": [{"field": field, "contactId": key} for field, key in chosen.items()],
    }
    payload, errors = await change(request, "merging/merge", input=given)
    if errors:
        return await _page(request, ids, master, chosen, errors, str(form.get("seen", "")))
    contact = payload["contact"]
    text = translate_plural(
        locale_of(request),
        "%(num)s contact became part of %(name)s.",
        "%(num)s contacts became part of %(name)s.",
        len({*ids, contact["id"]}) - 1,
        name=contact["fullName"],
    )
    undo = f"/merges/{payload['merge']['id']}/undo"
    return redirect(request, f"/contacts/{contact['id']}", Toast(text=text, undo=undo))


async def _page(
    request: Request,
    ids: Sequence[str],
    master: str | None,
    chosen: Mapping[str, str],
    errors: Errors | None = None,
    seen: str = "",
) -> Response:
    """`seen` is what was held of the preview before: what is another now is named."""
    viewer = viewer_of(request)
    master = master if master in ids else None
    data = await ask(request, "merging/preview", ids=list(ids), masterId=master)
    payload = data["mergePreview"]
    found, refusals = payload["preview"], [*(errors or []), *payload["userErrors"]]
    if found is None:
        return page(
            request,
            "merging/refused.html",
            status=422,
            errors=_once(refusals),
            gone=await _gone(request, ids, payload["userErrors"]),
            left=[one for one in ids if one not in _missing(ids, payload["userErrors"])],
        )
    is_late = any(error["field"] == "fingerprint" for error in refusals)
    return page(
        request,
        "merging/preview.html",
        status=(409 if is_late else 422) if refusals else 200,
        preview=found,
        shown=shown(found, ids, chosen, viewer),
        kept=kept(found),
        is_late=is_late,
        changes=changes(seen, found, viewer) if is_late else [],
        # What stands in the way now is said by the preview itself.
        errors=[one for one in refusals if not is_late] if found["canMerge"] else [],
    )


async def _gone(request: Request, ids: Sequence[str], errors: Errors) -> list[dict[str, object]]:
    """Where those went that are not there any more."""
    return [
        (await ask(request, "trash/whereabouts", id=key))["contactWhereabouts"]
        for key in _missing(ids, errors)[:5]
    ]


def _missing(ids: Sequence[str], errors: Errors) -> list[str]:
    places = [
        str(error["field"]).removeprefix("ids.") for error in errors if error["code"] == "NOT_FOUND"
    ]
    return [ids[int(place)] for place in places if place.isdigit() and int(place) < len(ids)]


def _once(errors: Errors) -> Errors:
    """Each message one time: several contacts may be missing."""
    return list({error["message"]: error for error in errors}.values())


def _ids(values: Iterable[str]) -> list[str]:
    """The ids of an address, each once, in their order."""
    parts = [part.strip() for value in values for part in value.split(",")]
    return list(dict.fromkeys(part for part in parts if part))
