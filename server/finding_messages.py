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
        N_("After “%(status)s” the campaign is over before the first retry."),
    ),
    FindingCode.LIMIT_OUT_OF_REACH: (
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
}

ALERTS: dict[LiveAlert, str] = {
    LiveAlert.ABANDONED_AT_CAP: N_("Too many answered calls find no agent."),
    LiveAlert.NO_AGENTS: N_("It runs, and none of its agents is at work."),
    LiveAlert.FAULTS: N_("Entries are parked after repeated failures."),
}
