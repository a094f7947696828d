# SPDX-License-Identifier: Apache-2.0
"""The rules that a campaign is dialed by, as its row says."""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Protocol

import asyncpg

from server.domain.campaigns import CallingWindow, CampaignSettings
from server.domain.errors import DomainError, ErrorCode
from server.domain.gate import Rulebook, read_rules, rulebook

_CAMPAIGN = """
SELECT policies, rules::text, matter, starts_at, max_attempts_per_number, timezone
FROM campaigns WHERE id = $1
"""


class Dialed(Protocol):
    """A campaign at one moment of its own clock, as the dialer reads it."""

    @property
    def id(self) -> int: ...

    @property
    def now(self) -> datetime: ...

    @property
    def settings(self) -> CampaignSettings: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSettings:
    """What the gate goes by in one campaign."""

    rulebook: Rulebook
    matter: str
    timezone: str


async def read_settings(connection: asyncpg.Connection, campaign: Dialed) -> GateSettings:
    """Raises NOT_FOUND for a campaign that is not this tenant's."""
    row = await connection.fetchrow(_CAMPAIGN, campaign.id)
    if row is None:
        raise DomainError(ErrorCode.NOT_FOUND, "campaignId")
    policies, rules, matter, starts_at, calls_a_number, timezone = row
    book = _rulebook(
        campaign.settings.window,
        starts_at,
        campaign.settings.ends_at,
        calls_a_number,
        tuple(policies),
        rules,
    )
    return GateSettings(rulebook=book, matter=matter, timezone=timezone)


@lru_cache(maxsize=1024)
def _rulebook(
    window: CallingWindow | None,
    starts_at: datetime | None,
    ends_at: datetime | None,
    calls_a_number: int | None,
    policies: tuple[str, ...],
    rules: str,
) -> Rulebook:
    """The same columns are the same rules: made once, and found again by their values."""
    return rulebook(
        window=window,
        starts_at=starts_at,
        ends_at=ends_at,
        calls_a_number=calls_a_number,
        policies=policies,
        rules=read_rules(json.loads(rules)),
    )
