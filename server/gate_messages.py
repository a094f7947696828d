# SPDX-License-Identifier: Apache-2.0
"""What the gate's policies, rules and checks say; `server.resolvers.gate_texts` fills them in."""

from server.domain.gate import PolicyName, Reach, ZoneSource
from server.messages import N_

EXPLANATIONS: dict[PolicyName, str] = {
    PolicyName.CALLING_HOURS: N_(
        "Nobody is called at night, wherever they are. A sane setting for any campaign."
    ),
    PolicyName.US_TCPA: N_(
        "Telemarketing to the United States: hours where the called person is, and lists compared"
        " with the national do-not-call registry."
    ),
    PolicyName.US_REG_F: N_(
        "Debt collection in the United States: seven calls in seven days for a debt, and none in"
        " the week that begins with a conversation. The campaign's matter says which debt."
    ),
    PolicyName.US_FLORIDA: N_(
        "Telemarketing to Florida, and much like it to Oklahoma and Washington: earlier evenings,"
        " three calls in 24 hours about one subject."
    ),
    PolicyName.IT_CODE: N_(
        "The Italian code of conduct: hours by day of the week, never on Sundays and public"
        " holidays, and five days of rest after a silent call."
    ),
    PolicyName.IT_RPO: N_(
        "The Italian register of objections: lists checked in the last fifteen days, and whoever"
        " has registered is called only with a consent given later."
    ),
    PolicyName.FR_DECREE: N_(
        "Telephone canvassing in France: weekdays in two parts, no public holidays, four calls in"
        " thirty days, and none in the sixty days after a refusal."
    ),
    PolicyName.UK_OFCOM: N_(
        "The United Kingdom: lists compared with the preference services, and after a silent call"
        " only calls with an agent for 72 hours. Keep the abandoned rate in the settings of calls."
    ),
    PolicyName.PL_CONSENT: N_("Poland: nobody is called without a consent given before."),
}

REACHES: dict[Reach, str] = {
    Reach.ALL_CAMPAIGNS: N_("counting every campaign"),
    Reach.MATTER: N_("counting campaigns with the same matter"),
    Reach.CAMPAIGN: N_("counting this campaign alone"),
}

SOURCES: dict[ZoneSource, str] = {
    ZoneSource.PERSON: N_("the time zone of the contact"),
    ZoneSource.NUMBER: N_("the time zone of the number"),
    ZoneSource.CAMPAIGN: N_("the time zone of the campaign"),
}
SEVERAL_ZONES = N_("the number may be in %(num)s time zones, and all of them have to allow it")

# Rules, as the settings describe them.
HOURS = N_("Calls only from %(hours)s, where the person is.")
EVES = N_("On the day before a public holiday from %(hours)s.")
NO_EVES = N_("None on the day before a public holiday.")
HOLIDAYS_OF = N_("No calls on the public holidays of %(country)s.")
HOLIDAYS_OF_NUMBER = N_("No calls on the public holidays of the number's country.")
CLOSED_DAYS = N_("No calls on %(dates)s.")
CAP_OF_PERSON = N_("At most %(calls)s to a person, on whatever number, in %(span)s, %(reach)s.")
CAP_OF_NUMBER = N_("At most %(calls)s to a number in %(span)s, %(reach)s.")
GAP = N_("At least %(span)s between two calls to a person, %(reach)s.")
CONVERSATION = N_(
    "No call after a conversation for %(span)s, of which its own day is the first, %(reach)s."
)
REFUSAL = N_(
    "No call for %(span)s after the person declined, unless a consent was given since, %(reach)s."
)
LOCKOUT = N_("No call for %(span)s after one that was picked up with no agent there.")
AGENT_MEANWHILE = N_("A call for which an agent is reserved may be made before.")
AGENT_AFTER = N_("After that only with an agent reserved, until the person was spoken to.")
LIST_AGE = N_("The list was compared with the register of objections at most %(span)s ago.")
CONSENT = N_("Only with a consent to be called.")
CONSENT_AFTER_OBJECTION = N_(
    "Whoever stands in the register of objections only with a consent given after it."
)
CONSENT_VOIDED = N_("A consent from before the list was last compared with the register is void.")
WAIVED = N_("A consent lifts this.")

# Checks, as explain says them.
NO_OPT_OUT = N_("Has not asked to be left alone.")
OPT_OUT = N_("Does not want to be called.")
NO_BLACKLIST = N_("Neither the number nor the person is on a blacklist.")
BLACKLIST_TENANT = N_("On the blacklist of the centre.")
BLACKLIST_CAMPAIGN = N_("On the blacklist of this campaign.")
BLACKLIST_LIST = N_("On the blacklist of the list that the contact came from.")
BLACKLIST_BY_HAND = N_("On a blacklist that stops automatic calls alone; this is not one.")
FREE = N_("Neither the number nor the person is in a call.")
BUSY = N_("The number or the person is in a call; asked again in a minute.")
STARTS = N_("The campaign starts on %(at)s.")
STARTED = N_("The campaign started on %(at)s.")
ENDS = N_("The campaign ends on %(at)s.")
ENDED = N_("The campaign ended on %(at)s.")
CLOCK = N_("It is %(clock)s in %(zone)s (%(source)s); calls are allowed %(hours)s.")
CLOCK_CLOSED = N_("It is %(clock)s in %(zone)s (%(source)s); no calls on this day.")
HOLIDAY = N_("%(date)s is a public holiday in %(zone)s: %(holiday)s.")
CLOSED_DAY = N_("%(date)s is a day that the campaign is closed on.")
NO_HOLIDAY = N_("No holiday.")
COUNTED = N_("%(calls)s of %(most)s in %(span)s, %(reach)s.")
LAST_CALL = N_("Last called on %(at)s; at least %(span)s have to pass.")
NO_LAST_CALL = N_("Not called in the last %(span)s.")
SPOKEN = N_("Spoken to on %(at)s; no calls for %(span)s, of which that day is the first.")
NOT_SPOKEN = N_("Not spoken to in the last %(span)s.")
DECLINED = N_("Declined on %(at)s; no calls for %(span)s after that day.")
DECLINED_THEN_CONSENTED = N_("Declined on %(at)s, and agreed again on %(since)s.")
NOT_DECLINED = N_("Has not declined in the last %(span)s.")
SILENT = N_("Picked up with no agent there on %(at)s; no calls for %(span)s.")
SILENT_NEEDS_AGENT = N_(
    "Picked up with no agent there on %(at)s; only with an agent reserved, not before %(until)s."
)
SILENT_WITH_AGENT = N_("Picked up with no agent there on %(at)s; now an agent is reserved.")
NOT_SILENT = N_("No call was picked up with no agent there.")
SCREENED = N_("The list was compared with the register on %(at)s; that is good for %(span)s.")
NOT_SCREENED = N_("The list was never compared with the register; that is good for %(span)s.")
CONSENTED = N_("Agreed on %(at)s.")
NOT_CONSENTED = N_("No consent is recorded for this.")
OBJECTED = N_("In the register of objections since %(at)s, and no consent was given later.")
NOT_OBJECTED = N_("In no register of objections.")
LIFTED = N_("Lifted by the consent of %(at)s.")
RUNS = N_("The campaign runs.")
RUNS_NOT = N_("The campaign does not call: %(state)s.")
LINES = N_("%(calls)s of %(lines)s lines are in use.")
NO_AGENT = N_("No agent is free for the call.")
OWNER_READY = N_("Only for %(agent)s, who is ready.")
OWNER_AWAY = N_("Only for %(agent)s, whose state is: %(state)s.")
OWNER_IDLE = N_("Only for %(agent)s, whose automatic dialing is off.")
OWNER_LEFT = N_("Only for %(agent)s, who does not work on the campaign.")
OWNER_GONE = N_("Only for an agent who is not there any more.")
DUE = N_("Due since %(at)s.")
NOT_DUE = N_("Due on %(at)s.")
FAULTS = N_("Processing it failed %(faults)s times; somebody has to release it.")
RECOVERED = N_("Processing it failed %(faults)s times; it goes on.")
IN_HOPPER = N_("In the hopper.")
CLOSED = N_("Closed on %(at)s: %(reason)s.")
NOT_LOADED = N_("Never loaded: on no list that the campaign calls.")
NOT_LOADED_YET = N_("Not loaded: its list is attached, the contact was left out.")
IN_CALL = N_("In a call of this campaign now.")
NO_NUMBER = N_("There is no number to dial.")

# The answer in one sentence.
SUMMARY_NOW = N_("May be called now.")
SUMMARY_LATER = N_("Not now: %(reason)s. Called on %(at)s at the earliest.")
SUMMARY_SOON = N_("Not now: %(reason)s. Called as soon as that changes.")
SUMMARY_NEVER = N_("Not now: %(reason)s. Time alone does not change that.")
SUMMARY_IN_CALL = IN_CALL
SUMMARY_CLOSED = N_("Not called any more: the stay in this campaign has ended.")
SUMMARY_NOT_LOADED = N_("Not called: never loaded into this campaign.")
