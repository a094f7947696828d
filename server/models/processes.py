# SPDX-License-Identifier: Apache-2.0
"""Long work as rows: processes, their files and the input rows they rejected (C-10 to C-14)."""

from datetime import datetime

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, Created, Key, TenantOwned


class StoredFile(TenantOwned, Base):
    """A file in shared storage, in chunks, so that any node serves it (C-15)."""

    __tablename__ = "stored_files"

    id: Mapped[Key]
    name: Mapped[str]
    content_type: Mapped[str] = mapped_column(server_default="application/octet-stream")
    size: Mapped[int] = mapped_column(server_default="0")
    sha256: Mapped[str] = mapped_column(server_default="")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[Created]


class FileChunk(TenantOwned, Base):
    __tablename__ = "file_chunks"

    file_id: Mapped[int] = mapped_column(
        ForeignKey("stored_files.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Process(TenantOwned, Base):
    """One job. `fence` grows with each attempt at it, so that a late twin is refused."""

    __tablename__ = "processes"

    id: Mapped[Key]
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="PENDING")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    list_id: Mapped[int | None] = mapped_column(ForeignKey("contact_lists.id", ondelete="SET NULL"))
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaigns.id", ondelete="SET NULL"))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_files.id", ondelete="SET NULL"))
    options: Mapped[dict[str, object]] = mapped_column(JSONB, server_default="{}")
    checkpoint: Mapped[dict[str, object]] = mapped_column(JSONB, server_default="{}")
    fence: Mapped[int] = mapped_column(Integer, server_default="0")
    is_cancel_requested: Mapped[bool] = mapped_column(server_default="false")
    total: Mapped[int | None]  # rows, once known
    done: Mapped[int] = mapped_column(server_default="0")
    succeeded: Mapped[int] = mapped_column(server_default="0")
    failed: Mapped[int] = mapped_column(server_default="0")
    skipped: Mapped[int] = mapped_column(server_default="0")
    loaded: Mapped[int] = mapped_column(server_default="0")  # entries in hoppers
    error_code: Mapped[str | None]
    error_field: Mapped[str | None]
    error_params: Mapped[dict[str, object]] = mapped_column(JSONB, server_default="{}")
    comment: Mapped[str] = mapped_column(server_default="")
    scheduled_at: Mapped[Created]
    started_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    created_at: Mapped[Created]

    __table_args__ = (Index("ix_processes_tenant_id_id", "tenant_id", "id"),)


class ProcessRejection(TenantOwned, Base):
    """An input row not taken: line (from 1), column, reason, original text (C-53)."""

    __tablename__ = "process_rejections"

    id: Mapped[Key]
    process_id: Mapped[int] = mapped_column(ForeignKey("processes.id", ondelete="CASCADE"))
    line: Mapped[int]
    column: Mapped[str] = mapped_column(server_default="")
    code: Mapped[str]
    params: Mapped[dict[str, object]] = mapped_column(JSONB, server_default="{}")
    original: Mapped[list[str]] = mapped_column(JSONB)

    __table_args__ = (UniqueConstraint("process_id", "line"),)


class ProcessTarget(TenantOwned, Base):
    """The contacts that a process is for, as they matched when it was confirmed, in pieces."""

    __tablename__ = "process_targets"

    process_id: Mapped[int] = mapped_column(
        ForeignKey("processes.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    contact_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
