# SPDX-License-Identifier: Apache-2.0
"""Questions to the gate in a line each."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from server.domain.campaigns import CallStatus
from server.domain.gate import (
    Call,
    Facts,
    Question,
    Rule,
    Verdict,
    Zones,
    ZoneSource,
    may_dial,
    rulebook,
)

NUMBER, OTHER = "+390612345000", "+390612345001"
NOW = datetime(2027, 1, 11, 10, tzinfo=UTC)  # a Monday
CHRISTMAS = {date(2026, 12, 25), date(2026, 12, 26), date(2027, 1, 1), date(2027, 1, 6)}
SECOND = timedelta(seconds=1)


def utc(text: str) -> datetime:
    """`2027-01-11 10:00`, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def zones(*names: str) -> Zones:
    return Zones(tuple(map(ZoneInfo, names)), ZoneSource.NUMBER)


def holidays(country: str, day: date) -> str | None:
    return "holiday" if country == "IT" and day in CHRISTMAS else None


def facts(*calls: Call, zone: Zones | None = None, **known: object) -> Facts:
    given: dict[str, object] = {"zones": zone or zones("Europe/Rome"), "holidays": holidays} | known
    return Facts(calls=calls, **given)  # type: ignore[arg-type]


def ask(
    known: Facts,
    *rules: Rule,
    at: datetime = NOW,
    policy: str | None = None,
    matter: str = "",
    has_agent: bool = False,
    is_automatic: bool = True,
) -> Verdict:
    policies = () if policy is None else (policy,)
    book = rulebook(policies=policies, rules=rules)
    question = Question(
        number=NUMBER,
        at=at,
        campaign_id=1,
        rules=book.rulings,
        matter=matter,
        has_agent=has_agent,
        is_automatic=is_automatic,
    )
    return may_dial(question, known)


def call(
    at: datetime,
    status: CallStatus | None = CallStatus.NO_ANSWER,
    *,
    number: str = NUMBER,
    campaign_id: int = 1,
    matter: str = "",
    is_of_person: bool = True,
    is_refusal: bool = False,
) -> Call:
    return Call(
        number=number,
        campaign_id=campaign_id,
        matter=matter,
        started_at=at,
        ended_at=None if status is None else at,
        status=status,
        is_refusal=is_refusal,
        is_of_person=is_of_person,
    )
