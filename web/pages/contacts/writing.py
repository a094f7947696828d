# SPDX-License-Identifier: Apache-2.0
"""Create and edit a contact, on a page of its own or over the list (X-15 to X-17)."""

import json

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from server.domain.permissions import Permission, Role
from server.i18n import N_, translate
from web.forms import blank_rows
from web.frame import Toast
from web.languages import languages_with
from web.pages.account import local_path
from web.pages.contacts.content import content_of, given_content
from web.pages.contacts.forms import (
    NEW,
    TABS,
    given_contact,
    shown_again,
    shown_contact,
    tab_of,
)
from web.pages.contacts.reading import contact_of
from web.pages.contacts.resolving import held, save_edit
from web.pages.lists import list_options
from web.site import (
    Data,
    Errors,
    ask,
    change,
    locale_of,
    page,
    redirect,
    viewer_of,
    viewer_who_may,
)
from web.zones import zones

DESK = "/desk"
KNOWN_THERE = N_("The campaign knows the number already, so it has no record of its own there.")


async def new(request: Request) -> Response:
    """For a list or a campaign, where the address names one (C-03), and with a number to begin."""
    viewer, query = viewer_who_may(request, Permission.CONTACTS_CREATE), request.query_params
    lists = await list_options(request)
    wanted = [query["list"]] if "list" in query else []
    if viewer.role is Role.AGENT and len(lists) == 1:  # who sees one list only works on that
        wanted = [lists[0][0]]
    begun = {"listIds": wanted, "campaignId": query.get("campaign"), "phone": query.get("number")}
    return await form_page(request, NEW | begun, [], tab=query.get("tab"))


async def create(request: Request) -> Response:
    viewer = viewer_who_may(request, Permission.CONTACTS_CREATE)
    form = await request.form()
    given = given_contact(form, viewer) | given_content(form, viewer)
    if form.get("campaignId"):
        given["campaignId"] = str(form["campaignId"])
    if "add_phone" in form:
        return await form_page(request, shown_again(NEW, form, given, []), [], tab="numbers")
    sees = viewer.may(Permission.CAMPAIGNS_VIEW)
    payload, errors = await change(request, "contacts/create", input=given, withCampaigns=sees)
    if errors:
        return await form_page(request, shown_again(NEW, form, given, errors), errors)
    contact = payload["contact"]
    text = translate(locale_of(request), N_("%(name)s was created."), name=contact["fullName"])
    if "campaignId" in given and not contact.get("openEntries"):
        text = f"{text} {translate(locale_of(request), KNOWN_THERE)}"
    back = str(form.get("next", ""))
    url = f"{DESK}?contact={contact['id']}" if back.startswith(DESK) else ""
    return redirect(request, url or f"/contacts/{contact['id']}", Toast(text=text))


async def edit(request: Request) -> Response:
    viewer = viewer_who_may(request, Permission.CONTACTS_EDIT)
    contact = shown_contact(await contact_of(request), viewer)
    return await form_page(request, contact, [], tab=request.query_params.get("tab"))


async def save(request: Request) -> Response:
    viewer = viewer_who_may(request, Permission.CONTACTS_EDIT)
    form = await request.form()
    given = given_contact(form, viewer) | given_content(form, viewer)
    answer = await save_edit(request, form, given)
    if isinstance(answer, Response):
        return answer
    given, errors = answer
    stored = await contact_of(request) | {k: given[k] for k in ("scheduledAt",) if k in given}
    return await form_page(
        request,
        shown_again(shown_contact(stored, viewer), form, given, errors),
        errors,
        tab="numbers" if "add_phone" in form else None,
    )


async def whole_form(request: Request, form: FormData, given: Data) -> Response:
    """The form of all fields, with what fast edit has sent so far."""
    contact = shown_contact(await contact_of(request), viewer_of(request))
    base = json.dumps(json.loads(contact["base"]) | held(form, "base"))
    return await form_page(request, shown_again(contact, form, given, []) | {"base": base}, [])


async def form_page(
    request: Request, contact: Data, errors: Errors, *, tab: str | None = None
) -> Response:
    """The form, open at the part with the first fault."""
    return page(
        request,
        "contacts/form.html",
        status=422 if errors else 200,
        **await form_values(request, contact, errors, tab=tab),
    )


async def form_values(
    request: Request, contact: Data, errors: Errors, *, tab: str | None = None
) -> Data:
    """What `contacts/form.html` needs, wherever it stands."""
    viewer, is_sent = viewer_of(request), request.method == "POST"
    form = await request.form() if is_sent else FormData()
    sees_campaigns = viewer.may(Permission.CAMPAIGNS_VIEW)
    offered = await ask(request, "contacts/choices_of_form", withCampaigns=sees_campaigns)
    nodes = {name: [edge["node"] for edge in rows["edges"]] for name, rows in offered.items()}
    wanted, faulty = str(form.get("tab", "")) or tab, tab_of(errors, is_new=contact["id"] is None)
    return {
        "contact": contact,
        "types": nodes["offeredItemTypes"],
        "tag_names": [tag["name"] for tag in nodes["tags"]],
        "campaigns": [(one["id"], one["name"]) for one in nodes.get("campaigns", [])],
        "lists": await list_options(request),
        "zones": zones(),
        "languages": languages_with(contact["language"], viewer.locale),
        "content": await content_of(request, contact["id"], errors),
        "errors": errors,
        "tab": faulty or (wanted if wanted in TABS else TABS[0]),
        "blanks": blank_rows(form) if is_sent else 1,
        "back": local_path(str(form.get("next", request.query_params.get("next", ""))), ""),
    }
