# SPDX-License-Identifier: Apache-2.0
"""The dialer's side of one call: what its telephony tells, kept, and whom it is given to."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from time import monotonic

from server.dialer.records import Records
from server.dialer.waiting import Waiting
from server.domain.campaigns import CallStatus
from server.services.agents import TakenAgent
from server.services.dialer import Claimed, Report
from server.services.dialer.joining import UNANSWERED, UNREACHABLE, Ended
from server.telephony import Call, CallResult, Taker, TelephonyPort


class CallLine:
    """One claimed call. `agent` asked for it; None: the first who is ready has it (`waiting`).

    Without both the exchange's own voice has whoever answers. Moments are on the campaign's clock.
    """

    def __init__(
        self,
        call: Claimed,
        records: Records,
        *,
        driver: TelephonyPort,
        began_at: datetime,
        clock_rate: int,
        caller_id: str = "",
        agent: TakenAgent | None = None,
        waiting: Waiting | None = None,
        queue_timeout: float = 0.0,
        recheck: Callable[[Claimed], Awaitable[bool]],
    ) -> None:
        self.claimed = call
        self.driver = driver
        self.agent = agent
        self.is_rejected = False  # by the agent, before the customer answered
        self.is_let_go = False  # by the worker, which ends
        self.call = Call(
            key=call.token.hex,
            number=call.number,
            attempt=call.attempts_made,
            timeout=call.timeout,
            clock_rate=clock_rate,
            caller_id=caller_id,
            agent_endpoint=(agent.endpoint or None) if agent else None,
        )
        self._records = records
        self._recheck = recheck
        self._is_refused = False  # the agent's telephone had rung by then
        self._waiting = waiting
        self._seconds = queue_timeout / clock_rate
        self._began_at, self._began = began_at, monotonic()
        self._is_ordered = agent is not None
        self._is_taken = False
        self._rang_at: datetime | None = None
        self._answered_at: datetime | None = None
        self._connected_at: datetime | None = None

    async def may_ring(self) -> bool:
        self._is_refused = not await self._recheck(self.claimed)
        return not self._is_refused

    def taken(self) -> None:
        self._is_taken = True
        self._records.confirm(self.claimed)

    def rings(self) -> None:
        self._rang_at = self._now()
        if self._is_ordered:
            self._records.rings(self.claimed)

    async def answered(self) -> Taker | None:
        self._answered_at = self._now()
        if self.agent is None and self._waiting is not None:
            self.agent = await self._waiting.agent_for(self.claimed, self._seconds)
            if self.agent is None:
                return None
        return Taker(endpoint=self.agent.endpoint or None) if self.agent else Taker()

    def connected(self) -> None:
        self._connected_at = self._now()
        self._records.connect(self.claimed)

    def end(self, result: CallResult) -> None:
        """Write down what became of the call."""
        # An agent first whose telephone was silent: nobody else's rang, so there was no call.
        if result.status is None:
            was_silent = not (self.is_rejected or self.is_let_go or self._is_refused)
            self._records.withdraw(self.claimed, pause=UNANSWERED if was_silent else "")
            return
        status = result.status
        if self.is_rejected and self._connected_at is None:
            status = CallStatus.AGENT_REJECT
        report = Report(
            entry_id=self.claimed.entry_id,
            token=self.claimed.token,
            status=status,
            unique_id=result.unique_id,
            started_at=self._began_at if self._is_ordered else None,
            rang_at=self._rang_at,
            answered_at=self._answered_at,
            connected_at=self._connected_at,
            agent_id=self.agent.user_id if self.agent else None,
        )
        was_silent = status is CallStatus.DROP and self.agent is not None and not self._is_ordered
        missing = was_silent and not self.is_let_go
        self._records.end(Ended(report=report, is_agent_missing=missing))

    def fail(self) -> None:
        """The telephony could not say what became of the call."""
        if self._is_ordered and not self._is_taken:
            self._records.withdraw(self.claimed, pause=UNREACHABLE)
        else:
            self._records.forget(self.claimed)

    def _now(self) -> datetime:
        passed = (monotonic() - self._began) * self.call.clock_rate
        return self._began_at + timedelta(seconds=passed)
