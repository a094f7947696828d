# SPDX-License-Identifier: Apache-2.0
"""Contact item types: the categories of additional phones (X-01 to X-10)."""

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, Created, Key, SortText, TenantOwned


class ContactItemType(TenantOwned, Base):
    """`name_key` is the case-folded name: unique (X-10), and the tie-break of the order (X-03)."""

    __tablename__ = "contact_item_types"

    id: Mapped[Key]
    name: Mapped[str]
    name_key: Mapped[SortText]
    order_by: Mapped[int]
    color: Mapped[str]  # "#RRGGBB", upper case
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[Created]

    __table_args__ = (
        UniqueConstraint("tenant_id", "name_key"),
        CheckConstraint("order_by >= 1", name="order_by_from_1"),
        CheckConstraint("color ~ '^#[0-9A-F]{6}$'", name="color_is_hex"),
    )
