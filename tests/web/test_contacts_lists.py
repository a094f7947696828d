# SPDX-License-Identifier: Apache-2.0
"""The list of contacts as people work with it: filters, columns, saved filters, export, GraphQL."""

import csv
import io
import json
import re
from urllib.parse import unquote, urlsplit

import pytest
from sqlalchemy import select

from server.database import Database
from server.domain.fields import FieldType
from server.domain.permissions import Permission, Role, Viewer
from server.models import Contact
from server.services.contacts import ContactEdit, ValueInput, edit_contact
from server.services.fields import FieldEdit, FieldInput, create_field, edit_field
from tests.factories.access import viewer_of
from tests.factories.campaigns import make_campaign
from tests.factories.contacts import make_contact, phones
from tests.factories.item_types import make_item_type
from tests.factories.lists import make_list
from tests.web.visiting import Person, SignIn, Visitor, text_of

VIEWS = "/views/contacts"
HTMX = {"HX-Request": "true", "HX-Target": "dialog-body"}


@pytest.fixture
async def admin(signed_in: SignIn) -> Person:
    return await signed_in()


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await viewer_of(database, tenant)


@pytest.fixture
async def spring(database: Database, viewer: Viewer, tenant: int) -> tuple[str, str]:
    """Ada and Bruno on a list that a campaign calls, Carla without a number: list, campaign."""
    async with database.transaction(tenant) as session:
        office = await make_item_type(session, viewer)
        listed = await make_list(session, viewer)
        on = [listed.id]
        await make_contact(
            session, viewer, "Ada", "Rossi", phone="0612345001", priority=1, list_ids=on
        )
        more = phones(("055123456", office.id))
        await make_contact(
            session, viewer, "Bruno", "=Abate", phone="0612345002", additional=more, list_ids=on
        )
        await make_contact(session, viewer, "Carla", "Zeta", phone=None, email="c@example.com")
        campaign = await make_campaign(session, viewer, list_ids=[listed.id])
    return f"list_{listed.id}", f"campaign_{campaign.id}"


def names(page: str) -> list[str]:
    return re.findall(r'href="/contacts/contact_\d+" data-open>([^<]+)</a>', page)


def heads(page: str) -> list[str]:
    row = re.search(r"<thead>(.*?)</thead>", page, re.S)
    assert row is not None
    cells = re.findall(r"<th[^>]*>(.*?)</th>", row[1], re.S)
    return [text for cell in cells if (text := re.sub(r"<[^>]+>", "", cell).strip())][:-2]


def chips(page: str) -> list[str]:
    return re.findall(r'aria-label="Remove filter: ([^"]+)"', page)


def alert(page: str) -> str:
    told = re.search(r'role="alert">(.*?)</p>', page, re.S)
    assert told is not None
    return re.sub(r"<[^>]+>", "", told[1]).strip()


async def test_every_filter_stands_in_the_address_and_as_a_chip_that_takes_it_out(
    admin: Person, spring: tuple[str, str]
) -> None:  # C-01
    listed, campaign = spring
    for query, found, chip in (
        (f"list={listed}", ["Bruno =Abate", "Ada Rossi"], "List: Spring"),
        (f"campaign={campaign}", ["Bruno =Abate", "Ada Rossi"], "Campaign: Spring offers"),
        ("state=REMAINING", ["Bruno =Abate", "Ada Rossi"], "State: Remaining"),
        ("state=CLOSED", [], "State: Closed"),
        ("phone=06+12345001", ["Ada Rossi"], "Number: 06 12345001"),
        ("email=C@example.com", ["Carla Zeta"], "E-mail: C@example.com"),
        ("callable=no", ["Carla Zeta"], "Without a number"),
        ("priority=1", ["Ada Rossi"], "Priority: High"),
        ("until=2020-01-01", [], "Added until 2020-01-01"),
        ("from=2020-01-01", ["Bruno =Abate", "Ada Rossi", "Carla Zeta"], "Added from 2020-01-01"),
        ("language=it", [], "Language: it"),
        ("zone=Europe/Rome", [], "Time zone: Europe/Rome"),
        ("company=x", [], "Company: x"),
    ):
        page = (await admin.browser.get(f"/contacts?{query}&sort=name")).text
        assert (names(page), chips(page)) == (found, [chip]), query
        assert re.search(
            rf'class="filter-chip" href="\?sort=name"[^>]*"Remove filter: {chip}', page
        )
    both = (await admin.browser.get(f"/contacts?list={listed}&priority=1&q=ada")).text
    assert (names(both), len(chips(both))) == (["Ada Rossi"], 2)
    assert 'class="clear-filters" href="?q=ada"' in both
    nobody = text_of(await admin.browser.get("/contacts?company=x&priority=1"))
    assert "Nobody matches these filters" in nobody


async def test_a_centres_own_fields_are_columns_sorts_and_filters(
    admin: Person, spring: tuple[str, str], database: Database, viewer: Viewer, tenant: int
) -> None:  # C-01, C-22
    async with database.transaction(tenant) as session:
        city = await create_field(
            session, viewer, FieldInput(name="city", display_name="City", type=FieldType.TEXT)
        )
        found = await session.scalars(
            select(Contact).where(Contact.first_name.in_(("Ada", "Carla")))
        )
        for row, value in zip(sorted(found, key=lambda one: one.id), ("Roma", "Bari"), strict=True):
            given = ContactEdit(values=[ValueInput(field_id=city.id, value=value)])
            await edit_contact(session, viewer, row.id, given)
    key = f"field_{city.id}"

    async def page(query: str) -> str:
        return (await admin.browser.get(f"/contacts?{query}")).text

    shown = await page(f"columns=company,{key}&sort={key}")
    assert heads(shown) == ["Name", "Company", "City"]
    assert names(shown) == ["Carla Zeta", "Ada Rossi", "Bruno =Abate"]  # without one: last
    assert re.findall(r'data-label="City">([^<]+)</td>', shown) == ["Bari", "Roma"]
    assert names(await page(f"sort=-{key}"))[:2] == ["Ada Rossi", "Carla Zeta"]
    begins = await page(f"{key}.starts=ro")
    assert (names(begins), chips(begins)) == (["Ada Rossi"], ["City: ro"])
    assert f'name="{key}.starts" type="text" value="ro"' in begins
    assert names(await page(f"{key}=bari&priority=2")) == ["Carla Zeta"]
    form = (await admin.browser.get(f"{VIEWS}/columns")).text
    assert f'value="{key}"' in form
    answer = await admin.browser.send_form("/contacts/export", at=f"?columns={key}&{key}=roma")
    assert answer.text.splitlines()[1:] == ["Ada,Rossi,Roma"]
    all_ = {"all": "1", "matching": f"?{key}=roma"}
    assert "1 contact." in text_of(
        await admin.browser.send_form("/contacts/bulk", **all_, do="tag")
    )
    done = await admin.browser.send_form("/contacts/bulk/tag", **all_, count=1, tags="Roman")
    assert done.is_redirect
    assert (await admin.browser.get("/contacts?field_999999=x")).status_code == 400


async def test_a_kept_filter_of_a_field_that_was_retyped_opens_and_says_what_is_wrong(
    admin: Person, spring: tuple[str, str], database: Database, viewer: Viewer, tenant: int
) -> None:  # C-01
    async with database.transaction(tenant) as session:
        age = await create_field(
            session, viewer, FieldInput(name="age", display_name="Age", type=FieldType.TEXT)
        )
    key = f"field_{age.id}"
    for query in (f"{key}=ten", f"{key}.starts=te"):
        await admin.browser.send_form(f"{VIEWS}/filters", name=query, at=f"?{query}")
        assert (await admin.browser.get(f"/contacts?{query}")).status_code == 200
    async with database.transaction(tenant) as session:
        await edit_field(session, viewer, age.id, FieldEdit(type=FieldType.NUMBER))
    page = (await admin.browser.get("/contacts")).text
    links = re.findall(rf'href="(/contacts\?{key}[^"]+)"', page)
    told = {link: await admin.browser.get(link) for link in links}
    assert {link: answer.status_code for link, answer in told.items()} == {
        f"/contacts?{key}=ten": 422,
        f"/contacts?{key}.starts=te": 422,
    }
    whole, begins = (told[f"/contacts?{key}{end}"] for end in ("=ten", ".starts=te"))
    assert alert(whole.text) == "“ten” does not fit in “Age”. Give 1234.5."
    assert alert(begins.text) == (
        "“Age” holds no text, so it begins with nothing. Ask for a whole value."
    )
    assert (names(whole.text), chips(whole.text)) == ([], ["Age: ten"])
    assert 'name="q"' in whole.text


async def test_what_cannot_be_read_in_the_address_does_not_narrow(
    admin: Person, spring: tuple[str, str], signed_in: SignIn
) -> None:
    for query in ("priority=9", "state=x", "from=soon", "until=9999-12-31", "callable=perhaps"):
        answer = await admin.browser.get(f"/contacts?{query}")
        assert answer.status_code == 200
        assert (len(names(answer.text)), chips(answer.text)) == (3, []), query
    # What somebody may not see they cannot ask for either.
    reader = (await signed_in(Role.SUPERVISOR, (Permission.CONTACTS_VIEW,))).browser
    page = (await reader.get(f"/contacts?list={spring[0]}&campaign={spring[1]}&state=CLOSED")).text
    assert (len(names(page)), chips(page)) == (3, [])
    assert 'name="campaign"' not in page
    assert "/contacts/export" not in page


async def test_columns_are_chosen_ordered_and_kept(
    admin: Person, spring: tuple[str, str], signed_in: SignIn
) -> None:
    browser = admin.browser
    usual = ["Name", "Phone", "Additional phones", "Company", "E-mail"]
    assert heads((await browser.get("/contacts")).text) == usual
    form = (await browser.get(f"{VIEWS}/columns?at=%3Fq%3Da")).text
    order = re.findall(r'name="order" value="(\w+)"', form)
    assert order[:4] == re.findall(r'name="columns" value="(\w+)" checked', form)
    moved = await browser.post(
        f"{VIEWS}/columns", data={"order": order, "columns": order[:4], "up": "email", "at": "?q=a"}
    )
    again = re.findall(r'name="order" value="(\w+)"', moved.text)
    assert again[:4] == ["phone", "phones", "email", "company"]  # without a script
    kept = await browser.post(
        f"{VIEWS}/columns",
        data={"order": ["created", "lists", *order], "columns": ["lists", "created"], "at": "?q=a"},
    )
    assert (kept.status_code, kept.headers["location"]) == (303, "/contacts?q=a")
    assert heads((await browser.get("/contacts")).text) == ["Name", "Added", "Lists"]
    # The address goes before what was kept, and nobody else sees a difference.
    assert heads((await browser.get("/contacts?columns=email")).text) == ["Name", "E-mail"]
    assert heads((await (await signed_in()).browser.get("/contacts")).text) == usual
    back = await browser.post(f"{VIEWS}/columns", data={"order": order, "usual": "1"})
    assert back.is_redirect
    assert heads((await browser.get("/contacts")).text) == usual


async def test_a_column_that_went_while_one_chose_is_named(admin: Person) -> None:
    given = {"order": ["email", "field_7"], "columns": ["email", "field_7"]}
    refused = await admin.browser.post(f"{VIEWS}/columns", data=given)
    assert refused.status_code == 422
    assert alert(refused.text).startswith("“field_7” does not fit here. Give phone, phones, ")
    assert 'value="field_7"' not in refused.text


async def test_filters_are_kept_shared_renamed_deleted_and_had_back(
    admin: Person, spring: tuple[str, str], signed_in: SignIn
) -> None:
    browser = admin.browser
    other = (await signed_in(Role.SUPERVISOR, (Permission.CONTACTS_VIEW,))).browser
    at = "?priority=1&sort=-name&after=W10"
    form = (await browser.get(f"{VIEWS}/filters/new", params={"at": at})).text
    assert 'name="isShared"' in form
    assert 'name="isShared"' not in (await other.get(f"{VIEWS}/filters/new")).text
    blank = await browser.send_form(f"{VIEWS}/filters", name=" ", at=at)
    assert blank.status_code == 422
    assert "priority=1" in blank.text
    made = await browser.send_form(f"{VIEWS}/filters", name="Urgent", at=at, may_share="1")
    assert made.headers["location"] == "/contacts?priority=1&sort=-name"
    page = (await browser.get("/contacts")).text
    [key] = re.findall(r'href="/filters/(filter_\d+)', page)
    assert re.search(r'href="/contacts\?priority=1&amp;sort=-name">Urgent', page)
    assert "Urgent" not in (await other.get("/contacts")).text
    edited = await browser.send_form(
        f"/filters/{key}", name="Very urgent", isShared="on", may_share="1", at="?callable=yes"
    )
    assert edited.headers["location"] == "/contacts?priority=1&sort=-name"  # only the name
    seen = (await other.get("/contacts")).text
    assert "Very urgent" in seen
    assert f"/filters/{key}" not in seen  # not theirs to change
    assert (await other.send_form(f"/filters/{key}", name="x")).status_code == 422
    replaced = await browser.send_form(
        f"/filters/{key}", name="Callable", replace="on", may_share="1", at="?callable=yes"
    )
    assert replaced.headers["location"] == "/contacts?callable=yes"
    gone = await browser.send_form(f"/filters/{key}/deletion", at="?q=a")
    assert gone.headers["location"] == "/contacts?q=a"
    told = await browser.get("/contacts?q=a")
    assert "The filter “Callable” was deleted." in text_of(told)
    assert f'action="/filters/{key}/restorations"' in told.text
    assert (await browser.get(f"/filters/{key}")).status_code == 404
    back = await browser.send_form(f"/filters/{key}/restorations")
    assert back.headers["location"] == "/contacts?callable=yes"
    assert "Callable" in text_of(await browser.get("/contacts"))
    assert (await other.send_form("/filters/filter_0/restorations")).status_code == 404


async def test_a_view_leads_nowhere_but_to_its_own_list(admin: Person) -> None:  # ASVS 3.7.2
    for at in ("//evil.example", "https://evil.example/", "?a=1#//evil", "x" * 5000):
        made = await admin.browser.send_form(f"{VIEWS}/columns", order="email", at=at)
        assert made.headers["location"].startswith("/contacts"), at
        assert "evil.example/" not in urlsplit(made.headers["location"]).netloc
    for path in ("/views/nothing/columns", "/views/nothing/filters/new", "/filters/list_1"):
        assert (await admin.browser.get(path)).status_code == 404


async def test_what_is_shown_goes_into_a_file_at_once(
    admin: Person, spring: tuple[str, str]
) -> None:  # C-51, D7
    asked = await admin.browser.get("/contacts/export?priority=1&columns=phone,company")
    assert "1 contact matches." in text_of(asked)
    assert "Name, Phone, Company" in text_of(asked)
    at = f"?list={spring[0]}&sort=-name&columns=phone,phones"
    answer = await admin.browser.send_form("/contacts/export", at=at, columns="shown")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(
        r'attachment; filename="contacts-[\d-]+\.csv"', answer.headers["content-disposition"]
    )
    assert answer.headers["x-content-type-options"] == "nosniff"
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert rows == [
        ["First name", "Last name", "Primary phone", "Office"],
        ["Ada", "Rossi", "+390612345001", ""],
        ["Bruno", "'=Abate", "+390612345002", "+39055123456"],
    ]
    everything = await admin.browser.send_form("/contacts/export", at=at, columns="all")
    assert everything.text.splitlines()[0].endswith("Language,Time zone,Added")


async def test_a_large_export_is_a_process_and_exports_take_a_right(
    admin: Person, signed_in: SignIn, database: Database, tenant: int
) -> None:
    async with database.connection(tenant) as connection:
        await connection.execute(
            "INSERT INTO contacts (first_name, name_key, given_key)"
            " SELECT 'A' || n, 'a' || n, 'a' || n FROM generate_series(1, 1001) n"
        )
    started = await admin.browser.send_form("/contacts/export", at="?sort=created", columns="shown")
    assert started.status_code == 303
    page = text_of(await admin.browser.get(started.headers["location"]))
    assert "Export" in page
    assert "0 exported" in page
    reader = (await signed_in(Role.SUPERVISOR, (Permission.CONTACTS_VIEW,))).browser
    assert (await reader.get("/contacts/export")).status_code == 403
    assert (await reader.send_form("/contacts/export", at="")).status_code == 403


async def test_the_list_is_there_as_a_query_that_gives_the_same(
    admin: Person, spring: tuple[str, str], signed_in: SignIn
) -> None:
    url = f"/contacts/graphql?list={spring[0]}&sort=-name&columns=lists"
    page = (await admin.browser.get(url)).text
    link = re.search(r'href="(/graphiql#[^"]+)" target="_blank" rel="noopener"', page)
    assert link is not None
    fragment = urlsplit(link[1].replace("&amp;", "&")).fragment
    query, variables = (unquote(part.partition("=")[2]) for part in fragment.split("&"))
    answer = await admin.browser.graphql(query, **json.loads(variables))
    nodes = [edge["node"] for edge in answer["data"]["contacts"]["edges"]]
    assert [node["fullName"] for node in nodes] == ["Ada Rossi", "Bruno =Abate"]
    assert nodes[0]["lists"][0]["name"] == "Spring"
    reader: Visitor = (await signed_in(Role.SUPERVISOR, (Permission.CONTACTS_VIEW,))).browser
    blind = (await reader.get("/contacts/graphql")).text
    assert "/graphiql" not in blind
    assert "query Contacts(" in blind


async def test_the_files_of_graphiql_are_where_its_page_looks_for_them(admin: Person) -> None:
    page = (await admin.browser.get("/graphiql")).text
    files = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert len(files) == 6
    for file in files:
        assert (await admin.browser.get(file)).status_code == 200, file
