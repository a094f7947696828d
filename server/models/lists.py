# SPDX-License-Identifier: Apache-2.0
"""Contact lists, who is on them, and which agents see them."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, Created, Key, SortText, TenantOwned


class ContactList(TenantOwned, Base):
    __tablename__ = "contact_lists"

    id: Mapped[Key]
    name: Mapped[str]
    name_key: Mapped[SortText]
    description: Mapped[str] = mapped_column(server_default="")
    # when its numbers were last compared with the register of objections that binds the centre
    screened_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[Created]

    __table_args__ = (UniqueConstraint("tenant_id", "name_key"),)


class ListMember(TenantOwned, Base):
    """A contact may stand on several lists."""

    __tablename__ = "list_members"

    list_id: Mapped[int] = mapped_column(
        ForeignKey("contact_lists.id", ondelete="CASCADE"), primary_key=True
    )
    contact_id: Mapped[int] = mapped_column(
        ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class ListAgent(TenantOwned, Base):
    """An agent sees the contacts of the lists assigned here (X-17)."""

    __tablename__ = "list_agents"

    list_id: Mapped[int] = mapped_column(
        ForeignKey("contact_lists.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )
