# SPDX-License-Identifier: Apache-2.0
"""“Do not call again” by the pages: the question, what it stops, Undo, and the marks it leaves."""

import re

import pytest

from server.database import Database
from server.domain.permissions import Permission, Role, Viewer
from tests.factories.access import viewer_of
from tests.factories.campaigns import make_campaign
from tests.factories.contacts import PRIMARY, make_contact, phones
from tests.factories.lists import make_list
from tests.web.visiting import Person, SignIn, text_of, words_of

OFFICE = "+390698765432"
DIALOG = {"HX-Request": "true", "HX-Target": "dialog-body"}


@pytest.fixture
async def admin(signed_in: SignIn) -> Person:
    return await signed_in()


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await viewer_of(database, tenant)


@pytest.fixture
async def contact(viewer: Viewer, database: Database, tenant: int) -> str:
    """Ada, with two numbers, open in one campaign."""
    async with database.transaction(tenant) as session:
        people = (await make_list(session, viewer)).id
        ada = await make_contact(
            session, viewer, "Ada", "Rossi", additional=phones(OFFICE), list_ids=[people]
        )
        await make_campaign(session, viewer, list_ids=[people])
    return f"contact_{ada.id}"


async def test_the_question_names_number_and_person_and_what_each_would_stop(
    admin: Person, contact: str
) -> None:
    url = f"/opt-outs/new?contact={contact}&number=%2B390612345000"
    page = (await admin.browser.get(f"/contacts/{contact}")).text
    assert url.replace("&", "&amp;") in page or url in page
    words = text_of(await admin.browser.get(url, headers=DIALOG))
    assert "This number 06 1234 5000" in words
    assert "Ada Rossi, with all their numbers" in words
    assert words.count("1 open stay, campaigns: 1.") == 2
    alone = text_of(await admin.browser.get(f"/opt-outs/new?number={OFFICE[1:]}"))
    assert "Never call 06 9876 5432 again?" in alone


async def test_a_number_is_blocked_marked_and_taken_back(admin: Person, contact: str) -> None:
    given = {"number": OFFICE, "contact": contact, "who": "number", "note": "by phone"}
    back = f"/contacts/{contact}/numbers"
    done = await admin.browser.post("/opt-outs", data=given | {"next": back})
    assert (done.status_code, done.headers["location"]) == (303, back)
    page = (await admin.browser.get(back)).text
    assert "06 9876 5432 will not be called again." in words_of(page)
    assert words_of(page).count("Does not want to be called") == 1
    assert "Does not want to be called" in (await admin.browser.get(f"/contacts/{contact}")).text
    again = text_of(await admin.browser.get(f"/opt-outs/new?number={OFFICE[1:]}"))
    assert "Opted out already" in again
    [undo] = re.findall(r'action="(/opt-outs/blocked_\d+/withdrawals)"', page)
    await admin.browser.post(undo)
    assert "Does not want to be called" not in (await admin.browser.get(back)).text


async def test_a_person_leaves_the_hopper_and_is_marked(admin: Person, contact: str) -> None:
    given = {"number": PRIMARY, "contact": contact, "who": "person", "note": ""}
    done = await admin.browser.post("/opt-outs", data=given, headers=DIALOG)
    assert (done.status_code, done.headers["hx-redirect"]) == (204, "/")
    page = text_of(await admin.browser.get(f"/contacts/{contact}"))
    assert "Blacklist" in page
    assert "Does not want to be called" in page
    assert "In no campaign" in page
    details = text_of(await admin.browser.get(f"/contacts/{contact}/details"))
    assert "Contact blacklisted" in details


async def test_rows_of_the_hopper_and_of_the_history_offer_it_to_who_may(
    admin: Person, contact: str, signed_in: SignIn, database: Database, tenant: int
) -> None:
    async with database.connection(tenant) as connection:
        campaign = await connection.fetchval("SELECT id FROM campaigns")
        await connection.execute(
            "INSERT INTO call_attempts (campaign_id, contact_id, entry_id, round, position, "
            "number, status, started_at, ended_at, policy_version) "
            "VALUES ($1, $2, 1, 1, 0, $3, 'NO_ANSWER', now(), now(), 1)",
            campaign,
            int(contact.removeprefix("contact_")),
            PRIMARY,
        )
    places = [
        f"/campaigns/campaign_{campaign}/hopper",
        f"/campaigns/campaign_{campaign}/history",
        f"/contacts/{contact}/history",
        f"/desk?contact={contact}",
    ]
    reader = await signed_in(Role.SUPERVISOR, (Permission.CAMPAIGNS_VIEW, Permission.CONTACTS_VIEW))
    for place in places:
        assert "Do not call" in (await admin.browser.get(place)).text, place
        assert "Do not call" not in (await reader.browser.get(place)).text, place
    assert (await reader.browser.get("/opt-outs/new?number=0612")).status_code == 403


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example"])
async def test_it_leads_to_no_other_site(admin: Person, target: str) -> None:
    done = await admin.browser.post(
        "/opt-outs", data={"number": OFFICE, "who": "number", "next": target}
    )
    assert done.headers["location"] == "/"
    nobody = await admin.browser.get("/opt-outs/new")
    assert nobody.status_code == 404
    wrong = await admin.browser.post("/opt-outs", data={"number": "me", "who": "number"})
    assert wrong.status_code == 422
    assert "is not a phone number" in wrong.text
