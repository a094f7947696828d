# SPDX-License-Identifier: Apache-2.0
"""One campaign in one worker: claims as long as lines are free, rings, and keeps records."""

import asyncio
import json
import uuid

import asyncpg

from server.database import Database
from server.dialer.outages import Outage
from server.dialer.records import LEAVE, POLL, Desk, Records, first
from server.dialer.roster import RunningCampaign
from server.domain.campaigns import CampaignState
from server.domain.errors import DomainError
from server.services.dialer import Claimed, Report, claim, next_moment, read_campaign
from server.telephony import Call, SimulatedTelephony, Taker, TelephonyPort
from server.telephony.simulated import read_model

AT_ONCE = 250  # calls claimed in one transaction
MOST_CALLS = 2_000  # that one worker has up in one campaign
SHORTEST = 0.01  # seconds between two looks


class CampaignRunner:
    """Dials one campaign until it stops running, or until `leave`."""

    def __init__(
        self, database: Database, campaign: RunningCampaign, gate: asyncio.Semaphore
    ) -> None:
        self.campaign = campaign
        self._driver = _driver(campaign)
        self._desk = Desk(database, campaign.tenant_id, campaign.id, gate)
        self._look = asyncio.Event()
        self._records = Records(self._desk, self._look.set, self._hang_up)
        self._ringing: dict[uuid.UUID, tuple[Call, asyncio.Task[None]]] = {}  # by token
        self._is_leaving = False

    def update(self, campaign: RunningCampaign) -> None:
        """Take over changed telephony settings; raises where they cannot be read."""
        if campaign != self.campaign:
            self._driver = _driver(campaign)
            self.campaign = campaign

    def wake(self) -> None:
        """Look for due entries now."""
        self._look.set()

    def leave(self) -> None:
        """Claim no more, let go of the calls that are up, write all down, and end."""
        self._is_leaving = True
        self._look.set()

    async def run(self) -> None:
        """To the end; the calls that are up when the campaign stops running finish first."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._records.write())
            await self._claim()
            if not self._is_leaving:
                self._records.finish()
                while self._records.open and not self._is_leaving:
                    await first(self._look, POLL)
                    self._look.clear()
            if self._is_leaving:
                self._records.finish(within=LEAVE)
                await asyncio.sleep(0)  # each call that was begun is known to the driver now
                for call, _ in list(self._ringing.values()):
                    await self._driver.hangup(call)
        for _, task in self._ringing.values():
            task.cancel()

    async def _claim(self) -> None:
        outage = Outage("claim")
        while not self._is_leaving:
            self._look.clear()
            try:
                claimed, pause = await self._desk.within(self._take)
            except DomainError:
                return  # the campaign was deleted
            except Exception as error:
                await outage.failed(error)
                continue
            outage.over()
            if self._is_leaving:
                await self._records.give_back(claimed)
                return
            for call in claimed:
                self._originate(call)
            if pause is None:
                return
            if pause:
                await first(self._look, pause)

    async def _take(self, connection: asyncpg.Connection) -> tuple[list[Claimed], float | None]:
        """Calls to make, and how long to wait before the next look; None: never."""
        campaign_id = self.campaign.id
        limit = min(AT_ONCE, MOST_CALLS - len(self._records.open))
        claimed = await claim(connection, campaign_id, limit) if limit > 0 else []
        if claimed and len(claimed) == limit:
            return claimed, 0.0
        campaign = await read_campaign(connection, campaign_id)
        if campaign.state is not CampaignState.RUNNING:
            return claimed, None
        moment = await next_moment(connection, campaign_id, campaign.now)
        if moment is None:
            return claimed, POLL
        wait = (moment - campaign.now).total_seconds() / campaign.clock_rate
        return claimed, min(POLL, max(wait, SHORTEST))

    def _originate(self, claimed: Claimed) -> None:
        call = Call(
            key=claimed.token.hex,
            number=claimed.number,
            attempt=claimed.attempts_made,
            timeout=claimed.timeout,
            clock_rate=self.campaign.clock_rate,
        )
        self._records.begin(claimed)
        task = asyncio.create_task(self._ring(claimed, call))
        self._ringing[claimed.token] = call, task

    async def _ring(self, claimed: Claimed, call: Call) -> None:
        outage = Outage("originate")
        try:
            result = await self._driver.originate(call, _Line(claimed, self._records))
        except Exception as error:
            self._records.forget(claimed)
            await outage.failed(error)
        else:
            if result.status is None:
                await self._records.give_back([claimed])
                return
            self._records.end(
                Report(
                    entry_id=claimed.entry_id,
                    token=claimed.token,
                    status=result.status,
                    unique_id=result.unique_id,
                )
            )
        finally:
            self._ringing.pop(claimed.token, None)

    def _hang_up(self, token: uuid.UUID) -> None:
        if token in self._ringing:
            self._ringing[token][1].cancel()


class _Line:
    """One call as its telephony tells of it; the exchange's own voice has whoever answers."""

    def __init__(self, claimed: Claimed, records: Records) -> None:
        self._claimed = claimed
        self._records = records

    def taken(self) -> None:
        self._records.confirm(self._claimed)

    def rings(self) -> None:
        pass

    async def answered(self) -> Taker | None:
        return Taker()

    def connected(self) -> None:
        pass


def _driver(campaign: RunningCampaign) -> TelephonyPort:
    given: dict[str, object] = json.loads(campaign.simulation)
    return SimulatedTelephony(read_model(given))
