# SPDX-License-Identifier: Apache-2.0
"""Looking ahead: what settings lead to, and which calls come when."""

from server.services.planning.checking import (
    MOST_NUMBERS,
    Checked,
    Foretold,
    SampleNumber,
    check_campaign,
)
from server.services.planning.facts import facts_of_campaign, findings_of, read_facts
from server.services.planning.forecasts import CapacityUnit, Forecast, forecast
from server.services.planning.plans import DialPlan, dial_plan

__all__ = [
    "MOST_NUMBERS",
    "CapacityUnit",
    "Checked",
    "DialPlan",
    "Forecast",
    "Foretold",
    "SampleNumber",
    "check_campaign",
    "dial_plan",
    "facts_of_campaign",
    "findings_of",
    "forecast",
    "read_facts",
]
