# SPDX-License-Identifier: Apache-2.0
"""Labels and counters of the dialer's rows, in the reader's language."""

from typing import Any

import orjson

from server import models
from server.domain.campaigns import FAILURES, CallStatus
from server.domain.dialer import DialState, FinalReason, PhoneState
from server.i18n import label

COUNTER_COLUMNS = tuple(getattr(models.HopperPhone, status.value.lower()) for status in FAILURES)


def state_label(locale: str, state: str) -> str:
    return label(locale, DialState(state))


def phone_state_label(locale: str, state: str) -> str:
    return label(locale, PhoneState(state))


def status_label(locale: str, status: str | None) -> str | None:
    return None if status is None else label(locale, CallStatus(status))


def reason_label(locale: str, reason: str) -> str:
    return label(locale, FinalReason(reason))


def counters_of_phone(locale: str, *counters: int) -> list[dict[str, Any]]:
    pairs = zip(FAILURES, counters, strict=True)
    return [_count(locale, status, count) for status, count in pairs if count]


def counters_of_final(locale: str, counters: str) -> list[dict[str, Any]]:
    """JSON columns come as text on the read path."""
    found = orjson.loads(counters)
    return [_count(locale, status, found[status]) for status in FAILURES if status in found]


def counts(locale: str, text: str | None, kind: Any, name: str) -> list[dict[str, Any]]:
    """`{"member": n}` as rows `{name, label, count}`, in the enum's own order."""
    found = orjson.loads(text) if text else {}
    return [
        {name: member.value, "label": label(locale, member), "count": int(found[member.value])}
        for member in kind
        if member.value in found
    ]


def _count(locale: str, status: CallStatus, attempts: int) -> dict[str, Any]:
    return {"status": status.value, "label": label(locale, status), "attempts": attempts}
