# SPDX-License-Identifier: Apache-2.0
"""The settings of a campaign: defaults, bounds and what is derived (dial-machine section 1)."""

from datetime import timedelta

import pytest

from server.domain.campaigns import (
    FAILURES,
    MAX_COUNT,
    AfterStatus,
    CallStatus,
    CampaignSettings,
    RetryRule,
)
from server.domain.errors import DomainError, ErrorCode


def test_defaults_are_those_of_the_machine() -> None:
    rules = CampaignSettings()
    assert set(rules.retry) == set(FAILURES)
    assert all(rule == RetryRule(max=3, minutes=150) for rule in rules.retry.values())
    assert (rules.global_max_retry, rules.originate_timeout, rules.queue_timeout) == (4, 30, 3)
    assert rules.lease == timedelta(seconds=30 + 3 + 60)
    assert set(rules.after) == {AfterStatus.ADVANCE}


def test_statuses_that_are_not_named_keep_their_default() -> None:
    rules = CampaignSettings(
        retry={CallStatus.BUSY: RetryRule(max=0, minutes=7)},
        after_status={CallStatus.DROP: AfterStatus.RETRY_SAME},
    )
    busy, drop = FAILURES.index(CallStatus.BUSY), FAILURES.index(CallStatus.DROP)
    assert (rules.limits[busy], rules.waits[busy]) == (1, timedelta(minutes=7))
    assert (rules.limits[drop], rules.after[drop]) == (3, AfterStatus.RETRY_SAME)
    assert rules.retry[CallStatus.DROP] == RetryRule()


def test_zero_minutes_call_the_additional_phone_at_once() -> None:
    """X-37: an integer from 0."""
    assert CampaignSettings(additional_phones_after=0).phone_wait == timedelta(0)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"global_max_retry": -1}, "globalMaxRetry"),
        ({"global_max_retry": MAX_COUNT + 1}, "globalMaxRetry"),
        ({"additional_phones_after": -1}, "additionalPhonesAfter"),
        ({"originate_timeout": -1}, "originateTimeout"),
        ({"queue_timeout": 10**9}, "queueTimeout"),
        ({"max_attempts_per_contact": 0}, "maxAttemptsPerContact"),
    ],
)
def test_numbers_out_of_bounds_are_refused_by_name(arguments: dict[str, int], field: str) -> None:
    with pytest.raises(DomainError) as refusal:
        CampaignSettings(**arguments)  # type: ignore[arg-type]
    assert (refusal.value.code, refusal.value.field) == (ErrorCode.OUT_OF_RANGE, field)


@pytest.mark.parametrize(("rule", "field"), [({"max": -1}, "max"), ({"minutes": -1}, "minutes")])
def test_a_retry_rule_refuses_negative_numbers(rule: dict[str, int], field: str) -> None:
    with pytest.raises(DomainError) as refusal:
        RetryRule(**rule)
    assert refusal.value.field == field


@pytest.mark.parametrize("status", [CallStatus.ANSWER, CallStatus.BLACKLIST, CallStatus.LOST])
def test_only_failures_have_retry_rules(status: CallStatus) -> None:
    with pytest.raises(DomainError):
        CampaignSettings(retry={status: RetryRule()})
    with pytest.raises(DomainError):
        CampaignSettings(after_status={status: AfterStatus.ADVANCE})
