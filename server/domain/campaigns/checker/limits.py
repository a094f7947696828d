# SPDX-License-Identifier: Apache-2.0
"""Retry settings, numbers and means that contradict each other, whatever the clock says."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from server.domain.campaigns.checker.findings import (
    DANGER,
    NOTICE,
    WARNING,
    CampaignShape,
    Finding,
    FindingCode,
)
from server.domain.campaigns.settings import CampaignSettings
from server.domain.campaigns.statuses import FAILURES, AfterStatus, CallStatus, ExhaustionPolicy

LEAST_RING = 15  # seconds, or four rings: 16 CFR 310.4(b)(4)(ii), 47 CFR 64.1200(a)(6)
_DAY = timedelta(days=1)


def retries_found(settings: CampaignSettings, shape: CampaignShape) -> Iterator[Finding]:
    spares = settings.exhaustion_policy is ExhaustionPolicy.ALL_PHONES
    for place, status in enumerate(FAILURES):
        path, params = f"retry.{place}.", {"status": status}
        limit, after = settings.limits[place], settings.after[place]
        if limit > settings.global_limit:
            limits: dict[str, object] = {"max": limit, "global": settings.global_limit}
            yield Finding(
                code=FindingCode.LIMIT_ABOVE_GLOBAL,
                field=f"{path}max",
                severity=WARNING,
                params=params | limits,
            )
        closes = after is AfterStatus.CLOSE_PHONE
        dies = status is CallStatus.NO_SUCH_NUMBER and min(limit, settings.global_limit) < 2
        if shape.phones > 1 and not spares and (closes or dies):
            yield Finding(
                code=FindingCode.CLOSED_PHONE_CLOSES_CONTACT,
                field=f"{path}afterStatus" if closes else f"{path}max",
                severity=DANGER if dies or status is CallStatus.NO_SUCH_NUMBER else WARNING,
                params={**params},
            )
        again = min(limit, settings.global_limit) > 1 and not closes
        if settings.waits[place] or not again:
            continue
        if after is AfterStatus.RETRY_SAME or shape.phones < 2:
            yield Finding(
                code=FindingCode.RETRY_AT_ONCE,
                field=f"{path}minutes",
                severity=DANGER,
                params={**params},
            )
        elif shape.lines == 1:
            yield Finding(
                code=FindingCode.ONE_LINE_HOGGED,
                field=f"{path}minutes",
                severity=WARNING,
                params={**params},
            )


def phones_found(settings: CampaignSettings, shape: CampaignShape) -> Iterator[Finding]:
    phones, cap = shape.phones, settings.max_attempts_per_contact
    if phones < 2:
        return
    if settings.global_limit < phones and cap is None:
        params: dict[str, object] = {
            "global": settings.global_limit,
            "phones": phones,
            "calls": settings.global_limit * phones,
        }
        yield Finding(
            code=FindingCode.GLOBAL_IS_PER_NUMBER,
            field="globalMaxRetry",
            severity=NOTICE,
            params=params,
        )
    if cap is not None and cap < phones:
        yield Finding(
            code=FindingCode.CAP_BELOW_PHONES,
            field="maxAttemptsPerContact",
            severity=WARNING,
            params={"cap": cap, "phones": phones},
        )
    length = _length(settings)
    if length is not None and settings.phone_wait >= length:
        yield Finding(
            code=FindingCode.PHONE_WAIT_ABOVE_WINDOW,
            field="additionalPhonesAfter",
            severity=WARNING,
            params={"minutes": settings.additional_phones_after, "window": _minutes(length)},
        )
    if shape.lines == 1 and not settings.phone_wait:
        yield Finding(
            code=FindingCode.ONE_LINE_HOGGED, field="additionalPhonesAfter", severity=NOTICE
        )


def means_found(settings: CampaignSettings, shape: CampaignShape) -> Iterator[Finding]:
    if settings.originate_timeout < LEAST_RING:
        yield Finding(
            code=FindingCode.RING_TOO_SHORT,
            field="originateTimeout",
            severity=WARNING,
            params={"seconds": settings.originate_timeout, "least": LEAST_RING},
        )
    if not shape.needs_agents or shape.agents is None:
        return
    if not shape.agents:
        yield Finding(code=FindingCode.NO_AGENTS, field="agentIds", severity=DANGER)
    elif shape.lines < shape.agents * shape.calls_per_agent:
        yield Finding(
            code=FindingCode.LINES_BELOW_AGENTS,
            field="simultaneousLines",
            severity=NOTICE,
            params={"lines": shape.lines, "agents": shape.agents},
        )


def _length(settings: CampaignSettings) -> timedelta | None:
    """How long the window stays open once it has opened; None where it never closes for long."""
    window = settings.window
    if window is None or window.opens == window.closes:
        return None
    day = datetime(2000, 1, 1, tzinfo=UTC).date()
    opens, closes = (datetime.combine(day, at) for at in (window.opens, window.closes))
    return closes - opens if opens < closes else closes + _DAY - opens


def _minutes(length: timedelta) -> int:
    return length // timedelta(minutes=1)
