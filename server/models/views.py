# SPDX-License-Identifier: Apache-2.0
"""How people look at lists: filters they saved, and the columns they chose."""

from datetime import datetime

from sqlalchemy import ARRAY, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, Created, Key, SortText, TenantOwned


class SavedFilter(TenantOwned, Base):
    """`query` is what stands behind the question mark of the list's address.

    A deleted one stays for a day, so that it can be had back with its id.
    """

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
    deleted_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_saved_filters_user_id_subject_name_key",
            "user_id",
            "subject",
            "name_key",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index("ix_saved_filters_tenant_id_subject", "tenant_id", "subject", "name_key"),
    )


class ColumnChoice(TenantOwned, Base):
    """The columns of a list that a person wants to see, in their order."""

    __tablename__ = "column_choices"

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    subject: Mapped[str]
    columns: Mapped[list[str]] = mapped_column(ARRAY(Text))

    __table_args__ = (UniqueConstraint("user_id", "subject"),)
