# SPDX-License-Identifier: Apache-2.0
"""Contact lists by the pages: list, form with agents, deletion; whose count is quick (X-17)."""

import re

import pytest

from server.app import create_app
from server.database import Database
from server.domain.counts import COUNT_CAP
from server.domain.permissions import Permission, Role, Viewer
from server.settings import Settings
from tests.factories.access import Account, make_account, sign_in, viewer_of
from tests.factories.contacts import make_contact
from tests.factories.lists import make_list
from tests.factories.watched import Watched
from tests.web.visiting import Person, SignIn, Visitor, text_of

HTMX = {"HX-Request": "true", "HX-Target": "drawer-body"}
VIEW = (Permission.LISTS_VIEW, Permission.CONTACTS_VIEW)


@pytest.fixture
async def admin(signed_in: SignIn) -> Person:
    return await signed_in()


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await viewer_of(database, tenant)


@pytest.fixture
async def agent(database: Database, tenant: int) -> Account:
    return await make_account(database, tenant, Role.AGENT, VIEW)


def rows(page: str) -> list[tuple[str, str]]:
    """The names, and how many contacts stand on each."""
    return re.findall(r'data-open>([^<]+)</a></th>\s*<td class="num fact">([^<]+)</td>', page)


async def test_the_list_is_searched_and_sorted_and_leads_to_its_contacts(
    admin: Person, viewer: Viewer, agent: Account, database: Database, tenant: int
) -> None:
    async with database.transaction(tenant) as session:
        spring = await make_list(session, viewer, "Spring", agent_ids=[agent.user_id])
        await make_list(session, viewer, "autumn")
        await make_contact(session, viewer, list_ids=[spring.id])

    async def page(query: str = "") -> str:
        return (await admin.browser.get(f"/lists{query}")).text

    both = await page()
    assert rows(both) == [("autumn", "0"), ("Spring", "1")]
    assert "Person" in both
    assert f'href="/contacts?list=list_{spring.id}"' in both
    assert f'href="/imports/new?list=list_{spring.id}"' in both
    assert rows(await page("?sort=-name")) == [("Spring", "1"), ("autumn", "0")]
    assert rows(await page("?sort=created")) == [("Spring", "1"), ("autumn", "0")]
    assert rows(await page("?q=SPR")) == [("Spring", "1")]
    assert "Nothing matches “zoe”" in text_of(await admin.browser.get("/lists?q=zoe"))


async def test_a_long_list_is_counted_after_the_page(
    admin: Person, viewer: Viewer, database: Database, tenant: int
) -> None:
    async with database.transaction(tenant) as session:
        spring = await make_list(session, viewer, "Spring")
    async with database.connection(tenant) as connection:
        await connection.execute(
            "WITH made AS (INSERT INTO contacts (first_name, name_key, given_key)"
            " SELECT 'A', 'a', 'a' FROM generate_series(1, $2) RETURNING id)"
            " INSERT INTO list_members (list_id, contact_id) SELECT $1, id FROM made",
            *(spring.id, COUNT_CAP + 1),
        )
    page = (await admin.browser.get("/lists?sort=name")).text
    assert rows(page) == [("Spring", "10.000+")]
    assert 'data-hx-get="?sort=name&amp;counts=exact"' in page
    whole = (await admin.browser.get("/lists?sort=name&counts=exact")).text
    assert rows(whole) == [("Spring", "10.001")]
    assert "counts=exact" not in whole
    question = text_of(await admin.browser.get(f"/lists/list_{spring.id}/deletion"))
    assert "10.001 contacts stand on it, and stay." in question


async def test_a_list_is_made_edited_and_deleted(
    admin: Person, viewer: Viewer, agent: Account, database: Database, tenant: int
) -> None:
    key = f"agent_{agent.user_id}"
    form = (await admin.browser.get("/lists/new")).text
    assert re.search(rf'value="{key}"> Person', form)
    given = {"name": "Spring", "description": "Renewals", "agentIds": key}
    answer = await admin.browser.send_form("/lists", **given)
    assert (answer.status_code, answer.headers["location"]) == (303, "/lists")
    page = await admin.browser.get("/lists")
    assert "List “Spring” was created." in text_of(page)
    [url] = re.findall(r'href="(/lists/list_\d+)"', page.text)
    form = (await admin.browser.get(url, headers=HTMX)).text
    assert "<html" not in form
    assert f'value="{key}" checked' in form
    over = HTMX | {"HX-Current-URL": "http://127.0.0.1:8000/lists?q=s"}
    changed = {"name": "Summer", "description": "", "version": "1"}
    answer = await admin.browser.post(url, data=changed, headers=over)
    assert (answer.status_code, answer.headers["hx-redirect"]) == (204, "/lists?q=s")
    assert "checked" not in (await admin.browser.get(url)).text
    late = await admin.browser.send_form(url, **changed)
    assert late.status_code == 422
    assert "Somebody else changed this since you opened it." in text_of(late)
    assert 'name="version" value="2"' in late.text
    question = text_of(await admin.browser.get(f"{url}/deletion"))
    assert "Delete list “Summer”?" in question
    assert "0 contacts stand on it, and stay." in question
    answer = await admin.browser.send_form(f"{url}/deletion", version="2")
    assert answer.status_code == 303
    page = await admin.browser.get("/lists")
    assert "List “Summer” was deleted. Its contacts stay." in text_of(page)
    assert "No lists yet" in text_of(page)


async def test_refusals_stand_at_their_fields(
    admin: Person, viewer: Viewer, database: Database, tenant: int
) -> None:
    async with database.transaction(tenant) as session:
        await make_list(session, viewer, "Spring")
    wrong = {"name": "SPRING", "description": "kept", "agentIds": ["agent_999999999", "x"]}
    answer = await admin.browser.send_form("/lists", **wrong)
    assert answer.status_code == 422
    assert "There is nothing here under that id" in text_of(answer)
    answer = await admin.browser.send_form("/lists", **wrong | {"agentIds": []})
    assert "“SPRING” is already taken. Choose another name." in text_of(answer)
    assert "kept" in answer.text
    assert 'value="SPRING"' in answer.text


async def test_a_list_that_a_campaign_calls_says_so_in_the_dialog(
    admin: Person, viewer: Viewer, database: Database, tenant: int
) -> None:
    async with database.transaction(tenant) as session:
        spring = await make_list(session, viewer, "Spring")
    async with database.connection(tenant) as connection:
        await connection.execute(
            "WITH made AS (INSERT INTO campaigns (name, name_key) VALUES ('Easter', 'easter')"
            " RETURNING id) INSERT INTO campaign_lists (campaign_id, list_id)"
            " SELECT id, $1 FROM made",
            spring.id,
        )
    path = f"/lists/list_{spring.id}/deletion"
    answer = await admin.browser.post(path, data={"version": "1"}, headers=HTMX)
    assert answer.status_code == 422
    assert "“Easter” still uses this. Take it out there first." in text_of(answer)
    assert rows((await admin.browser.get("/lists")).text) == [("Spring", "0")]


async def test_an_agent_sees_their_lists_and_changes_none(
    signed_in: SignIn, viewer: Viewer, database: Database, tenant: int
) -> None:
    everything = tuple(Permission)
    person = await signed_in(Role.AGENT, everything)
    async with database.transaction(tenant) as session:
        mine = await make_list(session, viewer, "Mine", agent_ids=[person.account.user_id])
        other = await make_list(session, viewer, "Other")
    page = (await person.browser.get("/lists")).text
    assert rows(page) == [("Mine", "0")]
    for hidden in ("/lists/new", "/deletion", f'"/lists/list_{mine.id}"', "/imports"):
        assert hidden not in page, hidden
    for path in ("/lists/new", f"/lists/list_{mine.id}", f"/lists/list_{mine.id}/deletion"):
        assert (await person.browser.get(path)).status_code == 403, path
        assert (await person.browser.send_form(path, name="x")).status_code in (403, 405), path
    empty = await person.browser.get(f"/contacts?list=list_{other.id}")
    assert 'aria-label="Remove filter: List: –"' in empty.text


async def test_who_may_not_see_lists_is_refused(signed_in: SignIn) -> None:
    nobody = (await signed_in(Role.SUPERVISOR, (Permission.CONTACTS_VIEW,))).browser
    assert (await nobody.get("/lists")).status_code == 403
    page = (await nobody.get("/contacts")).text
    assert 'href="/lists"' not in page


async def test_the_page_costs_the_same_for_one_list_and_for_seven(
    database: Database, tenant: int, viewer: Viewer, agent: Account
) -> None:
    watched = Watched(database)
    token, _ = await sign_in(database, await make_account(database, tenant))
    async with Visitor(create_app(Settings(), watched), token) as browser:
        counts = []
        for more in (1, 6):
            async with database.transaction(tenant) as session:
                for place in range(more):
                    name = f"List {more} {place}"
                    await make_list(session, viewer, name, agent_ids=[agent.user_id])
            await browser.get("/lists")
            before = watched.opened
            assert len(rows((await browser.get("/lists")).text)) in (1, 7)
            counts.append(watched.opened - before)
    assert counts == [3, 3]  # the rights of this moment, the lists, the filters kept
