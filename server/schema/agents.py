# SPDX-License-Identifier: Apache-2.0
"""Agents as those see them who give them lists and campaigns to work on (X-17)."""

import strawberry

from server import models
from server.domain.permissions import Permission
from server.planner import column, connection, entity, identity
from server.schema.nodes import Connection, Node
from server.services import agents

VIEW = Permission.LISTS_VIEW


@entity(
    models.User,
    prefix="agent",
    visible=agents.visible_agents,
    requires=VIEW,
    description="A user with the role AGENT: what is needed to assign work, and no more.",
)
class Agent(Node):
    id: strawberry.ID = identity()
    name: str = column(models.User.name, "What they sign in with.")
    full_name: str = column(models.User.full_name)
    is_active: bool = column(models.User.is_active, "Whether they can sign in.")


@strawberry.input(description="Which agents are wanted.")
class AgentFilter:
    search: str | None = strawberry.field(
        default=None, description="Part of the name or the full name."
    )
    is_active: bool | None = strawberry.field(default=None, description="Who can sign in.")


@strawberry.type
class AgentQuery:
    agents: Connection[Agent] = connection(
        description="Who can be assigned to lists and campaigns; an agent sees only themselves.",
        sorts={"NAME": (models.User.name_key,)},
        default_sort="NAME",
        filter=AgentFilter,
        filters={"search": agents.matching, "isActive": agents.active},
        requires=VIEW,
    )
