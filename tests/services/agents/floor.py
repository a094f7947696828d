# SPDX-License-Identifier: Apache-2.0
"""Agents of a centre at their desks, and what stands in the database of them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.permissions import Role, Viewer
from server.services import agents
from tests.factories.users import make_viewer
from tests.services.dialer.centre import Centre

Params = ParamSpec("Params")
Value = TypeVar("Value")
Service = Callable[Concatenate[AsyncSession, Viewer, Params], Awaitable[Value]]

DESK = "SELECT state, stage, entry_id, claim_token FROM agent_desks WHERE user_id = $1"


@dataclass(frozen=True)
class Floor(Centre):
    """A centre with agents."""

    async def agent(self, *campaign_ids: int, at_work: bool = True, endpoint: str = "") -> Viewer:
        """An agent of these campaigns, ready unless told otherwise."""
        viewer = await make_viewer(self.database, self.tenant_id, Role.AGENT)
        for campaign_id in campaign_ids:
            await self.rows(
                "INSERT INTO campaign_agents (campaign_id, user_id) VALUES ($1, $2)",
                campaign_id,
                viewer.user_id,
            )
        if at_work:
            await self.does(viewer, agents.start_work, endpoint)
        return viewer

    async def does(
        self,
        viewer: Viewer,
        service: Service[Params, Value],
        *args: Params.args,
        **kwargs: Params.kwargs,
    ) -> Value:
        """One transaction of this person."""
        async with self.database.transaction(self.tenant_id) as session:
            return await service(session, viewer, *args, **kwargs)

    async def state(self, viewer: Viewer) -> str:
        return str((await self.rows(DESK, viewer.user_id))[0][0])

    async def stage(self, viewer: Viewer) -> object:
        return (await self.rows(DESK, viewer.user_id))[0][1]

    async def moments(self, viewer: Viewer) -> list[tuple[object, ...]]:
        """The states this agent was in, oldest first, with the reasons of pauses."""
        return await self.rows(
            "SELECT state, pause_reason FROM agent_moments WHERE user_id = $1 ORDER BY id",
            viewer.user_id,
        )

    async def silent_for(self, viewer: Viewer, seconds: float) -> None:
        """As if the agent's page had given no sign since its lease ran out so long ago."""
        await self.rows(
            "UPDATE agent_desks SET lease_until = clock_timestamp() - make_interval(secs => $2) "
            "WHERE user_id = $1",
            viewer.user_id,
            seconds,
        )
