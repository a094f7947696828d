# SPDX-License-Identifier: Apache-2.0
"""The gate: may this number of this person be dialed now, why not, and when (reliability 5)."""

from server.domain.gate.counts import AfterConversation, AfterRefusal, Cap, Gap, Lockout
from server.domain.gate.deciding import Memory, may_dial
from server.domain.gate.facts import (
    Block,
    Call,
    Check,
    Evidence,
    Facts,
    HolidaysOf,
    Permit,
    Question,
    Rule,
    Ruling,
    Verdict,
    Zones,
)
from server.domain.gate.hours import DayHours, Hours, Interval, NoHolidays
from server.domain.gate.own import RuleKind, read_rule, read_rules, store_rule
from server.domain.gate.permits import ConsentRequired, ListAge
from server.domain.gate.policies import POLICIES, Policy
from server.domain.gate.rulebooks import Rulebook, rulebook
from server.domain.gate.words import Counted, GateRule, PolicyName, Reach, Standing, ZoneSource

__all__ = [
    "POLICIES",
    "AfterConversation",
    "AfterRefusal",
    "Block",
    "Call",
    "Cap",
    "Check",
    "ConsentRequired",
    "Counted",
    "DayHours",
    "Evidence",
    "Facts",
    "Gap",
    "GateRule",
    "HolidaysOf",
    "Hours",
    "Interval",
    "ListAge",
    "Lockout",
    "Memory",
    "NoHolidays",
    "Permit",
    "Policy",
    "PolicyName",
    "Question",
    "Reach",
    "Rule",
    "RuleKind",
    "Rulebook",
    "Ruling",
    "Standing",
    "Verdict",
    "ZoneSource",
    "Zones",
    "may_dial",
    "read_rule",
    "read_rules",
    "rulebook",
    "store_rule",
]
