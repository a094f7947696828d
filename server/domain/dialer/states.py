# SPDX-License-Identifier: Apache-2.0
"""The states of an entry and of its numbers, and why a stay in the hopper ended (sections 2-8)."""

from enum import StrEnum


class DialState(StrEnum):
    """Where an entry of the hopper stands (section 3)."""

    READY = "READY"  # round 1, nothing dialed yet
    WAIT_NEXT_PHONE = "WAIT_NEXT_PHONE"  # inside a round, the next number is due at scheduledAt
    WAIT_RETRY = "WAIT_RETRY"  # between rounds, or before the same number again
    WAIT_CALLBACK = "WAIT_CALLBACK"  # an agent or the customer asked for a time
    DIALING = "DIALING"  # claimed, its lease runs
    CONNECTED = "CONNECTED"  # answered, an agent or the IVR has it
    CLOSED = "CLOSED"  # a final result stands, the entry has left the hopper


class HopperPhoneState(StrEnum):
    """Whether a number of an entry can still be dialed."""

    OPEN = "OPEN"  # below its limits
    EXHAUSTED = "EXHAUSTED"  # at a limit, or closed by its status, when it was last dialed
    BLOCKED = "BLOCKED"  # found on a blacklist; not dialed again in this stay


class FinalReason(StrEnum):
    """Why a stay in the hopper ended (section 8)."""

    REACHED = "REACHED"  # somebody answered
    RETRY_EXCEEDED = "RETRY_EXCEEDED"  # a retry limit was reached
    CONTACT_CAP = "CONTACT_CAP"  # the attempts allowed for one contact are used up
    ALL_PHONES_BLOCKED = "ALL_PHONES_BLOCKED"  # every number left is blacklisted
    BLACKLIST_CONTACT = "BLACKLIST_CONTACT"  # the person is blacklisted
    NO_DIALABLE_PHONE = "NO_DIALABLE_PHONE"  # there is no number to dial
    CAMPAIGN_ENDED = "CAMPAIGN_ENDED"  # the next call would lie at or after the campaign's end
    LIST_DETACHED = "LIST_DETACHED"  # its list no longer belongs to the campaign
    CONTACT_DELETED = "CONTACT_DELETED"  # the contact was deleted
    MERGED = "MERGED"  # the contact was merged into another that is open here
    MOVED = "MOVED"  # the contact was moved to another list
    MANUAL = "MANUAL"  # a supervisor closed it
    CALLBACK_EXPIRED = "CALLBACK_EXPIRED"  # the callback was not delivered until its end (C-34)


GLOBAL_LIMIT = "GLOBAL"
"""Stands where a status does when the sum over all statuses was the limit that was reached."""

WAITING = frozenset(
    {
        DialState.READY,
        DialState.WAIT_NEXT_PHONE,
        DialState.WAIT_RETRY,
        DialState.WAIT_CALLBACK,
    }
)
"""The states that can be claimed and closed at once."""

IN_CALL = frozenset({DialState.DIALING, DialState.CONNECTED})
"""The states in which a close waits for the result."""

BUCKETS: dict[DialState, int] = {
    DialState.WAIT_CALLBACK: 1,
    DialState.WAIT_NEXT_PHONE: 2,
    DialState.WAIT_RETRY: 3,
    DialState.READY: 4,
}
"""Who is dialed first among the due (section 7). Promises before rounds, rounds before fresh ones:
with one plain order a list loaded at once would hide every later retry."""
