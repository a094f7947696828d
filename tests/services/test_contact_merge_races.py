# SPDX-License-Identifier: Apache-2.0
"""Merges, deletions, edits, calls and loads of the same contacts at once, on real connections (D2).

Whatever wins, the others hear a clear refusal, and nobody waits for ever or crashes.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.database import Database
from server.domain.permissions import Viewer
from server.models import CampaignList, Contact, ContactMerge, MergedContact, TrashedContact
from server.services import campaigns, contacts
from server.services.contacts import ContactEdit
from server.services.contacts.merging import merge_contacts, preview_merge, undo_merge
from tests.factories.campaigns import make_campaign
from tests.factories.contacts import make_contact, phones
from tests.factories.lists import make_list
from tests.factories.merges import merge
from tests.factories.people import documents, make_tag, plain
from tests.factories.refusals import refusals
from tests.factories.users import make_viewer
from tests.services.dialer.centre import NOW, Centre

Told = list[tuple[str, str | None]]
LOOK_AGAIN = ("CONFLICT", "fingerprint")


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await make_viewer(database, tenant)


async def tried(
    database: Database, viewer: Viewer, act: Callable[[AsyncSession], Awaitable[object]]
) -> Told:
    """What was refused; anything else that goes wrong is raised."""
    with refusals() as told:
        async with database.transaction(viewer.tenant_id) as session:
            await act(session)
    return told


async def people(
    database: Database, viewer: Viewer, count: int, *list_ids: int, first: int = 0
) -> list[int]:
    """Contacts that have a number in common with the next one."""
    async with database.transaction(viewer.tenant_id) as session:
        found = []
        for place in range(first, first + count):
            contact = await make_contact(
                session,
                viewer,
                f"c{place}",
                phone=f"+3906123{place:05}",
                additional=phones(f"+3906124{place:05}", f"+3906124{place + 1:05}"),
                list_ids=list_ids,
            )
            found.append(contact.id)
        return found


async def test_of_two_merges_into_each_other_one_wins_and_the_other_is_refused(
    database: Database, viewer: Viewer
) -> None:
    for number in range(8):
        a, b = await people(database, viewer, 2, first=10 * number)
        async with database.transaction(viewer.tenant_id) as session:
            seen = {
                master: (await preview_merge(session, viewer, [a, b], master)).fingerprint
                for master in (a, b)
            }

        def into(
            master: int, ids: tuple[int, int] = (a, b), seen: dict[int, str] = seen
        ) -> Callable[[AsyncSession], Awaitable[object]]:
            return lambda session: merge_contacts(session, viewer, ids, master, seen=seen[master])

        told = await asyncio.wait_for(
            asyncio.gather(*(tried(database, viewer, into(master)) for master in (a, b))), 10
        )
        lost = [refused for refused in told if refused]
        assert len(lost) == 1
        assert lost[0] in ([("NOT_FOUND", "ids.0")], [("NOT_FOUND", "ids.1")])
        async with database.transaction(viewer.tenant_id) as session:
            left = select(Contact.id).where(Contact.id.in_([a, b]))
            [master] = await session.scalars(left)
            gone = select(MergedContact.contact_id).where(MergedContact.master_id == master)
            assert {master, *await session.scalars(gone)} == {a, b}


async def test_a_ring_of_merges_deletions_and_edits_leaves_each_contact_in_one_place(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        spring = await make_list(session, viewer)
        await make_campaign(session, viewer, list_ids=[spring.id])
    ids = await people(database, viewer, 8, spring.id)
    ring = [*zip(ids, [*ids[1:], ids[0]], strict=True)]

    def together(pair: tuple[int, int]) -> Callable[[AsyncSession], Awaitable[object]]:
        return lambda session: merge(session, viewer, *pair)

    def named(contact_id: int) -> Callable[[AsyncSession], Awaitable[object]]:
        edit = ContactEdit(first_name="edited", additional_phones=phones("+390612999999"))
        return lambda session: contacts.edit_contact(session, viewer, contact_id, edit)

    def trashed(contact_id: int) -> Callable[[AsyncSession], Awaitable[object]]:
        return lambda session: contacts.trash_contacts(session, viewer, [contact_id])

    acts = [together(pair) for pair in ring]
    acts += [named(contact_id) for contact_id in ids]
    acts += [trashed(contact_id) for contact_id in ids[::3]]
    told = await asyncio.wait_for(
        asyncio.gather(*(tried(database, viewer, act) for act in acts)), 20
    )
    codes = {code for refused in told for code, _ in refused}
    assert codes <= {"NOT_FOUND", "CONFLICT"}
    async with database.transaction(viewer.tenant_id) as session:
        live = list(await session.scalars(select(Contact.id)))
        merged = list(await session.scalars(select(MergedContact.contact_id)))
        trash = list(await session.scalars(select(TrashedContact.contact_id)))
        assert sorted([*live, *merged, *trash]) == ids
        count = await session.scalar(select(func.count()).select_from(ContactMerge))
        assert count == len(merged)


async def test_whoever_attaches_a_list_and_whoever_takes_its_contacts_away_wait_for_each_other(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        spring = await make_list(session, viewer)
        given = [await make_campaign(session, viewer, name) for name in ("One", "Two")]
    for number in range(4):
        ids = await people(database, viewer, 6, spring.id, first=100 * number)
        acts: list[Callable[[AsyncSession], Awaitable[object]]] = [
            lambda session, pair=ids[:2]: merge(session, viewer, *pair),
            lambda session, pair=ids[2:4]: merge(session, viewer, *pair),
            lambda session, few=ids[4:]: contacts.trash_contacts(session, viewer, few),
        ]
        acts += [
            lambda session, key=campaign.id: campaigns.attach_lists(
                session, viewer, key, [spring.id]
            )
            for campaign in given
        ]
        told = await asyncio.wait_for(
            asyncio.gather(*(tried(database, viewer, act) for act in acts)), 20
        )
        # A campaign that has loaded one of them since the look is a change since the look.
        assert [one for refused in told for one in refused if one[0] != "CONFLICT"] == []
        left_over = await database.read(
            viewer.tenant_id,
            "SELECT contact_id FROM hopper_entries e WHERE NOT EXISTS "
            "(SELECT 1 FROM contacts c WHERE c.id = e.contact_id)",
        )
        assert left_over == []
        async with database.transaction(viewer.tenant_id) as session:
            await contacts.restore_contacts(session, viewer, ids[4:])
            await session.execute(delete(CampaignList))


async def test_nobody_is_merged_or_deleted_while_calls_come_and_go(
    database: Database, viewer: Viewer
) -> None:  # D3
    centre = Centre(database, viewer.tenant_id)
    ids = [await centre.contact(f"+3906555{place:05}") for place in range(20)]
    campaign = await centre.loaded(*ids, max_attempts_per_contact=50, wait=0)
    told: list[Told] = []

    async def dial() -> int:
        made = 0
        for _ in range(15):
            for call in await centre.claim(campaign, NOW, 5):
                await asyncio.sleep(0)
                await centre.report(call)
                made += 1
        return made

    async def change() -> None:
        for first, second in zip(ids[::2], ids[1::2], strict=True):
            refused = [LOOK_AGAIN]
            while refused == [LOOK_AGAIN]:  # a call ended since the preview
                refused = await tried(
                    database,
                    viewer,
                    lambda session, pair=(first, second): merge(session, viewer, *pair),
                )
            told.append(refused)

    made, _ = await asyncio.wait_for(asyncio.gather(dial(), change()), 30)
    merged = sum(1 for refused in told if not refused)
    assert {code for refused in told for code, _ in refused} <= {"WRONG_STATE"}
    assert await centre.value("SELECT count(*) FROM contacts") == len(ids) - merged
    assert await centre.value("SELECT count(*) FROM call_attempts") == made
    joined = "SELECT coalesce(sum(total_attempts), 0)::int FROM {} WHERE {}"
    still = await centre.value(joined.format("hopper_entries", "true"))
    ended = await centre.value(joined.format("final_results", "reason <> 'MERGED'"))
    assert still + ended == made  # no attempt is lost or doubled by a merge


WORDS = st.frozensets(st.sampled_from("abcd"), max_size=3)
NUMBERS = st.lists(st.sampled_from(range(8)), unique=True, max_size=5)
PERSON = st.tuples(NUMBERS, WORDS)


@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(PERSON, min_size=2, max_size=4))
async def test_the_children_before_are_the_children_after_and_undoing_brings_each_back(
    database: Database, viewer: Viewer, given: list[tuple[list[int], frozenset[str]]]
) -> None:
    """Random contacts with numbers and tags in common: nothing is lost, nothing doubled."""
    async with database.transaction(viewer.tenant_id) as session:
        ids = []
        for numbers, tags in given:
            spelled = [f"+39061234500{number}" for number in numbers]
            contact = await make_contact(
                session,
                viewer,
                phone=spelled[0] if spelled else None,
                additional=phones(*spelled[1:]),
            )
            for tag in sorted(tags):
                await make_tag(session, tag, contact.id)
            ids.append(contact.id)
        before = await documents(session, *ids)
        merged = await merge(session, viewer, *ids)
        [after] = (await documents(session, ids[0])).values()
    had = [number for one in before.values() for number in numbers_of(one)]
    has = numbers_of(after)
    assert sorted(has) == sorted(set(had))
    assert {row["tag_id"] for row in after["tags"]} == {
        row["tag_id"] for one in before.values() for row in one["tags"]
    }
    async with database.transaction(viewer.tenant_id) as session:
        unmerged = await undo_merge(session, viewer, merged.merge_id)
        assert (list(unmerged.changes), unmerged.left_out) == ([], [])
        back = await documents(session, *ids)
        for key, document in back.items():
            for one in (document, before[key]):
                del one["contact"]["version"], one["contact"]["updated_at"]
            assert plain(document) == plain(before[key])
        await contacts.trash_contacts(session, viewer, ids)


def numbers_of(document: dict[str, Any]) -> list[str]:
    primary = document["contact"]["phone"]
    return [*([primary] if primary else []), *(row["number"] for row in document["phones"])]
