# SPDX-License-Identifier: Apache-2.0
"""Dispositions by the pages: a tree of up to three levels, for all campaigns or one."""

import re

import pytest

from server.domain.permissions import Permission, Role
from tests.services.tasks.conftest import World
from tests.services.tasks.conftest import world as world
from tests.web.visiting import Person, SignIn, text_of


@pytest.fixture
async def admin(signed_in: SignIn) -> Person:
    return await signed_in()


async def made(admin: Person, **given: str) -> str:
    """The id of a new one, which the page then shows."""
    answer = await admin.browser.send_form("/dispositions", **given)
    assert answer.status_code == 303
    page = (await admin.browser.get("/dispositions")).text
    found = re.findall(rf'/dispositions/(disposition_\d+)"[^>]*>{given["name"]}</a>', page)
    return str(found[0])


async def test_they_are_made_beneath_each_other_shown_changed_and_deleted(admin: Person) -> None:
    assert "No dispositions yet" in text_of(await admin.browser.get("/dispositions"))
    no = await made(admin, name="Not interested", action="CLOSE")
    costs = await made(admin, name="Too expensive", action="CLOSE", parentId=no)
    later = await made(admin, name="Maybe next year", action="RESCHEDULE", parentId=costs)
    page = await admin.browser.get("/dispositions")
    assert f"/dispositions/new?parent={costs}" in page.text
    assert f"/dispositions/new?parent={later}" not in page.text  # three levels
    assert "Call back, any agent" in text_of(page)
    beneath = await admin.browser.get(f"/dispositions/new?parent={costs}")
    assert "New disposition beneath Not interested / Too expensive" in text_of(beneath)
    refused = await admin.browser.send_form("/dispositions", name="not interested")
    assert refused.status_code == 422
    assert "is already taken" in text_of(refused)
    changed = {"name": "No interest", "action": "OPT_OUT", "position": "7", "version": "1"}
    assert (await admin.browser.send_form(f"/dispositions/{no}", **changed)).status_code == 303
    assert "Disposition “No interest” was saved." in text_of(
        await admin.browser.get("/dispositions")
    )
    conflict = await admin.browser.send_form(f"/dispositions/{no}", **changed)
    assert "Somebody else changed this" in text_of(conflict)
    question = await admin.browser.get(f"/dispositions/{no}/deletion")
    assert "2 dispositions beneath it go too." in text_of(question)
    await admin.browser.send_form(f"/dispositions/{no}/deletion")
    assert "No dispositions yet" in text_of(await admin.browser.get("/dispositions"))


async def test_a_campaigns_own_stand_apart(admin: Person, world: World) -> None:
    campaign = f"campaign_{world.campaign_id}"
    await made(admin, name="Everywhere", action="CLOSE")
    await made(admin, name="Only here", action="RECALL", campaignId=campaign)
    page = text_of(await admin.browser.get(f"/dispositions?campaign={campaign}"))
    assert "In all campaigns" in page
    assert "Only in “Spring offers”" in page


async def test_who_may_not_change_them_reads_them(signed_in: SignIn, admin: Person) -> None:
    await made(admin, name="Sale", action="CLOSE")
    reader = await signed_in(Role.SUPERVISOR, (Permission.CAMPAIGNS_VIEW,))
    page = await reader.browser.get("/dispositions")
    assert "Sale" in text_of(page)
    assert "New disposition" not in text_of(page)
    assert (await reader.browser.get("/dispositions/new")).status_code == 403
    assert (await reader.browser.send_form("/dispositions", name="Mine")).status_code == 403
    nobody = await signed_in(Role.SUPERVISOR, (Permission.CONTACTS_VIEW,))
    assert (await nobody.browser.get("/dispositions")).status_code == 403
