# SPDX-License-Identifier: Apache-2.0
"""The multi-number dial machine: pure, without a clock, the one heart of every engine."""

from server.domain.dialer.closing import exhausted
from server.domain.dialer.entries import (
    Claim,
    Entry,
    EntryPhone,
    FinalRow,
    HistoryRow,
    Limit,
    Outcome,
)
from server.domain.dialer.joining import join, surviving
from server.domain.dialer.loading import admitted, become_callback, call_back, load
from server.domain.dialer.machine import (
    WrongState,
    block,
    claim,
    close,
    end_passed,
    expire_lease,
    phones_changed,
    report,
)
from server.domain.dialer.order import AdditionalNumber, dial_order, due_rank
from server.domain.dialer.rounds import Relist
from server.domain.dialer.states import (
    BUCKETS,
    GLOBAL_LIMIT,
    IN_CALL,
    WAITING,
    DialState,
    FinalReason,
    HopperPhoneState,
)

__all__ = [
    "BUCKETS",
    "GLOBAL_LIMIT",
    "IN_CALL",
    "WAITING",
    "AdditionalNumber",
    "Claim",
    "DialState",
    "Entry",
    "EntryPhone",
    "FinalReason",
    "FinalRow",
    "HistoryRow",
    "HopperPhoneState",
    "Limit",
    "Outcome",
    "Relist",
    "WrongState",
    "admitted",
    "become_callback",
    "block",
    "call_back",
    "claim",
    "close",
    "dial_order",
    "due_rank",
    "end_passed",
    "exhausted",
    "expire_lease",
    "join",
    "load",
    "phones_changed",
    "report",
    "surviving",
]
