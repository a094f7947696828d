# SPDX-License-Identifier: Apache-2.0
"""Channels and bridges of ours on one exchange: made, watched, compared, let go."""

import asyncio
from collections.abc import Callable, Iterable
from math import ceil

import structlog

from server.domain.telephony import Exchange
from server.telephony.asterisk.events import Kind, NonsenseError, Notice, read_notice
from server.telephony.asterisk.legs import Leg
from server.telephony.asterisk.rest import (
    ExchangeError,
    NonsenseAnswerError,
    RefusedError,
    Rest,
    UnansweredError,
    UnreachableError,
)

TELL_EVERY = 500  # frames of nonsense between two lines of the log
DETECTION = "rubrica-machine-detection"  # the dialplan context that listens for a machine
APPLICATION = "RUBRICA_APP"  # the variable that tells it where to come back to
LATEST_EVENT = 0.5  # seconds that an event may come behind the answer
EXISTS = 409
ALREADY_GONE = (404, 409, 412)
log = structlog.get_logger(__name__)


class Switchboard:
    """Operations on channels; `fold` takes the event stream in."""

    def __init__(self, exchange: Exchange, rest: Rest, application: str) -> None:
        self.exchange = exchange
        self.rest = rest
        self.application = application
        self.legs: dict[str, Leg] = {}
        self._nonsense = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def fold(self, frame: str | bytes) -> None:
        """One frame of the event stream; never raises (F18)."""
        try:
            notice = read_notice(frame)
        except NonsenseError as error:
            if self._nonsense % TELL_EVERY == 0:
                log.warning("asterisk.nonsense", exchange=self.exchange.id, reason=str(error))
            self._nonsense += 1
            return
        leg = self.legs.get(notice.channel_id) if notice else None
        if leg is not None and notice is not None:
            leg.fold(notice)

    async def ring(
        self,
        channel_id: str,
        dial_string: str,
        *,
        seconds: float,
        caller_id: str,
        changed: Callable[[], None],
    ) -> Leg:
        """Originate, and let it ring so long.

        Raises RefusedError and UnreachableError where it surely does not ring, UnansweredError
        where nobody knows.
        """
        leg = self.legs[channel_id] = Leg(channel_id, changed)
        params = {
            "endpoint": dial_string,
            "app": self.application,
            "timeout": str(max(1, ceil(seconds))),
        }
        if caller_id:
            params["callerId"] = caller_id
        try:
            await self.rest.post(
                "channels",
                channel_id,
                body={"variables": {APPLICATION: self.application}},
                **params,
            )
        except RefusedError as error:
            if error.status != EXISTS:
                raise
        except (UnansweredError, NonsenseAnswerError):
            await self._find(leg)
        leg.is_taken = True
        return leg

    async def _find(self, leg: Leg) -> None:
        """The answer was lost: never ring twice, ask whether the channel is there."""
        try:
            await self.rest.get("channels", leg.id)
        except RefusedError as error:
            await asyncio.sleep(LATEST_EVENT)
            if not leg.is_taken:  # no event told of it either
                raise UnreachableError(str(error)) from error
        except ExchangeError as error:
            raise UnansweredError(str(error)) from error

    async def bridge(self, bridge_id: str, *legs: Leg) -> None:
        """Let them hear each other."""
        await self.rest.post("bridges", bridge_id, type="mixing")
        for leg in legs:
            await self.rest.post("bridges", bridge_id, "addChannel", channel=leg.id)

    async def go_on(self, leg: Leg, context: str) -> None:
        """Leave our application for a context of the dialplan."""
        await self.rest.post(
            "channels", leg.id, "continue", context=context, extension="s", priority="1"
        )
        # Out of our application the channel would end without a word to us.
        await self.subscribe([leg.id])

    async def subscribe(self, channel_ids: Iterable[str]) -> None:
        for channel_id in channel_ids:
            try:
                await self.rest.post(
                    "applications",
                    self.application,
                    "subscription",
                    eventSource=f"channel:{channel_id}",
                )
            except RefusedError:
                continue  # it has ended meanwhile

    async def sound_ringing(self, leg: Leg, *, on: bool) -> None:
        """What one party hears while the other one's telephone rings."""
        try:
            if on:
                await self.rest.post("channels", leg.id, "ring")
            else:
                await self.rest.delete("channels", leg.id, "ring")
        except ExchangeError:
            pass  # silence does no harm

    async def hang_up(self, leg: Leg) -> None:
        try:
            await self.rest.delete("channels", leg.id, reason="normal")
        except RefusedError as error:
            if error.status not in ALREADY_GONE:
                log.warning("asterisk.hangup_refused", exchange=self.exchange.id, reason=str(error))

    async def remove_bridge(self, bridge_id: str) -> None:
        try:
            await self.rest.delete("bridges", bridge_id)
        except RefusedError as error:
            if error.status not in ALREADY_GONE:
                raise

    def clear(self, legs: Iterable[Leg], bridge_id: str | None) -> None:
        """Let go of a call, in the background: who cancelled it waits for nothing."""
        for leg in legs:
            self.legs.pop(leg.id, None)
        task = asyncio.get_running_loop().create_task(self._clear(list(legs), bridge_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _clear(self, legs: list[Leg], bridge_id: str | None) -> None:
        try:
            for leg in legs:
                if not leg.is_gone:
                    await self.hang_up(leg)
            if bridge_id is not None:
                await self.remove_bridge(bridge_id)
        except ExchangeError as error:
            # The ring time-out ends what rings; the sweep finds what was answered.
            log.warning("asterisk.not_cleared", exchange=self.exchange.id, reason=str(error)[:200])

    async def cleared(self) -> None:
        """Until nothing is being let go of."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def compare(self) -> dict[str, dict[str, object]]:
        """Take over what the exchange lists; legs that it does not list have ended. All of ours."""
        judged = [leg for leg in self.legs.values() if leg.is_taken and not leg.is_gone]
        listed = read_channels(await self.rest.get("channels"))
        for leg in judged:
            channel = listed.get(leg.id)
            if channel is None:
                leg.vanish()
            else:
                self._catch_up(leg, channel)
        await self.subscribe(leg.id for leg in judged if leg.id in listed)
        mark = f"{self.exchange.mark}-"
        return {key: channel for key, channel in listed.items() if key.startswith(mark)}

    def _catch_up(self, leg: Leg, channel: dict[str, object]) -> None:
        state, dialplan = channel.get("state"), channel.get("dialplan")
        if state == "Ringing" and not leg.has_rung:
            leg.fold(Notice(channel_id=leg.id, kind=Kind.RINGS))
        is_ours = isinstance(dialplan, dict) and dialplan.get("app_name") == "Stasis"
        if state == "Up" and is_ours and not leg.has_entered:
            leg.fold(Notice(channel_id=leg.id, kind=Kind.ENTERED))


def read_channels(answer: object) -> dict[str, dict[str, object]]:
    """`GET /channels` by id. Raises NonsenseAnswerError: an empty list would end every call."""
    if not isinstance(answer, list):
        raise NonsenseAnswerError("no list of channels")
    listed: dict[str, dict[str, object]] = {}
    for channel in answer:
        if not isinstance(channel, dict) or not isinstance(channel.get("id"), str):
            raise NonsenseAnswerError("a channel without an id")
        listed[channel["id"]] = channel
    return listed
