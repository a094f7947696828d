# SPDX-License-Identifier: Apache-2.0
"""The words of merges: what fields are called, and what whoever merges should look at."""

from collections.abc import Mapping

from server.domain.merging import MergeConflict, MergeConflictKind, MergedPhone
from server.i18n import N_, label, translate
from server.services.contacts.checks import MOST_PHONES

FIELDS = {
    "firstName": N_("First name"),
    "lastName": N_("Last name"),
    "email": N_("E-mail"),
    "company": N_("Company"),
    "phone": N_("Primary phone"),
    "priority": N_("Priority"),
    "scheduledAt": N_("Not to be called before"),
    "timeZone": N_("Time zone"),
    "language": N_("Language"),
    "photoUrl": N_("Photo"),
    "additionalPhones": N_("Additional phones"),
    "tags": N_("Tags"),
    "lists": N_("Lists"),
    "calls": N_("Calls"),
    "entries": N_("Campaigns"),
}
CONFLICTS = {
    MergeConflictKind.PRIMARY_MOVES: N_("%(number)s becomes an additional number."),
    MergeConflictKind.TYPES_DIFFER: N_(
        "%(number)s has several types: “%(type)s” is kept, “%(types)s” is not."
    ),
    MergeConflictKind.DESCRIPTIONS_DIFFER: N_(
        "%(number)s has several descriptions: “%(description)s” is kept, “%(descriptions)s” is not."
    ),
    MergeConflictKind.STATES_DIFFER: N_(
        "%(number)s is in several states: the strictest, “%(state)s”, holds."
    ),
    MergeConflictKind.ENTRIES_JOIN: N_(
        "Several are open in one campaign: one stay goes on, with the counters of all."
    ),
    MergeConflictKind.TOO_MANY_PHONES: N_(
        "Together they have more than %(max)s additional numbers. Remove some of them first."
    ),
    MergeConflictKind.ON_CALL: N_("One of them is on a call. Wait until it has ended."),
}
# A primary number has neither type nor description of its own.
OF_PRIMARY = {
    MergeConflictKind.TYPES_DIFFER: N_(
        "%(number)s is the primary number and has no type: “%(types)s” is not kept."
    ),
    MergeConflictKind.DESCRIPTIONS_DIFFER: N_(
        "%(number)s is the primary number and has no description: “%(descriptions)s” is not kept."
    ),
}


def field_label(locale: str, name: str) -> str:
    """What the API's field is called on pages; one of a centre's own stands for itself."""
    return translate(locale, FIELDS[name]) if name in FIELDS else name


def conflict_message(
    locale: str, conflict: MergeConflict, phones: Mapping[str, MergedPhone]
) -> str:
    message = CONFLICTS[conflict.kind]
    if conflict.number is None:
        return translate(locale, message) % {"max": MOST_PHONES}
    phone = phones[conflict.number]
    if not phone.item_type_name and conflict.kind is MergeConflictKind.TYPES_DIFFER:
        message = OF_PRIMARY[conflict.kind]
    if not phone.description and conflict.kind is MergeConflictKind.DESCRIPTIONS_DIFFER:
        message = OF_PRIMARY[conflict.kind]
    return translate(
        locale,
        message,
        number=phone.number,
        type=phone.item_type_name or "",
        types=", ".join(phone.other_types),
        description=phone.description,
        descriptions=", ".join(phone.other_descriptions),
        state=label(locale, phone.state),
    )
