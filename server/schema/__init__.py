# SPDX-License-Identifier: Apache-2.0
"""The promises: shapes, and one line a root field naming its resolver and its permission."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from server.planner import node_by_id, nodes_by_id
from server.schema import campaigns, contacts, dialer, item_types, lists, simulator
from server.schema.nodes import SCALARS, Node, attribute


@strawberry.type(description="Everything that can be read.")
class Query(
    campaigns.CampaignQuery,
    contacts.ContactQuery,
    dialer.DialerQuery,
    item_types.ItemTypeQuery,
    lists.ListQuery,
    simulator.SimulatorQuery,
):
    node: Node | None = node_by_id()
    nodes: list[Node | None] = nodes_by_id()


@strawberry.type(description="Everything that can be changed; each a transaction of its own.")
class Mutation(campaigns.CampaignMutation, item_types.ItemTypeMutation):
    pass


def build_schema() -> strawberry.Schema:
    """The one schema; suggestions are off, as they would list it to people who may not read it."""
    return strawberry.Schema(
        query=Query,
        mutation=Mutation,
        config=StrawberryConfig(
            default_resolver=attribute, disable_field_suggestions=True, scalar_map=SCALARS
        ),
    )
