# SPDX-License-Identifier: Apache-2.0
"""What was deleted or merged, kept whole for thirty days so that it can come back (X-25)."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, Created, Key, SortText, TenantOwned


class TrashedContact(TenantOwned, Base):
    """A deleted contact. Its `snapshot` holds every row that went with it, ids included.

    `process_id` is the bulk deletion that it was part of, which can be taken back as a whole.
    """

    __tablename__ = "trashed_contacts"

    id: Mapped[Key]
    contact_id: Mapped[int]
    name: Mapped[str]
    name_key: Mapped[SortText]
    phone: Mapped[str | None] = mapped_column(String(16, collation="C"))
    snapshot: Mapped[dict[str, object]] = mapped_column(JSONB)
    deleted_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    deleted_at: Mapped[Created]
    expires_at: Mapped[datetime]
    process_id: Mapped[int | None] = mapped_column(
        ForeignKey("processes.id", ondelete="SET NULL"), index=True
    )

    __table_args__ = (
        UniqueConstraint("tenant_id", "contact_id"),
        Index("ix_trashed_contacts_deleted_at", "tenant_id", "deleted_at", "id"),
        Index("ix_trashed_contacts_name_key", "tenant_id", "name_key", "id"),
        Index("ix_trashed_contacts_expires_at", "expires_at"),
    )


class ContactMerge(TenantOwned, Base):
    """Contacts that became one: how each was before, and how the one was right after."""

    __tablename__ = "contact_merges"

    id: Mapped[Key]
    master_id: Mapped[int] = mapped_column(index=True)
    name: Mapped[str]  # of the master
    before: Mapped[list[dict[str, object]]] = mapped_column(JSONB)
    after: Mapped[dict[str, object]] = mapped_column(JSONB)
    merged_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    merged_at: Mapped[Created]
    expires_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))

    __table_args__ = (
        Index("ix_contact_merges_tenant_id_id", "tenant_id", "id"),
        Index("ix_contact_merges_expires_at", "expires_at"),
    )


class MergedContact(TenantOwned, Base):
    """Where a contact went: links to it lead to the one that it was merged into."""

    __tablename__ = "merged_contacts"

    contact_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    merge_id: Mapped[int] = mapped_column(
        ForeignKey("contact_merges.id", ondelete="CASCADE"), index=True
    )
    master_id: Mapped[int] = mapped_column(index=True)


class DistinctPeople(TenantOwned, Base):
    """One row a contact of a group that somebody found to be different people (`mark`).

    A group of duplicates whose contacts all stand under one mark is not shown again.
    """

    __tablename__ = "distinct_people"

    mark: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    contact_id: Mapped[int] = mapped_column(primary_key=True, index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[Created]
