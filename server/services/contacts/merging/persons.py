# SPDX-License-Identifier: Apache-2.0
"""The row of the contact that others become part of, or are taken out of again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.merging import COLUMNS
from server.domain.text import sort_key
from server.models import Contact
from server.services.contacts.writing import name_keys

_NULLABLE = ("phone", "scheduled_at")


async def write_person(session: AsyncSession, contact_id: int, row: Mapping[str, Any]) -> None:
    """`row` as documents hold it; whoever has an older version open learns of it."""
    columns = {name: row[name] for name in (*COLUMNS.values(), "phone_state")}
    for name, value in columns.items():
        if value is None and name not in _NULLABLE:
            columns[name] = ""
    if columns["scheduled_at"] is not None:
        columns["scheduled_at"] = datetime.fromisoformat(columns["scheduled_at"])
    name_key, given_key = name_keys(columns["first_name"], columns["last_name"])
    await session.execute(
        update(Contact)
        .where(Contact.id == contact_id)
        .values(
            **columns,
            name_key=name_key,
            given_key=given_key,
            company_key=sort_key(columns["company"]),
            version=Contact.version + 1,
            updated_at=func.clock_timestamp(),
        )
        .execution_options(synchronize_session=False)
    )
