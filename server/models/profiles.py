# SPDX-License-Identifier: Apache-2.0
"""Profiles: what a supervisor or an agent may do (X-09)."""

from sqlalchemy import UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, Created, Key, SortText, TenantOwned


class Profile(TenantOwned, Base):
    __tablename__ = "profiles"

    id: Mapped[Key]
    name: Mapped[str]
    name_key: Mapped[SortText]
    description: Mapped[str] = mapped_column(server_default="")
    permissions: Mapped[list[str]] = mapped_column(ARRAY(TEXT), server_default="{}")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[Created]

    __table_args__ = (UniqueConstraint("tenant_id", "name_key"),)
