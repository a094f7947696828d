# SPDX-License-Identifier: Apache-2.0
"""Consents to be called: given and withdrawn, with their evidence (reliability section 5)."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, Created, Key, TenantOwned


class Consent(TenantOwned, Base):
    """Kept after its withdrawal. `matter` "" is a consent to everything.

    An objection is the opposite: on that day the person was entered in a register of objections,
    which revokes the consents given before.
    """

    __tablename__ = "consents"

    id: Mapped[Key]
    contact_id: Mapped[int] = mapped_column(
        ForeignKey("contacts.id", ondelete="CASCADE"), index=True
    )
    matter: Mapped[str] = mapped_column(server_default="")
    is_objection: Mapped[bool] = mapped_column(server_default="false")
    evidence: Mapped[str] = mapped_column(server_default="")  # where and how it was given
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[Created]
