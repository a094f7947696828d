# SPDX-License-Identifier: Apache-2.0
"""Entries that are held, as the hopper shows them; parked ones let go on there (F21)."""

import pytest

from server.database import Database
from server.services.dialer import Step, note_fault
from tests.services.dialer.centre import Centre
from tests.web.visiting import SignIn, Visitor, text_of

A, B = "+390612345000", "+390612345001"


@pytest.fixture
async def browser(signed_in: SignIn) -> Visitor:
    return (await signed_in()).browser


@pytest.fixture
def centre(database: Database, tenant: int) -> Centre:
    return Centre(database, tenant)


async def test_a_parked_entry_is_shown_and_let_go_on(browser: Visitor, centre: Centre) -> None:
    campaign = await centre.loaded(await centre.contact(A), await centre.contact(B))
    entry_id = await centre.value("SELECT min(id) FROM hopper_entries")
    for _ in range(3):
        await centre.within(lambda c: note_fault(c, entry_id, Step.REPORT, IndexError("out")))
    path = f"/campaigns/campaign_{campaign}/hopper"
    button = f"/campaigns/campaign_{campaign}/entries/entry_{entry_id}/releases"
    page = await browser.get(path)
    assert page.text.count(button) == page.text.count("Let it go on") == 1
    assert "Processing it failed 3 times" in page.text
    done = await browser.post(button)
    assert done.status_code == 303
    page = await browser.get(path)
    assert "Let it go on" not in page.text
    assert "called again when its turn comes" in text_of(page)
    assert await centre.value("SELECT count(*) FROM hopper_entries WHERE faults = 0") == 2


async def test_the_timeline_tells_which_gates_a_call_passed(
    browser: Visitor, centre: Centre
) -> None:
    contact = await centre.contact(A)
    campaign = await centre.loaded(contact, policies=["CALLING_HOURS"])
    await centre.report(await centre.claim_one(campaign))
    page = await browser.get(f"/contacts/contact_{contact}/calls")
    assert page.text.count('class="gates') == 1
    assert "Europe/Rome" in page.text.partition('class="gates')[2].partition("</dl>")[0]
