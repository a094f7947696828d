# SPDX-License-Identifier: Apache-2.0
"""What agents say at their desks, and supervisors of whose customers are whose."""

import strawberry
from strawberry import UNSET

from server.schema.field_inputs import FieldValueInput
from server.schema.task_inputs import CallbackInput


@strawberry.input(description="How an agent begins to work.")
class StartWorkInput:
    endpoint: str | None = strawberry.field(
        default=UNSET,
        description="The agent's own telephone as the exchange names it, such as `PJSIP/101`.",
    )


@strawberry.input(description="Why an agent pauses.")
class PauseWorkInput:
    reason: str = strawberry.field(description="80 characters.")


@strawberry.input(description="Whom to preview.")
class PreviewNextInput:
    campaign_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Of this campaign only; else the first of the agent's with any."
    )


@strawberry.input(description="Why a previewed customer is not called now.")
class SkipPreviewedInput:
    reason: str = strawberry.field(description="200 characters; kept in the audit.")
    minutes: int | None = strawberry.field(
        default=UNSET, description="Offered again after so many, by the campaign's clock; 10."
    )


@strawberry.input(description="What an agent has to say of a call that ended.")
class FinishCallInput:
    disposition_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="What became of it; of the campaign, or of the centre."
    )
    callback: CallbackInput | None = strawberry.field(
        default=UNSET, description="With a disposition that calls again, and with no other."
    )
    values: list[FieldValueInput] | None = strawberry.field(
        default=UNSET, description="What the script asked for; written with the contact."
    )
    comment: str | None = strawberry.field(default=UNSET, description="2,000 characters.")
    tags: list[str] | None = strawberry.field(default=UNSET, description="Business tags.")
    pause_reason: str | None = strawberry.field(
        default=UNSET, description="Pause afterwards, for this reason; else ready."
    )


@strawberry.input(description="Of which campaign an agent wants customers.")
class ObtainContactsInput:
    campaign_id: strawberry.ID


@strawberry.input(description="Which customers are given to whom.")
class AssignContactsInput:
    campaign_id: strawberry.ID
    agent_ids: list[strawberry.ID] = strawberry.field(description="Agents of the campaign.")
    entry_ids: list[strawberry.ID] | None = strawberry.field(
        default=UNSET,
        description="By hand: these hopper entries, to one agent. Without it: the unassigned, "
        "evenly over the agents.",
    )
    list_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Evenly: only those that came with this list."
    )
    most: int | None = strawberry.field(
        default=UNSET, description="Evenly: no more than so many in all."
    )


@strawberry.input(description="Whose customers, or which ones, are taken back.")
class UnassignContactsInput:
    campaign_id: strawberry.ID
    agent_ids: list[strawberry.ID] | None = strawberry.field(
        default=UNSET, description="All customers of these agents."
    )
    entry_ids: list[strawberry.ID] | None = strawberry.field(
        default=UNSET, description="These hopper entries."
    )
