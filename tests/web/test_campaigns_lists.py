# SPDX-License-Identifier: Apache-2.0
"""A campaign's lists on its page: attach, detach, start afresh, each said before it is done."""

import pytest

from server.database import Database
from server.domain.campaigns import CallStatus
from server.domain.permissions import Permission, Role
from tests.services.dialer.centre import Centre
from tests.web.visiting import SignIn, Visitor, text_of

A, B, C = (f"+39061234500{place}" for place in range(3))


@pytest.fixture
async def browser(signed_in: SignIn) -> Visitor:
    return (await signed_in()).browser


@pytest.fixture
def centre(database: Database, tenant: int) -> Centre:
    return Centre(database, tenant)


async def named(centre: Centre, name: str, *numbers: str) -> int:
    key = await centre.list_of(*[await centre.contact(number) for number in numbers])
    await centre.rows("UPDATE contact_lists SET name = $1, name_key = $1 WHERE id = $2", name, key)
    return key


async def test_a_list_is_attached_and_it_is_said_what_was_loaded(
    browser: Visitor, centre: Centre
) -> None:
    """X-40: the second list holds a number that is open already."""
    spring = await named(centre, "spring", A, B)
    autumn = await named(centre, "autumn", B, C)
    path = f"/campaigns/campaign_{await centre.campaign()}/lists"
    page = await browser.get(path)
    assert "autumn (2 contacts)" in text_of(page)
    assert "No list yet" in text_of(page)
    answer = await browser.send_form(path, listIds=f"list_{spring}")
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    assert "2 contacts loaded." in text_of(await browser.get(path))
    await browser.send_form(path, listIds=f"list_{autumn}")
    text = text_of(await browser.get(path))
    assert "1 contact loaded, 1 left out as a duplicate." in text
    assert "(2 contacts)" not in text
    await browser.send_form(path, listIds="list_0")
    assert "There is nothing here under that id" in text_of(await browser.get(path))


async def test_detaching_names_the_list_and_who_is_closed(browser: Visitor, centre: Centre) -> None:
    campaign = await centre.campaign(name="offers")
    spring = await named(centre, "spring", A, B)
    autumn = await named(centre, "autumn", C)
    for key in (spring, autumn):
        await centre.attach(campaign, key)
    path = f"/campaigns/campaign_{campaign}/lists"
    page = await browser.get(f"{path}/list_{spring}/detachment")
    assert "Detach “spring”?" in text_of(page)
    assert "2 contacts of this list are open in “offers” and are closed" in text_of(page)
    assert await centre.value("SELECT count(*) FROM hopper_entries") == 3
    answer = await browser.send_form(f"{path}/list_{spring}/detachment")
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    assert "2 entries closed." in text_of(await browser.get(path))
    assert [row[1] for row in await centre.reasons(campaign)] == ["LIST_DETACHED"] * 2
    again = await browser.send_form(f"{path}/list_{spring}/detachment")
    assert again.status_code == 303
    assert "There is nothing here under that id" in text_of(await browser.get(path))
    assert (await browser.get(f"{path}/list_0/detachment")).status_code == 404


async def test_a_reset_names_the_list_and_the_count(browser: Visitor, centre: Centre) -> None:
    campaign = await centre.campaign(name="offers")
    spring = await named(centre, "spring", A, B)
    await centre.attach(campaign, spring)
    for call in await centre.claim(campaign):
        await centre.report(call, CallStatus.ANSWER)
    assert await centre.value("SELECT count(*) FROM hopper_entries") == 0
    path = f"/campaigns/campaign_{campaign}/lists"
    page = await browser.get(f"{path}/list_{spring}/reset")
    assert "Reset “spring” to fresh?" in text_of(page)
    assert "2 contacts of this list start afresh in “offers”" in text_of(page)
    answer = await browser.send_form(f"{path}/list_{spring}/reset")
    assert answer.status_code == 303
    assert "2 contacts loaded." in text_of(await browser.get(path))
    rows = await centre.rows("SELECT state, round, total_attempts FROM hopper_entries")
    assert rows == [("READY", 1, 0)] * 2
    assert await centre.value("SELECT count(*) FROM call_attempts") == 2


async def test_the_lists_name_is_typed_where_a_thousand_are_called_again(
    browser: Visitor, centre: Centre
) -> None:
    spring = await named(centre, "spring")
    await centre.rows(
        "WITH people AS (INSERT INTO contacts (first_name, name_key, given_key) "
        "SELECT 'c', 'c', 'c' FROM generate_series(1, 1000) RETURNING id) "
        "INSERT INTO list_members (list_id, contact_id) SELECT $1, id FROM people",
        spring,
    )
    campaign = await centre.campaign()
    await centre.rows(
        "INSERT INTO campaign_lists (campaign_id, list_id) VALUES ($1, $2)", campaign, spring
    )
    path = f"/campaigns/campaign_{campaign}/lists/list_{spring}"
    assert "Type “spring” to confirm" in text_of(await browser.get(f"{path}/reset"))
    # Nobody of it is open, so that detaching it closes nobody.
    assert "Type" not in text_of(await browser.get(f"{path}/detachment")).partition("Cancel")[0]
    refused = await browser.send_form(f"{path}/reset", confirm="Spring")
    assert refused.status_code == 422
    assert "Type the list's name as it stands here." in text_of(refused)
    assert await centre.value("SELECT count(*) FROM final_results") == 0
    assert (await browser.send_form(f"{path}/reset", confirm="spring")).status_code == 303
    assert await centre.value("SELECT count(*) FROM final_results") == 1000


async def test_lists_are_seen_and_changed_by_those_who_may(
    signed_in: SignIn, centre: Centre
) -> None:
    """X-09."""
    campaign = await centre.campaign()
    spring = await named(centre, "spring", A)
    await centre.attach(campaign, spring)
    base = f"/campaigns/campaign_{campaign}"
    blind = (await signed_in(Role.SUPERVISOR, (Permission.CAMPAIGNS_VIEW,))).browser
    overview = await blind.get(base)
    assert overview.status_code == 200
    assert "spring" not in overview.text
    assert (await blind.get(f"{base}/lists")).status_code == 403
    rights = (Permission.CAMPAIGNS_VIEW, Permission.LISTS_VIEW)
    reader = (await signed_in(Role.SUPERVISOR, rights)).browser
    page = await reader.get(f"{base}/lists")
    assert "spring" in page.text
    for word in ("Reset to fresh", "Detach", "Attach"):
        assert word not in text_of(page), word
    for path in ("", f"/list_{spring}/reset", f"/list_{spring}/detachment"):
        answer = await reader.send_form(f"{base}/lists{path}", listIds=f"list_{spring}")
        assert answer.status_code == 403, path
    assert await centre.value("SELECT count(*) FROM hopper_entries") == 1
