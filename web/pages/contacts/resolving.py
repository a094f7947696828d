# SPDX-License-Identifier: Apache-2.0
"""Saving an edit; the second of two writers chooses first, and nothing is overwritten (X-19)."""

import json
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from server.i18n import translate
from web.forms import version_of
from web.pages.contacts.conflicts import Difference, Words, clashes, compare, merge
from web.pages.contacts.forms import as_input
from web.pages.contacts.reading import contact_of
from web.pages.contacts.saving import saved
from web.pages.lists import list_options
from web.site import UNREADABLE, Data, Errors, PageError, ask, change, locale_of, page, viewer_of


async def save_edit(
    request: Request, form: FormData, given: Data, *, stays: bool = False
) -> Response | tuple[Data, Errors]:
    """The answer; or the input and its faults, where the form has to be shown again.

    `stays` as for `saved`. A form of choices is read here, whatever `given` is.
    """
    decided = await _chosen(request, form)
    if isinstance(decided, Response):
        return decided
    given = given if decided is None else decided
    if "add_phone" in form:
        return given, []
    changed = given | version_of(form) | {"id": request.path_params["id"]}
    payload, errors = await change(request, "contacts/edit", input=changed)
    if not errors:
        return await saved(request, payload["contact"], stays=stays)
    if not clashes(errors):
        return given, errors
    contact, words = await contact_of(request), await _words(request)
    started = held(form, "base")
    differences = compare(given, as_input(contact), started, words)
    if not differences:  # both have written the same
        return await saved(request, contact, stays=stays)
    return await _page(request, form, contact, given, started, differences, payload["changes"])


async def _chosen(request: Request, form: FormData) -> Data | Response | None:
    """What the choices make of the two contacts; the page again where one is missing; None where
    the form is none of choices.
    """
    if "yours" not in form:
        return None
    yours, theirs, started = (held(form, name) for name in ("yours", "base", "started"))
    if not yours:
        raise PageError(400, translate(locale_of(request), UNREADABLE))
    words = await _words(request)
    differences = compare(yours, theirs, started, words)
    choices = {one.name: str(form.get(f"choice.{one.name}", "")) for one in differences}
    if all(choice in ("yours", "theirs") for choice in choices.values()):
        return merge(yours, theirs, started, choices, words)
    contact = await contact_of(request)
    return await _page(request, form, contact, yours, started, differences, [], status=422)


def held(form: FormData, name: str) -> Data:
    """An input that the form has held as JSON; what is none is an empty one."""
    try:
        value = json.loads(str(form.get(name, "")))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


async def _words(request: Request) -> Words:
    return Words(viewer=viewer_of(request), lists=dict(await list_options(request)))


async def _page(
    request: Request,
    form: FormData,
    contact: Data,
    yours: Data,
    started: Data,
    differences: list[Difference],
    changes: list[Data],
    status: int = 409,
) -> Response:
    offered = await ask(request, "contacts/types")
    is_asked_again = status != 409
    held_values: dict[str, Any] = {
        "version": form["version"] if is_asked_again else contact["version"],
        "base": form["base"] if is_asked_again else json.dumps(as_input(contact)),
        "yours": json.dumps(yours),
        "started": json.dumps(started),
        "next": form.get("next", ""),
    }
    return page(
        request,
        "contacts/conflict.html",
        status=status,
        contact=contact,
        differences=differences,
        types={edge["node"]["id"]: edge["node"] for edge in offered["offeredItemTypes"]["edges"]},
        changes=changes,
        # The latest come first, and the last one set stands.
        whose={field: one["userName"] for one in reversed(changes) for field in one["fields"]},
        held=held_values,
        is_asked_again=is_asked_again,
    )
