# SPDX-License-Identifier: Apache-2.0
"""Channels of workers that died: nobody's any more, hung up or left to end (reliability F10).

Whose a channel is stands in its name. A call that no lease stands for any more has been given up by
everybody, so what is left of it is hung up, except two people who are talking: they end it.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence

import structlog

from server.telephony.asterisk.legs import Leg
from server.telephony.asterisk.rest import NonsenseAnswerError
from server.telephony.asterisk.switchboard import Switchboard

log = structlog.get_logger(__name__)


class Sweep:
    """One look after the other, by every worker: who comes second finds nothing left."""

    def __init__(
        self, board: Switchboard, alive: Callable[[Sequence[str]], Awaitable[set[str]]]
    ) -> None:
        self._board = board
        self._alive = alive

    async def sweep(self, ours: dict[str, dict[str, object]]) -> list[str]:
        """Of the exchange's channels that bear our mark; answers those hung up."""
        calls: dict[str, list[str]] = defaultdict(list)
        for channel_id in ours:
            if channel_id not in self._board.legs:
                calls[self._key(channel_id)].append(channel_id)
        if not calls:
            return []
        orphans = set(calls) - await self._alive(sorted(calls))
        talking = await self._talking(orphans) if orphans else set()
        hung_up = [
            channel_id
            for key in sorted(orphans)
            for channel_id in calls[key]
            if channel_id not in talking
        ]
        for channel_id in hung_up:
            log.info("asterisk.orphan", exchange=self._board.exchange.id, channel=channel_id)
            await self._board.hang_up(Leg(channel_id, lambda: None))
        return hung_up

    async def _talking(self, orphans: set[str]) -> set[str]:
        """Channels that hear somebody. Where one is left alone its bridge goes too."""
        bridges = await self._board.rest.get("bridges")
        if not isinstance(bridges, list):
            raise NonsenseAnswerError("no list of bridges")
        talking: set[str] = set()
        for bridge in bridges:
            found, name = _members(bridge)
            if len(found) > 1:
                talking.update(found)
            elif name.startswith(self._mark) and self._key(name) in orphans:
                await self._board.remove_bridge(name)
        return talking

    @property
    def _mark(self) -> str:
        return f"{self._board.exchange.mark}-"

    def _key(self, name: str) -> str:
        return name.removeprefix(self._mark).partition("-")[0]


def _members(bridge: object) -> tuple[list[str], str]:
    if not isinstance(bridge, dict):
        raise NonsenseAnswerError("a bridge that is none")
    members, name = bridge.get("channels"), bridge.get("id")
    return [str(member) for member in members] if isinstance(members, list) else [], str(name)
