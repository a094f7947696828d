# SPDX-License-Identifier: Apache-2.0
"""The bar of the list of contacts: counted first, confirmed with that count, then done (D4)."""

import re

import pytest

from server.database import Database
from server.domain.permissions import Permission, Role, Viewer
from tests.factories.access import viewer_of
from tests.factories.contacts import make_contact
from tests.factories.lists import make_list
from tests.web.visiting import Person, SignIn, Visitor, text_of


@pytest.fixture
async def admin(signed_in: SignIn) -> Person:
    return await signed_in()


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await viewer_of(database, tenant)


@pytest.fixture
async def people(database: Database, viewer: Viewer, tenant: int) -> list[str]:
    """Four contacts by name, and the list Spring on which nobody stands; its id is the last."""
    async with database.transaction(tenant) as session:
        ids = [f"contact_{(await make_contact(session, viewer, name)).id}" for name in "abcd"]
        return [*ids, f"list_{(await make_list(session, viewer)).id}"]


def names(page: str) -> list[str]:
    return re.findall(r'href="/contacts/contact_\d+" data-open>([^<]+)</a>', page)


async def shown(browser: Visitor, query: str = "") -> list[str]:
    return names((await browser.get(f"/contacts{query}")).text)


async def test_a_selection_is_put_on_a_list_and_taken_off(admin: Person, people: list[str]) -> None:
    browser, (*ids, spring) = admin.browser, people
    chosen: dict[str, object] = {"ids": ids[:2], "matching": "?sort=-name"}
    asked = await browser.send_form("/contacts/bulk", **chosen, do="join")
    assert asked.status_code == 200
    assert "2 selected contacts" in text_of(asked)
    assert f'name="ids" value="{ids[0]},{ids[1]}"' in asked.text
    assert 'name="count" value="2"' in asked.text
    sent = {"ids": ",".join(ids[:2]), "count": 2, "list": spring, "matching": "?sort=-name"}
    joined = await browser.send_form("/contacts/bulk/join", **sent)
    assert (joined.status_code, joined.headers["location"]) == (303, "/contacts?sort=-name")
    page = await browser.get(f"/contacts?list={spring}")
    assert "Put on the list: 2. On it already: 0." in text_of(page)
    assert names(page.text) == ["a", "b"]
    await browser.send_form("/contacts/bulk/leave", **sent | {"ids": ids[0], "count": 1})
    assert await shown(browser, f"?list={spring}") == ["b"]
    refused = await browser.send_form("/contacts/bulk/join", **sent | {"list": "list_999999999"})
    assert refused.status_code == 422
    for matching in ("//evil.example", ".evil.example", "?q=%0d%0aSet-Cookie: a=b"):
        answer = await browser.send_form("/contacts/bulk/join", **sent | {"matching": matching})
        assert re.fullmatch(r"/contacts(\?[^\r\n]*)?", answer.headers["location"]), matching


async def test_all_that_match_are_counted_and_only_so_many_are_changed(
    admin: Person, people: list[str], database: Database, viewer: Viewer, tenant: int
) -> None:
    browser = admin.browser
    all_: dict[str, object] = {"all": "1", "matching": "?priority=2"}
    asked = await browser.send_form("/contacts/bulk", **all_, do="tag", ids=people[0])
    assert "All that match: 4 contacts." in text_of(asked)
    assert 'name="ids"' not in asked.text
    async with database.transaction(tenant) as session:
        await make_contact(session, viewer, "e")
    late = await browser.send_form("/contacts/bulk/tag", **all_, count=4, tags="VIP, Late")
    assert late.status_code == 422
    assert "All that match: 5 contacts." in text_of(late)
    assert 'name="tags" type="text" value="VIP, Late"' in late.text
    assert (
        await browser.send_form("/contacts/bulk/tag", **all_, count=5, tags="VIP, Late")
    ).is_redirect
    page = await browser.get("/contacts?columns=tags")
    assert "Tagged: 5. Tagged so already: 0." in text_of(page)
    assert page.text.count("Late, VIP") == 5
    await browser.send_form("/contacts/bulk/untag", **all_, count=5, tags="late")
    await browser.send_form("/contacts/bulk/priority", ids=people[0], count=1, priority="1")
    assert await shown(browser, "?priority=1") == ["a"]


async def test_what_is_moved_to_the_trash_is_had_back(admin: Person, people: list[str]) -> None:
    browser, ids = admin.browser, people[:2]
    asked = await browser.send_form("/contacts/bulk", ids=ids, do="trash", matching="")
    assert "thirty days" in text_of(asked)
    assert 'name="confirm"' not in asked.text  # typed only where a thousand go
    gone = await browser.send_form("/contacts/bulk/trash", ids=ids, count=2)
    assert gone.is_redirect
    page = await browser.get("/contacts")
    assert names(page.text) == ["c", "d"]
    undo = re.search(r'action="(/contacts/bulk/restorations\?ids=[^"]+)"', page.text)
    assert undo is not None
    assert (await browser.send_form(undo[1])).is_redirect
    assert await shown(browser) == ["a", "b", "c", "d"]


async def test_a_thousand_are_confirmed_by_typing_and_done_by_a_process(
    admin: Person, database: Database, tenant: int
) -> None:
    async with database.connection(tenant) as connection:
        await connection.execute(
            "INSERT INTO contacts (first_name, name_key, given_key)"
            " SELECT 'A' || n, 'a' || n, 'a' || n FROM generate_series(1, 1001) n"
        )
    browser, all_ = admin.browser, {"all": "1", "matching": ""}
    asked = await browser.send_form("/contacts/bulk", **all_, do="trash")
    assert "Type 1001 to confirm" in text_of(asked)
    for typed in ("", "1000", "yes"):
        refused = await browser.send_form("/contacts/bulk/trash", **all_, count=1001, confirm=typed)
        assert refused.status_code == 422
    assert len(await shown(browser)) == 50
    begun = await browser.send_form("/contacts/bulk/trash", **all_, count=1001, confirm="1001")
    assert re.fullmatch(r"/imports/process_\d+", begun.headers["location"])
    assert (await browser.get(begun.headers["location"])).status_code == 200


async def test_two_or_more_rows_are_merged_from_the_bar(admin: Person, people: list[str]) -> None:
    sent = await admin.browser.send_form("/contacts/bulk", ids=people[:2], do="merge", matching="")
    assert sent.headers["location"] == f"/merge?ids={people[0]}%2C{people[1]}"
    alone = await admin.browser.send_form(
        "/contacts/bulk", ids=people[0], do="merge", matching="?q=a"
    )
    assert alone.headers["location"] == "/contacts?q=a"


async def test_the_bar_offers_what_the_profile_allows_and_agents_nothing(
    signed_in: SignIn, people: list[str]
) -> None:  # C-04, X-16, X-17
    view, edit = Permission.CONTACTS_VIEW, Permission.CONTACTS_EDIT
    editor = (await signed_in(Role.SUPERVISOR, (view, edit))).browser
    page = (await editor.get("/contacts")).text
    assert re.findall(r'name="do" value="(\w+)"', page) == ["tag", "untag", "priority"]
    agent = (await signed_in(Role.AGENT, (view, edit))).browser
    for browser, action in ((editor, "trash"), (editor, "join"), (agent, "tag")):
        for path in ("/contacts/bulk", f"/contacts/bulk/{action}"):
            sent = await browser.send_form(path, do=action, ids=people[0], count=1)
            assert sent.status_code == 403, (path, action)
    assert 'name="do"' not in (await agent.get("/contacts")).text
    assert (await editor.send_form("/contacts/bulk/nothing", ids=people[0])).status_code == 404
    nothing = await editor.send_form("/contacts/bulk", do="tag", matching="?q=a")
    assert nothing.headers["location"] == "/contacts?q=a"
