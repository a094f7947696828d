# SPDX-License-Identifier: Apache-2.0
"""The contact form: from the API's contact to its boxes, and from what was sent to an input."""

from starlette.datastructures import FormData

from server.domain.permissions import Permission, Viewer
from web.forms import instant_of, phone_rows, version_of, written_instant
from web.site import Data, Errors

TEXTS = ("firstName", "lastName", "company", "email", "phone")
NOT_A_PRIORITY = 0
GONE = "NOT_FOUND"
NEW: Data = {
    "id": None,
    "firstName": "",
    "lastName": "",
    "company": "",
    "email": "",
    "phone": None,
    "priority": 2,
    "notBefore": "",
    "additionalPhones": [],
    "listIds": [],
    "version": None,
}


def shown_contact(contact: Data, viewer: Viewer) -> Data:
    """A stored contact as the form shows it."""
    return contact | {
        "notBefore": written_instant(contact["scheduledAt"], viewer.timezone),
        "additionalPhones": [
            phone | {"itemTypeId": (phone["itemType"] or {}).get("id")}
            for phone in contact["additionalPhones"]
        ],
        "listIds": [one["id"] for one in contact.get("lists", [])],
    }


def given_contact(form: FormData, viewer: Viewer) -> Data:
    """What the form sent, as the input of a mutation; lists only from who was shown them."""
    priority = str(form.get("priority", ""))
    given: Data = {name: str(form.get(name, "")) for name in TEXTS}
    given["priority"] = int(priority) if priority in ("1", "2", "3") else NOT_A_PRIORITY
    given["scheduledAt"] = instant_of(str(form.get("notBefore", "")), viewer.timezone)
    given["additionalPhones"] = phone_rows(form)
    if viewer.may(Permission.LISTS_VIEW):
        given["listIds"] = [str(value) for value in form.getlist("listIds")]
    return given


def shown_again(contact: Data, form: FormData, given: Data, errors: Errors) -> Data:
    """The form as it was sent. `contact` is what is stored now: after a conflict its version
    counts, and a phone that somebody else removed is a new one when the form is sent again.
    """
    codes = {error["field"]: error["code"] for error in errors}
    phones = [
        phone | ({"id": None} if codes.get(f"additionalPhones.{place}.id") == GONE else {})
        for place, phone in enumerate(given["additionalPhones"])
    ]
    return (
        contact
        | {"listIds": []}
        | given
        | ({} if "version" in codes else version_of(form))
        | {"notBefore": str(form.get("notBefore", "")), "additionalPhones": phones}
    )
