# SPDX-License-Identifier: Apache-2.0
"""The filters of contacts: global ids onto the conditions of the services (C-01, C-16)."""

from collections.abc import Mapping, Sequence
from typing import Any

from server.domain.dialer.records import RecordState
from server.domain.permissions import Viewer
from server.planner import key_of
from server.resolvers.inputs import NO_ROW
from server.services.contacts import filters


def with_tags(tag_ids: Sequence[str], viewer: Viewer) -> filters.Condition:
    return filters.with_tags([key_of(tag_id, "Tag") or NO_ROW for tag_id in tag_ids])


def in_campaign(campaign_id: str, viewer: Viewer, given: Mapping[str, Any]) -> filters.Condition:
    """Where a state is asked for as well, that filter says all of it."""
    if given.get("recordState") is not None:
        return filters.everybody
    return filters.in_campaign(key_of(campaign_id, "Campaign") or NO_ROW, viewer)


def in_record_state(state: str, viewer: Viewer, given: Mapping[str, Any]) -> filters.Condition:
    """Where a campaign is named as well, in that campaign."""
    named = given.get("campaignId")
    campaign_id = None if named is None else key_of(named, "Campaign") or NO_ROW
    wanted = RecordState(str(getattr(state, "value", state)))
    return filters.in_record_state(wanted, campaign_id, viewer)
