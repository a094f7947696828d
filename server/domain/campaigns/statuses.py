# SPDX-License-Identifier: Apache-2.0
"""The words of a campaign: its states, the results of a call, and the choices in its settings."""

from enum import StrEnum

from server.domain.errors import DomainError, ErrorCode


class CallStatus(StrEnum):
    """What became of one row of the history."""

    ANSWER = "ANSWER"  # a person was reached; the dialing of this contact ends
    NO_ANSWER = "NO_ANSWER"  # it rang until the originate timeout
    BUSY = "BUSY"  # the line was engaged
    CONGESTION = "CONGESTION"  # the network could not carry the call
    NO_SUCH_NUMBER = "NO_SUCH_NUMBER"  # the network says that the number does not exist
    DROP = "DROP"  # answered, and let go because no agent was free in time
    ABANDONED = "ABANDONED"  # answered, and hung up by the customer before an agent had the call
    MACHINE = "MACHINE"  # an answering machine
    AGENT_REJECT = "AGENT_REJECT"  # the agent refused the call
    BLACKLIST = "BLACKLIST"  # history only: passed over because the number is blacklisted, no call
    LOST = "LOST"  # history only: the lease ended and nobody reported a result


FAILURES: tuple[CallStatus, ...] = (
    CallStatus.CONGESTION,
    CallStatus.BUSY,
    CallStatus.NO_ANSWER,
    CallStatus.NO_SUCH_NUMBER,
    CallStatus.DROP,
    CallStatus.ABANDONED,
    CallStatus.MACHINE,
    CallStatus.AGENT_REJECT,
)
"""The results that count against a limit, in the order of a phone's counters (section 1)."""

RESULTS: tuple[CallStatus, ...] = (CallStatus.ANSWER, *FAILURES)
"""What a call can end with; the other statuses are words of the history alone."""

FAILURE_INDEX: dict[CallStatus, int] = {status: place for place, status in enumerate(FAILURES)}


def check_result(status: CallStatus, field: str) -> None:
    """Refuses INVALID what no call can end with."""
    if status not in RESULTS:
        raise DomainError(ErrorCode.INVALID, field, value=status.value, expected=", ".join(RESULTS))


class CampaignState(StrEnum):
    """Whether a campaign dials."""

    DRAFT = "DRAFT"  # being set up; nothing was dialed yet
    RUNNING = "RUNNING"  # due entries are claimed while the window is open
    PAUSED = "PAUSED"  # no claims; waits keep running, so due entries are dialed on resume
    STOPPED = "STOPPED"  # no claims until it is started again; calls that are up finish
    ENDED = "ENDED"  # its end has passed; whatever was open is closed with CAMPAIGN_ENDED


class ExhaustionPolicy(StrEnum):
    """When a round's end closes the contact (section 5, step 5)."""

    ANY_PHONE = "ANY_PHONE"  # one number at its limit is enough
    ALL_PHONES = "ALL_PHONES"  # every number that is not blocked has to be at its limit


class AfterStatus(StrEnum):
    """What follows a failed call of a given status (section 5, step 3)."""

    ADVANCE = "ADVANCE"  # go on to the next number
    RETRY_SAME = "RETRY_SAME"  # dial the same number again after the retry time
    CLOSE_PHONE = "CLOSE_PHONE"  # never dial this number again, go on to the next


class CheckDuplicate(StrEnum):
    """Which contacts a load skips because their primary number is known (section 9, X-40)."""

    ALWAYS = "ALWAYS"  # open in this campaign, or closed by it
    ONLY_IF_OPEN = "ONLY_IF_OPEN"  # open in this campaign
    NEVER = "NEVER"  # none


class DialOrder(StrEnum):
    """Which of two equally urgent entries goes first (section 7)."""

    ASC = "ASC"  # the one that has waited longer
    DESC = "DESC"  # the one scheduled last
