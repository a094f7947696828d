# SPDX-License-Identifier: Apache-2.0
"""The agent's view: the call in hand or who is calling, the contact beside it (X-20b, X-39)."""

from datetime import UTC, datetime

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.domain.agents import AgentState
from server.domain.dialer import IN_CALL, DialState
from server.domain.permissions import Permission
from server.i18n import N_, translate
from web.formats import phone_in
from web.frame import Toast
from web.live import stream
from web.pages.campaigns.calls import planned
from web.pages.campaigns.reading import topic_of
from web.pages.contacts.forms import NEW, shown_contact
from web.pages.contacts.record import ACTIVITIES, colors_of, given_note
from web.pages.contacts.writing import form_values
from web.pages.desk import finishing, working
from web.photos import allow_photo
from web.site import (
    Data,
    Errors,
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

DESK = "/desk"
LONGEST = 200  # characters that are looked for
LEAST_DIGITS = 3  # from so many on a text without letters is a number
STILL_UP = N_("The call is still up. Save the note once its result is recorded.")
NO_CALL = N_("There is no call to note yet.")
NO_NOTE: Data = {"errors": [], "sent": {"comment": "", "tags": ""}, "told": None}


async def index(request: Request) -> Response:
    return await _desk(request, NO_NOTE)


async def live(request: Request) -> Response:
    """What is up with the contact and what comes next, whenever a campaign of theirs goes on."""
    contact_id = request.query_params.get("contact", "")
    values = await _call(request, contact_id)
    topics = [topic_of(one["campaign"]["id"]) for one in values["stays"] if one["campaign"]]

    async def part() -> Response:
        return page(request, "desk/_call.html", **await _call(request, contact_id))

    return await stream(request, topics, part)


async def note(request: Request) -> Response:
    """Write about the contact's last call; while one is up, what was typed stays in its boxes."""
    viewer_who_may(request, Permission.CONTACTS_EDIT)
    form = await request.form()
    contact_id = str(form.get("contact", ""))
    values = await _call(request, contact_id)
    errors = await _noted(request, form, values)
    if errors:
        sent = {name: str(form.get(name, "")) for name in ("comment", "tags")}
        result: Data = {"errors": errors, "sent": sent, "told": None}
    else:
        told = translate(locale_of(request), N_("The note was saved."))
        if not is_htmx(request):
            return redirect(request, f"{DESK}?contact={contact_id}", Toast(text=told))
        result = NO_NOTE | {"told": told}
    if is_htmx(request):
        status = 422 if errors else 200
        return page(request, "desk/_note.html", status=status, note=result, **values)
    return await _desk(request, result, contact_id)


async def _noted(request: Request, form: FormData, values: Data) -> Errors:
    locale, calls = locale_of(request), values["call"]["history"]["edges"]
    if any(stay["is_up"] for stay in values["stays"]):
        return [_error(translate(locale, STILL_UP))]
    if not calls:
        return [_error(translate(locale, NO_CALL))]
    given = {"attemptId": calls[0]["node"]["id"]} | given_note(form)
    _, errors = await change(request, "contacts/note_call", input=given)
    return errors


def _error(message: str) -> Data:
    return {"field": "comment", "code": "WRONG_STATE", "message": message}


async def result(request: Request) -> Response:
    """Dispose of the call in hand; refused, the page comes back with what was typed."""
    done, errors = await finishing.finish(request)
    return done or await _desk(request, NO_NOTE, refused=errors)


async def _desk(
    request: Request, result: Data, contact_id: str = "", refused: Errors | None = None
) -> Response:
    viewer, query = viewer_who_may(request, Permission.CONTACTS_VIEW), request.query_params
    work = await working.work_of(request)
    given = query.get("number") or query.get("q") or ""
    text = "".join(filter(str.isprintable, given)).strip()[:LONGEST]
    found: list[Data] = []
    contact_id = contact_id or query.get("contact", "")
    if not contact_id and text:
        found = await _found(request, text)
        if len(found) == 1 and found[0]["is_exact"]:
            contact_id, found = found[0]["id"], []
    sees_calls = viewer.may(Permission.CAMPAIGNS_VIEW)
    in_hand = _in_hand(work, contact_id, text)
    at_work = work is not None and work["state"] != AgentState.OFFLINE
    contact_id = contact_id or in_hand
    contact = await _contact(request, contact_id) if contact_id else None
    call = await _call(request, contact_id) if contact and sees_calls and not in_hand else {}
    tab = "history" if query.get("tab") == "history" and contact and sees_calls else "contact"
    may_note = bool(call) and viewer.may(Permission.CONTACTS_EDIT)
    return page(
        request,
        "desk/index.html",
        status=422 if result["errors"] or refused else 200,
        text=text,
        is_number=is_number(text),
        contact=contact,
        found=found,
        tab=tab,
        form=None if found or tab == "history" else await _form(request, contact, text),
        call=call.get("call"),
        stays=call.get("stays", []),
        colors=call.get("colors", {}),
        note=result if may_note else None,
        history=await _history(request, contact_id) if tab == "history" else None,
        up=[] if contact or at_work or not sees_calls else await _up(request),
        hand=_in_hand(work),
        result=await finishing.result_of(request, work, refused) if in_hand else None,
        **await working.coming(request, None if contact or text else work),
        server_now=datetime.now(UTC).isoformat(),
        **working.shown(request, work),
    )


def _in_hand(work: Data | None, contact_id: str = "", text: str = "") -> str:
    """The contact of the call in hand, unless the agent is looking at somebody else."""
    contact = work["call"]["contact"] if work and work["call"] else None
    if contact is None or text or contact_id not in ("", contact["id"]):
        return ""
    return str(contact["id"])


async def _found(request: Request, text: str) -> list[Data]:
    """Whoever has exactly the number, else whom the search finds; `is_exact` tells which."""
    data = await ask(request, "desk/found", text=text)
    exact = [edge["node"] | {"is_exact": True} for edge in data["exact"]["edges"]]
    if exact:
        return [one | {"matched": ""} for one in exact]
    region = viewer_of(request).region
    return [
        one["node"] | {"is_exact": False, "matched": _matched(one["matched"], region)}
        for one in data["search"]
        if one["node"]
    ]


def _matched(matched: Data, region: str) -> str:
    """The number that was found, where it is not the name that was."""
    if "PHONE" not in matched["field"]:
        return ""
    return f"{matched['label']}: {phone_in(matched['value'], region)}"


def is_number(text: str) -> bool:
    digits = sum(character.isdigit() for character in text)
    return digits >= LEAST_DIGITS and not any(character.isalpha() for character in text)


async def _contact(request: Request, contact_id: str) -> Data:
    may = viewer_of(request).may
    data = await ask(
        request,
        "desk/contact",
        id=contact_id,
        withCampaigns=may(Permission.CAMPAIGNS_VIEW),
        withLists=may(Permission.LISTS_VIEW),
    )
    if data["contact"] is None:
        raise PageError(404)
    allow_photo(request, data["contact"])
    contact: Data = data["contact"]
    return contact


async def _form(request: Request, contact: Data | None, text: str) -> Data | None:
    """The same form as in contact management; for a caller whom nobody knows, a new contact's."""
    viewer = viewer_of(request)
    if contact is not None:
        if not viewer.may(Permission.CONTACTS_EDIT):
            return None
        values = await form_values(request, shown_contact(contact, viewer), [])
        return values | {"back": f"{DESK}?contact={contact['id']}"}
    if not text or not viewer.may(Permission.CONTACTS_CREATE):
        return None
    begun = {"phone": text} if is_number(text) else {"firstName": text}
    values = await form_values(request, NEW | begun, [])
    only = values["lists"] if len(values["lists"]) == 1 else []
    values["contact"]["listIds"] = [key for key, _ in only]
    if not values["lists"] and len(values["campaigns"]) == 1:  # there is one place to put it
        values["contact"]["campaignId"] = values["campaigns"][0][0]
    return values | {"back": DESK, "tab": "general"}


async def _call(request: Request, contact_id: str) -> Data:
    may_see_types = viewer_of(request).may(Permission.ITEM_TYPES_VIEW)
    data = await ask(request, "desk/call", id=contact_id, withTypes=may_see_types)
    if data["contact"] is None:
        raise PageError(404)
    colors, locale = colors_of(data), locale_of(request)
    stays = [_stay(entry, colors, locale) for entry in data["contact"]["stays"]]
    return {"call": data["contact"], "stays": stays, "colors": colors}


def _stay(entry: Data, colors: dict[str, str], locale: str) -> Data:
    """A stay with its present number apart from what comes after it."""
    stay = planned(entry, colors, locale)
    is_up = DialState(entry["state"]) in IN_CALL
    dialed = [phone for phone in entry["phones"] if phone["isAvailable"]]
    current = next(
        (phone for phone in dialed if phone["position"] == entry["currentPosition"]), None
    )
    return stay | {
        "is_up": is_up,
        "current": current,
        "color": colors.get((current or {}).get("itemTypeName") or ""),
        "place": entry["currentPosition"],
        "dialed": len(dialed),
        "coming": stay["steps"][1:] if is_up else stay["steps"],
    }


async def _history(request: Request, contact_id: str) -> Data:
    data = await ask(
        request,
        "contacts/history",
        id=contact_id,
        withCampaigns=True,
        withTypes=False,
        first=ACTIVITIES,
    )
    history: Data = data["contact"]
    return history


async def _up(request: Request) -> list[Data]:
    """The calls that the viewer sees just now."""
    data = await ask(request, "desk/up")
    return [edge["node"] for rows in data.values() for edge in rows["edges"]]


ROUTES = [
    Route(DESK, index),
    Route(f"{DESK}/call", live),
    Route(f"{DESK}/notes", note, methods=["POST"]),
    Route(f"{DESK}/results", result, methods=["POST"]),
    *working.ROUTES,
]
