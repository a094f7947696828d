# SPDX-License-Identifier: Apache-2.0
"""The form of a do-not-call entry: a new one, or one that is changed (C-26, C-28)."""

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from server.domain.permissions import Permission
from server.i18n import N_, translate
from web.forms import version_of
from web.frame import Toast
from web.pages.blacklists.listing import may_see, media_options, scopes_of
from web.places import return_to
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

NEW: Data = {
    "id": None,
    "media": "PHONE",
    "uri": "",
    "name": "",
    "note": "",
    "campaignId": "",
    "listId": "",
    "isEverywhere": False,
    "isOptOut": False,
    "contact": None,
    "version": None,
}


async def new(request: Request) -> Response:
    """With `contact` in the address it is a person that is entered, not a number."""
    viewer = viewer_who_may(request, Permission.BLACKLISTS_CREATE)
    query, entry = request.query_params, dict(NEW)
    entry["uri"] = query.get("number", "")
    if query.get("contact") and viewer.may(Permission.CONTACTS_VIEW):
        entry |= {"media": "PERSON", "contact": await _person(request, query["contact"])}
    return await _form(request, entry, [])


async def create(request: Request) -> Response:
    form = await request.form()
    given = _given(form)
    contact_id = str(form.get("contactId", ""))
    named: Data = {"contactId": contact_id} if contact_id else {"uri": str(form.get("uri", ""))}
    media = "PERSON" if contact_id else _media(form)
    payload, errors = await change(
        request, "blacklists/create", input=_filled(given) | named | {"media": media}
    )
    if errors:
        shown = NEW | given | {"uri": named.get("uri", ""), "media": media}
        if contact_id:
            shown["contact"] = await _person(request, contact_id)
        return await _form(request, shown, errors)
    name = payload["blacklistEntry"]["uri"] or (await _person(request, contact_id))["fullName"]
    return _done(request, N_("%(name)s is on the blacklist."), name)


async def edit(request: Request) -> Response:
    viewer_who_may(request, Permission.BLACKLISTS_EDIT)
    return await _form(request, await _one(request), [])


async def save(request: Request) -> Response:
    form = await request.form()
    stored = await _one(request)
    given: Data = {name: str(form.get(name, "")) for name in ("name", "note")}
    if not stored["isOptOut"]:
        given = _given(form)
        if stored["uri"] is not None:
            given["uri"] = str(form.get("uri", ""))
    changed = _cleared(given) | version_of(form) | {"id": stored["id"]}
    payload, errors = await change(request, "blacklists/edit", input=changed)
    if errors:
        # After a conflict the version of now counts: what is sent again is meant.
        is_conflict = any(error["field"] == "version" for error in errors)
        shown = stored | given | ({} if is_conflict else version_of(form))
        return await _form(request, shown, errors)
    found = payload["blacklistEntry"]
    person = stored["contact"] or {"fullName": ""}
    name = found["name"] or found["uri"] or person["fullName"]
    return _done(request, N_("The entry “%(name)s” was saved."), name)


async def _form(request: Request, entry: Data, errors: Errors) -> Response:
    campaigns, lists = await scopes_of(request)
    return page(
        request,
        "blacklists/form.html",
        status=422 if errors else 200,
        entry=entry,
        media=media_options(request)[:2],
        campaigns=campaigns,
        lists=lists,
        errors=errors,
    )


async def _one(request: Request) -> Data:
    data = await ask(request, "blacklists/one", id=request.path_params["id"], **may_see(request))
    if data["blacklistEntry"] is None:
        raise PageError(404)
    found: Data = data["blacklistEntry"]
    for key, scope in (("campaignId", "campaign"), ("listId", "contactList")):
        found[key] = (found.get(scope) or {"id": ""})["id"]
    return {"contact": None} | found


async def _person(request: Request, contact_id: str) -> Data:
    found = (await ask(request, "blacklists/person", id=contact_id))["contact"]
    if found is None:
        raise PageError(404)
    person: Data = found
    return person


def _given(form: FormData) -> Data:
    texts = {name: str(form.get(name, "")) for name in ("name", "note", "campaignId", "listId")}
    return texts | {"isEverywhere": "isEverywhere" in form}


def _media(form: FormData) -> str:
    """What stands in the box is an address or none, whatever the menu still says."""
    is_address = "@" in str(form.get("uri", ""))
    return "EMAIL" if is_address else str(form.get("media", "PHONE"))


def _filled(given: Data) -> Data:
    """Without the scopes that were not chosen."""
    return {key: value for key, value in given.items() if value != ""}


def _cleared(given: Data) -> Data:
    """A scope that is not chosen any more is taken away."""
    scopes = ("campaignId", "listId")
    return {key: None if key in scopes and value == "" else value for key, value in given.items()}


def _done(request: Request, message: str, name: str) -> Response:
    text = translate(locale_of(request), message, name=name)
    return redirect(request, return_to(request, "/blacklists"), Toast(text=text))
