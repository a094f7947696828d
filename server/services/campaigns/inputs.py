# SPDX-License-Identifier: Apache-2.0
"""What a campaign's form or a client sends: settings, retry settings, window (X-37, X-40)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from server.domain.campaigns import (
    AfterStatus,
    CallStatus,
    CheckDuplicate,
    DialOrder,
    ExhaustionPolicy,
)
from server.domain.campaigns.drivers import Driver
from server.domain.gate import PolicyName
from server.domain.text import UNSET, Unset
from server.services.campaigns.calling import CallingEdit


@dataclass(frozen=True, kw_only=True)
class RetryInput:
    """One failure status: `max` failures a number may have, `minutes` until the next round.

    What stays UNSET keeps its value, or the default (3 and 150) in a new campaign.
    """

    status: CallStatus
    max: int | Unset = UNSET
    minutes: int | Unset = UNSET
    after_status: AfterStatus | Unset = UNSET


@dataclass(frozen=True, kw_only=True)
class CampaignInput(CallingEdit):
    """Waits are minutes, time-outs seconds, window times local to `timezone`.

    The window is open from `window_from` until before `window_to` on `window_days` (None: every
    day); both None: always. `clock_rate` says how many seconds pass for the campaign in one.
    """

    name: str
    simultaneous_lines: int = 30
    retry: Sequence[RetryInput] = ()
    global_max_retry: int = 4
    additional_phones_after: int = 1
    exhaustion_policy: ExhaustionPolicy = ExhaustionPolicy.ANY_PHONE
    max_attempts_per_contact: int | None = None
    originate_timeout: int = 30
    queue_timeout: int = 3
    check_duplicate: CheckDuplicate = CheckDuplicate.ALWAYS
    dial_order: DialOrder = DialOrder.ASC
    window_from: time | None = None
    window_to: time | None = None
    window_days: Sequence[str] | None = None
    timezone: str = "Europe/Rome"
    ends_at: datetime | None = None
    driver: Driver = Driver.SIMULATED
    simulation: Mapping[str, object] = field(default_factory=dict)
    clock_rate: int = 1
    agent_ids: Sequence[int] = ()
    policies: Sequence[PolicyName] = ()
    rules: Sequence[Mapping[str, Any]] = ()  # as `domain.gate.checking` takes them
    matter: str = ""
    starts_at: datetime | None = None
    max_attempts_per_number: int | None = None


@dataclass(frozen=True, kw_only=True)
class CampaignEdit(CallingEdit):
    """What stays UNSET is left as it is; `version` is the one that the editor saw."""

    name: str | Unset = UNSET
    simultaneous_lines: int | Unset = UNSET
    retry: Sequence[RetryInput] | Unset = UNSET
    global_max_retry: int | Unset = UNSET
    additional_phones_after: int | Unset = UNSET
    exhaustion_policy: ExhaustionPolicy | Unset = UNSET
    max_attempts_per_contact: int | Unset | None = UNSET
    originate_timeout: int | Unset = UNSET
    queue_timeout: int | Unset = UNSET
    check_duplicate: CheckDuplicate | Unset = UNSET
    dial_order: DialOrder | Unset = UNSET
    window_from: time | Unset | None = UNSET
    window_to: time | Unset | None = UNSET
    window_days: Sequence[str] | Unset | None = UNSET
    timezone: str | Unset = UNSET
    ends_at: datetime | Unset | None = UNSET
    driver: Driver | Unset = UNSET
    simulation: Mapping[str, object] | Unset = UNSET
    clock_rate: int | Unset = UNSET
    agent_ids: Sequence[int] | Unset = UNSET
    policies: Sequence[PolicyName] | Unset = UNSET
    rules: Sequence[Mapping[str, Any]] | Unset = UNSET
    matter: str | Unset = UNSET
    starts_at: datetime | Unset | None = UNSET
    max_attempts_per_number: int | Unset | None = UNSET
    version: int | None = None


@dataclass(frozen=True, kw_only=True)
class DeletedCampaign:
    id: int
    name: str


@dataclass(frozen=True, kw_only=True)
class Reload:
    """What attaching, detaching, replacing or resetting lists did to the campaign's hopper."""

    loaded: int = 0  # contacts that have an entry now and had none
    duplicates: int = 0  # left out: known by the duplicate check, or open already
    without_numbers: int = 0  # closed at once: there is nothing to dial
    closed: int = 0  # entries that left with their list
    in_call: int = 0  # entries that leave when their call is over, or that a reset left alone
