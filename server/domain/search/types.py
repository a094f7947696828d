# SPDX-License-Identifier: Apache-2.0
"""What global search finds, and the field that a match stands in (X-08)."""

from enum import StrEnum


class SearchType(StrEnum):
    """A kind of object that global search finds."""

    CONTACT = "CONTACT"  # a person, by names, numbers, e-mail, company and searchable fields
    ITEM_TYPE = "ITEM_TYPE"  # a contact item type, by name, colour and order
    LIST = "LIST"  # a contact list, by name and description
    CAMPAIGN = "CAMPAIGN"  # a campaign, by name
    USER = "USER"  # a user, by log-in name and full name


class SearchField(StrEnum):
    """The field that a match stands in."""

    NAME = "NAME"  # the name of whatever was found
    FULL_NAME = "FULL_NAME"  # a user's, beside the log-in name
    EMAIL = "EMAIL"  # a contact's
    COMPANY = "COMPANY"  # a contact's
    PHONE = "PHONE"  # the primary number
    ADDITIONAL_PHONE = "ADDITIONAL_PHONE"  # any further number; called by its item type
    CUSTOM = "CUSTOM"  # a master data field; called by its display name
    DESCRIPTION = "DESCRIPTION"  # a list's
    ORDER_BY = "ORDER_BY"  # an item type's
    COLOR = "COLOR"  # an item type's


class SearchAccuracy(StrEnum):
    """Whether the text itself was found, or a word much like it."""

    EXACT = "EXACT"  # as typed, but for case, accents and the spelling of numbers
    FUZZY = "FUZZY"  # by a word that a typing error or two, or "ue" for "ü", make what was typed
