# SPDX-License-Identifier: Apache-2.0
"""Do-not-call entries: what they name, and how much of the dialing they stop (C-26 to C-28)."""

from enum import StrEnum


class Media(StrEnum):
    """What a do-not-call entry names (C-26)."""

    PHONE = "PHONE"  # a number, whoever has it
    EMAIL = "EMAIL"  # an e-mail address
    PERSON = "PERSON"  # a contact, whatever their numbers are


class CallMark(StrEnum):
    """What do-not-call entries say about a number or a person, the strictest of them."""

    OPT_OUT = "OPT_OUT"  # they asked not to be called: no call of any kind
    EVERYWHERE = "EVERYWHERE"  # no call of any kind
    AUTOMATIC = "AUTOMATIC"  # no automatic call; callbacks and calls by hand are made (C-28)
    IN_PLACES = "IN_PLACES"  # in some campaigns, or from some lists, only
