# SPDX-License-Identifier: Apache-2.0
"""`deskChanged`: an agent's desk as it changes, told by notification."""

import asyncio

import pytest

from server.context import Context
from server.database import Database
from server.domain.agents import AgentState
from server.resolvers import desks
from server.services import agents, watching
from tests.services.agents.floor import Floor


async def test_a_desk_is_told_at_once_and_after_each_change(
    floor: Floor, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "LEAST_GAP", 0.02)
    monkeypatch.setattr(watching, "LONGEST_GAP", 60.0)
    ada = await floor.agent(await floor.campaign())
    seen = desks.changed(Context(database=database, viewer=ada))
    assert (await anext(seen))["state"] is AgentState.READY
    await floor.does(ada, agents.set_state, AgentState.PAUSED, "Lunch")
    async with asyncio.timeout(5):
        assert (await anext(seen))["state"] is AgentState.PAUSED
    await seen.aclose()
