# SPDX-License-Identifier: Apache-2.0
"""Do-not-call entries of a tenant, of one campaign or of one list (C-26 to C-28)."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, Created, Key, SortText, TenantOwned

# PostgreSQL 14 holds two NULLs for different
_SCOPE = (text("coalesce(campaign_id, 0)"), text("coalesce(list_id, 0)"))


class BlacklistEntry(TenantOwned, Base):
    """A number, an e-mail address or a person; without campaign and list it holds for all."""

    __tablename__ = "blacklist_entries"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(server_default="")
    name_key: Mapped[SortText] = mapped_column(server_default="")
    media: Mapped[str] = mapped_column(server_default="PHONE")
    number: Mapped[str | None] = mapped_column(String(16, collation="C"))  # of media PHONE
    email: Mapped[str | None] = mapped_column(Text(collation="C"))  # of media EMAIL, lower case
    contact_id: Mapped[int | None] = mapped_column(
        ForeignKey("contacts.id", ondelete="CASCADE"), index=True
    )  # of media PERSON: every number of them
    campaign_id: Mapped[int | None] = mapped_column(
        ForeignKey("campaigns.id", ondelete="CASCADE"), index=True
    )
    list_id: Mapped[int | None] = mapped_column(
        ForeignKey("contact_lists.id", ondelete="CASCADE"), index=True
    )
    # False: automatic calls alone; True: callbacks and calls by hand too (C-28)
    is_everywhere: Mapped[bool] = mapped_column(server_default="false")
    is_opt_out: Mapped[bool] = mapped_column(server_default="false")  # the person asked for it
    # of a number that stands in for the mark of a contact in the trash; None once that is for good
    suppressed_for: Mapped[int | None] = mapped_column(index=True)
    note: Mapped[str] = mapped_column(server_default="")
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[Created]

    __table_args__ = (
        Index(
            "uq_blacklist_entries_scope",
            "tenant_id",
            "number",
            *_SCOPE,
            unique=True,
            postgresql_where=text("media = 'PHONE'"),
        ),
        Index(
            "uq_blacklist_entries_email",
            "tenant_id",
            "email",
            *_SCOPE,
            unique=True,
            postgresql_where=text("media = 'EMAIL'"),
        ),
        Index(
            "uq_blacklist_entries_person",
            "contact_id",
            *_SCOPE,
            unique=True,
            postgresql_where=text("media = 'PERSON'"),
        ),
        Index("ix_blacklist_entries_name", "tenant_id", "name_key", "id"),
        Index("ix_blacklist_entries_page", "tenant_id", "created_at", "id"),
        Index(
            "ix_blacklist_entries_opt_outs",
            "tenant_id",
            "created_at",
            "id",
            postgresql_where=text("is_opt_out"),
        ),
        CheckConstraint("num_nonnulls(number, email, contact_id) = 1", name="one_target"),
    )
