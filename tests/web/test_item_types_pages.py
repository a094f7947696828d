# SPDX-License-Identifier: Apache-2.0
"""Contact item types by the pages: X-01 to X-04, X-07 to X-10."""

import re

import pytest

from server.database import Database
from server.domain.colors import contrast, ink_for
from server.domain.permissions import Permission, Role, Viewer
from tests.factories.access import viewer_of
from tests.factories.contacts import make_contact, phones
from tests.factories.item_types import make_item_type
from tests.web.visiting import Person, SignIn, text_of
from web.pages.item_types import PALETTE

HTMX = {"HX-Request": "true", "HX-Target": "dialog-body"}
FOUR = tuple(Permission(f"item_types.{verb}") for verb in ("view", "create", "edit", "delete"))
ROW = re.compile(
    r'<td class="num fact">(\d+)</td>\s*<th .*?<span class="chip (c-\w+)">([^<]+)</span>.*?'
    r"<code>(#\w+)</code></td>\s*<td [^>]*>([^<]+)</td>",
    re.S,
)


@pytest.fixture
async def admin(signed_in: SignIn) -> Person:
    return await signed_in()


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await viewer_of(database, tenant)


async def test_a_type_is_made_and_listed_exactly_so(admin: Person) -> None:
    given = {"name": "Office", "orderBy": "1", "color": "#aabbcc"}
    answer = await admin.browser.send_form("/item-types", **given)
    assert (answer.status_code, answer.headers["location"]) == (303, "/item-types")
    page = await admin.browser.get("/item-types")
    assert "Item type “Office” was created." in text_of(page)
    assert ROW.findall(page.text) == [("1", "c-aabbcc", "Office", "#AABBCC", "0")]
    assert ".c-aabbcc{--chip:#AABBCC;--chip-ink:#000000}" in page.text
    # Two may share an order, and the next place is offered.
    assert (await admin.browser.send_form("/item-types", **given | {"name": "Home"})).is_redirect
    form = (await admin.browser.get("/item-types/new")).text
    assert re.search(r'name="orderBy" type="number" value="2"', form)


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"name": ""}, "name", "This cannot be blank. Fill it in."),
        ({"name": "OFFICE"}, "name", "“OFFICE” is already taken. Choose another name."),
        ({"orderBy": "abc"}, "orderBy", "This must be between 1 and"),
        ({"orderBy": "1.5"}, "orderBy", "This must be between 1 and"),
        ({"orderBy": "0"}, "orderBy", "This must be between 1 and"),
        ({"orderBy": ""}, "orderBy", "This must be between 1 and"),
        ({"orderBy": "99999999999999999999"}, "orderBy", "This must be between 1 and"),
        ({"color": "teal"}, "color", "“teal” does not fit here. Give #RRGGBB."),
    ],
)
async def test_a_fault_stands_at_its_field_and_stores_nothing(
    admin: Person,
    viewer: Viewer,
    database: Database,
    tenant: int,
    given: dict[str, str],
    field: str,
    words: str,
) -> None:
    async with database.transaction(tenant) as session:
        await make_item_type(session, viewer, "Office")
    wanted = {"name": "Mobile", "orderBy": "2", "color": "#112233"} | given
    answer = await admin.browser.post("/item-types", data=wanted, headers=HTMX)
    assert answer.status_code == 422
    assert "<html" not in answer.text
    error = re.search(rf'id="field-{field}-error">(.*?)</p>', answer.text, re.S)
    assert error is not None
    assert words in re.sub(r"<[^>]+>", "", error[1])
    for name, value in wanted.items():
        assert f'name="{name}"' in answer.text
        assert f'value="{value}"' in answer.text
    page = (await admin.browser.get("/item-types")).text
    assert ROW.findall(page) == [("1", "c-aabbcc", "Office", "#AABBCC", "0")]


async def test_search_survives_pages_and_sort_and_says_when_nothing_matches(
    admin: Person, viewer: Viewer, database: Database, tenant: int
) -> None:
    async with database.transaction(tenant) as session:
        for place in range(52):
            await make_item_type(session, viewer, f"Office {place:02}", place + 1)
        await make_item_type(session, viewer, "Home", 3, "#FFD166")

    async def names(query: str) -> list[str]:
        return [row[2] for row in ROW.findall((await admin.browser.get(query)).text)]

    first = await admin.browser.get("/item-types?q=OFFICE&sort=-order")
    found = [row[2] for row in ROW.findall(first.text)]
    assert found == [f"Office {place:02}" for place in range(51, 1, -1)]
    assert "50 of 52" in text_of(first)
    [older] = re.findall(r'rel="next" href="([^"]+)"', first.text)
    assert await names("/item-types" + older.replace("&amp;", "&")) == ["Office 01", "Office 00"]
    [by_name] = re.findall(r'href="([^"]*sort=name[^"]*)"', first.text)
    assert "q=OFFICE" in by_name
    assert (await names("/item-types" + by_name.replace("&amp;", "&")))[0] == "Office 00"
    assert await names("/item-types?q=ffd1") == ["Home"]
    assert await names("/item-types?q=52&sort=name") == ["Office 51"]
    assert len(await names("/item-types?q=")) == 50
    none = await admin.browser.get("/item-types?q=nothing-like-it")
    assert "Nothing matches “nothing-like-it”" in text_of(none)
    assert ROW.findall(none.text) == []


async def test_an_edit_and_a_deletion_say_what_they_do(
    admin: Person, viewer: Viewer, database: Database, tenant: int
) -> None:
    async with database.transaction(tenant) as session:
        office = await make_item_type(session, viewer)
        additional = phones(("055123456", office.id), ("055123457", office.id))
        ada = await make_contact(session, viewer, "Ada", additional=additional)
    path = f"/item-types/type_{office.id}"
    given = {"name": "Work", "orderBy": "4", "color": "#0B5394", "version": "1"}
    assert (await admin.browser.send_form(path, **given)).status_code == 303
    record = await admin.browser.get(f"/contacts/contact_{ada.id}")
    assert re.search(r'class="chip tel c-0b5394">055 123456<small>Work<', record.text)
    late = await admin.browser.send_form(path, **given | {"name": "Desk"})
    assert late.status_code == 422
    assert "Somebody else changed this since you opened it." in text_of(late)
    assert 'value="Desk"' in late.text
    assert 'name="version" value="2"' in late.text
    question = await admin.browser.get(f"{path}/deletion", headers=HTMX)
    assert "Delete item type “Work”?" in text_of(question)
    assert "2 phones have this type." in text_of(question)
    gone = await admin.browser.send_form(f"{path}/deletion", version="2")
    assert gone.status_code == 303
    page = text_of(await admin.browser.get("/item-types"))
    assert "Item type “Work” was deleted. 2 phones are untyped now and are dialed last." in page
    record = text_of(await admin.browser.get(f"/contacts/contact_{ada.id}"))
    assert "055 123456 No type" in record
    assert (await admin.browser.send_form(f"{path}/deletion")).status_code == 404


async def test_the_right_to_item_types_acts_on_page_menu_and_form_at_the_next_request(
    signed_in: SignIn, database: Database, viewer: Viewer, tenant: int
) -> None:
    person = await signed_in(Role.SUPERVISOR, ())
    async with database.transaction(tenant) as session:
        office = await make_item_type(session, viewer)
    paths = ["/item-types", "/item-types/new", f"/item-types/type_{office.id}"]
    paths.append(f"/item-types/type_{office.id}/deletion")

    async def allow(*permissions: Permission) -> None:
        async with database.connection(tenant) as connection:
            await connection.execute(
                "UPDATE profiles SET permissions = $1 WHERE id = $2",
                *([one.value for one in permissions], person.account.profile_id),
            )

    for path in paths:
        assert (await person.browser.get(path)).status_code == 403
    assert "/item-types" not in (await person.browser.get("/account")).text
    await allow(*FOUR)
    for path in paths:
        assert (await person.browser.get(path)).status_code == 200, path
    assert 'href="/item-types"' in (await person.browser.get("/account")).text
    given = {"name": "Mobile", "orderBy": "2", "color": "#112233"}
    assert (await person.browser.send_form("/item-types", **given)).status_code == 303
    await allow(Permission.ITEM_TYPES_VIEW)
    page = await person.browser.get("/item-types")
    assert len(ROW.findall(page.text)) == 2
    for hidden in ("/item-types/new", "/deletion", f'"/item-types/type_{office.id}"'):
        assert hidden not in page.text, hidden
    for path in paths[1:]:
        assert (await person.browser.get(path)).status_code == 403, path
    await allow()
    assert (await person.browser.get("/item-types")).status_code == 403


@pytest.mark.parametrize("color", PALETTE)
def test_every_usual_colour_is_legible(color: str) -> None:
    assert contrast(color, ink_for(color)) >= 4.5
