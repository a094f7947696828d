# SPDX-License-Identifier: Apache-2.0
"""What became of a call, from all that Asterisk says of its end (architecture section 6).

No single value tells: 404 and 603 both come as NOANSWER, a ring time-out sends no last Dial event
and carries a made-up 480, Local channels end busy and congestion with cause 0, and a trunk that
cannot be reached never rings.
"""

from dataclasses import dataclass

from server.domain.campaigns import CallStatus

NO_ANSWER, BUSY = CallStatus.NO_ANSWER, CallStatus.BUSY
CONGESTION, NO_SUCH_NUMBER = CallStatus.CONGESTION, CallStatus.NO_SUCH_NUMBER

SIP_CAUSES: dict[int, CallStatus | None] = {
    404: NO_SUCH_NUMBER,
    410: NO_SUCH_NUMBER,  # gone
    484: NO_SUCH_NUMBER,  # address incomplete
    485: NO_SUCH_NUMBER,  # ambiguous
    604: NO_SUCH_NUMBER,  # does not exist anywhere
    486: BUSY,
    600: BUSY,  # busy everywhere
    603: BUSY,  # declined: most networks send 486 for the same key on the telephone
    607: BUSY,  # unwanted
    480: NO_ANSWER,  # switched off, out of reach
    408: None,  # nobody picked up, or nobody at the trunk heard us: by whether it rang
    487: None,  # we took the call back
    401: CONGESTION,  # these four: the trunk does not take our calls, the number was not tried
    402: CONGESTION,
    403: CONGESTION,
    407: CONGESTION,
}
"""Answers of the far end; None leaves it to whether it rang, other ones are CONGESTION."""

HANGUP_CAUSES: dict[int, CallStatus | None] = {
    1: NO_SUCH_NUMBER,  # unallocated
    22: NO_SUCH_NUMBER,  # number changed
    28: NO_SUCH_NUMBER,  # invalid format
    17: BUSY,
    21: BUSY,  # rejected
    19: None,  # no answer while it rang; without a ring the time-out of a silent trunk
    18: None,  # no user responding: SIP 408
    20: NO_ANSWER,  # subscriber absent
    102: None,  # recovery on timer expiry
    16: None,  # normal clearing of what was never answered
    26: None,
    31: None,
    127: None,  # interworking: SIP codes without a cause of their own
    2: CONGESTION,  # no route, and below what the network lacks
    3: CONGESTION,
    5: CONGESTION,
    25: CONGESTION,
    27: CONGESTION,  # destination out of order
    29: CONGESTION,
    34: CONGESTION,
    38: CONGESTION,  # network out of order
    41: CONGESTION,
    42: CONGESTION,  # switch congestion
    44: CONGESTION,
    47: CONGESTION,
    50: CONGESTION,
    55: CONGESTION,
    57: CONGESTION,
    58: CONGESTION,  # bearer capability: no codec in common
    63: CONGESTION,
    65: CONGESTION,
    66: CONGESTION,
    69: CONGESTION,
    79: CONGESTION,
    88: CONGESTION,
    95: CONGESTION,
    111: CONGESTION,
}
"""Q.850; None leaves it to the dial status and whether it rang. 0 says nothing at all."""

DIAL_STATUSES: dict[str, CallStatus] = {
    "BUSY": BUSY,
    "CONGESTION": CONGESTION,
    "CHANUNAVAIL": CONGESTION,
}
FINAL_STATUSES = frozenset((*DIAL_STATUSES, "ANSWER", "NOANSWER", "CANCEL"))
"""Dial statuses that end a dialing; the others tell how it goes."""
NO_ANSWER_CAUSE = 19


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """All that is known of how a call to a number ended."""

    dial_status: str = ""  # the last of its Dial events
    hangup_cause: int = 0
    sip_cause: int | None = None
    rang: bool = False  # ringing or progress was heard of
    answered: bool = False
    vanished: bool = False  # its end was missed: nobody can say what became of it

    @property
    def timed_out(self) -> bool:
        """The exchange ended the ringing at our time-out: cause 19, and nobody said so before."""
        return self.hangup_cause == NO_ANSWER_CAUSE and self.dial_status not in FINAL_STATUSES


def disposition(ending: Ending) -> CallStatus:
    """The first that knows: answer, time-out, SIP, Q.850, dial status, and whether it rang."""
    by_ring = NO_ANSWER if ending.rang else CONGESTION
    if ending.answered:
        return CallStatus.ANSWER
    if ending.vanished:  # counts as a call whose result nobody reported (dial-machine section 11)
        return CONGESTION
    if ending.timed_out:  # before SIP: the 480 that comes with it is the exchange's own
        return by_ring
    found: CallStatus | None = None
    if ending.sip_cause is not None and 300 <= ending.sip_cause <= 699:
        found = SIP_CAUSES.get(ending.sip_cause, CONGESTION)
    else:
        found = HANGUP_CAUSES.get(ending.hangup_cause)
    return found or DIAL_STATUSES.get(ending.dial_status) or by_ring
