# SPDX-License-Identifier: Apache-2.0
"""What a claim gives: calls to make, and what became of each entry that was picked."""

import uuid
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from server.domain.dialer import HistoryRow
from server.services.dialer.campaigns import DialedCampaign


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A call to make now. Whoever reports its result shows the token (`report`)."""

    entry_id: int
    token: uuid.UUID
    campaign_id: int
    contact_id: int
    number: str
    item_type: str | None
    phone_id: int | None
    position: int
    round: int
    attempts_made: int  # in this stay, before this call
    claimed_at: datetime  # the campaign's clock
    lease_until: datetime  # the database's clock
    timeout: int  # seconds to let it ring
    owner_id: int | None = None  # the agent who is to have it, if that one is ready
    is_owner_only: bool = False  # nobody else may


@dataclass(frozen=True, slots=True)
class Picked:
    """What became of one due entry: numbers passed over, then a call, or none."""

    entry_id: int
    blocked: tuple[HistoryRow, ...]
    call: Claimed | None


def claimed(row: asyncpg.Record, campaign: DialedCampaign) -> Claimed | None:
    """The call of a row of `picking`; None where the entry was not claimed."""
    token = row["claim_token"]
    return None if token is None else call_of(row, campaign, token, row["lease_until"])


def call_of(
    row: asyncpg.Record, campaign: DialedCampaign, token: uuid.UUID, lease_until: datetime
) -> Claimed:
    return Claimed(
        entry_id=row["id"],
        token=token,
        campaign_id=campaign.id,
        contact_id=row["contact_id"],
        number=row["current_number"],
        item_type=row["item_type_name"],
        phone_id=row["phone_id"],
        position=row["current_position"],
        round=row["round"],
        attempts_made=row["total_attempts"],
        claimed_at=campaign.now,
        lease_until=lease_until,
        timeout=campaign.settings.originate_timeout,
        owner_id=row["owner_id"],
        is_owner_only=row["is_owner_only"],
    )
