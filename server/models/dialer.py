# SPDX-License-Identifier: Apache-2.0
"""The hopper, the history and the final results (dial-machine sections 2 and 8)."""

import uuid
from datetime import datetime

from sqlalchemy import (
    ARRAY,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, Created, Key, TenantOwned

CLAIMABLE = "state IN ('READY', 'WAIT_NEXT_PHONE', 'WAIT_RETRY', 'WAIT_CALLBACK')"
FREE = f"{CLAIMABLE} AND held_until IS NULL"
HELD = "held_until IS NOT NULL"
OFTEN_UPDATED = {"fillfactor": 70, "autovacuum_vacuum_scale_factor": 0.02}


def _counter() -> Mapped[int]:
    return mapped_column(SmallInteger, server_default="0")


class HopperEntry(TenantOwned, Base):
    """A contact's open stay in a campaign; closing deletes the row and writes a final result."""

    __tablename__ = "hopper_entries"

    id: Mapped[Key]
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    list_id: Mapped[int | None] = mapped_column(ForeignKey("contact_lists.id", ondelete="SET NULL"))
    state: Mapped[str] = mapped_column(server_default="READY")
    bucket: Mapped[int] = mapped_column(SmallInteger, server_default="4")  # section 7, 1 to 4
    priority: Mapped[int] = mapped_column(SmallInteger, server_default="2")
    scheduled_at: Mapped[datetime]
    round: Mapped[int] = mapped_column(Integer, server_default="1")
    current_position: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    current_number: Mapped[str] = mapped_column(String(16, collation="C"))
    primary_number: Mapped[str | None] = mapped_column(String(16, collation="C"))
    is_unique: Mapped[bool] = mapped_column(server_default="true")  # loaded under a duplicate check
    total_attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    first_attempt_at: Mapped[datetime | None]
    last_attempt_at: Mapped[datetime | None]  # when the last real attempt's result was recorded
    last_number: Mapped[str | None] = mapped_column(String(16, collation="C"))
    # the claim: who holds it until when (database time), and the state it came from
    claim_token: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    claimed_at: Mapped[datetime | None]  # the campaign's clock
    lease_until: Mapped[datetime | None]  # the database's clock
    state_before_claim: Mapped[str | None]
    is_originate_confirmed: Mapped[bool] = mapped_column(server_default="false")
    claim_evidence: Mapped[dict[str, object] | None] = mapped_column(JSONB)  # why it may call now
    close_after_call: Mapped[str | None]
    has_edited_phones: Mapped[bool] = mapped_column(server_default="false")  # during this call
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    is_callback: Mapped[bool] = mapped_column(server_default="false")
    callback_at: Mapped[datetime | None]
    callback_until: Mapped[datetime | None]  # never dialed after (C-34)
    callback_unique_id: Mapped[str | None]
    # given to nobody but its owner: assigned customers, callbacks for one agent (R-01, C-36)
    is_owner_only: Mapped[bool] = mapped_column(server_default="false")
    auto_dials: Mapped[int] = mapped_column(Integer, server_default="0")
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    # refused by the gate: not looked at before, by which rule, and what the rule went by; void as
    # soon as the campaign's hold_version is another one
    held_until: Mapped[datetime | None]
    hold_rule: Mapped[str | None]
    hold_evidence: Mapped[dict[str, object] | None] = mapped_column(JSONB)
    hold_version: Mapped[int] = mapped_column(Integer, server_default="0")
    faults: Mapped[int] = mapped_column(SmallInteger, server_default="0")  # F21
    created_at: Mapped[Created]

    __table_args__ = (
        # The contact first: this one also finds the open entries of a contact.
        Index("uq_hopper_entries_contact_id_campaign_id", "contact_id", "campaign_id", unique=True),
        # A row stands in one of these two: the duplicate check asks both, a write pays for one.
        Index(
            "uq_hopper_entries_primary_number",
            "campaign_id",
            "primary_number",
            unique=True,
            postgresql_where=text("is_unique"),
        ),
        Index(
            "ix_hopper_entries_primary_number",
            "campaign_id",
            "primary_number",
            postgresql_where=text("NOT is_unique"),
        ),
        Index(
            "ix_hopper_entries_due",
            "campaign_id",
            "bucket",
            "priority",
            "scheduled_at",
            "id",
            postgresql_where=text(f"{FREE} AND NOT is_owner_only"),
        ),
        Index(
            "ix_hopper_entries_owned",
            "campaign_id",
            "owner_id",
            "bucket",
            "priority",
            "scheduled_at",
            "id",
            postgresql_where=text(f"{FREE} AND is_owner_only"),
        ),
        Index(  # an agent's new customers
            "ix_hopper_entries_owned_fresh",
            "campaign_id",
            "owner_id",
            "created_at",
            "auto_dials",
            "id",
            postgresql_where=text("state = 'READY' AND held_until IS NULL AND is_owner_only"),
        ),
        Index(
            "ix_hopper_entries_held",
            "campaign_id",
            "hold_version",
            "bucket",
            "priority",
            "held_until",
            "scheduled_at",
            "id",
            postgresql_where=text(HELD),
        ),
        Index(
            "ix_hopper_entries_parked",
            "campaign_id",
            "id",
            postgresql_where=text("hold_rule = 'FAULT'"),
        ),
        Index(
            "ix_hopper_entries_lease",
            "campaign_id",
            "lease_until",
            postgresql_where=text("state IN ('DIALING', 'CONNECTED')"),
        ),
        Index(
            "uq_hopper_entries_dialing_number",
            "tenant_id",
            "current_number",
            unique=True,
            postgresql_where=text("state IN ('DIALING', 'CONNECTED')"),
        ),
        Index("ix_hopper_entries_list_id_campaign_id", "list_id", "campaign_id"),
        Index(
            "ix_hopper_entries_owner_id_campaign_id",
            "owner_id",
            "campaign_id",
            postgresql_where=text("owner_id IS NOT NULL"),
        ),
        Index("ix_hopper_entries_page", "campaign_id", "scheduled_at", "id"),
        {"postgresql_with": OFTEN_UPDATED},
    )


class HopperPhone(TenantOwned, Base):
    """One row a dialable number of an entry, the primary at position 0, with its counters."""

    __tablename__ = "hopper_phones"

    id: Mapped[Key]
    entry_id: Mapped[int] = mapped_column(ForeignKey("hopper_entries.id", ondelete="CASCADE"))
    number: Mapped[str] = mapped_column(String(16, collation="C"))
    phone_id: Mapped[int | None]  # the additional phone; None for the primary
    item_type_name: Mapped[str | None]  # copied when the order was built
    position: Mapped[int] = mapped_column(SmallInteger)
    is_available: Mapped[bool] = mapped_column(server_default="true")  # False: set aside (C-08)
    phone_state: Mapped[str] = mapped_column(server_default="OPEN")
    congestion: Mapped[int] = _counter()
    busy: Mapped[int] = _counter()
    no_answer: Mapped[int] = _counter()
    no_such_number: Mapped[int] = _counter()
    drop: Mapped[int] = _counter()
    abandoned: Mapped[int] = _counter()
    machine: Mapped[int] = _counter()
    agent_reject: Mapped[int] = _counter()
    last_status: Mapped[str | None]
    last_at: Mapped[datetime | None]

    __table_args__ = (
        Index("uq_hopper_phones_entry_id_number", "entry_id", "number", unique=True),
        {"postgresql_with": OFTEN_UPDATED},
    )


class CallAttempt(TenantOwned, Base):
    """The History: one row an attempt and one a blocked number; never changed but a disposition.

    Kept when its campaign is deleted: calls that were made count for the caps of all campaigns.
    """

    __tablename__ = "call_attempts"

    id: Mapped[Key]
    campaign_id: Mapped[int]
    contact_id: Mapped[int]
    list_id: Mapped[int | None]
    entry_id: Mapped[int]
    round: Mapped[int] = mapped_column(Integer)
    position: Mapped[int] = mapped_column(SmallInteger)
    phone_id: Mapped[int | None]
    number: Mapped[str] = mapped_column(String(16, collation="C"))
    item_type_name: Mapped[str | None]
    status: Mapped[str]
    unique_id: Mapped[str | None]
    scheduled_at: Mapped[datetime | None]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    policy_version: Mapped[int] = mapped_column(Integer)
    decision: Mapped[str] = mapped_column(server_default="")  # why it was made now
    # what the gate went by, and the moments of the call that was made
    evidence: Mapped[dict[str, object]] = mapped_column(JSONB, server_default="{}")
    mode: Mapped[str | None]
    caller_id: Mapped[str | None]
    rang_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    connected_at: Mapped[datetime | None]  # when an agent had it
    disposition: Mapped[str | None]
    is_refusal: Mapped[bool] = mapped_column(server_default="false")  # by its disposition
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    is_edited: Mapped[bool] = mapped_column(server_default="false")
    edited_at: Mapped[datetime | None]
    recorded_at: Mapped[Created]

    __table_args__ = (
        Index("ix_call_attempts_campaign_id", "campaign_id", "id"),
        Index(
            "uq_call_attempts_unique_id",
            "tenant_id",
            "unique_id",
            unique=True,
            postgresql_where=text("unique_id IS NOT NULL"),
        ),
        # Caps count what a number or a person was called in the last days, over all campaigns.
        Index("ix_call_attempts_number_started_at", "tenant_id", "number", "started_at"),
        Index("ix_call_attempts_contact_id_started_at", "contact_id", "started_at"),
    )


class CallNote(TenantOwned, Base):
    """What somebody wrote about a call afterwards: business tags and a comment (C-07)."""

    __tablename__ = "call_notes"

    id: Mapped[Key]
    attempt_id: Mapped[int] = mapped_column(
        ForeignKey("call_attempts.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    comment: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[Created]


class FinalResult(TenantOwned, Base):
    """One row a closed stay: the last phone, its counters, and why it closed."""

    __tablename__ = "final_results"

    id: Mapped[Key]
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(index=True)
    list_id: Mapped[int | None]
    entry_id: Mapped[int]
    primary_number: Mapped[str | None] = mapped_column(String(16, collation="C"))
    number: Mapped[str | None] = mapped_column(String(16, collation="C"))
    item_type_name: Mapped[str | None]
    status: Mapped[str | None]
    reason: Mapped[str]
    limit_status: Mapped[str | None]
    limit_number: Mapped[str | None]
    counters: Mapped[dict[str, int]] = mapped_column(JSONB, server_default="{}")
    total_attempts: Mapped[int] = mapped_column(Integer)
    first_attempt_at: Mapped[datetime | None]
    last_attempt_at: Mapped[datetime | None]
    # what the agent said of its answered call, level by level, and the callback that was agreed
    disposition_1: Mapped[str | None]
    disposition_2: Mapped[str | None]
    disposition_3: Mapped[str | None]
    is_rescheduled: Mapped[bool] = mapped_column(server_default="false")
    rescheduled_at: Mapped[datetime | None]
    is_callback: Mapped[bool] = mapped_column(server_default="false")  # the stay was one
    closed_at: Mapped[datetime]
    recorded_at: Mapped[Created]

    __table_args__ = (
        Index("ix_final_results_campaign_id", "campaign_id", "id"),
        Index("ix_final_results_entry_id", "entry_id"),
        Index("ix_final_results_campaign_id_primary_number", "campaign_id", "primary_number"),
    )


class AttemptTally(TenantOwned, Base):
    """Attempts by outcome and minute of the campaign's clock, so that live pages count nothing."""

    __tablename__ = "attempt_tallies"

    campaign_id: Mapped[int] = mapped_column(
        ForeignKey("campaigns.id", ondelete="CASCADE"), primary_key=True
    )
    minute: Mapped[datetime] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(primary_key=True)
    attempts: Mapped[int] = mapped_column(server_default="0")


class AnswerHour(TenantOwned, Base):
    """Calls that a person answered, and those of them that no agent had, by hour (reliability 5).

    A month's abandoned rate is a few hundred of these rows, asked for at every claim.
    """

    __tablename__ = "answer_hours"

    campaign_id: Mapped[int] = mapped_column(
        ForeignKey("campaigns.id", ondelete="CASCADE"), primary_key=True
    )
    hour: Mapped[datetime] = mapped_column(primary_key=True)  # the campaign's clock
    answered: Mapped[int] = mapped_column(server_default="0")
    abandoned: Mapped[int] = mapped_column(server_default="0")
