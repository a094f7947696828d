# SPDX-License-Identifier: Apache-2.0
"""Who finds what: by type, tenant, lists, campaigns and fields (X-08, X-17, reliability D9)."""

import asyncio
import os
from collections.abc import AsyncIterator

import asyncpg
import pytest

from server.database import Database
from server.database.address import APP_ROLE
from server.database.migrations import migrate
from server.domain.permissions import Role, Viewer
from server.domain.search import SearchType
from server.models import AdditionalPhone, CampaignAgent, FieldValue
from server.services import campaigns
from server.services.dialer import connection_of
from server.services.search import find_phones, search_everything
from server.services.search.indexing import index_later, index_new
from tests.conftest import MakeTenant, as_owner
from tests.factories.campaigns import make_campaign
from tests.factories.contacts import make_contact
from tests.factories.lists import make_list
from tests.factories.people import make_field
from tests.factories.users import make_viewer


async def titles(database: Database, viewer: Viewer, text: str) -> list[str]:
    found = await search_everything(database, viewer, text, list(SearchType), 50)
    return [each.title for each in found]


async def test_a_tenant_finds_nothing_of_another(
    database: Database, new_tenant: MakeTenant
) -> None:
    viewers = [await make_viewer(database, await new_tenant()) for _ in range(2)]
    for viewer, name in zip(viewers, ("Mine", "Theirs"), strict=True):
        async with database.transaction(viewer.tenant_id) as session:
            plate = await make_field(session, "Plate", is_searchable=True)
            person = await make_contact(session, viewer, "Rosalba", name, phone="+390698765432")
            session.add(
                FieldValue(
                    contact_id=person.id,
                    field_id=plate.id,
                    text_value="XY1234",
                    text_key="xy1234",
                )
            )
            await make_list(session, viewer, f"Rosalba {name}")
    mine = viewers[0]
    for text in ("rosalba", "osalb", "98765432", "5432", "xy1234", "y123", "rosalbo", "theirs"):
        for title in await titles(database, mine, text):
            assert "Theirs" not in title, text
    assert await titles(database, mine, "xy1234") == ["Rosalba Mine"]
    assert len(await find_phones(database, mine, "5432")) == 1
    assert await titles(database, mine, "theirs") == []


async def test_a_field_is_searched_only_while_it_is_marked_searchable(
    database: Database, tenant: int
) -> None:  # C-22
    viewer = await make_viewer(database, tenant)
    async with database.transaction(tenant) as session:
        plate = await make_field(session, "Plate")
        person = await make_contact(session, viewer, "Ada")
        session.add(
            FieldValue(
                contact_id=person.id, field_id=plate.id, text_value="XY1234", text_key="xy1234"
            )
        )
        await session.flush()
        key = plate.id
    assert await titles(database, viewer, "xy1234") == []
    for is_searchable, expected in ((True, ["Ada"]), (False, [])):
        await database.read(
            tenant,
            "UPDATE master_data_fields SET is_searchable = $2 WHERE id = $1 RETURNING id",
            key,
            is_searchable,
        )
        assert await titles(database, viewer, "xy12") == expected
        assert await titles(database, viewer, "y123") == expected


async def test_an_agent_finds_contacts_of_their_lists_and_campaigns_and_nothing_else(
    database: Database, tenant: int
) -> None:
    admin = await make_viewer(database, tenant)
    agent = await make_viewer(database, tenant, Role.AGENT)
    async with database.transaction(tenant) as session:
        mine = await make_list(session, admin, "Mine", agent_ids=[agent.user_id])
        called = await make_list(session, admin, "Called")
        other = await make_list(session, admin, "Other")
        campaign = await make_campaign(session, admin, "Assigned")
        await campaigns.attach_lists(session, admin, campaign.id, [called.id])
        session.add(CampaignAgent(campaign_id=campaign.id, user_id=agent.user_id))
        foreign = await make_campaign(session, admin, "Foreign")
        field = await make_field(session, "Policy", scope="RECORD", is_searchable=True)
        for number, (name, list_id) in enumerate(
            (("Mine", mine.id), ("Called", called.id), ("Other", other.id), ("None", None))
        ):
            person = await make_contact(
                session,
                admin,
                "Rosalba",
                name,
                phone=f"+3906987654{number:02}",
                list_ids=[] if list_id is None else [list_id],
            )
            for owner, text in ((campaign, f"pol-{name}"), (foreign, f"hidden-{name}")):
                session.add(
                    FieldValue(
                        contact_id=person.id,
                        field_id=field.id,
                        campaign_id=owner.id,
                        text_value=text,
                        text_key=text.lower(),
                    )
                )
    seen = ["Rosalba Called", "Rosalba Mine"]
    for text in ("rosalba", "osalb", "069876", "9876", "rosalbo"):
        assert sorted(await titles(database, agent, text)) == seen, text
        assert len(await titles(database, admin, text)) == 4, text
    assert await titles(database, agent, "5402") == []
    assert await titles(database, agent, "pol-") == sorted(seen)
    assert await titles(database, agent, "hidden") == []  # a record of a campaign of others
    assert sorted(await titles(database, agent, "assigned")) == ["Assigned"]
    assert await titles(database, agent, "foreign") == []
    assert await titles(database, agent, "other") == []
    numbers = [match.match.value for match in await find_phones(database, agent, "9876")]
    assert numbers == ["+390698765401", "+390698765400"]
    for key, count in ((campaign.id, 1), (foreign.id, 0)):
        assert len(await find_phones(database, agent, "9876", campaign_id=key)) == count


@pytest.fixture
async def plain_owner(empty_database: str) -> AsyncIterator[str]:
    """The URL of a database whose owner is no superuser, as on a server of somebody else."""
    name = f"plain_search_{os.getpid()}"
    async with as_owner(empty_database) as admin:
        await admin.execute(f"CREATE ROLE {name} LOGIN CREATEROLE PASSWORD 'plain'")
        await admin.execute(f"GRANT {APP_ROLE} TO {name} WITH ADMIN OPTION")
        database = await admin.fetchval("SELECT current_database()")
        await admin.execute(f"ALTER DATABASE {database} OWNER TO {name}")
        await admin.execute(f"ALTER SCHEMA public OWNER TO {name}")
    secret = empty_database.split("//")[1].split("@")[0]
    yield empty_database.replace(secret, f"{name}:plain")
    async with as_owner(empty_database) as admin:
        await admin.execute(f"REASSIGN OWNED BY {name} TO CURRENT_USER")
        await admin.execute(f"DROP OWNED BY {name}; DROP ROLE {name}")


async def test_an_owner_who_is_no_superuser_searches_by_the_index(plain_owner: str) -> None:
    await asyncio.to_thread(migrate, plain_owner)
    database = Database(plain_owner, pool_size=2)
    await database.start()
    [row] = await database.read(None, "INSERT INTO tenants (name) VALUES ('t') RETURNING id")
    viewer = await make_viewer(database, row["id"])
    async with database.transaction(viewer.tenant_id) as session:
        await index_later(await connection_of(session))
        row = await make_contact(session, viewer, "Rosalba", "Quirino")
    await index_new(database, viewer.tenant_id)
    async with database.transaction(viewer.tenant_id) as session:
        session.add(AdditionalPhone(contact_id=row.id, number="+390688112233", position=0))
    assert await titles(database, viewer, "salb 881122") == ["Rosalba Quirino"]
    assert await titles(database, viewer, "salb quir") == ["Rosalba Quirino"]
    assert await titles(database, viewer, "rosalbo") == ["Rosalba Quirino"]
    owner = await asyncpg.connect(plain_owner)
    await owner.execute("SET enable_seqscan = off; SET enable_indexscan = off")
    plan = await owner.fetch(
        "EXPLAIN SELECT contact_id FROM contact_search"
        " WHERE tenant_id + 0 = 1 AND key LIKE '%salb%' AND numbers LIKE '%123%'"
    )
    assert "ix_contact_search_search" in str(plan)
    await owner.close()
    await database.stop()


async def test_the_application_may_call_the_functions_and_nobody_else(
    owner: asyncpg.Connection,
) -> None:
    rows = await owner.fetch(
        "SELECT proname, proacl::text, prosecdef, proconfig::text FROM pg_proc"
        " WHERE proname LIKE 'rubrica\\_s%' AND prosecdef"
        " OR proname IN ('rubrica_words_in_use', 'rubrica_index_later')"
    )
    assert sorted(row["proname"] for row in rows) == [
        "rubrica_index_later",
        "rubrica_search_again",
        "rubrica_search_contacts",
        "rubrica_search_phones",
        "rubrica_similar_words",
        "rubrica_words_in_use",
    ]
    for row in rows:
        granted = {grant.partition("=")[0] for grant in row["proacl"].strip("{}").split(",")}
        assert APP_ROLE in granted
        assert "" not in granted  # PUBLIC
        assert "search_path=public, pg_temp" in row["proconfig"]
