# SPDX-License-Identifier: Apache-2.0
"""A campaign's rules page: policies with their sources, and rules of its own, without scripts."""

import re
from datetime import time
from typing import Any

import pytest

from server.database import Database
from server.domain.permissions import Permission, Role
from tests.services.dialer.centre import Centre
from tests.web.visiting import SignIn, Visitor, text_of


@pytest.fixture
def centre(database: Database, tenant: int) -> Centre:
    return Centre(database, tenant)


@pytest.fixture
async def browser(signed_in: SignIn) -> Visitor:
    return (await signed_in()).browser


async def stored(centre: Centre, campaign: int) -> tuple[object, ...]:
    [row] = await centre.rows(
        "SELECT policies, rules::text, matter, starts_at, max_attempts_per_number "
        "FROM campaigns WHERE id = $1",
        campaign,
    )
    return row


async def test_policies_are_explained_with_version_date_and_source(
    browser: Visitor, centre: Centre
) -> None:
    campaign = await centre.campaign(policies=["US_REG_F"])
    page = await browser.get(f"/campaigns/campaign_{campaign}/rules")
    text = text_of(page)
    assert "United States: Regulation F" in text
    assert "At most 7 calls to a person, on whatever number, in 7 days" in text
    assert "Version 1, in force since 30 Nov 2021. Source: 12 CFR 1006.14(b)(2)" in text
    boxes = re.findall(r'name="policies" value="(\w+)"[^>]*?( checked)?>', page.text)
    assert [name for name, checked in boxes if checked] == ["US_REG_F"]
    assert len(boxes) == 9


async def test_rules_that_contradict_the_hours_are_told_of(
    browser: Visitor, centre: Centre
) -> None:
    """On the page of rules, and beside the preview of the retry settings."""
    hours: dict[str, Any] = {"window_from": time(20), "window_to": time(22)}
    hours["timezone"] = "Europe/Paris"
    campaign = await centre.campaign(policies=["FR_DECREE"], **hours)
    told = "The calling hours (20:00–22:00) and the policy “France: decree on canvassing”"
    for path in ("rules", "retry-settings"):
        page = await browser.get(f"/campaigns/campaign_{campaign}/{path}")
        assert told in text_of(page)
    assert "Under Settings" in text_of(page)
    capped = await centre.campaign(policies=[], max_attempts_per_number=2)
    page = await browser.get(f"/campaigns/campaign_{capped}/retry-settings")
    assert "Under Rules The retry settings call one number 3 times" in text_of(page)


async def test_policies_and_the_rest_are_saved(browser: Visitor, centre: Centre) -> None:
    campaign = await centre.campaign(timezone="Europe/Rome")
    url = f"/campaigns/campaign_{campaign}/rules"
    answer = await browser.send_form(
        url,
        policies=["FR_DECREE", "CALLING_HOURS"],
        matter=" Energy ",
        startsAt="2027-03-01T09:00",
        maxAttemptsPerNumber24h="2",
    )
    assert answer.status_code == 303
    policies, _, matter, starts_at, most = await stored(centre, campaign)
    assert (policies, matter, most) == (["CALLING_HOURS", "FR_DECREE"], "Energy", 2)
    assert str(starts_at) == "2027-03-01 08:00:00+00:00"
    page = await browser.get(url)
    assert 'value="2027-03-01T09:00"' in page.text
    await browser.send_form(url, matter="")
    assert await stored(centre, campaign) == ([], "[]", "", None, None)


@pytest.mark.parametrize(
    ("field", "value"),
    [("maxAttemptsPerNumber24h", "many"), ("startsAt", "soon"), ("matter", "x" * 101)],
)
async def test_what_is_refused_comes_back_as_it_was_typed(
    field: str, value: str, browser: Visitor, centre: Centre
) -> None:
    campaign = await centre.campaign()
    url = f"/campaigns/campaign_{campaign}/rules"
    answer = await browser.send_form(url, **{"policies": ["IT_RPO"], field: value})
    assert answer.status_code == 422
    assert f'value="{value}"' in answer.text
    assert f'id="field-{field}-error"' in answer.text
    assert (await stored(centre, campaign))[0] == []
    assert (await browser.send_form(url, policies=["NONSENSE"])).status_code == 400


async def test_rules_of_its_own_are_added_changed_and_removed(
    browser: Visitor, centre: Centre
) -> None:
    campaign = await centre.campaign()
    url = f"/campaigns/campaign_{campaign}/rules"
    kinds = await browser.get(f"{url}/new")
    assert "Number of calls" in text_of(kinds)
    form = await browser.get(f"{url}/new?kind=CAP")
    assert 'name="most"' in form.text
    given = {"kind": "CAP", "most": "2", "hours": "48", "counted": "NUMBER"}
    assert (await browser.send_form(f"{url}/new", **given)).status_code == 303
    await browser.send_form(f"{url}/new", kind="CONSENT", onlyAfterObjection="on")
    text = text_of(await browser.get(url))
    assert "At most 2 calls to a number in 2 days, counting every campaign." in text
    edit = await browser.get(f"{url}/0")
    assert 'value="48"' in edit.text
    await browser.send_form(f"{url}/0", **given | {"most": "5", "reach": "CAMPAIGN"})
    text = text_of(await browser.get(url))
    assert "At most 5 calls to a number in 2 days, counting this campaign alone." in text
    assert "Whoever stands in the register of objections" in text
    await browser.send_form(f"{url}/0/removal")
    assert "At most 5 calls" not in text_of(await browser.get(url))
    assert (await stored(centre, campaign))[1] == (
        '[{"kind": "CONSENT", "onlyAfterObjection": true}]'
    )
    for path in (f"{url}/7", f"{url}/x"):
        assert (await browser.get(path)).status_code == 404


async def test_hours_of_the_week_are_given_day_by_day(browser: Visitor, centre: Centre) -> None:
    campaign = await centre.campaign()
    url = f"/campaigns/campaign_{campaign}/rules"
    form = await browser.get(f"{url}/new?kind=HOURS")
    assert len(re.findall(r'name="MON.opens"', form.text)) == 2
    given = {
        "kind": "HOURS",
        "MON.opens": ["09:00", "14:00"],
        "MON.closes": ["12:30", "18:00"],
        "TUE.opens": ["09:00", ""],
        "TUE.closes": ["12:30", ""],
        "SAT.opens": ["22:00"],
        "SAT.closes": ["02:00"],
        "eves.opens": ["10:00"],
        "eves.closes": ["12:00"],
        "country": "IT",
    }
    assert (await browser.send_form(f"{url}/new", **given)).status_code == 303
    text = text_of(await browser.get(url))
    assert "from Mon–Tue 09:00–12:30; Mon 14:00–18:00; Sat 22:00–02:00, where" in text
    assert "On the day before a public holiday from 10:00–12:00." in text
    again = await browser.get(f"{url}/0")
    assert re.findall(r'name="MON.opens" value="([^"]*)"', again.text) == ["09:00", "14:00"]
    assert re.findall(r'name="SUN.opens" value="([^"]*)"', again.text) == ["", ""]
    for wrong in ({"MON.closes": ["", "18:00"]}, {"MON.closes": ["09:00", "18:00"]}):
        refused = await browser.send_form(f"{url}/0", **given | wrong)
        assert refused.status_code == 422
        assert "field-error" in refused.text
    empty = await browser.send_form(f"{url}/new", kind="HOURS")
    assert (empty.status_code, "cannot be blank" in text_of(empty)) == (422, True)


async def test_holidays_and_closed_days(browser: Visitor, centre: Centre) -> None:
    campaign = await centre.campaign()
    url = f"/campaigns/campaign_{campaign}/rules"
    given = {"kind": "HOLIDAYS", "country": "PL", "dates": "2027-12-24, 2027-12-31"}
    assert (await browser.send_form(f"{url}/new", **given)).status_code == 303
    text = text_of(await browser.get(url))
    assert "No calls on the public holidays of Poland." in text
    assert "No calls on 24 Dec 2027, 31 Dec 2027." in text
    await browser.send_form(f"{url}/0", **given | {"holidays": "none"})
    assert "public holidays of Poland" not in text_of(await browser.get(url))
    refused = await browser.send_form(f"{url}/new", **given | {"dates": "Christmas"})
    assert (refused.status_code, "Christmas" in refused.text) == (422, True)


async def test_who_may_only_look_changes_nothing(signed_in: SignIn, centre: Centre) -> None:
    campaign = await centre.campaign()
    url = f"/campaigns/campaign_{campaign}/rules"
    rights = (Permission.CAMPAIGNS_VIEW, Permission.LISTS_VIEW)
    reader = (await signed_in(Role.SUPERVISOR, rights)).browser
    page = await reader.get(url)
    assert "not change them" in text_of(page)
    assert (await reader.send_form(url, matter="x")).status_code == 403
    assert (await reader.get(f"{url}/new")).status_code == 403
    assert (await reader.get(f"{url}9/rules")).status_code == 404


async def test_somebody_elses_change_is_not_overwritten(browser: Visitor, centre: Centre) -> None:
    campaign = await centre.campaign(version=4)
    url = f"/campaigns/campaign_{campaign}/rules"
    answer = await browser.send_form(url, matter="x", version="3")
    assert (answer.status_code, "changed" in text_of(answer)) == (422, True)
