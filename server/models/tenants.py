# SPDX-License-Identifier: Apache-2.0
"""The centres that share one installation, and the epoch of each one's access rights."""

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, Created, Key


class Tenant(Base):
    """The registry of centres; not business data, so without row-level security."""

    __tablename__ = "tenants"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(unique=True)
    default_region: Mapped[str] = mapped_column(server_default="IT")
    timezone: Mapped[str] = mapped_column(server_default="Europe/Rome")
    created_at: Mapped[Created]


class AccessEpoch(Base):
    """Counts up whenever somebody's rights change, so that a cached viewer is known to be stale."""

    __tablename__ = "access_epochs"

    tenant_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("tenants.id", ondelete="CASCADE"), primary_key=True
    )
    epoch: Mapped[int] = mapped_column(BigInteger, server_default="1")
