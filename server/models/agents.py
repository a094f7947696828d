# SPDX-License-Identifier: Apache-2.0
"""Agents at work: what each is doing now, what they did, and how calls can be disposed of."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, SmallInteger, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, Created, Key, SortText, TenantOwned


class AgentDesk(TenantOwned, Base):
    """One row an agent who has ever worked. Leases run by the database's clock (F17)."""

    __tablename__ = "agent_desks"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    state: Mapped[str] = mapped_column(server_default="OFFLINE")
    pause_reason: Mapped[str] = mapped_column(server_default="")
    since: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    endpoint: Mapped[str] = mapped_column(server_default="")  # the agent's own telephone
    # automatic dialing of assigned customers goes on after each call
    is_auto_dialing: Mapped[bool] = mapped_column(server_default="false")
    leaves_after_call: Mapped[bool] = mapped_column(server_default="false")
    lease_until: Mapped[datetime | None]  # without a heartbeat until then the agent is gone
    # the call in hand, from the preview or the ring until the disposition
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaigns.id", ondelete="SET NULL"))
    entry_id: Mapped[int | None]
    claim_token: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    contact_id: Mapped[int | None]
    number: Mapped[str | None]
    unique_id: Mapped[str | None]
    stage: Mapped[str | None]  # PREVIEW, RINGING_AGENT, RINGING_CUSTOMER, TALKING, ENDED
    attempt_id: Mapped[int | None]  # once the call stands in the history

    __table_args__ = (
        Index(
            "ix_agent_desks_ready",
            "tenant_id",
            "since",
            postgresql_where=text("state = 'READY'"),
        ),
    )


class AgentMoment(TenantOwned, Base):
    """A change of an agent's state; append only."""

    __tablename__ = "agent_moments"

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    state: Mapped[str]
    pause_reason: Mapped[str] = mapped_column(server_default="")
    campaign_id: Mapped[int | None]
    entry_id: Mapped[int | None]
    at: Mapped[Created]

    __table_args__ = (Index("ix_agent_moments_user_id_at", "user_id", "at"),)


class Disposition(TenantOwned, Base):
    """A result that an agent can give a call, up to three levels deep; `campaign_id` None: all."""

    __tablename__ = "dispositions"

    id: Mapped[Key]
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("dispositions.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str]
    name_key: Mapped[SortText]
    action: Mapped[str] = mapped_column(server_default="CLOSE")
    position: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[Created]

    __table_args__ = (
        Index(
            "uq_dispositions_name",
            "tenant_id",
            text("coalesce(campaign_id, 0)"),
            text("coalesce(parent_id, 0)"),
            "name_key",
            unique=True,
        ),
    )
