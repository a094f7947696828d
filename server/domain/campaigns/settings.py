# SPDX-License-Identifier: Apache-2.0
"""The settings that decide who is called when: retry limits, waits, window, end (section 1)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from server.domain.campaigns.statuses import (
    FAILURES,
    AfterStatus,
    CallStatus,
    CheckDuplicate,
    DialOrder,
    ExhaustionPolicy,
)
from server.domain.campaigns.windows import CallingWindow
from server.domain.errors import DomainError, ErrorCode

MAX_COUNT = 32_767  # a counter is stored in two bytes
MAX_MINUTES = 5_256_000  # ten years: a longer wait is a slip of the pen
MAX_SECONDS = 86_400
LEASE_MARGIN = timedelta(seconds=60)


def _within(value: int, path: str, maximum: int, minimum: int = 0) -> None:
    if not minimum <= value <= maximum:
        raise DomainError(ErrorCode.OUT_OF_RANGE, path, min=minimum, max=maximum)


@dataclass(frozen=True, kw_only=True)
class RetryRule:
    """How many failures of one status a number may have, and the minutes between rounds.

    `max` is reached, not exceeded, so 3 means three calls; 0 means one call and no retry.
    """

    max: int = 3
    minutes: int = 150

    def __post_init__(self) -> None:
        _within(self.max, "max", MAX_COUNT)
        _within(self.minutes, "minutes", MAX_MINUTES)


DEFAULT_RETRY: Mapping[CallStatus, RetryRule] = {status: RetryRule() for status in FAILURES}


@dataclass(frozen=True, kw_only=True)
class CampaignSettings:
    """One version of a campaign's rules. Minutes, seconds, aware UTC datetimes (X-37).

    `retry` and `after_status` may name only the statuses that differ from the default; they are
    completed. The fields below `version` are the same facts in the form that the machine computes
    with, one place a failure in the order of FAILURES.
    """

    retry: Mapping[CallStatus, RetryRule] = field(default_factory=dict, hash=False)
    global_max_retry: int = 4
    additional_phones_after: int = 1
    originate_timeout: int = 30
    queue_timeout: int = 3
    exhaustion_policy: ExhaustionPolicy = ExhaustionPolicy.ANY_PHONE
    max_attempts_per_contact: int | None = None
    after_status: Mapping[CallStatus, AfterStatus] = field(default_factory=dict, hash=False)
    window: CallingWindow | None = None
    ends_at: datetime | None = None
    check_duplicate: CheckDuplicate = CheckDuplicate.ALWAYS
    dial_order: DialOrder = DialOrder.ASC
    version: int = 1

    limits: tuple[int, ...] = field(init=False, repr=False, compare=False)
    global_limit: int = field(init=False, repr=False, compare=False)
    waits: tuple[timedelta, ...] = field(init=False, repr=False, compare=False)
    after: tuple[AfterStatus, ...] = field(init=False, repr=False, compare=False)
    phone_wait: timedelta = field(init=False, repr=False, compare=False)
    lease: timedelta = field(init=False, repr=False, compare=False)
    spares_exhausted: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for path, mapping in (("retry", self.retry), ("afterStatus", self.after_status)):
            for status in mapping:
                if status not in FAILURES:
                    raise DomainError(ErrorCode.INVALID, f"{path}.{status}")
        _within(self.global_max_retry, "globalMaxRetry", MAX_COUNT)
        _within(self.additional_phones_after, "additionalPhonesAfter", MAX_MINUTES)
        _within(self.originate_timeout, "originateTimeout", MAX_SECONDS)
        _within(self.queue_timeout, "queueTimeout", MAX_SECONDS)
        if self.max_attempts_per_contact is not None:
            # 0 could mean "never dial" or "no cap"; the cap is left out to have none.
            _within(self.max_attempts_per_contact, "maxAttemptsPerContact", MAX_COUNT, 1)
        rules = {**DEFAULT_RETRY, **self.retry}
        afters = {status: self.after_status.get(status, AfterStatus.ADVANCE) for status in FAILURES}
        timeouts = timedelta(seconds=self.originate_timeout + self.queue_timeout)
        derived = {
            "retry": rules,
            "after_status": afters,
            # A max of 0 is reached by the first failure, like 1 (section 6, row 10).
            "limits": tuple(max(1, rules[status].max) for status in FAILURES),
            "global_limit": max(1, self.global_max_retry),
            "waits": tuple(timedelta(minutes=rules[status].minutes) for status in FAILURES),
            "after": tuple(afters[status] for status in FAILURES),
            "phone_wait": timedelta(minutes=self.additional_phones_after),
            "lease": timeouts + LEASE_MARGIN,
            "spares_exhausted": self.exhaustion_policy is ExhaustionPolicy.ALL_PHONES,
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)
