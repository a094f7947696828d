# SPDX-License-Identifier: Apache-2.0
"""Contacts, their additional phones and their tags (X-11 to X-17, X-20c, X-26, C-05, C-08)."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, Created, Key, SortText, TenantOwned

PHONE_STATES = "{} IN ('AVAILABLE', 'INACTIVE', 'EXCLUDED', 'BLOCKED')"  # C-08


class Contact(TenantOwned, Base):
    """A person; numbers are E.164.

    `name_key` is "last first" and `given_key` "first last", folded and without accents: people are
    listed by the one and found by either. E-mail addresses are kept in lower case. These are plain
    "C" columns, because under row-level security only leakproof comparisons (=, <, >=) of a column
    use its index; lower() and LIKE do not. `time_zone` and `language` are the person's, "" where
    nobody knows; `phone_state` is the primary number's.
    """

    __tablename__ = "contacts"

    id: Mapped[Key]
    first_name: Mapped[str]
    last_name: Mapped[str] = mapped_column(server_default="")
    name_key: Mapped[SortText]
    given_key: Mapped[SortText]
    email: Mapped[SortText] = mapped_column(server_default="")
    company: Mapped[str] = mapped_column(server_default="")
    company_key: Mapped[SortText] = mapped_column(server_default="")
    phone: Mapped[str | None] = mapped_column(String(16, collation="C"))
    phone_state: Mapped[str] = mapped_column(server_default="AVAILABLE")
    time_zone: Mapped[str] = mapped_column(server_default="")
    language: Mapped[str] = mapped_column(server_default="")
    photo_url: Mapped[str] = mapped_column(server_default="")
    priority: Mapped[int] = mapped_column(SmallInteger, server_default="2")
    scheduled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[Created]
    updated_at: Mapped[Created]

    __table_args__ = (
        Index("ix_contacts_tenant_id_name_key", "tenant_id", "name_key", "id"),
        Index("ix_contacts_tenant_id_given_key", "tenant_id", "given_key"),
        Index("ix_contacts_tenant_id_phone", "tenant_id", "phone"),
        Index("ix_contacts_tenant_id_email", "tenant_id", "email", "name_key", "id"),
        Index("ix_contacts_tenant_id_company_key", "tenant_id", "company_key", "name_key", "id"),
        Index("ix_contacts_tenant_id_created_at", "tenant_id", "created_at", "id"),
        Index(
            "ix_contacts_search_host",
            "tenant_id",
            literal_column("split_part(email, '@'::text, 2)").label("host"),
        ),
        # What few contacts have is found by these; what many have, while walking a list's order.
        Index(
            "ix_contacts_priority",
            "tenant_id",
            "priority",
            "name_key",
            "id",
            postgresql_where=text("priority <> 2"),
        ),
        Index(
            "ix_contacts_language",
            "tenant_id",
            "language",
            "name_key",
            "id",
            postgresql_where=text("language <> ''"),
        ),
        Index(
            "ix_contacts_time_zone",
            "tenant_id",
            "time_zone",
            "name_key",
            "id",
            postgresql_where=text("time_zone <> ''"),
        ),
        Index(
            "ix_contacts_without_phone",
            "tenant_id",
            "name_key",
            "id",
            postgresql_where=text("phone IS NULL"),
        ),
        CheckConstraint("priority between 1 and 3", name="priority_1_to_3"),
        CheckConstraint(PHONE_STATES.format("phone_state"), name="phone_state_known"),
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
    state: Mapped[str] = mapped_column(server_default="AVAILABLE")

    __table_args__ = (
        CheckConstraint(PHONE_STATES.format("state"), name="state_known"),
        Index("uq_additional_phones_contact_id_number", "contact_id", "number", unique=True),
        Index("ix_additional_phones_tenant_id_number", "tenant_id", "number"),
    )


class ContactSearch(TenantOwned, Base):
    """What a contact is found by inside of words and numbers (X-08); triggers keep it.

    `key` is name, local part of the e-mail address and company, as `rubrica_search_key` has them;
    `numbers` are all numbers, each with a blank on both sides.
    """

    __tablename__ = "contact_search"

    contact_id: Mapped[int] = mapped_column(
        ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    key: Mapped[SortText]
    numbers: Mapped[SortText]

    __table_args__ = (
        Index(
            "ix_contact_search_search",
            "tenant_id",
            "key",
            "numbers",
            postgresql_using="gin",
            postgresql_ops={"key": "gin_trgm_ops", "numbers": "gin_trgm_ops"},
        ),
    )


class SearchBacklog(TenantOwned, Base):
    """New contacts of a tenant, first to last key, that have no `contact_search` yet."""

    __tablename__ = "search_backlog"

    id: Mapped[Key]
    first_id: Mapped[int]
    last_id: Mapped[int]


class NameWord(TenantOwned, Base):
    """A word of somebody's name, for searches with a typing error; triggers add what is new.

    A word may stand here twice, and for a while after the last contact who had it is gone.
    """

    __tablename__ = "name_words"

    id: Mapped[Key]
    word: Mapped[SortText]

    __table_args__ = (
        Index("ix_name_words_tenant_id_word", "tenant_id", "word"),
        Index(
            "ix_name_words_search",
            "tenant_id",
            "word",
            postgresql_using="gin",
            postgresql_ops={"word": "gin_trgm_ops"},
        ),
    )


class Tag(TenantOwned, Base):
    """A word that groups contacts, such as VIP."""

    __tablename__ = "tags"

    id: Mapped[Key]
    name: Mapped[str]
    name_key: Mapped[SortText]
    created_at: Mapped[Created]

    __table_args__ = (UniqueConstraint("tenant_id", "name_key"),)


class ContactTag(TenantOwned, Base):
    __tablename__ = "contact_tags"

    contact_id: Mapped[int] = mapped_column(
        ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True
    )
    tag_id: Mapped[int] = mapped_column(
        ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True, index=True
    )
