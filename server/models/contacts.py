# SPDX-License-Identifier: Apache-2.0
"""Contacts and their additional phones (X-11 to X-17, X-20c)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, Created, Key, SortText, TenantOwned


class Contact(TenantOwned, Base):
    """A person; numbers are E.164. `name_key` is "last first", folded and without accents."""

    __tablename__ = "contacts"

    id: Mapped[Key]
    first_name: Mapped[str]
    last_name: Mapped[str] = mapped_column(server_default="")
    name_key: Mapped[SortText]
    email: Mapped[str] = mapped_column(server_default="")
    company: Mapped[str] = mapped_column(server_default="")
    phone: Mapped[str | None] = mapped_column(String(16, collation="C"))
    priority: Mapped[int] = mapped_column(SmallInteger, server_default="2")
    scheduled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[Created]
    updated_at: Mapped[Created]

    __table_args__ = (
        Index("ix_contacts_tenant_id_name_key", "tenant_id", "name_key", "id"),
        Index("ix_contacts_tenant_id_phone", "tenant_id", "phone"),
        Index("ix_contacts_tenant_id_email", "tenant_id", text("lower(email) text_pattern_ops")),
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
