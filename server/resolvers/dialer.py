# SPDX-License-Identifier: Apache-2.0
"""Labels and counters of the dialer's rows, in the reader's language."""

from datetime import datetime, time
from typing import Any

import orjson

from server.context import Context
from server.domain.campaigns import FAILURES, CallingWindow, CallStatus, Weekday
from server.domain.dialer import GLOBAL_LIMIT, IN_CALL, DialState, FinalReason, HopperPhoneState
from server.domain.dialer.records import RECORD_STATES, RecordState
from server.domain.gate import GateRule
from server.i18n import N_, label, translate
from server.planner import reference
from server.resolvers.inputs import Given, take_key
from server.services import calls as services

# The state that an entry was claimed from says why it was dialed at that moment (section 8).
DECISIONS = {
    DialState.READY: N_("The first call of this stay."),
    DialState.WAIT_NEXT_PHONE: N_("The number before it was not reached."),
    DialState.WAIT_RETRY: N_("Nobody was reached, and the retry time was over."),
    DialState.WAIT_CALLBACK: N_("A callback was due."),
}
ALL_STATUSES = N_("All failures together")


def state_label(locale: str, state: str) -> str:
    return label(locale, DialState(state))


def record_state(_locale: str, state: str, hold_rule: str | None) -> str:
    return _record_state(state, hold_rule).value


def record_state_label(locale: str, state: str, hold_rule: str | None) -> str:
    return label(locale, _record_state(state, hold_rule))


def _record_state(state: str, hold_rule: str | None) -> RecordState:
    return RecordState.INACTIVE if hold_rule == GateRule.FAULT else RECORD_STATES[DialState(state)]


def record_state_of_final(_locale: str, _key: int) -> str:
    return RecordState.CLOSED.value


def decision_label(locale: str, decision: str) -> str:
    return translate(locale, DECISIONS[DialState(decision)]) if decision in DECISIONS else decision


def seconds_between(_locale: str, started_at: datetime, ended_at: datetime) -> int:
    return round((ended_at - started_at).total_seconds())


def limit_label(locale: str, limit: str | None) -> str | None:
    if limit == GLOBAL_LIMIT:
        return translate(locale, ALL_STATUSES)
    return status_label(locale, limit)


def effective_dial_at(locale: str, text: str) -> datetime | None:
    """When the window lets the entry be dialed; None from the campaign's end on (section 6)."""
    state, *instants, opens, closes, days, timezone, ends_at = orjson.loads(text)
    scheduled_at, now = map(datetime.fromisoformat, instants)
    moment = scheduled_at
    if DialState(state) not in IN_CALL and opens is not None:
        window = CallingWindow(
            opens=time.fromisoformat(opens),
            closes=time.fromisoformat(closes),
            days=frozenset(Weekday) if days is None else frozenset(map(Weekday, days)),
            timezone=timezone,
        )
        # What came due while the window was closed is dialed when it opens.
        if not window.open_at(max(scheduled_at, now)):
            moment = window.next_open(max(scheduled_at, now))
    ends = None if ends_at is None else datetime.fromisoformat(ends_at)
    return None if ends is not None and moment >= ends else moment


def levels(_locale: str, *names: str | None) -> list[str]:
    """A path's names, from the first level down."""
    return [name for name in names if name is not None]


def phone_state_label(locale: str, state: str) -> str:
    return label(locale, HopperPhoneState(state))


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


async def note_call(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "attempt_id", "CallAttempt", "attemptId")
    async with context.writing() as session:
        await services.note_call(session, context.require(None), key, **given)
    return {"call_attempt": reference("CallAttempt", key)}


def _count(locale: str, status: CallStatus, attempts: int) -> dict[str, Any]:
    return {"status": status.value, "label": label(locale, status), "attempts": attempts}
