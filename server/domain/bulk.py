# SPDX-License-Identifier: Apache-2.0
"""What is done to many contacts at once, in a request or, for many, as a process."""

from enum import StrEnum

from server.domain.permissions import Permission
from server.domain.processes import ProcessKind

MOST_AT_ONCE = 1_000
"""Contacts that one request changes; more of them are a process."""


class BulkAction(StrEnum):
    """What happens to each of them."""

    TRASH = "TRASH"  # into the trash
    RESTORE = "RESTORE"  # out of it again
    ADD_TO_LIST = "ADD_TO_LIST"
    TAKE_OFF_LIST = "TAKE_OFF_LIST"
    TAG = "TAG"
    UNTAG = "UNTAG"
    SET_PRIORITY = "SET_PRIORITY"


KINDS = {
    action: {
        BulkAction.TRASH: ProcessKind.DELETE,
        BulkAction.RESTORE: ProcessKind.RESTORE,
    }.get(action, ProcessKind.CHANGE)
    for action in BulkAction
}
REQUIRED = {
    BulkAction.TRASH: Permission.CONTACTS_DELETE,
    BulkAction.RESTORE: Permission.CONTACTS_DELETE,
    BulkAction.ADD_TO_LIST: Permission.LISTS_EDIT,
    BulkAction.TAKE_OFF_LIST: Permission.LISTS_EDIT,
    BulkAction.TAG: Permission.CONTACTS_EDIT,
    BulkAction.UNTAG: Permission.CONTACTS_EDIT,
    BulkAction.SET_PRIORITY: Permission.CONTACTS_EDIT,
}
