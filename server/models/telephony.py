# SPDX-License-Identifier: Apache-2.0
"""The telephone exchanges of a centre, and how each is reached (architecture section 6)."""

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, Created, Key, SortText, TenantOwned


class TelephonyExchange(TenantOwned, Base):
    """An Asterisk with its REST interface. `secret` is written and used, never shown."""

    __tablename__ = "telephony_exchanges"

    id: Mapped[Key]
    name: Mapped[str]
    name_key: Mapped[SortText]
    url: Mapped[str]  # of ARI, such as http://pbx.example:8088/ari
    username: Mapped[str]
    secret: Mapped[str]
    application: Mapped[str] = mapped_column(server_default="rubrica")
    dial_template: Mapped[str] = mapped_column(server_default="PJSIP/{number}@trunk")
    agent_template: Mapped[str] = mapped_column(server_default="PJSIP/{endpoint}")
    answered_context: Mapped[str] = mapped_column(server_default="")  # calls without an agent
    detects_machines: Mapped[bool] = mapped_column(server_default="false")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[Created]

    __table_args__ = (UniqueConstraint("tenant_id", "name_key"),)
