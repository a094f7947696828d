# SPDX-License-Identifier: Apache-2.0
"""Master data fields, which of them a campaign's records have, and their values (C-22 to C-25)."""

from datetime import date, datetime

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, Created, Key, SortText, TenantOwned


class MasterDataField(TenantOwned, Base):
    """A field of a centre's own.

    `scope` CONTACT: one value a person. RECORD: one value a person and campaign, in the campaigns
    made after the field (C-23). `size` is the longest text, None for no limit of its own.
    """

    __tablename__ = "master_data_fields"

    id: Mapped[Key]
    name: Mapped[str]
    name_key: Mapped[SortText]
    display_name: Mapped[str]
    scope: Mapped[str]
    type: Mapped[str]
    size: Mapped[int | None] = mapped_column(Integer)
    valid_values: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    is_required: Mapped[bool] = mapped_column(server_default="false")
    is_unique: Mapped[bool] = mapped_column(server_default="false")
    is_multi_line: Mapped[bool] = mapped_column(server_default="false")
    is_searchable: Mapped[bool] = mapped_column(server_default="false")
    position: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[Created]

    __table_args__ = (UniqueConstraint("tenant_id", "name_key"),)


class CampaignField(TenantOwned, Base):
    """The record structure of a campaign: its fields in their order."""

    __tablename__ = "campaign_fields"

    campaign_id: Mapped[int] = mapped_column(
        ForeignKey("campaigns.id", ondelete="CASCADE"), primary_key=True
    )
    field_id: Mapped[int] = mapped_column(
        ForeignKey("master_data_fields.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    position: Mapped[int] = mapped_column(SmallInteger)


def _sorted_by(column: str) -> Index:
    """Values of one field in their order; every comparison of these types is leakproof."""
    return Index(
        f"ix_field_values_{column}",
        "tenant_id",
        "field_id",
        column,
        "contact_id",
        postgresql_where=text(f"{column} IS NOT NULL"),
    )


class FieldValue(TenantOwned, Base):
    """One value, in the column of its field's type; an empty field has no row.

    `text_value` is as written: of TEXT, CHOICE, EMAIL, PHONE and LINK. `text_key` is the same
    folded, as it is sorted and compared, and cut to 200 characters. `unique_key` stands where
    the field is unique.
    """

    __tablename__ = "field_values"

    id: Mapped[Key]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    field_id: Mapped[int] = mapped_column(ForeignKey("master_data_fields.id", ondelete="CASCADE"))
    campaign_id: Mapped[int | None] = mapped_column(
        ForeignKey("campaigns.id", ondelete="CASCADE"), index=True
    )
    text_value: Mapped[str | None]
    text_key: Mapped[SortText | None]
    number_value: Mapped[float | None] = mapped_column(Double)
    date_value: Mapped[date | None] = mapped_column(Date)
    instant_value: Mapped[datetime | None]
    boolean_value: Mapped[bool | None]
    unique_key: Mapped[SortText | None]

    __table_args__ = (
        CheckConstraint(
            "num_nonnulls(text_value, number_value, date_value, instant_value, boolean_value) = 1",
            name="one_value",
        ),
        Index(
            "uq_field_values_contact_id",
            "contact_id",
            "field_id",
            text("coalesce(campaign_id, 0)"),  # PostgreSQL 14 holds two NULLs for different
            unique=True,
        ),
        Index(
            "uq_field_values_unique_key",
            "field_id",
            text("coalesce(campaign_id, 0)"),
            "unique_key",
            unique=True,
            postgresql_where=text("unique_key IS NOT NULL"),
        ),
        Index(
            "ix_field_values_search",
            "field_id",
            literal_column("rubrica_search_key(text_key)").label("search_key"),
            postgresql_using="gin",
            postgresql_ops={"search_key": "gin_trgm_ops"},
            postgresql_where=text("text_key IS NOT NULL"),
        ),
        _sorted_by("text_key"),
        _sorted_by("number_value"),
        _sorted_by("date_value"),
        _sorted_by("instant_value"),
        _sorted_by("boolean_value"),
    )


class TrashedField(TenantOwned, Base):
    """A deleted field: its definition and its places in campaigns, for thirty days."""

    __tablename__ = "trashed_fields"

    id: Mapped[Key]
    field_id: Mapped[int]
    name: Mapped[str]
    definition: Mapped[dict[str, object]] = mapped_column(JSONB)
    value_count: Mapped[int]
    deleted_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    deleted_at: Mapped[Created]
    expires_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("tenant_id", "field_id"),
        Index("ix_trashed_fields_deleted_at", "tenant_id", "deleted_at", "id"),
    )


class TrashedFieldValue(TenantOwned, Base):
    """A value that went with its field, in the columns it had."""

    __tablename__ = "trashed_field_values"

    trashed_field_id: Mapped[int] = mapped_column(
        ForeignKey("trashed_fields.id", ondelete="CASCADE"), primary_key=True
    )
    value_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    contact_id: Mapped[int]
    campaign_id: Mapped[int | None]
    text_value: Mapped[str | None]
    text_key: Mapped[str | None]
    number_value: Mapped[float | None] = mapped_column(Double)
    date_value: Mapped[date | None] = mapped_column(Date)
    instant_value: Mapped[datetime | None]
    boolean_value: Mapped[bool | None]
    unique_key: Mapped[str | None]
