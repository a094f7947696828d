# SPDX-License-Identifier: Apache-2.0
"""What the policy checker looks at, and what it finds."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from server.domain.gate import HolidaysOf, Rule, Zones, ZoneSource
from server.domain.gate.facts import no_holidays


class FindingSeverity(StrEnum):
    """How much a finding matters."""

    NOTICE = "NOTICE"  # works as it stands, and perhaps not as it is meant
    WARNING = "WARNING"  # a setting cannot do what it says
    DANGER = "DANGER"  # nobody would be called, or people are given up or pestered


class FindingCode(StrEnum):
    """What is wrong with a campaign's settings."""

    END_PASSED = "END_PASSED"  # the campaign's end has passed
    END_BEFORE_START = "END_BEFORE_START"  # it ends before it starts
    WINDOW_NEVER_OPENS = "WINDOW_NEVER_OPENS"  # no hour of the window lies between start and end
    RETRY_AFTER_END = "RETRY_AFTER_END"  # the first retry would fall after the end
    LIMIT_OUT_OF_REACH = "LIMIT_OUT_OF_REACH"  # the end comes before the limit
    LIMIT_ABOVE_GLOBAL = "LIMIT_ABOVE_GLOBAL"  # the global limit comes before the limit
    CLOSED_PHONE_CLOSES_CONTACT = "CLOSED_PHONE_CLOSES_CONTACT"  # one number's end ends them all
    RETRY_AT_ONCE = "RETRY_AT_ONCE"  # the same number again without any wait
    ONE_LINE_HOGGED = "ONE_LINE_HOGGED"  # no wait on one line: a contact keeps it to itself
    PHONE_WAIT_ABOVE_WINDOW = "PHONE_WAIT_ABOVE_WINDOW"  # every next number waits for another day
    RING_TOO_SHORT = "RING_TOO_SHORT"  # it rings less than the law demands
    GLOBAL_IS_PER_NUMBER = "GLOBAL_IS_PER_NUMBER"  # it is low, and holds for each number apart
    CAP_BELOW_PHONES = "CAP_BELOW_PHONES"  # the cap of a contact leaves numbers uncalled
    NO_AGENTS = "NO_AGENTS"  # a mode that needs agents, and nobody is assigned
    LINES_BELOW_AGENTS = "LINES_BELOW_AGENTS"  # fewer lines than the agents could use
    HOURS_NEVER_MEET = "HOURS_NEVER_MEET"  # hours and days of several rules that exclude each other
    NUMBER_CAP_BELOW_RETRIES = "NUMBER_CAP_BELOW_RETRIES"  # a number is retried beyond its cap


@dataclass(frozen=True, slots=True)
class Place:
    """Where a called person may be, as the gate would know it."""

    zones: Zones
    country: str | None = None


NOWHERE = Place(Zones((ZoneInfo("UTC"),), ZoneSource.CAMPAIGN))


@dataclass(frozen=True, kw_only=True)
class CampaignShape:
    """What the settings meet: numbers of a contact, lines, agents, rules, the campaign's clock.

    `people` are those that the campaign calls, each group by the places that it may be in: calls
    are wanted to one of them at least.
    """

    now: datetime
    starts_at: datetime | None = None
    phones: int = 3  # of a contact with many
    lines: int = 30
    agents: int | None = None  # None: not known
    needs_agents: bool = False
    calls_per_agent: float = 1.0  # the power level
    policies: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()  # the campaign's own
    calls_a_number: int | None = None  # the most in 24 hours
    people: tuple[tuple[Place, ...], ...] = ((NOWHERE,),)
    holidays: HolidaysOf = no_holidays

    @property
    def start(self) -> datetime:
        """From when on calls may be made."""
        return self.now if self.starts_at is None else max(self.now, self.starts_at)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`field` is the input path in API spelling; `params` fill the message."""

    code: FindingCode
    field: str
    severity: FindingSeverity
    params: dict[str, object] = dataclasses.field(default_factory=dict)


NOTICE = FindingSeverity.NOTICE
WARNING = FindingSeverity.WARNING
DANGER = FindingSeverity.DANGER
