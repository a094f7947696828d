# SPDX-License-Identifier: Apache-2.0
"""How long what was deleted or merged can come back, and what may have to stay out then."""

from datetime import datetime, timedelta
from enum import StrEnum

KEPT = timedelta(days=30)
"""For so long a deleted contact can be restored and a merge undone (reliability D2, D4)."""


class ContactPlace(StrEnum):
    """Where the contact of an id is."""

    HERE = "HERE"  # it can be opened
    TRASH = "TRASH"  # deleted, and can be restored
    MERGED = "MERGED"  # became part of another contact
    GONE = "GONE"  # there is none, or it is out of sight


class LeftOutKind(StrEnum):
    """What could not come back with a contact, as the world has changed meanwhile."""

    LIST = "LIST"  # the list it stood on is gone
    TAG = "TAG"  # the tag is gone
    ITEM_TYPE = "ITEM_TYPE"  # the type is gone: its number is back without one
    FIELD = "FIELD"  # the field is gone
    VALUE = "VALUE"  # somebody else has the value, which is unique
    PHONE = "PHONE"  # the number stands elsewhere on the contact
    CAMPAIGN = "CAMPAIGN"  # the campaign is gone, or does not call the list any more
    DUPLICATE = "DUPLICATE"  # the campaign has somebody else with the primary number
    CLOSED = "CLOSED"  # the stay ended meanwhile


def days_left(expires_at: datetime, now: datetime) -> int:
    """Begun days until it goes for good; 0 once it may go at any moment."""
    return max(0, -((now - expires_at) // timedelta(days=1)))
