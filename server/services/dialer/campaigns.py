# SPDX-License-Identifier: Apache-2.0
"""A campaign as its dialing needs it: the rules of its settings, its clock, its lines."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from functools import lru_cache

import asyncpg

from server.domain.campaigns import (
    AfterStatus,
    CallingWindow,
    CallStatus,
    CampaignSettings,
    CampaignState,
    CheckDuplicate,
    DialOrder,
    ExhaustionPolicy,
    RetryRule,
    Weekday,
)
from server.domain.campaigns.modes import DialMode
from server.domain.errors import DomainError, ErrorCode

CLOCK = """CASE WHEN c.clock_origin IS NULL THEN clock_timestamp()
  ELSE c.clock_origin + (clock_timestamp() - c.clock_origin) * c.clock_rate END"""
"""What the campaign's own clock shows now; SQL over a row `c` of campaigns."""

_CAMPAIGNS = f"""
SELECT c.id, c.state, c.mode, coalesce($2::timestamptz, {CLOCK}) AS now, c.simultaneous_lines,
  c.clock_rate, c.global_max_retry, c.additional_phones_after, c.originate_timeout,
  c.queue_timeout, c.exhaustion_policy, c.max_attempts_per_contact, c.check_duplicate,
  c.dial_order, c.window_from, c.window_to, c.window_days, c.timezone, c.ends_at,
  c.settings_version, c.starts_at, c.hold_version, c.caller_id,
  cardinality(c.policies) > 0 OR jsonb_array_length(c.rules) > 0
    OR c.max_attempts_per_number IS NOT NULL AS has_rules,
  (SELECT json_agg(json_build_array(r.status, r.max_retry, r.minutes, r.after_status))::text
   FROM retry_settings r WHERE r.campaign_id = c.id) AS retry
FROM campaigns c WHERE c.id = ANY($1::bigint[])
"""
_OPEN_CALLS = """
SELECT count(*) FROM hopper_entries
WHERE campaign_id = $1 AND state IN ('DIALING', 'CONNECTED')
"""
_IN_USE = f"""
SELECT ({_OPEN_CALLS}) AS calls,
  (SELECT 1 FROM hopper_entries WHERE campaign_id = $1 AND held_until IS NOT NULL LIMIT 1)
    IS NOT NULL AS has_holds
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class DialedCampaign:
    """One campaign at one moment of its own clock."""

    id: int
    state: CampaignState
    mode: DialMode
    now: datetime
    lines: int
    clock_rate: int
    starts_at: datetime | None
    has_rules: bool  # more than those that every campaign goes by: each call is asked of the gate
    hold_version: int  # holds of another one are void
    timezone: str
    caller_id: str
    settings: CampaignSettings

    @property
    def dials(self) -> bool:
        """Whether it may call now: running, inside its window, before its end (sections 4, 11)."""
        settings = self.settings
        return (
            self.state is CampaignState.RUNNING
            and (self.starts_at is None or self.now >= self.starts_at)
            and (settings.ends_at is None or self.now < settings.ends_at)
            and (settings.window is None or settings.window.open_at(self.now))
        )


async def read_campaigns(
    connection: asyncpg.Connection, ids: Iterable[int], now: datetime | None = None
) -> dict[int, DialedCampaign]:
    """By id. `now` None: each campaign's clock, as the database tells it."""
    rows = await connection.fetch(_CAMPAIGNS, sorted(set(ids)), now)
    return {row["id"]: _campaign(row) for row in rows}


async def read_campaign(
    connection: asyncpg.Connection, campaign_id: int, now: datetime | None = None
) -> DialedCampaign:
    """Raises NOT_FOUND for a campaign that is not this tenant's."""
    found = await read_campaigns(connection, [campaign_id], now)
    if campaign_id not in found:
        raise DomainError(ErrorCode.NOT_FOUND, "campaignId")
    return found[campaign_id]


async def count_open_calls(connection: asyncpg.Connection, campaign_id: int) -> int:
    count: int = await connection.fetchval(_OPEN_CALLS, campaign_id)
    return count


async def read_use(connection: asyncpg.Connection, campaign_id: int) -> tuple[int, bool]:
    """How many calls are up, and whether entries are held back."""
    row = await connection.fetchrow(_IN_USE, campaign_id)
    return row["calls"], row["has_holds"]


def _campaign(row: asyncpg.Record) -> DialedCampaign:
    days = row["window_days"]
    return DialedCampaign(
        id=row["id"],
        state=CampaignState(row["state"]),
        mode=DialMode(row["mode"]),
        now=row["now"],
        lines=row["simultaneous_lines"],
        clock_rate=row["clock_rate"],
        starts_at=row["starts_at"],
        has_rules=row["has_rules"],
        hold_version=row["hold_version"],
        timezone=row["timezone"],
        caller_id=row["caller_id"],
        settings=_settings(
            row["global_max_retry"],
            row["additional_phones_after"],
            row["originate_timeout"],
            row["queue_timeout"],
            row["exhaustion_policy"],
            row["max_attempts_per_contact"],
            row["check_duplicate"],
            row["dial_order"],
            _Hours(row["window_from"], row["window_to"], None if days is None else tuple(days)),
            row["timezone"],
            row["ends_at"],
            row["settings_version"],
            row["retry"],
        ),
    )


@dataclass(frozen=True, slots=True)
class _Hours:
    opens: time | None
    closes: time | None
    days: tuple[str, ...] | None


@lru_cache(maxsize=1024)
def _settings(
    global_max_retry: int,
    additional_phones_after: int,
    originate_timeout: int,
    queue_timeout: int,
    exhaustion_policy: str,
    max_attempts_per_contact: int | None,
    check_duplicate: str,
    dial_order: str,
    hours: _Hours,
    timezone: str,
    ends_at: datetime | None,
    version: int,
    retry: str | None,
) -> CampaignSettings:
    """The same columns are the same settings: made once, and found again by their values."""
    rules: list[tuple[str, int, int, str]] = json.loads(retry or "[]")
    return CampaignSettings(
        retry={
            CallStatus(status): RetryRule(max=most, minutes=minutes)
            for status, most, minutes, _ in rules
        },
        after_status={CallStatus(status): AfterStatus(after) for status, _, _, after in rules},
        global_max_retry=global_max_retry,
        additional_phones_after=additional_phones_after,
        originate_timeout=originate_timeout,
        queue_timeout=queue_timeout,
        exhaustion_policy=ExhaustionPolicy(exhaustion_policy),
        max_attempts_per_contact=max_attempts_per_contact,
        check_duplicate=CheckDuplicate(check_duplicate),
        dial_order=DialOrder(dial_order),
        window=_window(hours, timezone),
        ends_at=ends_at,
        version=version,
    )


def _window(hours: _Hours, timezone: str) -> CallingWindow | None:
    if hours.opens is None or hours.closes is None:
        return None
    days = frozenset(Weekday) if hours.days is None else frozenset(map(Weekday, hours.days))
    return CallingWindow(opens=hours.opens, closes=hours.closes, days=days, timezone=timezone)
