# SPDX-License-Identifier: Apache-2.0
"""Changes of many contacts at once, with the count that somebody has confirmed (D4)."""

from server.services.contacts.bulk.changes import BulkChange, Changed, apply_change
from server.services.contacts.bulk.starting import (
    PIECE,
    BulkDone,
    BulkInput,
    Selection,
    change_contacts,
)

__all__ = [
    "PIECE",
    "BulkChange",
    "BulkDone",
    "BulkInput",
    "Changed",
    "Selection",
    "apply_change",
    "change_contacts",
]
