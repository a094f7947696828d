# SPDX-License-Identifier: Apache-2.0
"""Do-not-call entries of a tenant, or of one campaign (C-26, C-27)."""

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, Created, Key, TenantOwned


class BlacklistEntry(TenantOwned, Base):
    """`campaign_id` None: it holds for every campaign of the tenant."""

    __tablename__ = "blacklist_entries"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(server_default="")
    number: Mapped[str] = mapped_column(String(16, collation="C"))
    campaign_id: Mapped[int | None] = mapped_column(
        ForeignKey("campaigns.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[Created]

    __table_args__ = (
        Index(
            "uq_blacklist_entries_scope",
            "tenant_id",
            "number",
            text("coalesce(campaign_id, 0)"),  # PostgreSQL 14 holds two NULLs for different
            unique=True,
        ),
    )
