# SPDX-License-Identifier: Apache-2.0
"""The audit: one row a state change, written in its transaction; the application only inserts."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, Created, Key, TenantOwned


class Event(TenantOwned, Base):
    __tablename__ = "events"

    id: Mapped[Key]
    at: Mapped[Created]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    name: Mapped[str]
    subject_id: Mapped[int | None]
    data: Mapped[dict[str, object]] = mapped_column(JSONB, server_default="{}")

    __table_args__ = (
        Index("ix_events_tenant_id_id", "tenant_id", "id"),
        Index("ix_events_tenant_id_subject_id_id", "tenant_id", "subject_id", "id"),
    )
