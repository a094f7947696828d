# SPDX-License-Identifier: Apache-2.0
"""Contacts: people with a primary and any number of additional phones (X-11 to X-17, X-20c)."""

from server.services.contacts.conflicts import Change, changes_since
from server.services.contacts.inputs import (
    ContactEdit,
    ContactInput,
    DeletedContact,
    PhoneInput,
    ValueInput,
)
from server.services.contacts.search import matching
from server.services.contacts.trash import (
    delete_contact,
    purge_contacts,
    restore_contacts,
    sweep_trash,
    trash_contacts,
)
from server.services.contacts.values import values_of_contacts
from server.services.contacts.writing import (
    create_contact,
    edit_contact,
    name_keys,
)
from server.services.visibility import visible_contacts

__all__ = [
    "Change",
    "ContactEdit",
    "ContactInput",
    "DeletedContact",
    "PhoneInput",
    "ValueInput",
    "changes_since",
    "create_contact",
    "delete_contact",
    "edit_contact",
    "matching",
    "name_keys",
    "purge_contacts",
    "restore_contacts",
    "sweep_trash",
    "trash_contacts",
    "values_of_contacts",
    "visible_contacts",
]
