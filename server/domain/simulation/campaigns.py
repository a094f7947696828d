# SPDX-License-Identifier: Apache-2.0
"""The `campaign` part of a scenario: settings as the API spells them (dial-machine section 1)."""

from datetime import time

from server.domain.campaigns import (
    FAILURES,
    MAX_COUNT,
    MAX_MINUTES,
    MAX_SECONDS,
    AfterStatus,
    CallingWindow,
    CallStatus,
    CampaignSettings,
    CheckDuplicate,
    DialOrder,
    ExhaustionPolicy,
    RetryRule,
    Weekday,
)
from server.domain.errors import DomainError, ErrorCode
from server.domain.simulation.reading import (
    Choice,
    ScenarioRefused,
    join,
    read_choice,
    read_clock,
    read_instant,
    read_integer,
    read_list,
    read_object,
    read_text,
)

_CAMPAIGN = (
    "retry",
    "globalMaxRetry",
    "additionalPhonesAfter",
    "exhaustionPolicy",
    "maxAttemptsPerContact",
    "afterStatus",
    "window",
    "endsAt",
    "checkDuplicate",
    "dialOrderByScheduledAt",
    "originateTimeout",
    "queueTimeout",
)
_SAME_TIMES = "must differ from `from`; 00:00 to 24:00 is the whole day"
_WINDOW_CURES = {
    ErrorCode.REQUIRED: "needs at least one day",
    ErrorCode.INVALID: _SAME_TIMES,
    ErrorCode.UNKNOWN_TIMEZONE: "must be an IANA zone such as Europe/Rome",
}


def read_campaign(value: object, path: str) -> CampaignSettings:
    """Check campaign settings from JSON; what is left out has its default."""
    given = read_object(value, path, _CAMPAIGN)

    def count(key: str, default: int, maximum: int) -> int:
        return read_integer(given.get(key, default), join(path, key), 0, maximum)

    def choice(key: str, default: Choice) -> Choice:
        return read_choice(given.get(key, default.value), join(path, key), list(type(default)))

    cap, window, ends_at = (given.get(k) for k in ("maxAttemptsPerContact", "window", "endsAt"))
    return CampaignSettings(
        retry=_read_retry(given.get("retry", {}), join(path, "retry")),
        global_max_retry=count("globalMaxRetry", 4, MAX_COUNT),
        additional_phones_after=count("additionalPhonesAfter", 1, MAX_MINUTES),
        originate_timeout=count("originateTimeout", 30, MAX_SECONDS),
        queue_timeout=count("queueTimeout", 3, MAX_SECONDS),
        exhaustion_policy=choice("exhaustionPolicy", ExhaustionPolicy.ANY_PHONE),
        max_attempts_per_contact=(
            None
            if cap is None
            else read_integer(cap, join(path, "maxAttemptsPerContact"), 1, MAX_COUNT)
        ),
        after_status=_read_after_status(given.get("afterStatus", {}), join(path, "afterStatus")),
        window=None if window is None else _read_window(window, join(path, "window")),
        ends_at=None if ends_at is None else read_instant(ends_at, join(path, "endsAt")),
        check_duplicate=choice("checkDuplicate", CheckDuplicate.ALWAYS),
        dial_order=choice("dialOrderByScheduledAt", DialOrder.ASC),
    )


def _read_retry(value: object, path: str) -> dict[CallStatus, RetryRule]:
    rules = {}
    for key, item in read_object(value, path, FAILURES).items():
        rule = read_object(item, join(path, key), ("max", "minutes"))
        default = RetryRule()
        rules[CallStatus(key)] = RetryRule(
            max=read_integer(rule.get("max", default.max), f"{path}.{key}.max", 0, MAX_COUNT),
            minutes=read_integer(
                rule.get("minutes", default.minutes), f"{path}.{key}.minutes", 0, MAX_MINUTES
            ),
        )
    return rules


def _read_after_status(value: object, path: str) -> dict[CallStatus, AfterStatus]:
    return {
        CallStatus(key): read_choice(item, join(path, key), list(AfterStatus))
        for key, item in read_object(value, path, FAILURES).items()
    }


def _read_window(value: object, path: str) -> CallingWindow:
    given = read_object(value, path, ("from", "to", "days", "timezone"))
    days_path, closes = join(path, "days"), given.get("to")
    if closes is not None and closes == given.get("from"):
        raise ScenarioRefused(ErrorCode.INVALID, join(path, "to"), _SAME_TIMES)
    days = read_list(given.get("days", list(Weekday)), days_path)
    try:
        return CallingWindow(
            opens=read_clock(given.get("from"), join(path, "from")),
            closes=time(0) if closes == "24:00" else read_clock(closes, join(path, "to")),
            days=frozenset(
                read_choice(day, join(days_path, place), list(Weekday))
                for place, day in enumerate(days)
            ),
            timezone=read_text(given.get("timezone", "UTC"), join(path, "timezone")),
        )
    except ScenarioRefused:
        raise
    except DomainError as refusal:
        raise ScenarioRefused(
            refusal.code, join(path, refusal.field or ""), _WINDOW_CURES[refusal.code]
        ) from None
