# SPDX-License-Identifier: Apache-2.0
"""Campaigns, their retry settings and the lists attached to them (X-37, X-40)."""

from datetime import datetime, time
from decimal import Decimal

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Integer,
    Numeric,
    SmallInteger,
    Time,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, Created, Key, SortText, TenantOwned


class Campaign(TenantOwned, Base):
    """A dialing programme. Waits are minutes, time-outs seconds, window times local."""

    __tablename__ = "campaigns"

    id: Mapped[Key]
    name: Mapped[str]
    name_key: Mapped[SortText]
    kind: Mapped[str] = mapped_column(server_default="MOTION_BULL")
    state: Mapped[str] = mapped_column(server_default="DRAFT")
    # retry settings
    global_max_retry: Mapped[int] = mapped_column(Integer, server_default="4")
    additional_phones_after: Mapped[int] = mapped_column(Integer, server_default="1")
    exhaustion_policy: Mapped[str] = mapped_column(server_default="ANY_PHONE")
    max_attempts_per_contact: Mapped[int | None] = mapped_column(Integer)
    max_attempts_per_number: Mapped[int | None] = mapped_column(Integer)  # in 24 hours, anywhere
    originate_timeout: Mapped[int] = mapped_column(Integer, server_default="30")
    queue_timeout: Mapped[int] = mapped_column(Integer, server_default="3")
    # loading and order
    check_duplicate: Mapped[str] = mapped_column(server_default="ALWAYS")
    dial_order: Mapped[str] = mapped_column(server_default="ASC")
    simultaneous_lines: Mapped[int] = mapped_column(Integer, server_default="30")
    # when it may call
    window_from: Mapped[time | None] = mapped_column(Time)
    window_to: Mapped[time | None] = mapped_column(Time)
    window_days: Mapped[list[str] | None] = mapped_column(ARRAY(TEXT))
    timezone: Mapped[str] = mapped_column(server_default="Europe/Rome")
    ends_at: Mapped[datetime | None]
    # how agents get calls (kind QUEUE), and who may give customers to whom
    mode: Mapped[str] = mapped_column(server_default="DIRECT")
    power_level: Mapped[Decimal] = mapped_column(Numeric(3, 1), server_default="1")
    abandoned_cap: Mapped[Decimal] = mapped_column(Numeric(4, 2), server_default="3")  # per cent
    abandoned_hours: Mapped[int] = mapped_column(Integer, server_default="720")
    wrap_up_seconds: Mapped[int] = mapped_column(Integer, server_default="30")
    dialway: Mapped[str] = mapped_column(server_default="OFF")
    may_obtain: Mapped[bool] = mapped_column(server_default="false")
    obtained_per_click: Mapped[int] = mapped_column(Integer, server_default="20")
    most_owned: Mapped[int] = mapped_column(Integer, server_default="50")
    # the gate: names of ready-made policies, rules of its own, and what the calls are about
    policies: Mapped[list[str]] = mapped_column(ARRAY(TEXT), server_default="{}")
    rules: Mapped[list[dict[str, object]]] = mapped_column(JSONB, server_default="[]")
    matter: Mapped[str] = mapped_column(server_default="")
    starts_at: Mapped[datetime | None]
    hold_version: Mapped[int] = mapped_column(Integer, server_default="1")  # others are void
    # telephony: the exchange and its caller id, the driver, the simulated one's model, and the
    # campaign's clock (origin + elapsed x rate)
    driver: Mapped[str] = mapped_column(server_default="SIMULATED")
    exchange_id: Mapped[int | None] = mapped_column(
        ForeignKey("telephony_exchanges.id", ondelete="RESTRICT")
    )
    caller_id: Mapped[str] = mapped_column(server_default="")
    simulation: Mapped[dict[str, object]] = mapped_column(JSONB, server_default="{}")
    clock_rate: Mapped[int] = mapped_column(Integer, server_default="1")
    clock_origin: Mapped[datetime | None]
    settings_version: Mapped[int] = mapped_column(Integer, server_default="1")
    version: Mapped[int] = mapped_column(server_default="1")
    started_at: Mapped[datetime | None]
    created_at: Mapped[Created]

    __table_args__ = (
        UniqueConstraint("tenant_id", "name_key"),
        CheckConstraint("simultaneous_lines >= 1", name="lines_from_1"),
        CheckConstraint("additional_phones_after >= 0", name="wait_from_0"),
        CheckConstraint("global_max_retry >= 0", name="global_max_from_0"),
        CheckConstraint("clock_rate >= 1", name="clock_rate_from_1"),
        CheckConstraint("power_level BETWEEN 1 AND 10", name="power_level_1_to_10"),
    )


class FormerCampaign(TenantOwned, Base):
    """What rules still ask of the calls of a campaign that was deleted."""

    __tablename__ = "former_campaigns"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # the campaign's
    matter: Mapped[str]
    deleted_at: Mapped[Created]


class RetrySetting(TenantOwned, Base):
    """One row a failure status: how often, and after how many minutes again."""

    __tablename__ = "retry_settings"

    campaign_id: Mapped[int] = mapped_column(
        ForeignKey("campaigns.id", ondelete="CASCADE"), primary_key=True
    )
    status: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger)
    max_retry: Mapped[int] = mapped_column(Integer, server_default="3")
    minutes: Mapped[int] = mapped_column(Integer, server_default="150")
    after_status: Mapped[str] = mapped_column(server_default="ADVANCE")

    __table_args__ = (
        CheckConstraint("max_retry >= 0", name="max_from_0"),
        CheckConstraint("minutes >= 0", name="minutes_from_0"),
    )


class CampaignList(TenantOwned, Base):
    __tablename__ = "campaign_lists"

    campaign_id: Mapped[int] = mapped_column(
        ForeignKey("campaigns.id", ondelete="CASCADE"), primary_key=True
    )
    list_id: Mapped[int] = mapped_column(
        ForeignKey("contact_lists.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    attached_at: Mapped[Created]


class CampaignAgent(TenantOwned, Base):
    __tablename__ = "campaign_agents"

    campaign_id: Mapped[int] = mapped_column(
        ForeignKey("campaigns.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )
