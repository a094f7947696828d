# SPDX-License-Identifier: Apache-2.0
"""What the words of dialing are called: campaigns, calls, agents, callbacks and the gate."""

from enum import StrEnum

from server.domain.agents import AgentState, CallStage
from server.domain.blacklists import CallMark, Media
from server.domain.campaigns.drivers import Driver
from server.domain.campaigns.modes import CampaignKind, DialMode, Dialway
from server.domain.campaigns.statuses import (
    AfterStatus,
    CallStatus,
    CampaignState,
    CheckDuplicate,
    DialOrder,
    ExhaustionPolicy,
)
from server.domain.campaigns.windows import Weekday
from server.domain.dialer.records import RecordState
from server.domain.dialer.states import DialState, FinalReason, HopperPhoneState
from server.domain.dispositions import DispositionAction
from server.domain.gate import Counted, GateRule, PolicyName, Reach, RuleKind, Standing
from server.domain.tasks import CallbackWarning, PreferenceType, ScheduleState, ScheduleType
from server.messages import NP_

DIALING: dict[type[StrEnum], dict[str, str]] = {
    GateRule: {
        GateRule.OPT_OUT: NP_("GateRule", "Opt-out"),
        GateRule.BLACKLIST: NP_("GateRule", "Blacklist"),
        GateRule.NO_CONSENT: NP_("GateRule", "Consent"),
        GateRule.LIST_EXPIRED: NP_("GateRule", "Register of objections"),
        GateRule.CAMPAIGN_END: NP_("GateRule", "End of the campaign"),
        GateRule.CAMPAIGN_START: NP_("GateRule", "Start of the campaign"),
        GateRule.WINDOW: NP_("GateRule", "Calling hours"),
        GateRule.HOLIDAY: NP_("GateRule", "Holidays"),
        GateRule.NUMBER_CAP: NP_("GateRule", "Calls to the number"),
        GateRule.PERSON_CAP: NP_("GateRule", "Calls to the person"),
        GateRule.CONVERSATION: NP_("GateRule", "Conversation"),
        GateRule.REFUSAL: NP_("GateRule", "Refusal"),
        GateRule.GAP: NP_("GateRule", "Time between calls"),
        GateRule.DROP_LOCKOUT: NP_("GateRule", "Silent call"),
        GateRule.NUMBER_BUSY: NP_("GateRule", "In a call"),
        GateRule.FAULT: NP_("GateRule", "Failed several times"),
        GateRule.CAMPAIGN_STATE: NP_("GateRule", "State of the campaign"),
        GateRule.LINES: NP_("GateRule", "Lines"),
        GateRule.OWNER: NP_("GateRule", "Agent"),
        GateRule.NOT_DUE: NP_("GateRule", "Due time"),
        GateRule.NOT_OPEN: NP_("GateRule", "Hopper"),
    },
    Standing: {
        Standing.OPEN: NP_("Standing", "In the hopper"),
        Standing.IN_CALL: NP_("Standing", "In a call"),
        Standing.CLOSED: NP_("Standing", "Closed"),
        Standing.NOT_LOADED: NP_("Standing", "Never loaded"),
    },
    PolicyName: {
        PolicyName.CALLING_HOURS: NP_("PolicyName", "Calling hours, 8:00 to 21:00"),
        PolicyName.US_TCPA: NP_("PolicyName", "United States: TCPA and TSR"),
        PolicyName.US_REG_F: NP_("PolicyName", "United States: Regulation F"),
        PolicyName.US_FLORIDA: NP_("PolicyName", "United States: Florida"),
        PolicyName.IT_CODE: NP_("PolicyName", "Italy: code of conduct"),
        PolicyName.IT_RPO: NP_("PolicyName", "Italy: register of objections"),
        PolicyName.FR_DECREE: NP_("PolicyName", "France: decree on canvassing"),
        PolicyName.UK_OFCOM: NP_("PolicyName", "United Kingdom: Ofcom and TPS"),
        PolicyName.PL_CONSENT: NP_("PolicyName", "Poland: prior consent"),
    },
    RuleKind: {
        RuleKind.HOURS: NP_("RuleKind", "Hours where the person is"),
        RuleKind.HOLIDAYS: NP_("RuleKind", "Holidays and closed days"),
        RuleKind.CAP: NP_("RuleKind", "Number of calls"),
        RuleKind.GAP: NP_("RuleKind", "Time between calls"),
        RuleKind.CONVERSATION: NP_("RuleKind", "Rest after a conversation"),
        RuleKind.REFUSAL: NP_("RuleKind", "Rest after a refusal"),
        RuleKind.LOCKOUT: NP_("RuleKind", "Rest after a silent call"),
        RuleKind.LIST_AGE: NP_("RuleKind", "Age of the screening"),
        RuleKind.CONSENT: NP_("RuleKind", "Consent"),
    },
    Counted: {
        Counted.NUMBER: NP_("Counted", "to a number"),
        Counted.PERSON: NP_("Counted", "to a person, on whatever number"),
    },
    Reach: {
        Reach.ALL_CAMPAIGNS: NP_("Reach", "Every campaign"),
        Reach.MATTER: NP_("Reach", "Campaigns with the same matter"),
        Reach.CAMPAIGN: NP_("Reach", "This campaign alone"),
    },
    AgentState: {
        AgentState.OFFLINE: NP_("AgentState", "Not at work"),
        AgentState.READY: NP_("AgentState", "Ready"),
        AgentState.PREVIEWING: NP_("AgentState", "Previewing"),
        AgentState.RINGING: NP_("AgentState", "Ringing"),
        AgentState.TALKING: NP_("AgentState", "Talking"),
        AgentState.WRAP_UP: NP_("AgentState", "Wrap-up"),
        AgentState.PAUSED: NP_("AgentState", "Paused"),
    },
    CallStage: {
        CallStage.PREVIEW: NP_("CallStage", "Not dialed yet"),
        CallStage.ORDERED: NP_("CallStage", "About to be dialed"),
        CallStage.RINGING_AGENT: NP_("CallStage", "Your telephone rings"),
        CallStage.RINGING_CUSTOMER: NP_("CallStage", "The customer’s telephone rings"),
        CallStage.TALKING: NP_("CallStage", "Connected"),
        CallStage.REJECTED: NP_("CallStage", "Being ended"),
        CallStage.HANGING_UP: NP_("CallStage", "Being hung up"),
        CallStage.ENDED: NP_("CallStage", "Over"),
    },
    Driver: {
        Driver.SIMULATED: NP_("Driver", "Simulated"),
        Driver.ASTERISK: NP_("Driver", "Asterisk"),
        Driver.EXTERNAL: NP_("Driver", "Dialer of one’s own"),
    },
    CampaignKind: {
        CampaignKind.MOTION_BULL: NP_("CampaignKind", "Motion Bull: no agents"),
        CampaignKind.QUEUE: NP_("CampaignKind", "Queue: with agents"),
    },
    DialMode: {
        DialMode.DIRECT: NP_("DialMode", "Direct"),
        DialMode.PREVIEW: NP_("DialMode", "Preview"),
        DialMode.PROGRESSIVE: NP_("DialMode", "Progressive"),
        DialMode.POWER: NP_("DialMode", "Power"),
        DialMode.PREDICTIVE: NP_("DialMode", "Predictive"),
        DialMode.AGENT_FIRST: NP_("DialMode", "Agent first"),
    },
    Dialway: {
        Dialway.OFF: NP_("Dialway", "Off"),
        Dialway.AUTO: NP_("Dialway", "Auto"),
        Dialway.OPTIONAL: NP_("Dialway", "Optional"),
    },
    CallStatus: {
        CallStatus.ANSWER: NP_("CallStatus", "Answered"),
        CallStatus.NO_ANSWER: NP_("CallStatus", "No answer"),
        CallStatus.BUSY: NP_("CallStatus", "Busy"),
        CallStatus.CONGESTION: NP_("CallStatus", "Congestion"),
        CallStatus.NO_SUCH_NUMBER: NP_("CallStatus", "No such number"),
        CallStatus.DROP: NP_("CallStatus", "Dropped, no agent free"),
        CallStatus.ABANDONED: NP_("CallStatus", "Abandoned"),
        CallStatus.MACHINE: NP_("CallStatus", "Answering machine"),
        CallStatus.AGENT_REJECT: NP_("CallStatus", "Refused by the agent"),
        CallStatus.BLACKLIST: NP_("CallStatus", "Blacklisted, not dialed"),
        CallStatus.LOST: NP_("CallStatus", "Lost, no result came"),
    },
    Media: {
        Media.PHONE: NP_("Media", "Phone"),
        Media.EMAIL: NP_("Media", "E-mail"),
        Media.PERSON: NP_("Media", "Person"),
    },
    CallMark: {
        CallMark.OPT_OUT: NP_("CallMark", "Does not want to be called"),
        CallMark.EVERYWHERE: NP_("CallMark", "Not to be called"),
        CallMark.AUTOMATIC: NP_("CallMark", "Not to be called automatically"),
        CallMark.IN_PLACES: NP_("CallMark", "Not to be called by some campaigns"),
    },
    CampaignState: {
        CampaignState.DRAFT: NP_("CampaignState", "Draft"),
        CampaignState.RUNNING: NP_("CampaignState", "Running"),
        CampaignState.PAUSED: NP_("CampaignState", "Paused"),
        CampaignState.STOPPED: NP_("CampaignState", "Stopped"),
        CampaignState.ENDED: NP_("CampaignState", "Ended"),
    },
    ExhaustionPolicy: {
        ExhaustionPolicy.ANY_PHONE: NP_("ExhaustionPolicy", "One number at its limit"),
        ExhaustionPolicy.ALL_PHONES: NP_("ExhaustionPolicy", "All numbers at their limit"),
    },
    AfterStatus: {
        AfterStatus.ADVANCE: NP_("AfterStatus", "Go on to the next number"),
        AfterStatus.RETRY_SAME: NP_("AfterStatus", "Dial the same number again"),
        AfterStatus.CLOSE_PHONE: NP_("AfterStatus", "Never dial this number again"),
    },
    CheckDuplicate: {
        CheckDuplicate.ALWAYS: NP_("CheckDuplicate", "Always"),
        CheckDuplicate.ONLY_IF_OPEN: NP_("CheckDuplicate", "Only if open"),
        CheckDuplicate.NEVER: NP_("CheckDuplicate", "Never"),
    },
    DialOrder: {
        DialOrder.ASC: NP_("DialOrder", "Longest waiting first"),
        DialOrder.DESC: NP_("DialOrder", "Last scheduled first"),
    },
    Weekday: {
        Weekday.MON: NP_("Weekday", "Monday"),
        Weekday.TUE: NP_("Weekday", "Tuesday"),
        Weekday.WED: NP_("Weekday", "Wednesday"),
        Weekday.THU: NP_("Weekday", "Thursday"),
        Weekday.FRI: NP_("Weekday", "Friday"),
        Weekday.SAT: NP_("Weekday", "Saturday"),
        Weekday.SUN: NP_("Weekday", "Sunday"),
    },
    DialState: {
        DialState.READY: NP_("DialState", "Ready"),
        DialState.WAIT_NEXT_PHONE: NP_("DialState", "Waits for the next number"),
        DialState.WAIT_RETRY: NP_("DialState", "Waits for a retry"),
        DialState.WAIT_CALLBACK: NP_("DialState", "Waits for the callback"),
        DialState.DIALING: NP_("DialState", "Dialing"),
        DialState.CONNECTED: NP_("DialState", "Connected"),
        DialState.CLOSED: NP_("DialState", "Closed"),
    },
    HopperPhoneState: {
        HopperPhoneState.OPEN: NP_("HopperPhoneState", "Open"),
        HopperPhoneState.EXHAUSTED: NP_("HopperPhoneState", "At its limit"),
        HopperPhoneState.BLOCKED: NP_("HopperPhoneState", "Blacklisted"),
    },
    RecordState: {
        RecordState.REMAINING: NP_("RecordState", "Remaining"),
        RecordState.PROCESSING: NP_("RecordState", "Processing"),
        RecordState.POSTPONED: NP_("RecordState", "Postponed"),
        RecordState.CALLBACK: NP_("RecordState", "Callback"),
        RecordState.INACTIVE: NP_("RecordState", "Inactive"),
        RecordState.CLOSED: NP_("RecordState", "Closed"),
    },
    FinalReason: {
        FinalReason.REACHED: NP_("FinalReason", "Reached"),
        FinalReason.RETRY_EXCEEDED: NP_("FinalReason", "Retries used up"),
        FinalReason.CONTACT_CAP: NP_("FinalReason", "Attempts for the contact used up"),
        FinalReason.ALL_PHONES_BLOCKED: NP_("FinalReason", "All numbers blacklisted"),
        FinalReason.BLACKLIST_CONTACT: NP_("FinalReason", "Contact blacklisted"),
        FinalReason.NO_DIALABLE_PHONE: NP_("FinalReason", "No number to dial"),
        FinalReason.CAMPAIGN_ENDED: NP_("FinalReason", "Campaign ended"),
        FinalReason.LIST_DETACHED: NP_("FinalReason", "List detached"),
        FinalReason.CONTACT_DELETED: NP_("FinalReason", "Contact deleted"),
        FinalReason.MERGED: NP_("FinalReason", "Merged into another contact"),
        FinalReason.MOVED: NP_("FinalReason", "Moved to another list"),
        FinalReason.MANUAL: NP_("FinalReason", "Closed by hand"),
        FinalReason.CALLBACK_EXPIRED: NP_("FinalReason", "Callback expired"),
    },
    ScheduleState: {
        ScheduleState.SCHEDULED: NP_("ScheduleState", "Scheduled"),
        ScheduleState.DUE: NP_("ScheduleState", "Due"),
        ScheduleState.DELAYED: NP_("ScheduleState", "Delayed"),
        ScheduleState.EXPIRED: NP_("ScheduleState", "Expired"),
        ScheduleState.CLOSED: NP_("ScheduleState", "Closed"),
    },
    ScheduleType: {
        ScheduleType.UNSPECIFIED: NP_("ScheduleType", "Not specified"),
        ScheduleType.REQUESTED_FROM_AGENT: NP_("ScheduleType", "Requested from the agent"),
        ScheduleType.REQUESTED_IN_QUEUE: NP_("ScheduleType", "Requested in the queue"),
        ScheduleType.REQUESTED_ON_WEB: NP_("ScheduleType", "Requested on the web"),
        ScheduleType.SCHEDULED_BY_AGENT: NP_("ScheduleType", "Scheduled by an agent"),
        ScheduleType.SCHEDULED_BY_USER: NP_("ScheduleType", "Scheduled by a user"),
        ScheduleType.SCHEDULED_BY_IMPORT: NP_("ScheduleType", "Scheduled by an import"),
        ScheduleType.LOST_REQUEST: NP_("ScheduleType", "Lost in the queue"),
        ScheduleType.REQUESTED_IN_IVR: NP_("ScheduleType", "Requested in the voice menu"),
    },
    PreferenceType: {
        PreferenceType.ANYONE: NP_("PreferenceType", "Anyone"),
        PreferenceType.PREFER_ME: NP_("PreferenceType", "One agent, else anyone"),
        PreferenceType.ONLY_ME: NP_("PreferenceType", "One agent only"),
        PreferenceType.OTHER: NP_("PreferenceType", "Another agent only"),
    },
    CallbackWarning: {
        CallbackWarning.OUTSIDE_HOURS: NP_(
            "CallbackWarning",
            "Nobody may be called at that time: the call waits until it is allowed.",
        ),
        CallbackWarning.NEVER_ALLOWED: NP_(
            "CallbackWarning", "Nobody may be called until its end: it will expire without a call."
        ),
        CallbackWarning.BLOCKED: NP_(
            "CallbackWarning",
            "A rule forbids this call: it waits unless the blacklist or the consents change.",
        ),
        CallbackWarning.NO_AGENTS: NP_(
            "CallbackWarning",
            "The campaign gives its calls to no agent: nobody will make this one.",
        ),
    },
    DispositionAction: {
        DispositionAction.CLOSE: NP_("DispositionAction", "Close the contact"),
        DispositionAction.RECALL: NP_("DispositionAction", "Call back, the same agent if free"),
        DispositionAction.RESCHEDULE: NP_("DispositionAction", "Call back, any agent"),
        DispositionAction.REFUSE: NP_("DispositionAction", "Close, the person declined"),
        DispositionAction.OPT_OUT: NP_("DispositionAction", "Never call again"),
    },
}
