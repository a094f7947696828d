# SPDX-License-Identifier: Apache-2.0
"""Which tone a state has on its badge: ok, wait, warn, stop or neutral.

Templates hold states by their names in the API, so the names are the keys; where two enums share
a name (RUNNING), they share its meaning.
"""

OK = "ANSWER REACHED CONNECTED RUNNING FINISHED OPEN AVAILABLE PROCESSING"
WAIT = "REMAINING POSTPONED CALLBACK READY WAIT_NEXT_PHONE WAIT_RETRY WAIT_CALLBACK DIALING PENDING"
WARN = "NO_ANSWER BUSY MACHINE PAUSED AGENT_REJECT EXHAUSTED RETRY_EXCEEDED CONTACT_CAP CANCELLED"
WARN += " EXCLUDED AUTOMATIC IN_PLACES"
STOP = "CONGESTION NO_SUCH_NUMBER DROP ABANDONED LOST BLACKLIST BLOCKED FAILED "
STOP += "ALL_PHONES_BLOCKED BLACKLIST_CONTACT NO_DIALABLE_PHONE OPT_OUT EVERYWHERE"

TONES = {
    state: tone
    for tone, states in (("ok", OK), ("wait", WAIT), ("warn", WARN), ("stop", STOP))
    for state in states.split()
}


def tone(state: str | None) -> str:
    """The tone of a state; neutral for what neither needs a person nor pleases one."""
    return TONES.get(state or "", "neutral")
