# SPDX-License-Identifier: Apache-2.0
"""Steps through the machine by hand: minutes from a start, numbers by their letter."""

from datetime import UTC, datetime, timedelta
from typing import cast

from server.domain.campaigns import (
    FAILURES,
    CallStatus,
    CampaignSettings,
    RetryRule,
)
from server.domain.dialer import (
    AdditionalNumber,
    Claim,
    Entry,
    EntryPhone,
    FinalRow,
    Outcome,
    claim,
    dial_order,
    load,
    report,
)

START = datetime(2027, 1, 4, 9, tzinfo=UTC)
NO_ANSWER = CallStatus.NO_ANSWER


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def settings(*rules: tuple[CallStatus, int, int], **more: object) -> CampaignSettings:
    """Every status 3 times, 2 minutes apart, but for those given as (status, max, minutes)."""
    retry = {status: RetryRule(max=3, minutes=2) for status in FAILURES}
    retry |= {status: RetryRule(max=most, minutes=wait) for status, most, wait in rules}
    return CampaignSettings(**{"retry": retry, **more})  # type: ignore[arg-type]


def phones(letters: str) -> list[EntryPhone]:
    """The first letter is the primary, the others untyped."""
    return dial_order(letters[0], [AdditionalNumber(letter) for letter in letters[1:]])


def loaded(letters: str = "POH", rules: CampaignSettings | None = None) -> Entry:
    entry, final = load("c1", phones(letters), rules or settings(), START)
    assert final is None
    return entry


def call(
    entry: Entry,
    minutes: float,
    status: CallStatus = NO_ANSWER,
    rules: CampaignSettings | None = None,
    *,
    lasts: float = 0,
    blacklisted: str = "",
) -> Outcome:
    """Claim at that minute, and report after the call's length."""
    rules = rules or settings()
    claimed = claim(entry, rules, at(minutes), blacklisted=set(blacklisted))
    assert claimed.phone is not None, claimed
    return report(entry, rules, status, at(minutes + lasts))


def final(step: Claim | Outcome) -> FinalRow:
    assert step.final is not None
    return step.final


def due(entry: Entry) -> tuple[str, str, float, int]:
    """The next number, the state, the minute and the round."""
    minutes = (entry.scheduled_at - START).total_seconds() / 60
    return entry.phone.number, cast(str, entry.state.value), minutes, entry.round
