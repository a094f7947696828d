# SPDX-License-Identifier: Apache-2.0
"""Marks, consents and callbacks of a contact through trash, purge, merge and undo (D2, D4)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from server.database import Database
from server.domain.permissions import Viewer
from server.services import contacts, opt_outs
from server.services.consents import ConsentInput, record_consent, withdraw_consent
from server.services.contacts.merging import undo_merge
from server.services.opt_outs import OptOutInput
from tests.factories.campaigns import closed, hopper, make_campaign
from tests.factories.contacts import PRIMARY, make_contact, phones
from tests.factories.lists import make_list
from tests.factories.merges import merge
from tests.factories.people import documents, make_whole_contact, plain
from tests.factories.users import make_viewer

OFFICE = "+390698765432"
YESTERDAY = datetime.now(UTC) - timedelta(days=1)


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await make_viewer(database, tenant)


class Centre:
    """Rows of the tables, read and written a line each."""

    def __init__(self, database: Database, viewer: Viewer) -> None:
        self.database, self.viewer = database, viewer

    async def rows(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        async with self.database.connection(self.viewer.tenant_id) as connection:
            return [tuple(row) for row in await connection.fetch(sql, *values)]

    async def opt_out(self, contact_id: int) -> None:
        async with self.database.transaction(self.viewer.tenant_id) as session:
            given = OptOutInput(contact_id=contact_id)
            await opt_outs.opt_out(session, self.viewer, given)

    async def marked(self) -> list[tuple[object, ...]]:
        return await self.rows(
            "SELECT contact_id, campaign_id, is_everywhere, is_opt_out FROM blacklist_entries "
            "WHERE media = 'PERSON' ORDER BY contact_id, id"
        )

    async def numbers(self) -> list[str]:
        """That the blacklist names."""
        found = await self.rows(
            "SELECT number FROM blacklist_entries WHERE media = 'PHONE' ORDER BY number"
        )
        return [str(row[0]) for row in found]

    async def callback(self, contact_id: int, campaign_id: int) -> None:
        """The open stay there waits for it."""
        await self.rows(
            "UPDATE hopper_entries SET is_callback = true, state = 'WAIT_CALLBACK', bucket = 1 "
            "WHERE contact_id = $2 AND campaign_id = $1",
            campaign_id,
            contact_id,
        )
        await self.rows(
            "INSERT INTO scheduled_tasks (campaign_id, contact_id, number, starts_at, ends_at, "
            "entry_id) SELECT $1, $2, $3, now() + interval '1 day', now() + interval '2 days', "
            "(SELECT id FROM hopper_entries WHERE contact_id = $2 AND campaign_id = $1)",
            campaign_id,
            contact_id,
            PRIMARY,
        )

    async def tasks(self) -> list[tuple[object, ...]]:
        return await self.rows(
            "SELECT contact_id, close_reason, entry_id IS NULL FROM scheduled_tasks ORDER BY id"
        )


@pytest.fixture
def centre(database: Database, viewer: Viewer) -> Centre:
    return Centre(database, viewer)


async def consented(centre: Centre, contact_id: int, matter: str = "") -> int:
    async with centre.database.transaction(centre.viewer.tenant_id) as session:
        given = ConsentInput(
            contact_id=contact_id, matter=matter, evidence="form", given_at=YESTERDAY
        )
        return (await record_consent(session, centre.viewer, given)).id


async def people(centre: Centre, count: int = 2) -> tuple[list[int], int]:
    """So many contacts, all on one list that one campaign calls; and the campaign."""
    async with centre.database.transaction(centre.viewer.tenant_id) as session:
        spring = await make_list(session, centre.viewer)
        made = [
            await make_contact(
                session,
                centre.viewer,
                name,
                phone=f"+39061234500{place}",
                list_ids=[spring.id],
            )
            for place, name in enumerate(["Ada", "Bea", "Cleo"][:count])
        ]
        campaign = await make_campaign(session, centre.viewer, list_ids=[spring.id])
        return [one.id for one in made], campaign.id


async def merged(centre: Centre, ids: Sequence[int]) -> int:
    async with centre.database.transaction(centre.viewer.tenant_id) as session:
        return (await merge(session, centre.viewer, *ids)).merge_id


async def test_what_is_known_of_a_person_comes_back_from_the_trash_row_for_row(
    centre: Centre, database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        ada, campaign, _ = await make_whole_contact(session, viewer)
        await record_consent(session, viewer, ConsentInput(contact_id=ada.id, evidence="form"))
    await centre.rows(
        "INSERT INTO blacklist_entries (media, contact_id, campaign_id) VALUES ('PERSON', $1, $2)",
        ada.id,
        (
            await centre.rows(
                "INSERT INTO campaigns (name, name_key) VALUES ('o', 'o') RETURNING id"
            )
        )[0][0],
    )
    await centre.callback(ada.id, campaign)
    async with database.transaction(viewer.tenant_id) as session:
        before = await documents(session, ada.id)
        await contacts.delete_contact(session, viewer, ada.id)
    assert (await centre.tasks(), await centre.marked(), await centre.numbers()) == ([], [], [])
    async with database.transaction(viewer.tenant_id) as session:
        await contacts.restore_contacts(session, viewer, [ada.id])
        after = await documents(session, ada.id)
    assert [len(after[ada.id][part]) for part in ("marks", "consents", "tasks")] == [1, 1, 1]
    assert plain(after[ada.id]) == plain(before[ada.id])


async def test_a_callback_whose_campaign_has_ended_comes_back_closed(
    centre: Centre, database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        ada, campaign, _ = await make_whole_contact(session, viewer)
    await centre.callback(ada.id, campaign)
    async with database.transaction(viewer.tenant_id) as session:
        await contacts.delete_contact(session, viewer, ada.id)
    await centre.rows("UPDATE campaigns SET state = 'ENDED'")
    async with database.transaction(viewer.tenant_id) as session:
        await contacts.restore_contacts(session, viewer, [ada.id])
    assert await centre.tasks() == [(ada.id, "CONTACT_DELETED", True)]


async def test_numbers_of_who_opted_out_stay_blocked_while_they_are_away_and_after_the_purge(
    centre: Centre, database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        ada = await make_contact(session, viewer, "Ada", additional=phones(OFFICE))
        bob = await make_contact(session, viewer, "Bob", phone="+390612340000")
    await centre.opt_out(ada.id)
    ids = [ada.id, bob.id]
    async with database.transaction(viewer.tenant_id) as session:
        await contacts.trash_contacts(session, viewer, ids)
    assert await centre.numbers() == [PRIMARY, OFFICE]
    async with database.transaction(viewer.tenant_id) as session:
        await contacts.restore_contacts(session, viewer, ids)
    assert (await centre.numbers(), len(await centre.marked())) == ([], 1)
    async with database.transaction(viewer.tenant_id) as session:
        await contacts.trash_contacts(session, viewer, ids)
        await contacts.purge_contacts(session, viewer, ids, 2)
    assert await centre.rows(
        "SELECT number, is_opt_out, is_everywhere, suppressed_for, name, note "
        "FROM blacklist_entries ORDER BY number"
    ) == [(number, True, True, None, "", "") for number in (PRIMARY, OFFICE)]
    async with database.transaction(viewer.tenant_id) as session:
        spring = await make_list(session, viewer)
        again = await make_contact(session, viewer, "Ada", list_ids=[spring.id])
        campaign = await make_campaign(session, viewer, list_ids=[spring.id])
        preview = await opt_outs.preview_opt_out(session, viewer, OptOutInput(number=PRIMARY))
        assert preview.entry_id is not None  # a new contact with the number is not called
        assert list(await hopper(session, campaign.id)) == [again.id]


async def test_the_stricter_mark_is_the_merged_contacts_and_ends_its_stays_at_once(
    centre: Centre, database: Database, viewer: Viewer
) -> None:
    (ada, bea), campaign = await people(centre)
    await centre.rows(
        "INSERT INTO blacklist_entries (media, contact_id) VALUES ('PERSON', $1)", ada
    )
    await centre.opt_out(bea)
    before = await centre.marked()
    merge_id = await merged(centre, [ada, bea])
    assert await centre.marked() == [(ada, None, True, True)]
    async with database.transaction(viewer.tenant_id) as session:
        assert await hopper(session, campaign) == {}
        assert (ada, "BLACKLIST_CONTACT") in await closed(session, campaign)
    async with database.transaction(viewer.tenant_id) as session:
        await undo_merge(session, viewer, merge_id)
    assert await centre.marked() == before
    async with database.transaction(viewer.tenant_id) as session:
        assert list(await hopper(session, campaign)) == [ada]


async def test_an_opt_out_since_the_merge_holds_for_all_of_them_once_they_part(
    centre: Centre, database: Database, viewer: Viewer
) -> None:
    (ada, bea, cleo), _ = await people(centre, 3)
    merge_id = await merged(centre, [ada, bea, cleo])
    await centre.opt_out(ada)
    async with database.transaction(viewer.tenant_id) as session:
        await undo_merge(session, viewer, merge_id)
    assert [row[0] for row in await centre.marked()] == [ada, bea, cleo]


async def test_consents_go_along_and_a_withdrawal_ends_those_given_before_it(
    centre: Centre, database: Database, viewer: Viewer
) -> None:
    (ada, bea), _ = await people(centre)
    kept, ended = await consented(centre, ada, "news"), await consented(centre, ada, "offers")
    withdrawn = await consented(centre, bea, "offers")
    async with database.transaction(viewer.tenant_id) as session:
        await withdraw_consent(session, viewer, withdrawn)
    states = "SELECT id, contact_id, withdrawn_at IS NULL FROM consents ORDER BY id"
    before = await centre.rows(states)
    merge_id = await merged(centre, [ada, bea])
    assert await centre.rows(states) == [
        (kept, ada, True),
        (ended, ada, False),
        (withdrawn, ada, False),
    ]
    async with database.transaction(viewer.tenant_id) as session:
        await undo_merge(session, viewer, merge_id)
    assert await centre.rows(states) == before


async def test_callbacks_go_along_and_come_back_with_their_stays(
    centre: Centre, database: Database, viewer: Viewer
) -> None:
    (ada, bea), campaign = await people(centre)
    for contact_id in (ada, bea):
        await centre.callback(contact_id, campaign)
    before = await centre.tasks()
    merge_id = await merged(centre, [ada, bea])
    found = await centre.tasks()
    assert [row[0] for row in found] == [ada, ada]
    assert sorted(str(row[1]) for row in found) == ["MERGED", "None"]
    async with database.transaction(viewer.tenant_id) as session:
        await undo_merge(session, viewer, merge_id)
    assert await centre.tasks() == before
