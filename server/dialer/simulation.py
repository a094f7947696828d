# SPDX-License-Identifier: Apache-2.0
"""A simulator's scenario run through the database: loaded, claimed and reported as live calls are.

The course of time is the domain's (`drive`), the clock a virtual one; everything else is what the
workers use.
"""

from datetime import datetime, timedelta

from server.database import Database
from server.dialer.scenarios import Written, read_answer, write_scenario
from server.domain.simulation import Answer, Scenario, ScenarioContact, drive
from server.services.dialer import (
    Claimed,
    Report,
    claim_batch,
    close_ended,
    load_contacts,
    next_moment,
    report,
)


async def simulate_live(database: Database, tenant_id: int, scenario: Scenario) -> Answer:
    """Run one scenario as the campaign of this tenant, which must have nothing else in it."""
    async with database.connection(tenant_id) as connection:
        written = await write_scenario(connection, scenario)
        await load_contacts(connection, written.campaign_id, written.list_id, now=scenario.start)
    engine = DatabaseEngine(database, tenant_id, scenario, written)
    await drive(engine, scenario.start, scenario.start + timedelta(days=scenario.horizon_days))
    async with database.connection(tenant_id) as connection:
        return await read_answer(connection, scenario, written, engine.claim_order)


class DatabaseEngine:
    """The simulator's engine whose hopper is the live one; a transaction a step."""

    def __init__(
        self, database: Database, tenant_id: int, scenario: Scenario, written: Written
    ) -> None:
        self.claim_order: dict[object, int] = {}
        self._database = database
        self._tenant_id = tenant_id
        self._campaign_id = written.campaign_id
        self._contacts: dict[int, ScenarioContact] = dict(
            zip(written.contact_ids, scenario.contacts, strict=True)
        )
        self._length = timedelta(seconds=scenario.call_seconds)
        self._calls: list[tuple[datetime, Report]] = []  # in claim order, so by their end too

    async def finish_calls(self, now: datetime) -> None:
        ended = [result for ends_at, result in self._calls if ends_at <= now]
        if ended:
            self._calls = self._calls[len(ended) :]
            async with self._database.connection(self._tenant_id) as connection:
                await report(connection, ended, now)

    async def close_ended(self, now: datetime) -> None:
        async with self._database.connection(self._tenant_id) as connection:
            while (await close_ended(connection, self._campaign_id, now)).closed:
                pass

    async def claim_due(self, now: datetime) -> int:
        async with self._database.connection(self._tenant_id) as connection:
            batch = await claim_batch(connection, self._campaign_id, 1_000_000, now)
        for picked in batch:
            for row in picked.blocked:
                self.claim_order[picked.entry_id, row.number] = len(self.claim_order)
            if picked.call is not None:
                self._originate(picked.call, now)
        return len(batch)

    async def next_event(self, now: datetime) -> datetime | None:
        async with self._database.connection(self._tenant_id) as connection:
            moment = await next_moment(connection, self._campaign_id, now)
        moments = [ends_at for ends_at, _ in self._calls[:1]]
        return min(moments if moment is None else [moment, *moments], default=None)

    def _originate(self, call: Claimed, now: datetime) -> None:
        unique_id = f"simulation-{len(self.claim_order)}"
        self.claim_order[unique_id] = len(self.claim_order)
        status = self._contacts[call.contact_id].outcome(call.attempts_made)
        result = Report(
            entry_id=call.entry_id, token=call.token, status=status, unique_id=unique_id
        )
        self._calls.append((now + self._length, result))
