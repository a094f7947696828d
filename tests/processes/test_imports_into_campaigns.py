# SPDX-License-Identifier: Apache-2.0
"""Imports into a list that campaigns call already fill their hoppers (X-23, X-35, X-36, X-40)."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from server.database import Database
from server.domain.campaigns import CheckDuplicate
from server.domain.permissions import Viewer
from server.models import Contact, HopperEntry, HopperPhone, Process
from server.processes import imports
from server.services import campaigns
from tests.factories.campaigns import CAMPAIGN, make_campaign
from tests.factories.imports import (
    NEW_LIST,
    begin_import,
    import_file,
    until_moving,
    until_over,
    upload,
)
from tests.factories.item_types import make_item_type
from tests.factories.lists import make_list

pytestmark = pytest.mark.usefixtures("worker")

COUNTERS = (
    HopperPhone.congestion,
    HopperPhone.busy,
    HopperPhone.no_answer,
    HopperPhone.no_such_number,
    HopperPhone.drop,
    HopperPhone.abandoned,
    HopperPhone.machine,
    HopperPhone.agent_reject,
)
Stay = list[tuple[str, str | None, int, tuple[int, ...]]]


def people(count: int) -> str:
    """Multi-number contacts; the type that is dialed first stands last, one number comes twice."""
    rows = [
        f"Person {n},06100{n % (count - 1):04},06200{n:04},06300{n:04},{n % 3 + 1}"
        for n in range(count)
    ]
    return "\n".join(["Nome,Telefono,Office,Mobile,Priorità", *rows])


async def hopper(session: AsyncSession, campaign_id: int) -> dict[str, Stay]:
    """By contact the numbers in dial order, with types and counters; the entry's own values too."""
    rows = await session.execute(
        select(
            Contact.first_name,
            HopperEntry.state,
            HopperEntry.priority,
            HopperEntry.list_id.is_not(None),
            HopperPhone.number,
            HopperPhone.item_type_name,
            HopperPhone.position,
            *COUNTERS,
        )
        .join(HopperEntry, HopperEntry.contact_id == Contact.id)
        .join(HopperPhone, HopperPhone.entry_id == HopperEntry.id)
        .where(HopperEntry.campaign_id == campaign_id)
        .order_by(Contact.id, HopperPhone.position)
    )
    found: dict[str, Stay] = {}
    for name, state, priority, has_list, number, item_type, position, *counters in rows:
        assert (state, has_list) == ("READY", True)
        found.setdefault(name, []).append((number, item_type, position, (priority, *counters)))
    return found


async def prepared(
    database: Database, viewer: Viewer, policy: CheckDuplicate, *, attached_first: bool
) -> tuple[Process, dict[str, Stay]]:
    """The import and the hopper, the list being attached before it or after it."""
    name = f"{policy}-{attached_first}"
    async with database.transaction(viewer.tenant_id) as session:
        contact_list = await make_list(session, viewer, name)
        given = replace(CAMPAIGN, check_duplicate=policy)
        campaign = await make_campaign(session, viewer, name, given=given)
        if attached_first:
            await campaigns.attach_lists(session, viewer, campaign.id, [contact_list.id])
    asked = replace(NEW_LIST, list_name=None, list_id=contact_list.id)
    process = await import_file(database, viewer, people(100), asked)
    async with database.transaction(viewer.tenant_id) as session:
        if not attached_first:
            await campaigns.attach_lists(session, viewer, campaign.id, [contact_list.id])
        return process, await hopper(session, campaign.id)


@pytest.mark.parametrize("policy", list(CheckDuplicate))
async def test_importing_into_an_attached_list_is_as_attaching_after_the_import(
    database: Database, viewer: Viewer, monkeypatch: pytest.MonkeyPatch, policy: CheckDuplicate
) -> None:
    monkeypatch.setattr(imports, "CHUNK_ROWS", 30)
    async with database.transaction(viewer.tenant_id) as session:
        await make_item_type(session, viewer, "Office", 2)
        await make_item_type(session, viewer, "Mobile", 1)
    process, before = await prepared(database, viewer, policy, attached_first=True)
    other, after = await prepared(database, viewer, policy, attached_first=False)
    assert before == after
    # Persons 0 and 99 share their primary number: under a check the first of them is loaded.
    loaded = 100 if policy is CheckDuplicate.NEVER else 99
    assert (len(before), process.succeeded, process.loaded, other.loaded) == (
        loaded,
        100,
        loaded,
        0,
    )
    assert before["Person 7"] == [
        ("+39061000007", None, 0, (2, *[0] * 8)),
        ("+39063000007", "Mobile", 1, (2, *[0] * 8)),
        ("+39062000007", "Office", 2, (2, *[0] * 8)),
    ]


async def test_an_imported_contact_is_due_when_it_comes_or_when_its_row_says(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        contact_list = await make_list(session, viewer)
        campaign = await make_campaign(session, viewer, list_ids=[contact_list.id])
    content = "Nome,Telefono,Scheduled at\nNow,0612345678,\nLater,0612345679,2199-01-31T09:00\n"
    asked = replace(NEW_LIST, list_name=None, list_id=contact_list.id)
    process = await import_file(database, viewer, content, asked)
    async with database.transaction(viewer.tenant_id) as session:
        entries = await session.execute(
            select(HopperEntry.scheduled_at, HopperEntry.created_at)
            .where(HopperEntry.campaign_id == campaign.id)
            .order_by(HopperEntry.contact_id)
        )
        now, later = entries.all()
    assert process.started_at is not None
    assert process.started_at <= now.scheduled_at <= now.created_at
    assert later.scheduled_at.isoformat() == "2199-01-31T08:00:00+00:00"


async def test_a_campaign_that_attaches_the_list_during_the_import_gets_everybody_once(
    database: Database, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "CHUNK_ROWS", 20)
    content = "Nome,Telefono\n" + "".join(f"Person {n},0610{n:05}\n" for n in range(2000))
    file = await upload(database, viewer, content)
    async with database.transaction(viewer.tenant_id) as session:
        contact_list = await make_list(session, viewer)
        made = [await make_campaign(session, viewer, name) for name in ("First", "Second")]
    given = replace(NEW_LIST, list_name=None, list_id=contact_list.id, file_id=file.id)
    process = await begin_import(database, viewer, given)
    for campaign in made:
        await until_moving(database, viewer, process.id)
        async with database.transaction(viewer.tenant_id) as session:
            await campaigns.attach_lists(session, viewer, campaign.id, [contact_list.id])
    over = await until_over(database, viewer, process.id)
    assert (over.state, over.succeeded) == ("FINISHED", 2000)
    async with database.transaction(viewer.tenant_id) as session:
        for campaign in made:
            assert len(await hopper(session, campaign.id)) == 2000
