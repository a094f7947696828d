# SPDX-License-Identifier: Apache-2.0
"""Contacts and their additional phones (X-11 to X-17, X-20c)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, Created, Key, SortText, TenantOwned


class Contact(TenantOwned, Base):
    """A person; numbers are E.164.

    `name_key` is "last first" and `given_key` "first last", folded and without accents: people are
    listed by the one and found by either. E-mail addresses are kept in lower case. These are plain
    "C" columns, because under row-level security only leakproof comparisons (=, <, >=) of a column
    use its index; lower() and LIKE do not.
    """

    __tablename__ = "contacts"

    id: Mapped[Key]
    first_name: Mapped[str]
    last_name: Mapped[str] = mapped_column(server_default="")
    name_key: Mapped[SortText]
    given_key: Mapped[SortText]
    email: Mapped[SortText] = mapped_column(server_default="")
    company: Mapped[str] = mapped_column(server_default="")
    phone: Mapped[str | None] = mapped_column(String(16, collation="C"))
    priority: Mapped[int] = mapped_column(SmallInteger, server_default="2")
    scheduled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[Created]
    updated_at: Mapped[Created]

    __table_args__ = (
        Index("ix_contacts_tenant_id_name_key", "tenant_id", "name_key", "id"),
        Index("ix_contacts_tenant_id_given_key", "tenant_id", "given_key"),
        Index("ix_contacts_tenant_id_phone", "tenant_id", "phone"),
        Index("ix_contacts_tenant_id_email", "tenant_id", "email"),
        Index("ix_contacts_tenant_id_id", "tenant_id", "id"),
        CheckConstraint("priority between 1 and 3", name="priority_1_to_3"),
    )


class AdditionalPhone(TenantOwned, Base):
    """A further number of a contact, in the order it was entered."""

    __tablename__ = "additional_phones"

    id: Mapped[Key]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    number: Mapped[str] = mapped_column(String(16, collation="C"))
    item_type_id: Mapped[int | None] = mapped_column(
        ForeignKey("contact_item_types.id", ondelete="SET NULL"), index=True
    )
    description: Mapped[str] = mapped_column(String(255), server_default="")
    position: Mapped[int] = mapped_column(SmallInteger)

    __table_args__ = (
        Index("uq_additional_phones_contact_id_number", "contact_id", "number", unique=True),
        Index("ix_additional_phones_tenant_id_number", "tenant_id", "number"),
    )
