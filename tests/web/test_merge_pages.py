# SPDX-License-Identifier: Apache-2.0
"""Merging by its pages: who stays, what differs, what is united, and what stands in the way."""

import html
import re

import pytest

from server.database import Database
from server.domain.permissions import Permission, Role, Viewer
from tests.factories.access import viewer_of
from tests.factories.contacts import make_contact
from tests.factories.merging import Pair, make_pair
from tests.web.visiting import Person, SignIn, text_of

MERGE = Permission.CONTACTS_MERGE


@pytest.fixture
async def admin(signed_in: SignIn) -> Person:
    return await signed_in()


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await viewer_of(database, tenant)


@pytest.fixture
async def pair(database: Database, tenant: int, viewer: Viewer) -> Pair:
    async with database.transaction(tenant) as session:
        return await make_pair(session, viewer)


def held(page: str) -> dict[str, object]:
    """What the page's form sends if nothing is chosen."""
    form = page.partition('<form class="form wide" id="merge"')[2].partition("</form>")[0]
    fields: dict[str, object] = {"ids": re.findall(r'name="ids" value="([^"]+)"', form)}
    for name in ("master", "fingerprint", "seen"):
        found = re.search(rf'name="{name}" value="([^"]*)"', form)
        assert found is not None, name
        fields[name] = html.unescape(found[1])
    return fields | dict(re.findall(r'name="(choice\.\w+)" value="(\w+)"[^>]* checked', form))


def options(page: str, field: str) -> list[tuple[str, bool]]:
    """Of a field's choice the contacts that it offers, and whether each is the chosen one."""
    found = re.findall(rf'name="choice\.{field}" value="(\w+)"([^>]*)>', page)
    return [(contact_id, " checked" in rest) for contact_id, rest in found]


async def test_the_preview_shows_what_differs_and_what_is_united(
    admin: Person, pair: Pair
) -> None:
    answer = await admin.browser.get(f"/merge?{pair.query}")
    assert answer.status_code == 200
    said = text_of(answer)
    assert "Merge 2 contacts" in said
    assert options(answer.text, "lastName") == [(pair.ada, True), (pair.rosi, False)]
    assert options(answer.text, "phone") == [(pair.ada, True), (pair.rosi, False)]
    assert options(answer.text, "firstName") == []  # they agree
    assert options(answer.text, "email") == []  # only one has it
    assert "First name Ada" in said
    assert "E-mail ada@example.com" in said
    assert "5 numbers" in said
    lines = re.findall(r'<li data-number="(\+\d+)"', answer.text)
    assert lines == [f"+39061234000{place}" for place in (1, 2, 3, 4, 5)]
    assert "06 1234 0002 has several types: “Office” is kept, “Home” is not." in said
    assert "Was a primary number, and becomes an additional one." in said
    assert said.count("VIP") == 1
    assert "Call back From: 2" in said  # the master does not have it yet
    assert "Spring offers" in said
    assert "Several are open in one campaign: one stay goes on" in said
    again = await admin.browser.get(f"/merge?ids={pair.ada},{pair.rosi}&master={pair.rosi}")
    assert options(again.text, "lastName") == [(pair.ada, False), (pair.rosi, True)]


async def test_a_merge_takes_what_was_chosen_and_leads_to_the_record(
    admin: Person, pair: Pair
) -> None:
    page = (await admin.browser.get(f"/merge?{pair.query}")).text
    fields = held(page) | {"choice.lastName": pair.rosi, "choice.phone": pair.rosi}
    done = await admin.browser.send_form("/merge", **fields)
    assert (done.status_code, done.headers["location"]) == (303, f"/contacts/{pair.ada}")
    record = await admin.browser.get(f"/contacts/{pair.ada}")
    said = text_of(record)
    assert "1 contact became part of Ada Rosi." in said
    assert re.search(r'action="/merges/merge_\d+/undo"', record.text)
    for place in (1, 2, 3, 4, 5):
        assert f"06 1234 000{place}" in said
    # Who follows an old link is led to the one that there is.
    led = await admin.browser.get(f"/contacts/{pair.rosi}")
    assert (led.status_code, led.headers["location"]) == (303, f"/contacts/{pair.ada}")
    said = text_of(await admin.browser.get(f"/contacts/{pair.ada}"))
    assert "the contact you looked for was merged into Ada Rosi." in said


async def test_what_changed_since_the_preview_is_named_and_nothing_is_merged(
    admin: Person, pair: Pair, database: Database, tenant: int
) -> None:
    page = (await admin.browser.get(f"/merge?{pair.query}")).text
    edit = """mutation ($id: ID!) { editContact(input: {id: $id, company: "Acme",
      phone: "06 12340009"}) { userErrors { message } } }"""
    await admin.browser.graphql(edit, id=pair.rosi)
    fields = held(page) | {"choice.lastName": pair.rosi}
    late = await admin.browser.send_form("/merge", **fields)
    assert late.status_code == 409
    said = text_of(late)
    assert "Somebody changed these contacts while you were looking; nothing is merged yet." in said
    assert "Company (Ada Rosi): new: Acme" in said
    assert "Primary phone (Ada Rosi): 06 1234 0004 → 06 1234 0009" in said
    assert "Number: gone: 06 1234 0004" in said
    assert options(late.text, "lastName") == [(pair.ada, False), (pair.rosi, True)]  # kept
    assert (await admin.browser.get(f"/contacts/{pair.rosi}")).status_code == 200
    done = await admin.browser.send_form("/merge", **held(late.text))
    assert done.headers["location"] == f"/contacts/{pair.ada}"
    assert "Ada Rosi" in text_of(await admin.browser.get(f"/contacts/{pair.ada}"))


async def test_nobody_is_merged_during_a_call(
    admin: Person, pair: Pair, database: Database, tenant: int
) -> None:  # D3
    page = (await admin.browser.get(f"/merge?{pair.query}")).text
    async with database.connection(tenant) as connection:
        await connection.execute(
            "UPDATE hopper_entries SET state = 'CONNECTED' WHERE contact_id = $1", pair.keys[1]
        )
    refused = await admin.browser.send_form("/merge", **held(page))
    assert refused.status_code == 422
    said = text_of(refused)
    assert "Ada Rosi: a call is up. Wait until it has ended, then merge." in said
    assert "Merge into" not in said
    assert (await admin.browser.get(f"/contacts/{pair.rosi}")).status_code == 200


async def test_contacts_that_are_gone_are_said_to_be(
    admin: Person, pair: Pair, database: Database, tenant: int, viewer: Viewer
) -> None:
    async with database.transaction(tenant) as session:
        third = await make_contact(session, viewer, "Bruno", "Abate", phone="02 5551234")
    page = (await admin.browser.get(f"/merge?{pair.query}")).text
    await admin.browser.send_form("/merge", **held(page))
    again = await admin.browser.send_form("/merge", **held(page))
    assert again.status_code == 422
    assert "One of them was merged into Ada Rossi" in text_of(again)
    three = await admin.browser.get(f"/merge?{pair.query}&ids=contact_{third.id}")
    assert three.status_code == 422
    rest = f"/merge?ids={pair.ada}&amp;ids=contact_{third.id}"
    assert f'href="{rest}"' in three.text
    assert (await admin.browser.get(html.unescape(rest))).status_code == 200


@pytest.mark.parametrize(
    "query",
    ["", "ids=", "ids=nonsense&ids=1", "ids=contact_999999998&ids=contact_999999999", "ids=%00,a"],
)
async def test_an_address_that_names_nobody_is_refused(admin: Person, query: str) -> None:
    answer = await admin.browser.get(f"/merge?{query}")
    assert answer.status_code in (400, 422)
    assert "cannot be merged" in text_of(answer) or answer.status_code == 400


async def test_one_contact_alone_is_asked_for_its_partner(
    admin: Person, pair: Pair, database: Database, tenant: int, viewer: Viewer
) -> None:
    async with database.transaction(tenant) as session:
        await make_contact(session, viewer, "Bruno", "Abate", phone="02 5551234")
        same = await make_contact(session, viewer, "Ada", "Rossini", phone="06 12340007")
    alone = await admin.browser.get(f"/merge?ids={pair.ada}")
    assert alone.headers["location"] == f"/contacts/{pair.ada}/merge"
    record = await admin.browser.get(f"/contacts/{pair.ada}")
    assert f'href="/contacts/{pair.ada}/merge"' in record.text
    page = await admin.browser.get(f"/contacts/{pair.ada}/merge")
    assert "Merge Ada Rossi with…" in text_of(page)
    suggested = re.findall(r'name="ids" value="(\w+)" form="bulk"', page.text)
    assert suggested == [pair.rosi, f"contact_{same.id}"]  # by a number, by the name
    assert pair.ada not in suggested
    assert f'href="/merge?ids={pair.ada}&amp;ids=contact_{same.id}"' in page.text
    found = await admin.browser.get(f"/contacts/{pair.ada}/merge?q=06 1234 0005")
    assert re.findall(r'name="ids" value="(\w+)" form="bulk"', found.text) == [pair.rosi]
    nobody = await admin.browser.get(f"/contacts/{pair.ada}/merge?q=zzz")
    assert "Nobody else matches “zzz”" in text_of(nobody)
    assert (await admin.browser.get(f"/contacts/{pair.ada}/merge?q=")).status_code == 200
    assert (await admin.browser.get("/contacts/contact_999999999/merge")).status_code == 404


async def test_who_may_not_merge_is_not_offered_it(signed_in: SignIn, pair: Pair) -> None:
    reader = await signed_in(Role.SUPERVISOR, (Permission.CONTACTS_VIEW,))
    for url in (f"/merge?{pair.query}", f"/contacts/{pair.ada}/merge", "/merges"):
        assert (await reader.browser.get(url)).status_code == 403, url
    refused = await reader.browser.send_form("/merge", ids=[pair.ada, pair.rosi], master=pair.ada)
    assert refused.status_code == 403
