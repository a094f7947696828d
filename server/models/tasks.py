# SPDX-License-Identifier: Apache-2.0
"""Scheduled tasks: callbacks that wait for their time (C-30 to C-38)."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, Created, Key, TenantOwned


class ScheduledTask(TenantOwned, Base):
    """Its hopper entry waits as WAIT_CALLBACK; the state shown follows from times (C-34)."""

    __tablename__ = "scheduled_tasks"

    id: Mapped[Key]
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(
        ForeignKey("contacts.id", ondelete="CASCADE"), index=True
    )
    entry_id: Mapped[int | None]  # None once it left the hopper
    number: Mapped[str] = mapped_column(String(16, collation="C"))
    starts_at: Mapped[datetime]  # on the campaign's clock, like the two below
    ends_at: Mapped[datetime]  # never delivered after
    threshold_minutes: Mapped[int] = mapped_column(Integer, server_default="15")
    early_minutes: Mapped[int] = mapped_column(Integer, server_default="0")  # for the eye only
    time_zone: Mapped[str] = mapped_column(server_default="")  # in which the time was agreed
    type: Mapped[str] = mapped_column(server_default="UNSPECIFIED")
    preference: Mapped[str] = mapped_column(server_default="ANYONE")
    agent_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True
    )  # who is to call next
    last_agent_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    unique_id: Mapped[str | None]  # the call that it was agreed in
    note: Mapped[str] = mapped_column(server_default="")
    closed_at: Mapped[datetime | None]  # done, expired for good, or given up
    close_reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[Created]

    __table_args__ = (
        Index(
            "ix_scheduled_tasks_page",
            "tenant_id",
            "starts_at",
            "id",
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_scheduled_tasks_open",
            "campaign_id",
            "starts_at",
            "id",
            postgresql_where=text("closed_at IS NULL"),
        ),
        # A stay in the hopper is one callback, and the expiry finds those that can still be dialed.
        Index(
            "uq_scheduled_tasks_entry_id",
            "entry_id",
            unique=True,
            postgresql_where=text("entry_id IS NOT NULL"),
        ),
        Index(
            "ix_scheduled_tasks_ends_at",
            "campaign_id",
            "ends_at",
            postgresql_where=text("entry_id IS NOT NULL"),
        ),
    )
