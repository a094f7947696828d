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
    consents,
    contact_bulk,
    contact_duplicates,
    contact_merging,
    contact_trash,
    contacts,
    desks,
    dialer,
    dispositions,
    events,
    explanations,
    exports,
    external_calls,
    fields,
    gate,
    item_types,
    lists,
    live,
    opt_outs,
    parking,
    planning,
    processes,
    profiles,
    search,
    simulator,
    tags,
    tasks,
    telephony,
    users,
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
    dispositions.DispositionQuery,
    events.EventQuery,
    explanations.ExplanationQuery,
    fields.FieldQuery,
    gate.GateQuery,
    item_types.ItemTypeQuery,
    lists.ListQuery,
    live.LiveQuery,
    opt_outs.OptOutQuery,
    planning.PlanningQuery,
    processes.ProcessQuery,
    profiles.ProfileQuery,
    search.SearchQuery,
    simulator.SimulatorQuery,
    tags.TagQuery,
    tasks.TaskQuery,
    telephony.TelephonyQuery,
    users.UserQuery,
    views.ViewQuery,
):
    node: Node | None = node_by_id()
    nodes: list[Node | None] = nodes_by_id()


@strawberry.type(description="Everything that can be changed; each a transaction of its own.")
class Mutation(
    account.AccountMutation,
    blacklists.BlacklistMutation,
    campaigns.CampaignMutation,
    consents.ConsentMutation,
    contacts.ContactMutation,
    exports.ExportMutation,
    external_calls.ExternalCallsMutation,
    contact_bulk.ContactBulkMutation,
    contact_duplicates.ContactDuplicatesMutation,
    contact_merging.ContactMergingMutation,
    contact_trash.ContactTrashMutation,
    desks.DeskMutation,
    dialer.DialerMutation,
    parking.ParkingMutation,
    dispositions.DispositionMutation,
    fields.FieldMutation,
    item_types.ItemTypeMutation,
    lists.ListMutation,
    opt_outs.OptOutMutation,
    processes.ProcessMutation,
    profiles.ProfileMutation,
    tags.TagMutation,
    tasks.TaskMutation,
    telephony.TelephonyMutation,
    users.UserMutation,
    views.ViewMutation,
):
    pass


@strawberry.type(description="Everything that tells of its changes by itself.")
class Subscription(desks.DeskSubscription, live.LiveSubscription, processes.ProcessSubscription):
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
