# SPDX-License-Identifier: Apache-2.0
"""How people look at lists: filters they saved, and the columns they chose."""

from sqlalchemy import ARRAY, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, Created, Key, SortText, TenantOwned


class SavedFilter(TenantOwned, Base):
    """`query` is the page's query string; `subject` the list's path, such as contacts."""

    __tablename__ = "saved_filters"

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    subject: Mapped[str]
    name: Mapped[str]
    name_key: Mapped[SortText]
    query: Mapped[str]
    is_shared: Mapped[bool] = mapped_column(server_default="false")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[Created]

    __table_args__ = (
        UniqueConstraint("user_id", "subject", "name_key"),
        Index("ix_saved_filters_tenant_id_subject", "tenant_id", "subject", "name_key"),
    )


class ColumnChoice(TenantOwned, Base):
    """The columns of a list that a person wants to see, in their order."""

    __tablename__ = "column_choices"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    subject: Mapped[str] = mapped_column(primary_key=True)
    columns: Mapped[list[str]] = mapped_column(ARRAY(Text))
