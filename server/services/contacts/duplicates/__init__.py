# SPDX-License-Identifier: Apache-2.0
"""Contacts that may be one person: found, and told apart where they are not (D2)."""

from server.services.contacts.duplicates.dismissing import dismiss_duplicates, reconsider_duplicates
from server.services.contacts.duplicates.finding import (
    SHOWN,
    DuplicateGroup,
    Duplicates,
    find_duplicates,
)

__all__ = [
    "SHOWN",
    "DuplicateGroup",
    "Duplicates",
    "dismiss_duplicates",
    "find_duplicates",
    "reconsider_duplicates",
]
