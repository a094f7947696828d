# SPDX-License-Identifier: Apache-2.0
"""What the gate goes by in a campaign: policies, own rules, matter, start (reliability 5)."""

from datetime import datetime

from server.domain.errors import ErrorCode
from server.domain.gate import PolicyName
from server.domain.gate.checking import check_rules
from server.domain.refusals import Refusals
from server.domain.text import Unset
from server.models import Campaign
from server.services.campaigns.inputs import CampaignEdit
from server.services.gate.places import has_calendar

LONGEST_MATTER = 100


def check_gate(edit: CampaignEdit, row: Campaign, refusals: Refusals) -> dict[str, object]:
    """The columns that the input sets. Policies stand in the order of their list, each once."""
    columns: dict[str, object] = {}
    if not isinstance(edit.policies, Unset):
        chosen = set(edit.policies)
        columns["policies"] = [name.value for name in PolicyName if name in chosen]
    if not isinstance(edit.rules, Unset):
        columns["rules"] = check_rules(edit.rules, refusals, has_calendar)
    if not isinstance(edit.matter, Unset):
        columns["matter"] = refusals.text(edit.matter, "matter", longest=LONGEST_MATTER)
    _check_order(edit, row, refusals)
    return columns


def _check_order(edit: CampaignEdit, row: Campaign, refusals: Refusals) -> None:
    starts_at = row.starts_at if isinstance(edit.starts_at, Unset) else edit.starts_at
    ends_at = row.ends_at if isinstance(edit.ends_at, Unset) else edit.ends_at
    if _is_aware(starts_at) and _is_aware(ends_at) and starts_at >= ends_at:  # type: ignore[operator]
        # Nobody could ever be called.
        if isinstance(edit.starts_at, Unset):
            refusals.add(ErrorCode.OUT_OF_RANGE, "endsAt", after=starts_at)
        else:
            refusals.add(ErrorCode.OUT_OF_RANGE, "startsAt", before=ends_at)


def _is_aware(moment: datetime | None) -> bool:
    return moment is not None and moment.tzinfo is not None
