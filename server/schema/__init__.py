# SPDX-License-Identifier: Apache-2.0
"""The promises: shapes, and one line a root field naming its resolver and its permission."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from server.planner import node_by_id, nodes_by_id
from server.schema import (
    account,
    agents,
    blacklists,
    campaigns,
    contact_bulk,
    contact_duplicates,
    contact_merging,
    contact_trash,
    contacts,
    desks,
    dialer,
    events,
    dispositions,
    exports,
    external_calls,
    fields,
    gate,
    item_types,
    lists,
    opt_outs,
    planning,
    processes,
    profiles,
    search,
    simulator,
    tags,
    users,
    tasks,
    views,
)
from server.schema.nodes import SCALARS, Node, attribute


@strawberry.type(description="Everything that can be read.")
class Query(
    account.AccountQuery,
    agents.AgentQuery,
    blacklists.BlacklistQuery,
    campaigns.CampaignQuery,
    contacts.ContactQuery,
    contact_duplicates.ContactDuplicatesQuery,
    contact_merging.ContactMergingQuery,
    contact_trash.ContactTrashQuery,
    desks.DeskQuery,
    dialer.DialerQuery,
    events.EventQuery,
    dispositions.DispositionQuery,
    fields.FieldQuery,
    gate.GateQuery,
    item_types.ItemTypeQuery,
    lists.ListQuery,
    opt_outs.OptOutQuery,
    planning.PlanningQuery,
    processes.ProcessQuery,
    profiles.ProfileQuery,
    search.SearchQuery,
    simulator.SimulatorQuery,
    tags.TagQuery,
    users.UserQuery,
    tasks.TaskQuery,
    views.ViewQuery,
):
    node: Node | None = node_by_id()
    nodes: list[Node | None] = nodes_by_id()


@strawberry.type(description="Everything that can be changed; each a transaction of its own.")
class Mutation(
    account.AccountMutation,
    blacklists.BlacklistMutation,
    campaigns.CampaignMutation,
    contacts.ContactMutation,
    exports.ExportMutation,
    external_calls.ExternalCallsMutation,
    contact_bulk.ContactBulkMutation,
    contact_duplicates.ContactDuplicatesMutation,
    contact_merging.ContactMergingMutation,
    contact_trash.ContactTrashMutation,
    desks.DeskMutation,
    dialer.DialerMutation,
    fields.FieldMutation,
    item_types.ItemTypeMutation,
    dispositions.DispositionMutation,
    lists.ListMutation,
    opt_outs.OptOutMutation,
    processes.ProcessMutation,
    profiles.ProfileMutation,
    tags.TagMutation,
    users.UserMutation,
    views.ViewMutation,
    tasks.TaskMutation,
):
    pass


@strawberry.type(description="Everything that tells of its changes by itself.")
class Subscription(desks.DeskSubscription, processes.ProcessSubscription):
    pass


def build_schema() -> strawberry.Schema:
    """The one schema; suggestions are off, as they would list it to people who may not read it."""
    return strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        config=StrawberryConfig(
            default_resolver=attribute, disable_field_suggestions=True, scalar_map=SCALARS
        ),
    )
