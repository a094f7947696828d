# SPDX-License-Identifier: Apache-2.0
"""Consents and objections on a contact's details, and the screening of a list."""

import pytest

from server.database import Database
from server.domain.permissions import Permission, Role
from tests.services.dialer.centre import Centre
from tests.web.visiting import SignIn, Visitor, text_of

A = "+390612345000"


@pytest.fixture
def centre(database: Database, tenant: int) -> Centre:
    return Centre(database, tenant)


@pytest.fixture
async def browser(signed_in: SignIn) -> Visitor:
    return (await signed_in()).browser


async def test_a_consent_is_recorded_shown_and_withdrawn(browser: Visitor, centre: Centre) -> None:
    contact = await centre.contact(A)
    url = f"/contacts/contact_{contact}"
    assert "Nothing is recorded." in text_of(await browser.get(f"{url}/details"))
    assert 'name="evidence"' in (await browser.get(f"{url}/consents/new")).text
    given = {"evidence": "Web form 12", "matter": "Energy", "givenAt": "2026-01-02T03:04"}
    assert (await browser.send_form(f"{url}/consents", **given)).status_code == 303
    text = text_of(await browser.get(f"{url}/details"))
    assert "Consent given Energy Web form 12 2 Jan 2026" in text
    [(key,)] = await centre.rows("SELECT id FROM consents")
    confirm = await browser.get(f"{url}/consents/consent_{key}/withdrawal")
    assert "Withdraw the consent?" in text_of(confirm)
    assert (await browser.send_form(f"{url}/consents/consent_{key}/withdrawal")).status_code == 303
    text = text_of(await browser.get(f"{url}/details"))
    assert "Consent withdrawn Energy" in text
    assert "consents/consent_" not in (await browser.get(f"{url}/details")).text
    assert (await browser.get(f"{url}/consents/consent_{key}9/withdrawal")).status_code == 404


async def test_an_objection_is_recorded_beside_it(browser: Visitor, centre: Centre) -> None:
    contact = await centre.contact(A)
    url = f"/contacts/contact_{contact}"
    form = await browser.get(f"{url}/objections/new")
    assert "register of objections" in text_of(form)
    assert 'name="matter"' not in form.text
    assert (await browser.send_form(f"{url}/objections", evidence="RPO")).status_code == 303
    assert "Objection stands – RPO" in text_of(await browser.get(f"{url}/details"))


async def test_what_is_refused_comes_back(browser: Visitor, centre: Centre) -> None:
    contact = await centre.contact(A)
    url = f"/contacts/contact_{contact}/consents"
    answer = await browser.send_form(url, evidence=" ", givenAt="2099-01-01T00:00", matter="Gas")
    assert answer.status_code == 422
    assert 'id="field-evidence-error"' in answer.text
    assert 'id="field-givenAt-error"' in answer.text
    assert 'value="Gas"' in answer.text


async def test_who_may_only_look_records_nothing(signed_in: SignIn, centre: Centre) -> None:
    contact = await centre.contact(A)
    rights = (Permission.CONTACTS_VIEW,)
    reader = (await signed_in(Role.SUPERVISOR, rights)).browser
    page = await reader.get(f"/contacts/contact_{contact}/details")
    assert "Record a consent" not in text_of(page)
    url = f"/contacts/contact_{contact}/consents"
    assert (await reader.get(f"{url}/new")).status_code == 403
    assert (await reader.send_form(url, evidence="x")).status_code == 403


async def test_a_list_keeps_when_it_was_screened(browser: Visitor, centre: Centre) -> None:
    """And what a box of minutes does not show is kept when something else is edited."""
    list_id = await centre.list_of()
    await centre.rows("UPDATE contact_lists SET screened_at = '2026-03-04T05:06:07Z'")
    url = f"/lists/list_{list_id}"
    before = "2026-03-04T06:06"  # in Rome
    assert f'value="{before}"' in (await browser.get(url)).text
    unchanged = {"name": "n", "screenedAt": before, "screenedBefore": before}
    assert (await browser.send_form(url, **unchanged)).status_code == 303
    [(kept,)] = await centre.rows("SELECT screened_at FROM contact_lists")
    assert str(kept) == "2026-03-04 05:06:07+00:00"
    await browser.send_form(url, **unchanged | {"screenedAt": "2026-04-01T10:00"})
    [(changed,)] = await centre.rows("SELECT screened_at FROM contact_lists")
    assert str(changed) == "2026-04-01 08:00:00+00:00"
    refused = await browser.send_form(url, **unchanged | {"screenedAt": "2099-01-01T00:00"})
    assert (refused.status_code, "2099-01-01T00:00" in refused.text) == (422, True)
    await browser.send_form(url, **unchanged | {"screenedAt": ""})
    assert await centre.rows("SELECT screened_at FROM contact_lists") == [(None,)]
