# SPDX-License-Identifier: Apache-2.0
"""One call on an exchange, from the first ring to the end, as its events tell of it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from server.domain.campaigns import CallStatus
from server.telephony.asterisk.dispositions import disposition
from server.telephony.asterisk.legs import Leg
from server.telephony.asterisk.rest import (
    ExchangeError,
    RefusedError,
    UnansweredError,
    UnreachableError,
)
from server.telephony.asterisk.switchboard import DETECTION, Switchboard
from server.telephony.port import Call, CallResult, Line, Taker

AGENT_RINGS = 20.0  # seconds that an agent's telephone rings
LATE = 5.0  # seconds after its time-out that a channel may take to end
SETTLE = 0.2  # seconds that an event may come behind the one that ends the channel (F18)
DETECTING = 12.0  # seconds that listening for a machine may take
OURS = range(400, 500)  # refusals that are our settings' fault, not the number's


class NotRungError(Exception):
    """The number's telephone cannot have rung; says why."""


class Conversation:
    """The parties of one call: the number, and the agent where there is one.

    `has_agents`: who has the call without an endpoint of their own is an agent all the same.
    """

    def __init__(
        self, board: Switchboard, call: Call, line: Line, *, has_agents: bool = False
    ) -> None:
        self.legs: list[Leg] = []
        self.bridge_id: str | None = None
        self._board = board
        self._call = call
        self._line = line
        self._has_agents = has_agents
        self._changed = asyncio.Event()
        self._is_over = self._has_told_ring = False
        self._prefix = f"{board.exchange.mark}-{call.key}"
        self._patience = call.timeout + LATE

    def end(self) -> None:
        """Hang up; the call ends with what it has come to."""
        self._is_over = True
        self._changed.set()

    async def hold(self) -> CallResult:
        """From the originate to the end."""
        try:
            if self._call.agent_endpoint is not None:
                return await self._agent_first(self._call.agent_endpoint)
            return await self._number_first()
        except NotRungError as reason:
            return CallResult(status=None, unique_id=f"{self._prefix}-n", cause=str(reason))

    async def _number_first(self) -> CallResult:
        number = await self._ring_number()
        if not isinstance(number, Leg):
            return number
        await self._until(lambda: number.has_entered or number.is_gone, self._patience)
        if not await self._is_answered(number):
            return self._unanswered(number)
        if self._board.exchange.detects_machines and await self._is_machine(number):
            return self._result(number, CallStatus.MACHINE)
        taker = await self._ask(number)
        if not isinstance(taker, Taker):
            return taker
        if taker.endpoint is None:
            return await self._voice(number)
        return await self._join(number, taker.endpoint)

    async def _agent_first(self, endpoint: str) -> CallResult:
        agent = await self._ring_agent(endpoint)
        if agent is None:
            raise NotRungError("the exchange does not reach the agent's telephone")
        await self._until(lambda: agent.has_entered or agent.is_gone, AGENT_RINGS + LATE)
        if agent.is_gone or self._is_over or not agent.has_entered:
            raise NotRungError(agent.cause or "the agent's telephone was not answered")
        if not await self._line.may_ring():
            raise NotRungError("the number may not be called any more")
        await self._board.sound_ringing(agent, on=True)
        number = await self._ring_number()
        if not isinstance(number, Leg):
            return number
        await self._until(
            lambda: number.has_entered or number.is_gone or agent.is_gone, self._patience
        )
        if not await self._is_answered(number):
            return self._unanswered(number, gave_up=agent.is_gone)
        taker = await self._ask(number)
        if not isinstance(taker, Taker):
            return taker
        if agent.is_gone:
            return self._result(number, CallStatus.DROP)
        await self._board.sound_ringing(agent, on=False)
        return await self._talk(number, agent)

    async def _ask(self, number: Leg) -> Taker | CallResult:
        """Who is to have the call."""
        asking = asyncio.ensure_future(self._line.answered())
        asking.add_done_callback(lambda _: self._changed.set())
        try:
            for _ in range(3):  # who needs nobody's help to answer has answered by then
                await asyncio.sleep(0)
            await self._until(lambda: asking.done() or number.is_gone)
            if asking.done():
                return asking.result() or self._result(number, CallStatus.DROP)
            return self._alone(number)
        finally:
            asking.cancel()
            await asyncio.wait([asking])

    async def _voice(self, number: Leg) -> CallResult:
        """The exchange has the call: in its dialplan, or where it is."""
        context = self._board.exchange.answered_context
        if context and not number.is_gone:
            with suppress(RefusedError):  # it has ended meanwhile
                await self._board.go_on(number, context)
        if self._has_agents:
            self._line.connected()
        await self._until(lambda: number.is_gone)
        return self._result(number, CallStatus.ANSWER)

    async def _join(self, number: Leg, endpoint: str) -> CallResult:
        """Ring who is to have the call; the person waits and hears that it rings."""
        if number.is_gone:
            return self._alone(number)
        agent = await self._ring_agent(endpoint)
        if agent is None:
            return self._result(number, CallStatus.DROP)
        await self._board.sound_ringing(number, on=True)
        await self._until(
            lambda: agent.has_entered or agent.is_gone or number.is_gone, AGENT_RINGS + LATE
        )
        if number.is_gone:
            return self._alone(number)
        if self._is_over or not agent.has_entered or agent.is_gone:
            await self._settle(agent)
            is_rejected = agent.is_gone and disposition(agent.ending) is CallStatus.BUSY
            status = CallStatus.AGENT_REJECT if is_rejected else CallStatus.DROP
            return self._result(number, status)
        await self._board.sound_ringing(number, on=False)
        return await self._talk(number, agent)

    async def _talk(self, number: Leg, agent: Leg) -> CallResult:
        self.bridge_id = f"{self._prefix}-b"
        try:
            await self._board.bridge(self.bridge_id, number, agent)
        except RefusedError:  # one of them has ended meanwhile
            await asyncio.sleep(SETTLE)
            return self._alone(number)
        self._line.connected()
        await self._until(lambda: number.is_gone or agent.is_gone)
        return self._result(number, CallStatus.ANSWER)

    async def _is_machine(self, number: Leg) -> bool:
        """Let the dialplan listen; whoever cannot be told is a person."""
        if number.is_gone:
            return False
        try:
            await self._board.go_on(number, DETECTION)
        except RefusedError:
            return False
        await self._until(lambda: bool(number.detected) or number.is_gone, DETECTING)
        return number.detected == "MACHINE"

    async def _ring_number(self) -> Leg | CallResult:
        call, exchange, channel_id = self._call, self._board.exchange, f"{self._prefix}-n"
        try:
            leg = await self._board.ring(
                channel_id,
                exchange.dial_string(call.number),
                seconds=call.timeout,
                caller_id=call.caller_id,
                changed=self._tell_ring,
            )
        except RefusedError as error:
            self._lose(channel_id)
            if error.status in OURS:
                raise
            # "Allocation failed": no such trunk, or out of reach
            return CallResult(
                status=CallStatus.CONGESTION, unique_id=channel_id, cause=str(error)[:200]
            )
        except UnreachableError as error:
            self._lose(channel_id)
            raise NotRungError(str(error)[:200]) from error
        except ExchangeError:
            self._lose(channel_id)
            self._line.taken()
            raise
        self.legs.append(leg)
        self._line.taken()
        self._tell_ring()
        return leg

    async def _ring_agent(self, endpoint: str) -> Leg | None:
        agent_id = f"{self._prefix}-a"
        try:
            leg = await self._board.ring(
                agent_id,
                self._board.exchange.agent_string(endpoint),
                seconds=AGENT_RINGS,
                caller_id=self._call.number,
                changed=self._changed.set,
            )
        except UnansweredError:
            self._lose(agent_id)
            return None
        except ExchangeError:
            self._board.legs.pop(agent_id, None)
            return None
        self.legs.append(leg)
        return leg

    def _lose(self, channel_id: str) -> None:
        """Hung up at the end, should it be there after all."""
        self.legs.append(self._board.legs[channel_id])

    def _tell_ring(self) -> None:
        self._changed.set()
        number = self._board.legs.get(f"{self._prefix}-n")
        if number in self.legs and number and number.has_rung and not self._has_told_ring:
            self._has_told_ring = True
            self._line.rings()

    async def _until(self, holds: Callable[[], bool], within: float | None = None) -> None:
        """Until it holds, the call is to end, or so many seconds have passed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while not holds() and not self._is_over:
                    self._changed.clear()
                    await self._changed.wait()

    async def _settle(self, leg: Leg) -> None:
        """What comes behind the end of a channel counts as if it had come before."""
        if leg.is_gone:
            await asyncio.sleep(SETTLE)

    async def _is_answered(self, number: Leg) -> bool:
        """Hung up where it neither came to us nor ended, however long it was given."""
        if not number.has_entered and not number.is_gone:
            with suppress(ExchangeError):
                await self._board.hang_up(number)
            with suppress(TimeoutError):
                async with asyncio.timeout(LATE):
                    while not number.is_gone:
                        self._changed.clear()
                        await self._changed.wait()
        await self._settle(number)
        return number.is_answered

    def _unanswered(self, number: Leg, *, gave_up: bool = False) -> CallResult:
        ending = number.ending
        if self._is_over and not ending.rang:
            raise NotRungError("hung up before it rang")
        status = disposition(ending)
        if gave_up and status in (CallStatus.NO_ANSWER, CallStatus.CONGESTION):
            status = CallStatus.AGENT_REJECT  # the agent hung up while it rang
        return self._result(number, status)

    def _alone(self, number: Leg) -> CallResult:
        """No agent has it: the person hung up, or else we let go."""
        is_theirs = number.is_gone and not number.has_vanished
        return self._result(number, CallStatus.ABANDONED if is_theirs else CallStatus.DROP)

    def _result(self, number: Leg, status: CallStatus) -> CallResult:
        return CallResult(
            status=status,
            unique_id=number.id,
            rang_at=number.rang_at,
            answered_at=number.answered_at,
            cause=number.cause,
        )
