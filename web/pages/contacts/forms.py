# SPDX-License-Identifier: Apache-2.0
"""The contact form: from the API's contact to its boxes, and from what was sent to an input."""

import json

from starlette.datastructures import FormData

from server.domain.contacts import PhoneState
from server.domain.permissions import Permission, Viewer
from web.formats import instant
from web.forms import PHONE_COLUMNS, instant_of, phone_rows, version_of, written_instant
from web.pages.contacts.value_conflicts import VALUES, stored_values
from web.site import Data, Errors
from web.templating import is_at

TEXTS = ("firstName", "lastName", "company", "email", "phone")
ABOUT = ("timeZone", "language", "photoUrl")
AVAILABLE = PhoneState.AVAILABLE.value
CHOSEN = ("phoneState", "priority")
NOT_A_PRIORITY = 0
PRIMARY = ("phone", "phoneState")
SEPARATOR = ", "
TABS = ("general", "numbers", "content")  # the parts of the form, in their order
GONE = "NOT_FOUND"
NEW: Data = {
    "id": None,
    "firstName": "",
    "lastName": "",
    "company": "",
    "email": "",
    "phone": None,
    "phoneState": AVAILABLE,
    "phoneStateBefore": AVAILABLE,
    "tags": "",
    "timeZone": "",
    "language": "",
    "photoUrl": "",
    "priority": 2,
    "notBefore": "",
    "additionalPhones": [],
    "listIds": [],
    "campaignId": None,
    "version": None,
    "base": "",
}


def shown_contact(contact: Data, viewer: Viewer) -> Data:
    """A stored contact as the form shows it."""
    return contact | {
        "base": json.dumps(as_input(contact)),
        "notBefore": written_instant(contact.get("scheduledAt"), viewer.timezone),
        "phoneStateBefore": contact["phoneState"],
        "tags": SEPARATOR.join(tag["name"] for tag in contact.get("tags", [])),
        "additionalPhones": [
            phone
            | {"itemTypeId": (phone["itemType"] or {}).get("id"), "stateBefore": phone["state"]}
            for phone in contact["additionalPhones"]
        ],
        "listIds": [one["id"] for one in contact.get("lists", [])],
    }


def as_input(contact: Data) -> Data:
    """A stored contact as an input that changes nothing: what a form was opened with.

    It has the keys that `given_person` and `given_contact` make, so that the two can be compared.
    """
    phones = [
        {key: phone.get(key) for key in PHONE_COLUMNS}
        | {"itemTypeId": (phone["itemType"] or {}).get("id")}
        for phone in contact["additionalPhones"]
    ]
    given = {key: contact[key] for key in (*TEXTS, *ABOUT, *CHOSEN) if key in contact}
    given["additionalPhones"] = phones
    if "scheduledAt" in contact:
        moment = contact["scheduledAt"]
        given["scheduledAt"] = None if moment is None else instant(moment).isoformat()
    if "tags" in contact:
        given["tags"] = [tag["name"] for tag in contact["tags"]]
    if "lists" in contact:
        given["listIds"] = [one["id"] for one in contact["lists"]]
    if VALUES in contact:
        given[VALUES] = stored_values(contact)
    return given


def given_person(form: FormData) -> Data:
    """What fast edit sent, as the input of a mutation: these fields and no others (X-18, X-19)."""
    given: Data = {name: str(form.get(name, "")) for name in TEXTS}
    state = str(form.get("phoneState", ""))
    # One that was not touched is not sent: changed digits are available then (C-06).
    given["phoneState"] = None if state == form.get("phoneStateBefore", "") else state
    return given | {"additionalPhones": phone_rows(form)}


def given_contact(form: FormData, viewer: Viewer) -> Data:
    """What the form sent, as the input of a mutation; lists only from who was shown them."""
    priority, given = str(form.get("priority", "")), given_person(form)
    given |= {name: str(form.get(name, "")) for name in ABOUT}
    given["tags"] = [name for name in split_tags(str(form.get("tags", ""))) if name]
    given["priority"] = int(priority) if priority in ("1", "2", "3") else NOT_A_PRIORITY
    given["scheduledAt"] = instant_of(str(form.get("notBefore", "")), viewer.timezone)
    if viewer.may(Permission.LISTS_VIEW):
        given["listIds"] = [str(value) for value in form.getlist("listIds")]
    return given


def shown_again(contact: Data, form: FormData, given: Data, errors: Errors) -> Data:
    """The form as it was sent; what it does not hold is as `contact` is stored now.

    A phone that somebody else removed is a new one when the form is sent again.
    """
    codes = {error["field"]: error["code"] for error in errors}
    states = {phone["id"]: phone["state"] for phone in contact["additionalPhones"]}
    state = given["phoneState"]
    phones = [
        _shown_phone(phone, states)
        | ({"id": None} if codes.get(f"additionalPhones.{place}.id") == GONE else {})
        for place, phone in enumerate(given["additionalPhones"])
    ]
    return (
        contact
        | given
        | version_of(form)
        | {"base": str(form.get("base", "")), "additionalPhones": phones}
        | {"phoneState": state or contact["phoneState"]}
        | {"phoneStateBefore": "" if state else contact["phoneState"]}
        | ({"tags": SEPARATOR.join(given["tags"])} if "tags" in given else {})
        | {name: str(form[name]) for name in ("notBefore",) if name in form}
    )


def split_tags(text: str) -> list[str]:
    """The names in a box of tags, which are separated by commas."""
    return [name.strip() for name in text.split(SEPARATOR.strip())]


def _shown_phone(phone: Data, states: dict[str, str]) -> Data:
    """As it was sent. A state that was chosen is sent again as one that was, whatever is stored."""
    stored = states.get(phone["id"], AVAILABLE)
    before = "" if phone["state"] else stored
    return phone | {"state": phone["state"] or stored, "stateBefore": before}


def tab_of(errors: Errors, *, is_new: bool) -> str | None:
    """The part of the form with the first fault in its order."""
    found = {_tab_of(str(error["field"]), is_new=is_new) for error in errors}
    return next((tab for tab in TABS if tab in found), None)


def _tab_of(path: str, *, is_new: bool) -> str:
    if path.startswith("additionalPhones") or (path in PRIMARY and not is_new):
        return "numbers"
    return "content" if is_at(path, "values") else "general"
