# SPDX-License-Identifier: Apache-2.0
"""Dispositions: what agents can say of a call, and what follows (dial-machine section 4)."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import UNSET

from server import models
from server.domain.permissions import Permission
from server.planner import (
    by_id,
    column,
    computed,
    connection,
    entity,
    expression,
    id_filter,
    identity,
    many,
    one,
)
from server.resolvers import dispositions
from server.schema.dialer import CallAttempt
from server.schema.enums import DispositionAction
from server.schema.nodes import Connection, Node, UserError
from server.schema.roots import mutates
from server.schema.task_inputs import CallbackInput
from server.schema.tasks import CallbackNotice, ScheduledTask
from server.services.dispositions import choosing

if TYPE_CHECKING:
    from server.schema.campaigns import Campaign

VIEW = Permission.CAMPAIGNS_VIEW
CampaignRef = Annotated["Campaign", strawberry.lazy("server.schema.campaigns")]
DispositionRef = Annotated["Disposition", strawberry.lazy("server.schema.dispositions")]


@entity(
    models.Disposition,
    prefix="disposition",
    visible=choosing.visible_dispositions,
    requires=VIEW,
    description="A result that an agent can give a call, up to three levels deep.",
)
class Disposition(Node):
    id: strawberry.ID = identity()
    name: str = column(models.Disposition.name, "Unique among its siblings, whatever its case.")
    path: str = expression(choosing.path_name, "`Not interested / Too expensive`.")
    action: DispositionAction = column(models.Disposition.action)
    action_label: str = computed(
        dispositions.action_label, models.Disposition.action, description="Localized."
    )
    position: int = column(models.Disposition.position, "Its place among its siblings.")
    children: list[DispositionRef] = many(
        lambda parent, child: child.c.parent_id == parent.c.id,
        order_by=(models.Disposition.position, models.Disposition.id),
        description="One level down.",
    )
    campaign: CampaignRef | None = one(
        models.Disposition.campaign_id, "Whose it is; null: every campaign's."
    )
    version: int = column(models.Disposition.version, "Send it back with an edit.")
    created_at: datetime = column(models.Disposition.created_at)


@strawberry.input(description="Which dispositions are wanted.")
class DispositionFilter:
    campaign_id: strawberry.ID | None = strawberry.field(
        default=None, description="That calls of this campaign can get: the centre's and its own."
    )
    is_of_centre: bool | None = strawberry.field(
        default=None, description="For all campaigns; false: of one campaign."
    )
    is_top: bool | None = strawberry.field(default=None, description="Of the first level.")


@strawberry.input(description="A new disposition.")
class CreateDispositionInput:
    name: str = strawberry.field(description="100 characters.")
    action: DispositionAction | None = strawberry.field(default=UNSET, description="CLOSE.")
    campaign_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Without one it is for all campaigns."
    )
    parent_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="One level up, whose campaign it gets; three levels at the most."
    )
    position: int | None = strawberry.field(
        default=UNSET, description="Without one behind its siblings."
    )


@strawberry.input(description="What to change; calls that have it keep what they were given.")
class EditDispositionInput:
    id: strawberry.ID
    name: str | None = UNSET
    action: DispositionAction | None = UNSET
    position: int | None = UNSET
    version: int | None = None


@strawberry.input(description="The disposition to delete, with all beneath it.")
class DeleteDispositionInput:
    id: strawberry.ID
    version: int | None = None


@strawberry.input(description="What became of a call; said again, it is a correction.")
class DisposeCallInput:
    attempt_id: strawberry.ID
    disposition_id: strawberry.ID
    comment: str | None = strawberry.field(default=UNSET, description="2,000 characters.")
    tags: list[str] | None = strawberry.field(default=UNSET, description="Business tags (C-07).")
    callback: CallbackInput | None = strawberry.field(
        default=UNSET, description="With RECALL and RESCHEDULE, and with these only."
    )


@strawberry.type(description="The disposition as it stands now, or why it was refused.")
class DispositionPayload:
    disposition: Disposition | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="What the deletion did.")
class DeleteDispositionPayload:
    deleted: bool = False
    name: str | None = None
    beneath: int = strawberry.field(default=0, description="How many went with it.")
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="The call as it stands now, and what followed; or why not.")
class DisposeCallPayload:
    call_attempt: CallAttempt | None = None
    scheduled_task: ScheduledTask | None = strawberry.field(
        default=None, description="The callback that was agreed."
    )
    warnings: list[CallbackNotice] = strawberry.field(default_factory=list)
    opted_out: str | None = strawberry.field(default=None, description="Who is never called again.")
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class DispositionQuery:
    dispositions: Connection[Disposition] = connection(
        description="Dispositions, in the order in which they are offered.",
        sorts={"PLACE": (models.Disposition.position, models.Disposition.name_key)},
        default_sort="PLACE",
        filter=DispositionFilter,
        filters={
            "campaignId": id_filter("Campaign", choosing.chosen_in),
            "isOfCentre": choosing.of_centre,
            "isTop": choosing.at_top,
        },
        page=200,
        requires=VIEW,
    )
    disposition: Disposition | None = by_id(description="One disposition.", requires=VIEW)


@strawberry.type
class DispositionMutation:
    create_disposition: DispositionPayload = mutates(
        by=dispositions.create,
        takes=CreateDispositionInput,
        gives=DispositionPayload,
        requires=Permission.CAMPAIGNS_EDIT,
        description="Add a disposition, for all campaigns, for one, or beneath another.",
    )
    edit_disposition: DispositionPayload = mutates(
        by=dispositions.edit,
        takes=EditDispositionInput,
        gives=DispositionPayload,
        requires=Permission.CAMPAIGNS_EDIT,
        description="Change a disposition.",
    )
    delete_disposition: DeleteDispositionPayload = mutates(
        by=dispositions.delete,
        takes=DeleteDispositionInput,
        gives=DeleteDispositionPayload,
        requires=Permission.CAMPAIGNS_EDIT,
        description="Delete a disposition with all beneath it.",
    )
    dispose_call: DisposeCallPayload = mutates(
        by=dispositions.dispose,
        takes=DisposeCallInput,
        gives=DisposeCallPayload,
        requires=Permission.CALLS_MAKE,
        description="Say what became of a call, and act on it.",
    )
