# SPDX-License-Identifier: Apache-2.0
"""Groups of contacts that may be one person, found page by page, and told apart (D2)."""

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from server.database import Database
from server.domain.duplicates import DuplicateKind
from server.domain.permissions import Role, Viewer
from server.models import Contact, DistinctPeople
from server.services import contacts
from server.services.contacts.duplicates import (
    DuplicateGroup,
    dismiss_duplicates,
    find_duplicates,
    names,
    numbers,
    reconsider_duplicates,
)
from server.services.contacts.writing import name_keys
from tests.factories.contacts import make_contact, phones
from tests.factories.lists import make_list
from tests.factories.refusals import refusals
from tests.factories.users import make_viewer

ONE, TWO, THREE = (f"+39061234500{digit}" for digit in range(1, 4))
NUMBER, EMAIL, NAME = DuplicateKind


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await make_viewer(database, tenant)


async def employee(session: AsyncSession, viewer: Viewer, first: str, last: str, firm: str) -> int:
    contact = await make_contact(session, viewer, first, last, phone=None)
    row = update(Contact).where(Contact.id == contact.id)
    await session.execute(row.values(company=firm, company_key=firm.lower()))
    return contact.id


async def found(
    database: Database, viewer: Viewer, *kinds: DuplicateKind, first: int = 20
) -> list[DuplicateGroup]:
    """Of all pages."""
    groups: list[DuplicateGroup] = []
    after = None
    while True:
        async with database.transaction(viewer.tenant_id) as session:
            page = await find_duplicates(
                session, viewer, kinds or tuple(DuplicateKind), first=first, after=after
            )
        assert len(page.groups) <= first
        groups += page.groups
        after = page.cursor
        if after is None:
            return groups


def told(groups: list[DuplicateGroup]) -> list[tuple[str, str, tuple[int, ...]]]:
    return [(group.kind.value, group.value, group.contact_ids) for group in groups]


async def test_a_number_is_found_on_whatever_place_of_the_contacts_it_stands(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        a = (await make_contact(session, viewer, "A", phone=ONE, additional=phones(TWO))).id
        b = (await make_contact(session, viewer, "B", phone=ONE)).id
        c = (await make_contact(session, viewer, "C", phone=TWO, additional=phones(THREE))).id
        d = (await make_contact(session, viewer, "D", phone=None, additional=phones(THREE))).id
        await make_contact(session, viewer, "E", phone="+390698765432")
    groups = told(await found(database, viewer))
    assert groups == [("NUMBER", ONE, (a, b)), ("NUMBER", TWO, (a, c)), ("NUMBER", THREE, (c, d))]
    for first in (1, 2):
        assert told(await found(database, viewer, first=first)) == groups


async def test_addresses_and_names_alike_in_one_company(database: Database, viewer: Viewer) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        emails = [
            (await make_contact(session, viewer, "x", phone=None, email="info@example.com")).id
            for _ in range(3)
        ]
        await make_contact(session, viewer, "y", phone=None, email="other@example.com")
        mario = await employee(session, viewer, "Mario", "Rossi", "Acme")
        initial = await employee(session, viewer, "M.", "Rossi", "Acme")
        slip = await employee(session, viewer, "Maroi", "Rossi", "Acme")
        swapped = await employee(session, viewer, "Rossi", "Mario", "Acme")
        await employee(session, viewer, "Mario", "Rossi", "Other")
        await employee(session, viewer, "Mario", "Rossi", "")
        await employee(session, viewer, "Dario", "Bianchi", "Acme")
    assert told(await found(database, viewer, EMAIL)) == [
        ("EMAIL", "info@example.com", tuple(emails))
    ]
    [group] = await found(database, viewer, NAME)
    assert (group.value, set(group.contact_ids)) == ("acme", {mario, initial, slip, swapped})


async def test_names_are_found_across_the_blocks_of_a_walk(
    database: Database, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each pair once, however small the blocks and the pages are."""
    monkeypatch.setattr(names, "BLOCK", 5)
    pairs = []
    async with database.transaction(viewer.tenant_id) as session:
        for letter in "abcdefghij":
            last = f"{letter}{letter}{letter}rossi"
            pairs.append(
                tuple([await employee(session, viewer, "Mario", last, "Acme") for _ in range(2)])
            )
    for first in (1, 3, 20):
        groups = await found(database, viewer, NAME, first=first)
        assert [group.contact_ids for group in groups] == pairs


async def test_a_walk_that_finds_nothing_ends_early_and_has_a_next_page(
    database: Database, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbers, "WALKED", 3)
    monkeypatch.setattr("server.services.contacts.duplicates.finding.PATIENCE", 0)
    async with database.transaction(viewer.tenant_id) as session:
        for digit in range(7):
            await make_contact(session, viewer, phone=f"+39061234500{digit}")
        twins = tuple(
            [(await make_contact(session, viewer, phone="+390612345009")).id for _ in range(2)]
        )
        page = await find_duplicates(session, viewer, [NUMBER])
        assert (page.groups, page.cursor is None) == ([], False)
    assert told(await found(database, viewer, NUMBER)) == [("NUMBER", "+390612345009", twins)]


async def test_people_who_were_told_apart_are_shown_again_only_once_somebody_joins_them(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        a, b = [
            (await make_contact(session, viewer, n, phone=ONE, email="info@example.com")).id
            for n in ("A", "B")
        ]
    [by_number, _] = await found(database, viewer)
    async with database.transaction(viewer.tenant_id) as session:
        assert await dismiss_duplicates(session, viewer, key=by_number.key) == 2
        assert await dismiss_duplicates(session, viewer, [b, a]) == 2  # marked once
        assert (await session.scalar(select(func.count()).select_from(DistinctPeople))) == 2
    assert await found(database, viewer) == []  # whatever else they have in common
    async with database.transaction(viewer.tenant_id) as session:
        assert await reconsider_duplicates(session, viewer, key=by_number.key) == 2
    assert [group.kind for group in await found(database, viewer)] == [NUMBER, EMAIL]
    async with database.transaction(viewer.tenant_id) as session:
        await dismiss_duplicates(session, viewer, key=by_number.key)
        c = (await make_contact(session, viewer, "C", phone=ONE)).id
    assert told(await found(database, viewer)) == [("NUMBER", ONE, (a, b, c))]
    async with database.transaction(viewer.tenant_id) as session:
        await contacts.trash_contacts(session, viewer, [a])
        await contacts.purge_contacts(session, viewer, [a], 1)
        assert list(await session.scalars(select(DistinctPeople.contact_id))) == [b]


async def test_agents_find_only_groups_of_contacts_that_they_see(
    database: Database, viewer: Viewer
) -> None:
    agent = await make_viewer(database, viewer.tenant_id, Role.AGENT)
    async with database.transaction(viewer.tenant_id) as session:
        mine = await make_list(session, viewer, agent_ids=[agent.user_id])
        seen = [
            (await make_contact(session, viewer, phone=ONE, list_ids=[mine.id])).id
            for _ in range(2)
        ]
        await make_contact(session, viewer, phone=ONE)
        one = await make_contact(session, viewer, phone=TWO, list_ids=[mine.id])
        other = await make_contact(session, viewer, phone=TWO)
    assert told(await found(database, agent)) == [("NUMBER", ONE, tuple(seen))]
    with refusals() as refused:
        async with database.transaction(viewer.tenant_id) as session:
            await dismiss_duplicates(session, agent, [one.id, other.id])
    assert refused == [("NOT_FOUND", "ids.1")]
    stranger = await make_viewer(database, viewer.tenant_id, Role.AGENT)
    assert await found(database, stranger) == []


@pytest.mark.parametrize(
    "after", ["", "x", "é", "bnVsbA", "W10", "WyJOVU1CRVIiLCJcdTAwMDAiLDAsMF0"]
)
async def test_a_cursor_that_is_none_is_refused(
    database: Database, viewer: Viewer, after: str
) -> None:
    with refusals() as refused:
        async with database.transaction(viewer.tenant_id) as session:
            await find_duplicates(session, viewer, after=after)
    assert refused == [("INVALID", "after")]


@pytest.mark.parametrize(
    "key", ["", "NUMBER", "NUMBER:\x00", "EMAIL:nobody@example.com", "NAME:1.x", "NAME:" + "9" * 30]
)
async def test_a_key_of_nobody_is_not_found(database: Database, viewer: Viewer, key: str) -> None:
    with refusals() as refused:
        async with database.transaction(viewer.tenant_id) as session:
            await dismiss_duplicates(session, viewer, key=key)
    assert refused == [("NOT_FOUND", "key")]


async def test_bounds_are_kept(database: Database, viewer: Viewer) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        one = await make_contact(session, viewer)
    for call, place in (
        (lambda session: find_duplicates(session, viewer, first=0), ("OUT_OF_RANGE", "first")),
        (lambda session: find_duplicates(session, viewer, first=101), ("OUT_OF_RANGE", "first")),
        (lambda session: dismiss_duplicates(session, viewer), ("REQUIRED", "ids")),
        (lambda session: dismiss_duplicates(session, viewer, [one.id]), ("OUT_OF_RANGE", "ids")),
        (lambda session: dismiss_duplicates(session, viewer, []), ("OUT_OF_RANGE", "ids")),
        (lambda session: dismiss_duplicates(session, viewer, [0] * 1001), ("OUT_OF_RANGE", "ids")),
    ):
        with refusals() as refused:
            async with database.transaction(viewer.tenant_id) as session:
                await call(session)
        assert refused == [place]
    assert name_keys("Mario", "Rossi") == ("rossi mario", "mario rossi")  # what walks go by
