# SPDX-License-Identifier: Apache-2.0
"""The multi-number dial machine: pure, without a clock, the one heart of every engine."""

from server.domain.dialer.entries import (
    Claim,
    Entry,
    EntryPhone,
    FinalRow,
    HistoryRow,
    Limit,
    Outcome,
)
from server.domain.dialer.states import (
    BUCKETS,
    GLOBAL_LIMIT,
    IN_CALL,
    WAITING,
    DialState,
    FinalReason,
    PhoneState,
)

__all__ = [
    "BUCKETS",
    "GLOBAL_LIMIT",
    "IN_CALL",
    "WAITING",
    "Claim",
    "DialState",
    "Entry",
    "EntryPhone",
    "FinalReason",
    "FinalRow",
    "HistoryRow",
    "Limit",
    "Outcome",
    "PhoneState",
]
