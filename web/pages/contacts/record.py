# SPDX-License-Identifier: Apache-2.0
"""A contact's record, tab by tab: general, numbers, content, history, details (C-05 to C-09)."""

from datetime import UTC, datetime

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from server.domain.contacts import PhoneState
from server.domain.dialer.records import RecordState
from server.domain.permissions import Permission
from server.i18n import N_, label, translate
from web.frame import Toast
from web.languages import language_name
from web.pages.contacts.content import content_of
from web.pages.contacts.forms import split_tags
from web.pages.contacts.reading import in_dial_order
from web.pages.tasks.listing import callbacks_of
from web.pages.trash import absent
from web.photos import allow_photo
from web.site import (
    Data,
    PageError,
    ask,
    change,
    is_htmx,
    locale_of,
    page,
    redirect,
    viewer_of,
    viewer_who_may,
)
from web.zones import clock_in

ACTIVITIES = 50  # C-07


async def show(request: Request) -> Response:
    try:
        contact = await _contact(request, "general", withLists=_may(request, Permission.LISTS_VIEW))
    except PageError as error:
        if error.status != 404:
            raise
        return await absent(request)
    return page(
        request,
        "contacts/show.html",
        contact=contact,
        phones=in_dial_order(contact),
        language=language_name(contact["language"], locale_of(request)),
        callbacks=await callbacks_of(request, contact["id"]),
    )


async def numbers(request: Request) -> Response:
    contact = await _contact(request, "numbers")
    return page(
        request, "contacts/numbers.html", contact=contact, phones=_numbers(contact, request)
    )


async def content(request: Request) -> Response:
    contact = await _contact(request, "record_content")
    groups = await content_of(request, contact["id"])
    return page(request, "contacts/content.html", contact=contact, content=groups)


async def history(request: Request) -> Response:
    """The newest, and from there on older ones; more of them come into the page that is open."""
    query = request.query_params
    viewer = viewer_who_may(request, Permission.CAMPAIGNS_VIEW)
    variables = {"first": ACTIVITIES, "after": query.get("after") or None}
    may_see_types = viewer.may(Permission.ITEM_TYPES_VIEW)
    data = await _asked(request, "history", withTypes=may_see_types, **variables)
    is_more = is_htmx(request) and "after" in query
    return page(
        request,
        "contacts/_history.html" if is_more else "contacts/history.html",
        contact=data["contact"],
        colors=colors_of(data),
        may_note=viewer.may(Permission.CONTACTS_EDIT),
    )


async def details(request: Request) -> Response:
    contact = await _contact(request, "details", withLists=_may(request, Permission.LISTS_VIEW))
    sees_campaigns = "stays" in contact
    calls = [edge["node"] for edge in contact["history"]["edges"]] if sees_campaigns else []
    return page(
        request,
        "contacts/details.html",
        contact=contact,
        records=_records(contact, locale_of(request)) if sees_campaigns else None,
        last_agent=next((one["agentName"] for one in calls if one["agentName"]), None),
        local_time=clock_in(contact["timeZone"], datetime.now(UTC)),
    )


async def note(request: Request) -> Response:
    """A note beside a call; without scripts the history follows."""
    viewer = viewer_who_may(request, Permission.CONTACTS_EDIT)
    form, attempt_id = await request.form(), request.path_params["attempt"]
    payload, errors = await change(
        request, "contacts/note_call", input={"attemptId": attempt_id} | given_note(form)
    )
    contact_id = request.path_params["id"]
    if not errors and not is_htmx(request):
        told = Toast(text=translate(locale_of(request), N_("The note was saved.")))
        return redirect(request, _back(request, contact_id), told)
    call = payload["callAttempt"] if not errors else await _call(request, attempt_id)
    return page(
        request,
        "contacts/_call.html" if is_htmx(request) else "contacts/noted.html",
        status=422 if errors else 200,
        contact={"id": contact_id},
        call=call,
        colors={},
        may_note=viewer.may(Permission.CONTACTS_EDIT),
        errors=errors,
        sent={name: str(form.get(name, "")) for name in ("comment", "tags")} if errors else None,
    )


def given_note(form: FormData) -> Data:
    """What a form of a note sent, as fields of an input."""
    tags = [name for name in split_tags(str(form.get("tags", ""))) if name]
    return {"comment": str(form.get("comment", "")), "tags": tags}


def colors_of(data: Data) -> dict[str, str]:
    """The colours of item types by their names, as far as the viewer may see these."""
    types = data.get("contactItemTypes", {"edges": []})["edges"]
    return {edge["node"]["name"]: edge["node"]["color"] for edge in types}


async def _contact(request: Request, name: str, **variables: object) -> Data:
    contact: Data = (await _asked(request, name, **variables))["contact"]
    return contact


async def _asked(request: Request, name: str, **variables: object) -> Data:
    data = await ask(
        request,
        f"contacts/{name}",
        id=request.path_params["id"],
        withCampaigns=_may(request, Permission.CAMPAIGNS_VIEW),
        **variables,
    )
    if data["contact"] is None:
        raise PageError(404)
    allow_photo(request, data["contact"])
    return data


def _may(request: Request, permission: Permission) -> bool:
    return viewer_of(request).may(permission)


async def _call(request: Request, attempt_id: str) -> Data:
    found = (await ask(request, "contacts/call", id=attempt_id))["node"]
    if not found:
        raise PageError(404)
    call: Data = found
    return call


def _back(request: Request, contact_id: str) -> str:
    return f"/contacts/{contact_id}/history#{request.path_params['attempt']}"


def _numbers(contact: Data, request: Request) -> list[Data]:
    """Every number in dial order; those that are not available have no place in it."""
    further = in_dial_order(contact)
    rows = [
        {
            "number": phone["number"],
            "type": phone["itemType"]["name"] if phone["itemType"] else None,
            "color": phone["itemType"]["color"] if phone["itemType"] else None,
            "description": phone["description"],
            "state": phone["state"],
            "stateLabel": phone["stateLabel"],
            "mark": phone["callMark"],
            "markLabel": phone["callMarkLabel"],
        }
        for phone in further
    ]
    if contact["phone"]:
        primary = {"number": contact["phone"], "color": None, "description": ""}
        primary |= {"type": translate(locale_of(request), N_("Primary"))}
        primary |= {"state": contact["phoneState"], "stateLabel": contact["phoneStateLabel"]}
        primary |= {"mark": contact["phoneCallMark"], "markLabel": contact["phoneCallMarkLabel"]}
        rows.insert(0, primary)
    place = 0
    for row in rows:
        is_dialed = row["state"] == PhoneState.AVAILABLE
        place += is_dialed
        row["place"] = place if is_dialed else None
        row["calls"] = _calls(contact, row["number"])
    return rows


def _calls(contact: Data, number: str) -> list[Data]:
    """What has failed on the number in each campaign that has the contact open."""
    return [
        {"campaign": entry["campaign"], "counters": phone["counters"]}
        for entry in contact.get("calledIn", [])
        for phone in entry["phones"]
        if phone["number"] == number and phone["counters"] and entry["campaign"]
    ]


def _records(contact: Data, locale: str) -> list[Data]:
    """One a campaign: its open stay, else the last one that closed (section 1)."""
    records = [
        {
            "campaign": stay["campaign"],
            "state": stay["recordState"],
            "label": stay["recordStateLabel"],
            "why": stay["stateLabel"],
            "at": stay["effectiveDialAt"],
            "number": stay["currentNumber"],
            "attempts": stay["totalAttempts"],
            "list": (stay.get("contactList") or {}).get("name"),
        }
        for stay in contact["stays"]
    ]
    known = {(stay["campaign"] or {}).get("id") for stay in contact["stays"]}
    for edge in contact["finalResults"]["edges"]:
        final = edge["node"]
        key = (final["campaign"] or {}).get("id")
        if key in known:
            continue
        known.add(key)
        records.append(
            {
                "campaign": final["campaign"],
                "state": final["recordState"],
                "label": label(locale, RecordState.CLOSED),
                "why": final["reasonLabel"],
                "at": None,
                "number": None,
                "attempts": final["totalAttempts"],
                "list": None,
            }
        )
    return records
