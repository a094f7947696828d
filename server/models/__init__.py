# SPDX-License-Identifier: Apache-2.0
"""What the product remembers: one module a subject, all on one metadata."""

from server.models.base import Base
from server.models.blacklists import BlacklistEntry
from server.models.campaigns import Campaign, CampaignAgent, CampaignList, RetrySetting
from server.models.contacts import AdditionalPhone, Contact
from server.models.dialer import AttemptTally, CallAttempt, FinalResult, HopperEntry, HopperPhone
from server.models.events import Event
from server.models.item_types import ContactItemType
from server.models.lists import ContactList, ListAgent, ListMember
from server.models.processes import FileChunk, Process, ProcessRejection, StoredFile
from server.models.profiles import Profile
from server.models.tenants import AccessEpoch, Tenant
from server.models.users import ApiToken, LoginFailure, Session, User

__all__ = [
    "AccessEpoch",
    "AdditionalPhone",
    "ApiToken",
    "AttemptTally",
    "Base",
    "BlacklistEntry",
    "CallAttempt",
    "Campaign",
    "CampaignAgent",
    "CampaignList",
    "Contact",
    "ContactItemType",
    "ContactList",
    "Event",
    "FileChunk",
    "FinalResult",
    "HopperEntry",
    "HopperPhone",
    "ListAgent",
    "ListMember",
    "LoginFailure",
    "Process",
    "ProcessRejection",
    "Profile",
    "RetrySetting",
    "Session",
    "StoredFile",
    "Tenant",
    "User",
]
