# SPDX-License-Identifier: Apache-2.0
"""Users, their sessions and tokens."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, Created, Key, SortText, TenantOwned


class User(TenantOwned, Base):
    """Somebody who signs in; `name_key` is unique over all tenants, as log-in names none."""

    __tablename__ = "users"

    id: Mapped[Key]
    name: Mapped[str]
    name_key: Mapped[SortText] = mapped_column(unique=True)
    full_name: Mapped[str] = mapped_column(server_default="")
    role: Mapped[str]
    profile_id: Mapped[int | None] = mapped_column(ForeignKey("profiles.id"), index=True)
    password_hash: Mapped[str | None]
    locale: Mapped[str] = mapped_column(server_default="en")
    timezone: Mapped[str] = mapped_column(server_default="Europe/Rome")
    theme: Mapped[str] = mapped_column(server_default="auto")
    density: Mapped[str] = mapped_column(server_default="comfortable")
    is_active: Mapped[bool] = mapped_column(server_default="true")
    version: Mapped[int] = mapped_column(server_default="1")
    last_login_at: Mapped[datetime | None]
    created_at: Mapped[Created]

    __table_args__ = (Index("ix_users_tenant_id_name_key", "tenant_id", "name_key", "id"),)


class Session(TenantOwned, Base):
    """A signed-in browser; the cookie's token is stored as its SHA-256 only."""

    __tablename__ = "sessions"

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    ip: Mapped[str] = mapped_column(server_default="")
    user_agent: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[Created]
    last_seen_at: Mapped[Created]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class ApiToken(TenantOwned, Base):
    """A bearer token of a user: shown once, stored as its SHA-256, bounded by scopes and time."""

    __tablename__ = "api_tokens"

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    hint: Mapped[str]  # the last four characters, to tell tokens apart
    scopes: Mapped[list[str] | None] = mapped_column(ARRAY(TEXT))  # None: all that the user may
    created_at: Mapped[Created]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class LoginFailure(Base):
    """Failed tries of one name or address (its hash), counted before a tenant is known."""

    __tablename__ = "login_failures"

    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(server_default="0")
    first_at: Mapped[Created]
    locked_until: Mapped[datetime | None]
