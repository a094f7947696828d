# SPDX-License-Identifier: Apache-2.0
"""What is said of a person's own numbers, whatever campaign they are called in (C-08)."""

from enum import StrEnum


class PhoneState(StrEnum):
    """Whether a number of a contact is dialed; only AVAILABLE ones are (C-06, C-08)."""

    AVAILABLE = "AVAILABLE"  # dialed; also called active
    INACTIVE = "INACTIVE"  # not dialed until somebody activates it again
    EXCLUDED = "EXCLUDED"  # left out on purpose: activating numbers in bulk passes it over
    BLOCKED = "BLOCKED"  # must not be called
