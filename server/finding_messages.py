# SPDX-License-Identifier: Apache-2.0
"""What the policy checker says of each finding, and live figures of what needs a person."""

from server.domain.campaigns.checker import FindingCode
from server.domain.live import LiveAlert
from server.messages import N_

FINDINGS: dict[FindingCode, tuple[str, ...]] = {
    FindingCode.END_PASSED: (N_("The end has passed: nobody is called any more."),),
    FindingCode.END_BEFORE_START: (
        N_("The campaign ends before it starts: nobody would be called."),
    ),
    FindingCode.WINDOW_NEVER_OPENS: (
        N_("No hour of the calling hours lies before the end: nobody would be called."),
    ),
    FindingCode.RETRY_AFTER_END: (
        N_(
            "After “%(status)s” the campaign is over before the first retry: “%(rule)s” holds it"
            " back. Shorten the wait, change that rule, or let the campaign end later."
        ),
        N_("After “%(status)s” the campaign is over before the first retry."),
    ),
    FindingCode.LIMIT_OUT_OF_REACH: (
        N_(
            "Of the %(max)s calls only %(calls)s can be made before the campaign ends: “%(rule)s”"
            " holds back the others. Lower the limit, change that rule, or let it end later."
        ),
        N_("Of the %(max)s calls only %(calls)s can be made before the campaign ends."),
    ),
    FindingCode.LIMIT_ABOVE_GLOBAL: (
        N_("Never reached: the global maximum of %(global)s comes first."),
    ),
    FindingCode.CLOSED_PHONE_CLOSES_CONTACT: (
        N_(
            "One number that ends with “%(status)s” closes the whole contact, its other numbers"
            " too. Close contacts when every number has reached its limit instead."
        ),
    ),
    FindingCode.RETRY_AT_ONCE: (
        N_("The same number is called again at once, until the limit. Set a wait."),
    ),
    FindingCode.ONE_LINE_HOGGED: (
        N_("Without a wait, one contact keeps the only line to itself after “%(status)s”."),
        N_("Without a wait, all numbers of one contact keep the only line to themselves."),
    ),
    FindingCode.PHONE_WAIT_ABOVE_WINDOW: (
        N_("The calling hours last %(window)s minutes: every next number waits for another day."),
    ),
    FindingCode.RING_TOO_SHORT: (N_("US law asks to let it ring for at least %(least)s seconds."),),
    FindingCode.GLOBAL_IS_PER_NUMBER: (
        N_(
            "It holds for each number: a contact with %(phones)s numbers may be called"
            " %(calls)s times. “At most calls a contact” limits them all together."
        ),
    ),
    FindingCode.CAP_BELOW_PHONES: (
        N_("A contact with %(phones)s numbers is closed before all of them were called."),
    ),
    FindingCode.NO_AGENTS: (N_("Nobody works on it: no call can start. Assign agents."),),
    FindingCode.LINES_BELOW_AGENTS: (
        N_("%(agents)s agents can use more than %(lines)s lines: some will wait."),
    ),
    FindingCode.HOURS_NEVER_MEET: (
        N_(
            "The calling hours (%(hours)s) and the policy “%(policy)s” have no minute in common for"
            " people in %(zone)s: nobody there is called. Change the hours or their days, or leave"
            " out the policy."
        ),
        N_(
            "The calling hours (%(hours)s) and rule %(rule)s of the campaign have no minute in"
            " common for people in %(zone)s: nobody there is called. Change one of them."
        ),
        N_(
            "The policies “%(policy)s” and “%(other_policy)s” have no minute in common for people"
            " in %(zone)s: nobody there is called. Leave one of them out."
        ),
        N_(
            "Rules %(rule)s and %(other_rule)s of the campaign have no minute in common for people"
            " in %(zone)s: nobody there is called. Change one of them."
        ),
        N_(
            "Rule %(rule)s of the campaign and the policy “%(policy)s” have no minute in common for"
            " people in %(zone)s: nobody there is called. Change the rule, or leave out the policy."
        ),
        N_(
            "Rule %(rule)s of the campaign leaves no hour for calls to %(zone)s before the end:"
            " nobody there is called. Change it, or let the campaign end later."
        ),
        N_(
            "The policy “%(policy)s” leaves no hour for calls to %(zone)s before the end: nobody"
            " there is called. Leave it out, or let the campaign end later."
        ),
        N_(
            "Calling hours, policies and rules have no minute in common for people in %(zone)s:"
            " nobody there is called. Change one of them."
        ),
    ),
    FindingCode.NUMBER_CAP_BELOW_RETRIES: (
        N_(
            "With %(cap)s calls to one number in 24 hours, only %(calls)s of the %(max)s calls"
            " after “%(status)s” can be made before the campaign ends. Raise it, lower the retry"
            " limit, or let the campaign end later."
        ),
        N_(
            "The retry settings call one number %(calls)s times in 24 hours, this allows %(cap)s:"
            " the others wait for the next day. Raise it, or set longer waits between retries."
        ),
    ),
}

ALERTS: dict[LiveAlert, str] = {
    LiveAlert.ABANDONED_AT_CAP: N_("Too many answered calls find no agent."),
    LiveAlert.NO_AGENTS: N_("It runs, and none of its agents is at work."),
    LiveAlert.FAULTS: N_("Entries are parked after repeated failures."),
}
