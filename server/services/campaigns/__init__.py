# SPDX-License-Identifier: Apache-2.0
"""Campaigns: their settings, their states, and the lists they call (X-37, X-40)."""

from server.services.campaigns.inputs import (
    CampaignEdit,
    CampaignInput,
    DeletedCampaign,
    Reload,
    RetryInput,
)
from server.services.campaigns.lists import (
    attach_lists,
    detach_lists,
    replace_lists,
    reset_list,
)
from server.services.campaigns.reading import matching, settings_of
from server.services.campaigns.states import (
    pause_campaign,
    resume_campaign,
    start_campaign,
    stop_campaign,
)
from server.services.campaigns.writing import create_campaign, delete_campaign, edit_campaign
from server.services.visibility import visible_campaigns

__all__ = [
    "CampaignEdit",
    "CampaignInput",
    "DeletedCampaign",
    "Reload",
    "RetryInput",
    "attach_lists",
    "create_campaign",
    "delete_campaign",
    "detach_lists",
    "edit_campaign",
    "matching",
    "pause_campaign",
    "replace_lists",
    "reset_list",
    "resume_campaign",
    "settings_of",
    "start_campaign",
    "stop_campaign",
    "visible_campaigns",
]
