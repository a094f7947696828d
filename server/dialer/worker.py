# SPDX-License-Identifier: Apache-2.0
"""The dialer worker: every running campaign of every centre; any number of processes share them."""

import asyncio
import gc

import structlog

from server.database import Database
from server.dialer.exchanges import Exchanges
from server.dialer.outages import Outage
from server.dialer.reaper import reap_until
from server.dialer.records import POLL, first
from server.dialer.roster import RunningCampaign, running_campaigns
from server.dialer.runner import CampaignRunner
from server.domain.campaigns.drivers import Driver
from server.domain.errors import DomainError
from server.services.agents import AGENTS_CHANNEL
from server.services.dialer import DIALER_CHANNEL
from server.telephony import Drivers

CONNECTIONS = 4  # that one worker uses at a time
# A batch of calls is thousands of values that live for a moment. Python by itself looks for rings
# among them after every 700, a third of a busy worker's time; it finds them later as well.
COLLECT_AFTER = (50_000, 20, 100)
log = structlog.get_logger(__name__)


async def run_dialer(
    database: Database, stop: asyncio.Event, drivers: Drivers | None = None
) -> None:
    """Dial until `stop`; then report or give back what is held, within ten seconds."""
    gc.set_threshold(*COLLECT_AFTER)
    drivers, exchanges = drivers or Drivers(), Exchanges(database)
    drivers.add(Driver.ASTERISK, exchanges.make)
    dialer = Dialer(database, drivers)
    unlisten = await database.listen(DIALER_CHANNEL, dialer.woken)
    deaf = await database.listen(AGENTS_CHANNEL, dialer.agents_changed)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(reap_until(database, stop))
            async with asyncio.TaskGroup() as runners:
                connecting = group.create_task(exchanges.run())
                await dialer.run(stop, runners)
            connecting.cancel()
    finally:
        unlisten()
        deaf()


class Dialer:
    """Keeps one runner a running campaign."""

    def __init__(self, database: Database, drivers: Drivers) -> None:
        self._database = database
        self._drivers = drivers
        self._gate = asyncio.Semaphore(CONNECTIONS)
        self._runners: dict[int, CampaignRunner] = {}
        self._refused: dict[int, RunningCampaign] = {}
        self._look = asyncio.Event()

    def woken(self, payload: str) -> None:
        """Somebody says that a campaign may have work; "" says that anything may."""
        runner = self._runners.get(int(payload)) if payload.isdecimal() else None
        if runner is not None:
            runner.wake()
        else:
            self._look.set()

    def agents_changed(self, payload: str) -> None:
        """An agent's state is another: campaigns with agents may call or join somebody now."""
        for runner in self._runners.values():
            runner.wake_for_agents()

    async def run(self, stop: asyncio.Event, group: asyncio.TaskGroup) -> None:
        outage = Outage("roster")
        stopping = group.create_task(self._stopping(stop))
        while not stop.is_set():
            self._look.clear()
            try:
                campaigns = await running_campaigns(self._database, self._drivers.names)
            except Exception as error:
                await outage.failed(error)
                continue
            outage.over()
            for campaign in campaigns:
                self._serve(campaign, group)
            await first(self._look, POLL)
        await stopping
        for runner in self._runners.values():
            runner.leave()

    async def _stopping(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._look.set()

    def _serve(self, campaign: RunningCampaign, group: asyncio.TaskGroup) -> None:
        if self._refused.get(campaign.id) == campaign:
            return
        try:
            if campaign.id in self._runners:
                self._runners[campaign.id].update(campaign)
                return
            runner = CampaignRunner(self._database, campaign, self._gate, self._drivers)
        except DomainError as refusal:
            self._refused[campaign.id] = campaign
            log.error("dialer.driver_refused", campaign_id=campaign.id, field=refusal.field)
            return
        self._runners[campaign.id] = runner
        group.create_task(self._run(runner))

    async def _run(self, runner: CampaignRunner) -> None:
        try:
            await runner.run()
        finally:
            del self._runners[runner.campaign.id]
