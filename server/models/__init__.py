# SPDX-License-Identifier: Apache-2.0
"""What the product remembers: one module a subject, all on one metadata."""

from server.models.agents import AgentDesk, AgentMoment, Disposition
from server.models.base import Base
from server.models.blacklists import BlacklistEntry
from server.models.campaigns import (
    Campaign,
    CampaignAgent,
    CampaignList,
    FormerCampaign,
    RetrySetting,
)
from server.models.consents import Consent
from server.models.contacts import (
    AdditionalPhone,
    Contact,
    ContactSearch,
    ContactTag,
    NameWord,
    SearchBacklog,
    Tag,
)
from server.models.dialer import (
    AnswerHour,
    AttemptTally,
    CallAttempt,
    CallNote,
    FinalResult,
    HopperEntry,
    HopperPhone,
)
from server.models.events import Event
from server.models.fields import (
    CampaignField,
    FieldValue,
    MasterDataField,
    TrashedField,
    TrashedFieldValue,
)
from server.models.item_types import ContactItemType
from server.models.lists import ContactList, ListAgent, ListMember
from server.models.processes import (
    FileChunk,
    Process,
    ProcessRejection,
    ProcessTarget,
    StoredFile,
)
from server.models.profiles import Profile
from server.models.tasks import ScheduledTask
from server.models.telephony import TelephonyExchange
from server.models.tenants import AccessEpoch, Tenant
from server.models.trash import ContactMerge, DistinctPeople, MergedContact, TrashedContact
from server.models.users import ApiToken, LoginFailure, Session, User
from server.models.views import ColumnChoice, SavedFilter

__all__ = [
    "AccessEpoch",
    "AdditionalPhone",
    "AgentDesk",
    "AgentMoment",
    "AnswerHour",
    "ApiToken",
    "AttemptTally",
    "Base",
    "BlacklistEntry",
    "CallAttempt",
    "CallNote",
    "Campaign",
    "CampaignAgent",
    "CampaignField",
    "CampaignList",
    "ColumnChoice",
    "Consent",
    "Contact",
    "ContactItemType",
    "ContactList",
    "ContactMerge",
    "ContactSearch",
    "ContactTag",
    "Disposition",
    "DistinctPeople",
    "Event",
    "FieldValue",
    "FileChunk",
    "FinalResult",
    "FormerCampaign",
    "HopperEntry",
    "HopperPhone",
    "ListAgent",
    "ListMember",
    "LoginFailure",
    "MasterDataField",
    "MergedContact",
    "NameWord",
    "Process",
    "ProcessRejection",
    "ProcessTarget",
    "Profile",
    "RetrySetting",
    "SavedFilter",
    "ScheduledTask",
    "SearchBacklog",
    "Session",
    "StoredFile",
    "Tag",
    "TelephonyExchange",
    "Tenant",
    "TrashedContact",
    "TrashedField",
    "TrashedFieldValue",
    "User",
]
