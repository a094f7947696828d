# SPDX-License-Identifier: Apache-2.0
"""One campaign in one worker: claims as long as lines are free, rings, and keeps records."""

import asyncio
import uuid
from datetime import datetime

import asyncpg

from server.database import Database
from server.dialer.agents import claim_for_agents, orders_of
from server.dialer.lines import CallLine
from server.dialer.outages import Outage, belongs_to_rows
from server.dialer.records import LEAVE, POLL, Desk, Records, first
from server.dialer.roster import RunningCampaign
from server.dialer.waiting import Waiting
from server.domain.campaigns import CampaignState
from server.domain.campaigns.modes import BY_AGENT, PACED, DialMode
from server.domain.errors import DomainError
from server.services.agents import TakenAgent, ready_agents, wanted_hang_ups
from server.services.dialer import (
    Claimed,
    claim_calls,
    claim_singly,
    next_moment,
    read_campaign,
    recheck,
)
from server.services.dialer.joining import withdraw
from server.telephony import Drivers, TelephonyPort

AT_ONCE = 250  # calls claimed in one transaction
MOST_CALLS = 2_000  # that one worker has up in one campaign
SHORTEST = 0.01  # seconds between two looks


class CampaignRunner:
    """Dials one campaign until it stops running, or until `leave`."""

    def __init__(
        self,
        database: Database,
        campaign: RunningCampaign,
        gate: asyncio.Semaphore,
        drivers: Drivers,
    ) -> None:
        self._drivers = drivers
        self._desk = Desk(database, campaign.tenant_id, campaign.id, gate)
        self._driver: TelephonyPort
        self._take_over(campaign)
        self._look, self._orders = asyncio.Event(), asyncio.Event()
        self._records = Records(self._desk, self.wake, self._lose)
        self._waiting = Waiting(self._desk, self._records.free)
        self._up: dict[uuid.UUID, tuple[CallLine, asyncio.Task[None]]] = {}  # by token
        self._is_leaving = False
        self._is_single = False  # one entry made a claim fail: they are taken one by one (F21)

    def update(self, campaign: RunningCampaign) -> None:
        """Take over changed telephony settings; raises where they cannot be read."""
        if campaign != self.campaign:
            self._take_over(campaign)

    def wake(self) -> None:
        """Look for due entries now, and for what agents ask for."""
        self._look.set()
        self._orders.set()

    def wake_for_agents(self) -> None:
        """Somebody's state has changed: a call may start, or be taken."""
        if self.campaign.mode is not DialMode.DIRECT:
            self._look.set()
            self._waiting.wake()

    def leave(self) -> None:
        """Claim no more, let go of the calls that are up, write all down, and end."""
        self._is_leaving = True
        self.wake()

    async def run(self) -> None:
        """To the end; the calls that are up when the campaign stops running finish first."""
        async with asyncio.TaskGroup() as group:
            writing = group.create_task(self._records.write())
            beside = [
                group.create_task(self._waiting.run()),
                group.create_task(self._obey_agents()),
            ]
            await self._claim()
            if not self._is_leaving:
                self._records.finish()
                while self._records.open and not self._is_leaving:
                    await first(self._look, POLL)
                    self._look.clear()
            if self._is_leaving:
                self._records.finish(within=LEAVE)
                await asyncio.sleep(0)  # each call that was begun is known to the driver now
                for line, _ in list(self._up.values()):
                    line.is_let_go = True
                    await line.driver.hangup(line.call)
            await writing
            for task in beside:
                task.cancel()
        for _, task in self._up.values():
            task.cancel()

    async def _claim(self) -> None:
        outage = Outage("claim")
        while not self._is_leaving:
            self._look.clear()
            try:
                claimed, pause = await self._desk.within(self._take)
                dialed = await self._still([call for call, _ in claimed])
            except DomainError:
                return  # the campaign was deleted
            except Exception as error:
                await outage.failed(error)
                self._is_single = belongs_to_rows(error)
                continue
            outage.over()
            self._is_single = False
            if self._is_leaving:
                await self._records.give_back([call for call, _ in claimed])
                return
            for call, agent in claimed:
                if call.token in dialed:
                    self._originate(call, call.claimed_at, agent)
            if pause is None:
                return
            if pause:
                await first(self._look, pause)

    async def _take(
        self, connection: asyncpg.Connection
    ) -> tuple[list[tuple[Claimed, TakenAgent | None]], float | None]:
        """Calls to make, and how long to wait before the next look; None: never."""
        campaign_id, mode = self.campaign.id, self.campaign.mode
        limit = min(AT_ONCE, MOST_CALLS - len(self._records.open))
        if not self._driver.is_ready:
            limit = 0
        claimed: list[tuple[Claimed, TakenAgent | None]] = []
        if mode is DialMode.AGENT_FIRST and limit > 0:
            claimed = [*await claim_for_agents(connection, campaign_id)]
        elif mode not in BY_AGENT and limit > 0:
            ready = await ready_agents(connection, campaign_id) if mode in PACED else None
            take = claim_singly if self._is_single else claim_calls
            taken = await take(connection, campaign_id, limit, agents=ready)
            claimed = [(call, None) for call in taken.calls]
            if taken.goes_on or len(claimed) == limit:
                return claimed, 0.0
        campaign = await read_campaign(connection, campaign_id)
        if campaign.state is not CampaignState.RUNNING:
            return claimed, None
        moment = await next_moment(connection, campaign_id, campaign.now)
        if moment is None or limit <= 0:
            return claimed, POLL
        wait = (moment - campaign.now).total_seconds() / campaign.clock_rate
        return claimed, min(POLL, max(wait, SHORTEST))

    async def _still(self, calls: list[Claimed]) -> set[uuid.UUID]:
        """The calls that may still be made, asked right before they are; the others go back."""
        if not calls:
            return set()

        async def ask(connection: asyncpg.Connection) -> set[uuid.UUID]:
            dialed = await recheck(connection, calls)
            refused = [(call.entry_id, call.token) for call in calls if call.token not in dialed]
            if refused and self._desk.has_agents:
                await withdraw(connection, refused)
            return dialed

        try:
            return await self._desk.within(ask)
        except Exception:
            await self._records.give_back(calls)
            raise

    async def _may_ring(self, call: Claimed) -> bool:
        """Asked anew after an agent's telephone has rung; without an answer nobody is called."""
        try:
            return call.token in await self._still([call])
        except Exception as error:
            await Outage("recheck").failed(error)
            return False

    async def _obey_agents(self) -> None:
        """Dial what agents have looked at, hang up what they end; until it is cancelled."""
        outage = Outage("orders")
        while True:
            if self._desk.has_agents:
                try:
                    ended, ordered = await self._desk.within(self._take_orders)
                    for line in ended:
                        await line.driver.hangup(line.call)
                    dialed = await self._still([call for call, _, _ in ordered])
                except Exception as error:
                    await outage.failed(error)
                    continue
                outage.over()
                for call, agent, now in ordered:
                    if call.token in dialed:
                        self._originate(call, now, agent)
            await first(self._orders, POLL)
            self._orders.clear()

    async def _take_orders(
        self, connection: asyncpg.Connection
    ) -> tuple[list[CallLine], list[tuple[Claimed, TakenAgent, datetime]]]:
        """Calls of ours to hang up, and calls to place."""
        ended = []
        for asked in await wanted_hang_ups(connection, self.campaign.id):
            if asked.token in self._up:
                line, _ = self._up[asked.token]
                line.is_rejected = asked.is_rejected
                ended.append(line)
        if self._is_leaving:
            return ended, []
        return ended, await orders_of(connection, self.campaign.id)

    def _originate(self, claimed: Claimed, now: datetime, agent: TakenAgent | None) -> None:
        campaign = self.campaign
        line = CallLine(
            claimed,
            self._records,
            driver=self._driver,
            began_at=now,
            clock_rate=campaign.clock_rate,
            caller_id=campaign.caller_id,
            agent=agent,
            waiting=self._waiting if campaign.mode in PACED else None,
            queue_timeout=campaign.queue_timeout,
            recheck=self._may_ring,
        )
        self._records.begin(claimed)
        self._up[claimed.token] = line, asyncio.create_task(self._ring(line))

    async def _ring(self, line: CallLine) -> None:
        outage = Outage("originate")
        try:
            result = await line.driver.originate(line.call, line)
        except Exception as error:
            line.fail()
            await outage.failed(error)
        else:
            line.end(result)
        finally:
            self._up.pop(line.claimed.token, None)

    def _lose(self, token: uuid.UUID) -> None:
        if token in self._up:
            self._up[token][1].cancel()

    def _take_over(self, campaign: RunningCampaign) -> None:
        self._driver = self._drivers.make(campaign.wanted)
        self._desk.has_agents = campaign.mode is not DialMode.DIRECT
        self.campaign = campaign
