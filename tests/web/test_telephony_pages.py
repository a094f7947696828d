# SPDX-License-Identifier: Apache-2.0
"""Telephone exchanges by the pages: list, form, test of the connection, choice for a campaign."""

import re

import pytest

from server.domain.permissions import Permission, Role
from tests.telephony.asterisk.replay import probe, replaying
from tests.web.visiting import Person, SignIn, text_of

SECRET = "hush-hush-4711"
GIVEN = {
    "name": "Head office",
    "url": "http://127.0.0.1:8088/ari",
    "username": "rubrica",
    "secret": SECRET,
    "application": "rubrica",
    "dialTemplate": "PJSIP/{number}@trunk",
    "agentTemplate": "PJSIP/{endpoint}",
    "answeredContext": "",
}
LINK = re.compile(r'href="(/telephony/exchange_\d+)"')


@pytest.fixture
async def admin(signed_in: SignIn) -> Person:
    return await signed_in()


async def added(person: Person, **changes: str) -> str:
    """Its page."""
    answer = await person.browser.post("/telephony", data=GIVEN | changes)
    assert (answer.status_code, answer.headers["location"]) == (303, "/telephony")
    page = await person.browser.get("/telephony")
    return LINK.findall(page.text)[0]


async def test_an_exchange_is_added_and_listed_without_its_secret(admin: Person) -> None:
    assert "No telephone exchanges yet" in text_of(await admin.browser.get("/telephony"))
    url = await added(admin)
    page = await admin.browser.get("/telephony")
    assert "Head office http://127.0.0.1:8088/ari PJSIP/{number}@trunk 0" in text_of(page)
    form = await admin.browser.get(url)
    assert 'name="secret" type="password" value=""' in form.text
    assert SECRET not in page.text + form.text


async def test_a_refused_form_comes_back_with_what_was_typed_but_for_the_secret(
    admin: Person,
) -> None:
    changes = {"url": "ftp://pbx", "dialTemplate": "PJSIP/trunk"}
    answer = await admin.browser.post("/telephony", data=GIVEN | changes)
    assert answer.status_code == 422
    words = text_of(answer)
    assert "“ftp://pbx” does not fit here. Give http://pbx.example:8088/ari." in words
    assert "“PJSIP/trunk” does not fit here. Give PJSIP/{number}@trunk." in words
    assert 'value="PJSIP/trunk"' in answer.text
    assert SECRET not in answer.text


async def test_a_blank_secret_stays_and_another_address_asks_for_it(admin: Person) -> None:
    url = await added(admin)
    version = {"version": "1"}
    blank = GIVEN | {"secret": "", "name": "Office"}
    moved = await admin.browser.post(url, data=blank | version | {"url": "http://pbx:1/ari"})
    assert moved.status_code == 422
    assert "This cannot be blank. Fill it in." in text_of(moved)
    kept = await admin.browser.post(url, data=blank | version)
    assert kept.status_code == 303
    assert "Exchange “Office” was saved." in text_of(await admin.browser.get("/telephony"))


async def test_the_test_button_says_what_the_exchange_answers(admin: Person) -> None:
    async with replaying(probe("fine")) as replay:
        url = await added(admin, url=f"http://127.0.0.1:{replay.port}/ari", secret="secret")
        words = text_of(await admin.browser.send_form(f"{url}/tests"))
    assert "“Head office” is ready: calls can be made. Version Asterisk 22.10.1" in words
    assert "Connected applications rubrica-f42d62453d2d" in words
    gone = await admin.browser.send_form(f"{url}/tests")
    assert gone.status_code == 200
    assert "Head office : Nobody listens at 127.0.0.1, port" in text_of(gone)
    assert "set enabled = yes" in text_of(gone)
    assert (await admin.browser.send_form("/telephony/exchange_0/tests")).status_code == 404


async def test_a_campaign_is_placed_by_the_exchange_and_keeps_it_from_deletion(
    admin: Person,
) -> None:
    url = await added(admin)
    key = url.rpartition("/")[2]
    form = (await admin.browser.get("/campaigns/new")).text
    assert f'<option value="{key}">Head office</option>' in form
    campaign = await admin.browser.graphql(
        """mutation ($input: CreateCampaignInput!) { createCampaign(input: $input) {
        campaign { id version } userErrors { field } } }""",
        input={"name": "Spring", "policies": []},
    )
    made = campaign["data"]["createCampaign"]["campaign"]
    settings = f"/campaigns/{made['id']}/settings"
    given = {"name": "Spring", "version": str(made["version"]), "mode": "DIRECT", "carrier": key}
    assert (await admin.browser.send_form(settings, **given)).status_code == 303
    form = (await admin.browser.get(settings)).text
    assert f'<option value="{key}" selected>Head office</option>' in form
    refused = await admin.browser.send_form(f"{url}/deletion", version="1")
    assert refused.status_code == 422
    assert "“Spring” still uses this." in text_of(refused)
    again = given | {"carrier": "SIMULATED", "version": str(made["version"] + 1)}
    assert (await admin.browser.send_form(settings, **again)).status_code == 303
    gone = await admin.browser.send_form(f"{url}/deletion", version="1")
    assert gone.status_code == 303
    assert "Exchange “Head office” was deleted." in text_of(await admin.browser.get("/telephony"))


async def test_who_may_only_see_has_no_buttons(admin: Person, signed_in: SignIn) -> None:
    url = await added(admin)
    reader = await signed_in(Role.SUPERVISOR, (Permission.TELEPHONY_VIEW,))
    page = await reader.browser.get("/telephony")
    assert "Head office" in text_of(page)
    assert "/tests" not in page.text
    assert "/telephony/new" not in page.text
    for answer in (
        await reader.browser.get(url),
        await reader.browser.get("/telephony/new"),
        await reader.browser.send_form(f"{url}/tests"),
        await reader.browser.send_form(f"{url}/deletion"),
    ):
        assert answer.status_code == 403
    nobody = await signed_in(Role.SUPERVISOR, (Permission.CAMPAIGNS_VIEW,))
    assert (await nobody.browser.get("/telephony")).status_code == 403
    assert "/telephony" not in (await nobody.browser.get("/campaigns")).text
