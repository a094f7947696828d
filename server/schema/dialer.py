# SPDX-License-Identifier: Apache-2.0
"""The hopper, the history and the final results (X-29 to X-36; dial-machine sections 2 and 8)."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from server import models
from server.domain.permissions import Permission
from server.planner import (
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
from server.resolvers import dialer, reasons
from server.schema.contacts import Contact
from server.schema.enums import (
    CallStatus,
    DialMode,
    DialState,
    FinalReason,
    GateRule,
    HopperPhoneState,
    RecordState,
)
from server.schema.lists import ContactList
from server.schema.nodes import Connection, Node, UserError
from server.schema.reasons import CallReason, EntryHold
from server.schema.roots import mutates
from server.services.dialer import reading

if TYPE_CHECKING:
    from server.schema.campaigns import Campaign

VIEW = Permission.CAMPAIGNS_VIEW
CampaignRef = Annotated["Campaign", strawberry.lazy("server.schema.campaigns")]
# What happened is never rewritten: it keeps the ids of contacts that were merged away since.
MERGED = (models.MergedContact.contact_id, models.MergedContact.master_id)


@strawberry.type(description="How often a number ended with a status.")
class StatusCount:
    status: CallStatus
    label: str
    attempts: int


@entity(
    models.HopperPhone,
    prefix="hphone",
    visible=reading.visible_hopper_phones,
    requires=VIEW,
    description="A dialable number of an entry, with its counters (X-05).",
)
class HopperPhone(Node):
    id: strawberry.ID = identity()
    number: str = column(models.HopperPhone.number, "E.164.")
    position: int = column(models.HopperPhone.position, "The place in dial order, from 0.")
    item_type_name: str | None = column(models.HopperPhone.item_type_name)
    is_available: bool = column(
        models.HopperPhone.is_available,
        "False: set aside while the contact's number is in another state than AVAILABLE (C-08).",
    )
    phone_state: HopperPhoneState = column(models.HopperPhone.phone_state)
    phone_state_label: str = computed(
        dialer.phone_state_label, models.HopperPhone.phone_state, description="Localized."
    )
    counters: list[StatusCount] = computed(
        dialer.counters_of_phone,
        *reading.COUNTER_COLUMNS,
        description="Failures by status; those at zero are left out.",
    )
    last_status: CallStatus | None = column(models.HopperPhone.last_status)
    last_at: datetime | None = column(models.HopperPhone.last_at)


@entity(
    models.HopperEntry,
    prefix="entry",
    visible=reading.visible_entries,
    requires=VIEW,
    description="A contact's open stay in a campaign.",
)
class HopperEntry(Node):
    id: strawberry.ID = identity()
    state: DialState = column(models.HopperEntry.state)
    state_label: str = computed(
        dialer.state_label, models.HopperEntry.state, description="Localized."
    )
    record_state: RecordState = computed(
        dialer.record_state,
        models.HopperEntry.state,
        models.HopperEntry.hold_rule,
        description="What supervisors call it (C-09).",
    )
    record_state_label: str = computed(
        dialer.record_state_label,
        models.HopperEntry.state,
        models.HopperEntry.hold_rule,
        description="Localized.",
    )
    round: int = column(models.HopperEntry.round, "From 1.")
    scheduled_at: datetime = column(
        models.HopperEntry.scheduled_at, "Due from then on, by the campaign's clock."
    )
    effective_dial_at: datetime | None = expression(
        reading.hours_of_entry,
        "When the calling window lets it be dialed; null when the campaign ends before.",
        function=dialer.effective_dial_at,
    )
    priority: int = column(models.HopperEntry.priority, "1 high, 2 normal, 3 low.")
    current_number: str = column(models.HopperEntry.current_number, "The number that is next.")
    current_position: int = column(models.HopperEntry.current_position)
    total_attempts: int = column(models.HopperEntry.total_attempts)
    first_attempt_at: datetime | None = column(models.HopperEntry.first_attempt_at)
    last_attempt_at: datetime | None = column(models.HopperEntry.last_attempt_at)
    is_callback: bool = column(models.HopperEntry.is_callback)
    hold: EntryHold | None = computed(
        reasons.hold_of_entry,
        models.HopperEntry.held_until,
        models.HopperEntry.hold_rule,
        models.HopperEntry.hold_evidence,
        models.HopperEntry.faults,
        description="Why it is not called although it is due, and until when.",
    )
    owner_name: str | None = expression(
        reading.owner_name, "The agent whose customer it is; null for anybody's (R-01)."
    )
    phones: list[HopperPhone] = many(
        lambda entry, phone: phone.c.entry_id == entry.c.id,
        order_by=(models.HopperPhone.position, models.HopperPhone.id),
        description="Its numbers in dial order, the primary first.",
    )
    contact: Contact | None = one(models.HopperEntry.contact_id, requires=Permission.CONTACTS_VIEW)
    contact_list: ContactList | None = one(
        models.HopperEntry.list_id, "The list it came with.", requires=Permission.LISTS_VIEW
    )
    campaign: CampaignRef | None = one(models.HopperEntry.campaign_id)


@entity(
    models.CallNote,
    prefix="note",
    visible=reading.visible_notes,
    requires=VIEW,
    description="What somebody wrote about a call; never changed afterwards (C-07).",
)
class CallNote(Node):
    id: strawberry.ID = identity()
    tags: list[str] = column(models.CallNote.tags, "Business tags.")
    comment: str = column(models.CallNote.comment)
    author_name: str | None = expression(
        reading.author_name, "Who wrote it; null when they have left."
    )
    created_at: datetime = column(models.CallNote.created_at)


@entity(
    models.CallAttempt,
    prefix="attempt",
    visible=reading.visible_attempts,
    requires=VIEW,
    description="A row of the history: one call, or one number that was passed over (X-33).",
)
class CallAttempt(Node):
    id: strawberry.ID = identity()
    status: CallStatus = column(models.CallAttempt.status)
    status_label: str = computed(
        dialer.status_label, models.CallAttempt.status, description="Localized."
    )
    number: str = column(models.CallAttempt.number, "E.164.")
    item_type_name: str | None = column(models.CallAttempt.item_type_name)
    round: int = column(models.CallAttempt.round)
    position: int = column(models.CallAttempt.position)
    scheduled_at: datetime | None = column(models.CallAttempt.scheduled_at)
    started_at: datetime = column(models.CallAttempt.started_at)
    ended_at: datetime = column(models.CallAttempt.ended_at)
    duration_seconds: int = computed(
        dialer.seconds_between,
        models.CallAttempt.started_at,
        models.CallAttempt.ended_at,
        description="By the campaign's clock.",
    )
    decision: str = column(
        models.CallAttempt.decision, "Why it was made then: the state it was claimed from."
    )
    decision_label: str = computed(
        dialer.decision_label, models.CallAttempt.decision, description="Localized."
    )
    policy_version: int = column(
        models.CallAttempt.policy_version, "The campaign's settings version that held."
    )
    reason: CallReason | None = computed(
        reasons.reason_of_call,
        models.CallAttempt.evidence,
        description="Under which settings and past which gates it was made.",
    )
    mode: DialMode | None = column(models.CallAttempt.mode, "What started it.")
    caller_id: str | None = column(models.CallAttempt.caller_id, "What the called person saw.")
    rang_at: datetime | None = column(models.CallAttempt.rang_at)
    answered_at: datetime | None = column(models.CallAttempt.answered_at)
    connected_at: datetime | None = column(models.CallAttempt.connected_at, "To an agent.")
    unique_id: str | None = column(models.CallAttempt.unique_id)
    disposition: str | None = column(
        models.CallAttempt.disposition, "What the agent said of it: `Success / Sale`."
    )
    is_edited: bool = column(models.CallAttempt.is_edited, "The disposition was corrected.")
    edited_at: datetime | None = column(models.CallAttempt.edited_at)
    agent_name: str | None = expression(reading.agent_name, "The agent who had the call.")
    notes: list[CallNote] = many(
        lambda attempt, note: note.c.attempt_id == attempt.c.id,
        order_by=(models.CallNote.id,),
        description="In the order they were written (C-07).",
    )
    contact: Contact | None = one(
        models.CallAttempt.contact_id,
        "Who was called, or the contact that they were merged into.",
        moved=MERGED,
        requires=Permission.CONTACTS_VIEW,
    )
    campaign: CampaignRef | None = one(models.CallAttempt.campaign_id)


@entity(
    models.FinalResult,
    prefix="final",
    visible=reading.visible_finals,
    requires=VIEW,
    description="A closed stay: the last number, its attempts, and the reason (X-34).",
)
class FinalResult(Node):
    id: strawberry.ID = identity()
    reason: FinalReason = column(models.FinalResult.reason)
    reason_label: str = computed(
        dialer.reason_label, models.FinalResult.reason, description="Localized."
    )
    record_state: RecordState = computed(
        dialer.record_state_of_final, models.FinalResult.id, description="Always CLOSED (C-09)."
    )
    status: CallStatus | None = column(models.FinalResult.status)
    status_label: str | None = computed(
        dialer.status_label, models.FinalResult.status, description="Localized."
    )
    number: str | None = column(models.FinalResult.number, "The last number, E.164.")
    item_type_name: str | None = column(models.FinalResult.item_type_name)
    primary_number: str | None = column(models.FinalResult.primary_number)
    limit_status: str | None = column(
        models.FinalResult.limit_status, "The limit that closed it; GLOBAL for the global one."
    )
    limit_label: str | None = computed(
        dialer.limit_label, models.FinalResult.limit_status, description="Localized."
    )
    limit_number: str | None = column(models.FinalResult.limit_number)
    counters: list[StatusCount] = computed(
        dialer.counters_of_final,
        models.FinalResult.counters,
        description="Failures of the last number by status.",
    )
    total_attempts: int = column(models.FinalResult.total_attempts, "Over all its numbers.")
    first_attempt_at: datetime | None = column(models.FinalResult.first_attempt_at)
    last_attempt_at: datetime | None = column(models.FinalResult.last_attempt_at)
    dispositions: list[str] = computed(
        dialer.levels,
        models.FinalResult.disposition_1,
        models.FinalResult.disposition_2,
        models.FinalResult.disposition_3,
        description="What the agent said of its last call, level by level (section 8).",
    )
    is_rescheduled: bool = column(
        models.FinalResult.is_rescheduled, "A callback was agreed in its call."
    )
    rescheduled_at: datetime | None = column(
        models.FinalResult.rescheduled_at, "For when the callback was agreed."
    )
    is_callback: bool = column(models.FinalResult.is_callback, "The stay was a callback.")
    closed_at: datetime = column(models.FinalResult.closed_at)
    contact: Contact | None = one(
        models.FinalResult.contact_id,
        "Whose stay it was, or the contact that they were merged into.",
        moved=MERGED,
        requires=Permission.CONTACTS_VIEW,
    )
    campaign: CampaignRef | None = one(models.FinalResult.campaign_id)


@strawberry.input(description="Which entries are wanted.")
class HopperFilter:
    campaign_id: strawberry.ID | None = None
    contact_id: strawberry.ID | None = None
    list_id: strawberry.ID | None = strawberry.field(
        default=None, description="Those that came with this list."
    )
    state: DialState | None = None
    hold_rule: GateRule | None = strawberry.field(
        default=None, description="Those that this rule holds back; FAULT: those that are parked."
    )
    owner_id: strawberry.ID | None = strawberry.field(
        default=None, description="Customers of this agent."
    )
    is_unassigned: bool | None = strawberry.field(
        default=None, description="Nobody's customers; false: those that have an owner."
    )


@strawberry.input(description="Which attempts are wanted.")
class CallAttemptFilter:
    campaign_id: strawberry.ID | None = None
    contact_id: strawberry.ID | None = None
    status: CallStatus | None = None


@strawberry.input(description="Which results are wanted.")
class FinalResultFilter:
    campaign_id: strawberry.ID | None = None
    contact_id: strawberry.ID | None = None
    reason: FinalReason | None = None


OF = {
    "campaignId": id_filter("Campaign", reading.of_campaign),
    "contactId": id_filter("Contact", reading.of_contact),
}


@strawberry.input(description="What is to be kept of a call; one of the two at least.")
class NoteCallInput:
    attempt_id: strawberry.ID
    tags: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="Business tags, 50 characters each, no comma."
    )
    comment: str | None = strawberry.field(
        default=strawberry.UNSET, description="2,000 characters."
    )


@strawberry.type(description="The call with what is noted of it, or why it was refused.")
class CallAttemptPayload:
    call_attempt: CallAttempt | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class DialerMutation:
    note_call: CallAttemptPayload = mutates(
        by=dialer.note_call,
        takes=NoteCallInput,
        gives=CallAttemptPayload,
        requires=Permission.CONTACTS_EDIT,
        description="Write business tags and a comment about a call, beside earlier ones (C-07).",
    )


@strawberry.type
class DialerQuery:
    hopper_entries: Connection[HopperEntry] = connection(
        description="Open entries, the next due first.",
        sorts={"DUE": (models.HopperEntry.scheduled_at,)},
        default_sort="DUE",
        filter=HopperFilter,
        filters={
            **OF,
            "listId": id_filter("ContactList", reading.of_list),
            "state": reading.in_state,
            "holdRule": reading.held_by,
            "ownerId": id_filter("Agent", reading.of_owner),
            "isUnassigned": reading.unassigned,
        },
        requires=VIEW,
    )
    call_attempts: Connection[CallAttempt] = connection(
        description="The history, newest first.",
        sorts={"NEWEST": ()},
        default_sort="NEWEST",
        default_descending=True,
        filter=CallAttemptFilter,
        filters={**OF, "status": reading.with_status},
        requires=VIEW,
    )
    final_results: Connection[FinalResult] = connection(
        description="Closed stays, newest first.",
        sorts={"NEWEST": ()},
        default_sort="NEWEST",
        default_descending=True,
        filter=FinalResultFilter,
        filters={**OF, "reason": reading.with_reason},
        requires=VIEW,
    )
