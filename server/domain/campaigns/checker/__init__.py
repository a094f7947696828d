# SPDX-License-Identifier: Apache-2.0
"""The policy checker: settings that contradict each other, or that cannot do what they say.

It asks the dial machine itself how far a campaign would get, and the gate when it would let a call
through. It never refuses anything: what is found stands beside the field that it is about.
"""

from server.domain.campaigns.checker.courses import MOST_PHONES, allowing, courses_found
from server.domain.campaigns.checker.findings import (
    DANGER,
    NOTICE,
    WARNING,
    CampaignShape,
    Finding,
    FindingCode,
    FindingSeverity,
    Place,
)
from server.domain.campaigns.checker.hours import hours_found
from server.domain.campaigns.checker.limits import means_found, phones_found, retries_found
from server.domain.campaigns.settings import CampaignSettings

__all__ = [
    "MOST_PHONES",
    "CampaignShape",
    "Finding",
    "FindingCode",
    "FindingSeverity",
    "Place",
    "allowing",
    "check",
]

_GRAVEST_FIRST = (DANGER, WARNING, NOTICE)


def check(settings: CampaignSettings, shape: CampaignShape) -> list[Finding]:
    """What contradicts itself, the gravest first; otherwise in the order of the form."""
    found = [*hours_found(settings, shape)]
    if not found:
        found += courses_found(settings, shape)
    found += retries_found(settings, shape)
    found += phones_found(settings, shape)
    found += means_found(settings, shape)
    return sorted(found, key=lambda finding: _GRAVEST_FIRST.index(finding.severity))
