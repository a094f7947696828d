# SPDX-License-Identifier: Apache-2.0
"""The words of the gate: which rules there are, and what their parameters may say."""

from enum import StrEnum


class GateRule(StrEnum):
    """Why a call may not be made now; each check of a verdict names one."""

    OPT_OUT = "OPT_OUT"  # the person does not want to be called, in no campaign
    BLACKLIST = "BLACKLIST"  # the number or the person is blacklisted (C-26 to C-28)
    NO_CONSENT = "NO_CONSENT"  # nothing shows that the person agreed to be called
    LIST_EXPIRED = "LIST_EXPIRED"  # the list was compared with the register too long ago, or never
    CAMPAIGN_END = "CAMPAIGN_END"  # the campaign's end has passed
    CAMPAIGN_START = "CAMPAIGN_START"  # the campaign's start lies ahead
    WINDOW = "WINDOW"  # outside the hours in which the campaign, or the person, is called
    HOLIDAY = "HOLIDAY"  # a public holiday where the person is, or a day that is closed
    NUMBER_CAP = "NUMBER_CAP"  # the number was called often enough
    PERSON_CAP = "PERSON_CAP"  # the person was called often enough, on any number
    CONVERSATION = "CONVERSATION"  # the person was spoken to a short while ago
    REFUSAL = "REFUSAL"  # the person declined a short while ago
    GAP = "GAP"  # the person was called a short while ago
    DROP_LOCKOUT = "DROP_LOCKOUT"  # the person picked up and nobody was there
    NUMBER_BUSY = "NUMBER_BUSY"  # the number, or the person, is in a call
    FAULT = "FAULT"  # processing it failed several times; somebody has to look
    CAMPAIGN_STATE = "CAMPAIGN_STATE"  # the campaign does not run
    LINES = "LINES"  # every line of the campaign is in use
    OWNER = "OWNER"  # it is for one agent alone, who is not ready
    NOT_DUE = "NOT_DUE"  # its time has not come
    NOT_OPEN = "NOT_OPEN"  # it is not in the hopper: closed, or never loaded


class PolicyName(StrEnum):
    """A ready-made set of rules that a campaign can choose."""

    CALLING_HOURS = "CALLING_HOURS"  # 08:00 to 21:00 where the person is
    US_TCPA = "US_TCPA"  # telemarketing in the United States
    US_REG_F = "US_REG_F"  # debt collection in the United States
    US_FLORIDA = "US_FLORIDA"  # telemarketing in Florida
    IT_CODE = "IT_CODE"  # the Italian code of conduct for telemarketing
    IT_RPO = "IT_RPO"  # the Italian register of objections
    FR_DECREE = "FR_DECREE"  # the French decree on telephone canvassing
    UK_OFCOM = "UK_OFCOM"  # abandoned calls and the preference services of the United Kingdom
    PL_CONSENT = "PL_CONSENT"  # consent to automatic calls in Poland


class Counted(StrEnum):
    """What a cap counts the calls to."""

    NUMBER = "NUMBER"  # the number that is to be dialed
    PERSON = "PERSON"  # every number of the person


class Reach(StrEnum):
    """Which campaigns' calls a rule looks at."""

    ALL_CAMPAIGNS = "ALL_CAMPAIGNS"  # those of every campaign
    MATTER = "MATTER"  # those of campaigns with the same matter
    CAMPAIGN = "CAMPAIGN"  # those of this campaign


class ZoneSource(StrEnum):
    """Where the time zone of the called person is known from."""

    PERSON = "PERSON"  # it stands on the contact
    NUMBER = "NUMBER"  # it follows from the number; of several, all have to allow the call
    CAMPAIGN = "CAMPAIGN"  # nobody knows it: the campaign's


class Standing(StrEnum):
    """Where a contact stands in a campaign."""

    OPEN = "OPEN"  # in the hopper, waiting
    IN_CALL = "IN_CALL"  # being called now
    CLOSED = "CLOSED"  # its stay has ended
    NOT_LOADED = "NOT_LOADED"  # it was never in the hopper
