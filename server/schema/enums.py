# SPDX-License-Identifier: Apache-2.0
"""The domain's enums as the API shows them: names, free of any language.

Import them from here: an enum that a type uses before it was registered would stand twice.
"""

import strawberry

from server.domain.agents import AgentState, CallStage
from server.domain.blacklists import CallMark, Media
from server.domain.campaigns import (
    AfterStatus,
    CallStatus,
    CampaignState,
    CheckDuplicate,
    DialOrder,
    ExhaustionPolicy,
    Weekday,
)
from server.domain.campaigns.drivers import Driver
from server.domain.campaigns.modes import CampaignKind, DialMode, Dialway
from server.domain.contacts import PhoneState
from server.domain.dialer import DialState, FinalReason, HopperPhoneState
from server.domain.dialer.records import RecordState
from server.domain.dispositions import DispositionAction
from server.domain.fields import FieldScope, FieldType
from server.domain.gate import Counted, GateRule, PolicyName, Reach, RuleKind
from server.domain.search import SearchAccuracy, SearchField, SearchType
from server.domain.tasks import CallbackWarning, PreferenceType, ScheduleState, ScheduleType

strawberry.enum(AgentState, description="What an agent at work is doing now.")
strawberry.enum(CallStage, description="How far the call in an agent's hand is.")
strawberry.enum(AfterStatus, description="What follows a failed call.")
strawberry.enum(CallMark, description="What do-not-call entries say of a number or person (C-28).")
strawberry.enum(CallbackWarning, description="What to know of a callback that is scheduled.")
strawberry.enum(CallStatus, description="How a call ended, or why there was none.")
strawberry.enum(CampaignState, description="Whether a campaign calls.")
strawberry.enum(CheckDuplicate, description="Which contacts a load leaves out (X-40).")
strawberry.enum(CampaignKind, description="Whether agents have part in a campaign.")
strawberry.enum(Counted, description="What a cap counts the calls to.")
strawberry.enum(DialMode, description="What starts a call.")
strawberry.enum(Dialway, description="Whether an agent's customers are dialed automatically.")
strawberry.enum(DialOrder, description="Which of the due entries comes first.")
strawberry.enum(DialState, description="Where an entry stands in the dial machine.")
strawberry.enum(DispositionAction, description="What follows when a call is disposed of.")
strawberry.enum(Driver, description="What places the calls.")
strawberry.enum(ExhaustionPolicy, description="When limits reached by numbers close a contact.")
strawberry.enum(FieldScope, description="What a master data field belongs to.")
strawberry.enum(FieldType, description="What the values of a master data field are (C-22).")
strawberry.enum(FinalReason, description="Why a stay in the hopper ended.")
strawberry.enum(GateRule, description="Why a call may not be made now.")
strawberry.enum(HopperPhoneState, description="Whether a number of an entry can still be dialed.")
strawberry.enum(Media, description="What a do-not-call entry names (C-26).")
strawberry.enum(PhoneState, description="Whether a number of a contact is dialed (C-08).")
strawberry.enum(PolicyName, description="A ready-made set of rules, as of a law.")
strawberry.enum(PreferenceType, description="Which agent a callback is delivered to (C-36).")
strawberry.enum(Reach, description="Which campaigns' calls a rule looks at.")
strawberry.enum(RuleKind, description="What a rule of a campaign's own is about.")
strawberry.enum(ScheduleState, description="Where a scheduled task stands (C-34).")
strawberry.enum(ScheduleType, description="Who asked for a callback, and where (C-35).")
strawberry.enum(SearchAccuracy, description="Whether the text itself was found, or one like it.")
strawberry.enum(SearchField, description="The field that a match stands in.")
strawberry.enum(SearchType, description="What global search finds.")
strawberry.enum(RecordState, description="Where a contact stands in a campaign (C-09).")
strawberry.enum(Weekday, description="A day of the week.")

__all__ = [
    "AfterStatus",
    "AgentState",
    "CallMark",
    "CallStage",
    "CallStatus",
    "CallbackWarning",
    "CampaignKind",
    "CampaignState",
    "CheckDuplicate",
    "Counted",
    "DialMode",
    "DialOrder",
    "DialState",
    "Dialway",
    "DispositionAction",
    "Driver",
    "ExhaustionPolicy",
    "FieldScope",
    "FieldType",
    "FinalReason",
    "GateRule",
    "HopperPhoneState",
    "Media",
    "PhoneState",
    "PolicyName",
    "PreferenceType",
    "Reach",
    "RecordState",
    "RuleKind",
    "ScheduleState",
    "ScheduleType",
    "SearchAccuracy",
    "SearchField",
    "SearchType",
    "Weekday",
]
