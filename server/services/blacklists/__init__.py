# SPDX-License-Identifier: Apache-2.0
"""Do-not-call entries; the dialer asks `blocking`, people keep them through `writing` (C-26).

Only what knows nothing of the dialer is here, as the dialer asks this package.
"""

from server.services.blacklists.blocking import (
    NUMBER_STOPPED,
    PERSON_STOPPED,
    Block,
    Blocks,
    Candidate,
    blacklisted_numbers,
    blocks_for,
)

__all__ = [
    "NUMBER_STOPPED",
    "PERSON_STOPPED",
    "Block",
    "Blocks",
    "Candidate",
    "blacklisted_numbers",
    "blocks_for",
]
