# SPDX-License-Identifier: Apache-2.0
"""A centre to dial from: campaigns, lists and contacts made with a line each."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TypeVar

import asyncpg

from server.database import Database
from server.domain.campaigns import CallStatus
from server.services.dialer import (
    Claimed,
    Loaded,
    Report,
    Reported,
    attach_list,
    claim,
    report,
)
from tests.domain.dialer.vectors import FAILURES

NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)
Value = TypeVar("Value")
_count = count(1)


def minutes(number: float) -> datetime:
    """So many minutes into the test."""
    return NOW + timedelta(minutes=number)


@dataclass(frozen=True)
class Centre:
    database: Database
    tenant_id: int

    async def within(self, work: Callable[[asyncpg.Connection], Awaitable[Value]]) -> Value:
        """One transaction."""
        async with self.database.connection(self.tenant_id) as connection:
            return await work(connection)

    async def rows(self, sql: str, *args: object) -> list[tuple[object, ...]]:
        """What stands in the database, as this centre sees it."""
        async with self.database.connection(self.tenant_id) as connection:
            return [tuple(row) for row in await connection.fetch(sql, *args)]

    async def value(self, sql: str, *args: object) -> int:
        found = (await self.rows(sql, *args))[0][0]
        assert isinstance(found, int)
        return found

    async def campaign(self, *, wait: int = 2, **columns: object) -> int:
        """A running one, every status 3 times and `wait` minutes apart."""
        given: dict[str, object] = {
            "name": f"campaign {next(_count)}",
            "state": "RUNNING",
        } | columns
        given["name_key"] = given["name"]
        places = ", ".join(f"${place}" for place in range(1, len(given) + 1))
        campaign_id = await self.value(
            f"INSERT INTO campaigns ({', '.join(given)}) VALUES ({places}) RETURNING id",
            *given.values(),
        )
        await self.rows(
            "INSERT INTO retry_settings (campaign_id, status, position, max_retry, minutes) "
            "SELECT $1, status, place, 3, $3 "
            "FROM unnest($2::text[]) WITH ORDINALITY u(status, place)",
            campaign_id,
            list(FAILURES),
            wait,
        )
        return campaign_id

    async def item_type(self, name: str, order_by: int) -> int:
        return await self.value(
            "INSERT INTO contact_item_types (name, name_key, order_by, color) "
            "VALUES ($1, $2, $3, '#AABBCC') RETURNING id",
            name,
            name.casefold(),
            order_by,
        )

    async def contact(
        self,
        phone: str | None,
        *additional: tuple[str, int | None],
        priority: int = 2,
        scheduled_at: datetime | None = None,
    ) -> int:
        """With additional numbers in the order of entry, each with its type's id or None."""
        contact_id = await self.value(
            "INSERT INTO contacts (first_name, name_key, given_key, phone, priority, scheduled_at) "
            "VALUES ('c', 'c', 'c', $1, $2, $3) RETURNING id",
            phone,
            priority,
            scheduled_at,
        )
        await self.add_phones(contact_id, *additional)
        return contact_id

    async def add_phones(self, contact_id: int, *additional: tuple[str, int | None]) -> None:
        await self.rows(
            "INSERT INTO additional_phones (contact_id, number, item_type_id, position) "
            "SELECT $1, number, type_id, place "
            "FROM unnest($2::text[], $3::bigint[]) WITH ORDINALITY u(number, type_id, place)",
            contact_id,
            [number for number, _ in additional],
            [type_id for _, type_id in additional],
        )

    async def list_of(self, *contact_ids: int) -> int:
        name = f"list {next(_count)}"
        list_id = await self.value(
            "INSERT INTO contact_lists (name, name_key) VALUES ($1, $1) RETURNING id", name
        )
        await self.join(list_id, *contact_ids)
        return list_id

    async def join(self, list_id: int, *contact_ids: int) -> None:
        await self.rows(
            "INSERT INTO list_members (list_id, contact_id) SELECT $1, unnest($2::bigint[])",
            list_id,
            list(contact_ids),
        )

    async def attach(self, campaign_id: int, list_id: int, at: datetime = NOW) -> Loaded:
        return await self.within(lambda c: attach_list(c, campaign_id, list_id, at))

    async def loaded(self, *contact_ids: int, **columns: object) -> int:
        """A campaign whose hopper these contacts are in."""
        campaign_id = await self.campaign(**columns)
        await self.attach(campaign_id, await self.list_of(*contact_ids))
        return campaign_id

    async def claim(self, campaign_id: int, at: datetime = NOW, limit: int = 100) -> list[Claimed]:
        return await self.within(lambda c: claim(c, campaign_id, limit, at))

    async def claim_one(self, campaign_id: int, at: datetime = NOW) -> Claimed:
        (call,) = await self.claim(campaign_id, at)
        return call

    async def report(
        self,
        call: Claimed,
        status: CallStatus = CallStatus.NO_ANSWER,
        at: datetime = NOW,
        *,
        unique_id: str | None = None,
    ) -> Reported:
        given = Report(
            entry_id=call.entry_id,
            token=call.token,
            status=status,
            unique_id=unique_id or f"call {next(_count)}",
        )
        (answer,) = await self.within(lambda c: report(c, [given], at))
        return answer

    async def numbers_of(self, contact_id: int) -> list[str]:
        """The numbers of its entry, in the order in which a round dials them."""
        rows = await self.rows(
            "SELECT p.number, p.position FROM hopper_phones p JOIN hopper_entries e "
            "ON e.id = p.entry_id WHERE e.contact_id = $1 ORDER BY p.position",
            contact_id,
        )
        assert [place for _, place in rows] == list(range(len(rows)))
        return [str(number) for number, _ in rows]

    async def reasons(self, campaign_id: int) -> list[tuple[object, ...]]:
        """Contact and reason of each final result, in the order of writing."""
        return await self.rows(
            "SELECT contact_id, reason FROM final_results WHERE campaign_id = $1 ORDER BY id",
            campaign_id,
        )

    async def lease_is_over(self, *calls: Claimed) -> None:
        """As if the lease of these calls had run out a second ago."""
        await self.rows(
            "UPDATE hopper_entries SET lease_until = clock_timestamp() - interval '1 second' "
            "WHERE id = ANY($1::bigint[])",
            [call.entry_id for call in calls],
        )
