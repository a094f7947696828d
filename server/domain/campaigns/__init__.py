# SPDX-License-Identifier: Apache-2.0
"""What a campaign is made of: states, call results, retry settings and the calling window."""

from server.domain.campaigns.settings import (
    DEFAULT_RETRY,
    MAX_COUNT,
    MAX_MINUTES,
    MAX_SECONDS,
    CampaignSettings,
    RetryRule,
)
from server.domain.campaigns.statuses import (
    FAILURE_INDEX,
    FAILURES,
    RESULTS,
    AfterStatus,
    CallStatus,
    CampaignState,
    CheckDuplicate,
    DialOrder,
    ExhaustionPolicy,
    check_result,
)
from server.domain.campaigns.windows import CallingWindow, Weekday, zone

__all__ = [
    "DEFAULT_RETRY",
    "FAILURES",
    "FAILURE_INDEX",
    "MAX_COUNT",
    "MAX_MINUTES",
    "MAX_SECONDS",
    "RESULTS",
    "AfterStatus",
    "CallStatus",
    "CallingWindow",
    "CampaignSettings",
    "CampaignState",
    "CheckDuplicate",
    "DialOrder",
    "ExhaustionPolicy",
    "RetryRule",
    "Weekday",
    "check_result",
    "zone",
]
