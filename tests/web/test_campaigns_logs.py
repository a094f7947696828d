# SPDX-License-Identifier: Apache-2.0
"""Hopper, history, final results, a contact's calls: what stands in them, for whom (X-33, X-34)."""

import re

import pytest

from server.database import Database
from server.domain.campaigns import CallStatus
from server.domain.permissions import Permission, Role
from tests.services.dialer.centre import Centre, minutes
from tests.web.visiting import SignIn, Visitor, text_of

A, B, C = (f"+39061234500{place}" for place in range(3))
SHOWN = {A: "06 1234 5000", B: "06 1234 5001", C: "06 1234 5002"}


@pytest.fixture
async def browser(signed_in: SignIn) -> Visitor:
    return (await signed_in()).browser


@pytest.fixture
def centre(database: Database, tenant: int) -> Centre:
    return Centre(database, tenant)


def rows(text: str) -> list[str]:
    """The rows of the page's table, without markup."""
    found = re.findall(r"<tr id=.*?</tr>", text, re.S)
    plain = [re.sub(r"<details.*?</details>|<[^>]+>", " ", row, flags=re.S) for row in found]
    return [" ".join(row.split()) for row in plain]


def facets(text: str) -> list[str]:
    bar = text.partition('class="facets"')[2].partition("</nav>")[0]
    found = re.findall(r"<a .*?</a>", bar, re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in found]


async def person(centre: Centre, name: str, *numbers: str) -> int:
    primary, *further = numbers
    contact = await centre.contact(primary, *[(number, None) for number in further])
    await centre.rows("UPDATE contacts SET first_name = $1 WHERE id = $2", name, contact)
    return contact


async def test_the_hopper_shows_who_is_next_on_which_number_and_why(
    browser: Visitor, centre: Centre
) -> None:
    """X-36, X-39: number and place, and the failures that were."""
    ada = await person(centre, "Ada", A, B)
    campaign = await centre.loaded(ada, await person(centre, "Bruno", C))
    await centre.rows("UPDATE campaigns SET clock_rate = 60, clock_origin = '2027-01-04T09:00Z'")
    first, second = await centre.claim(campaign)
    await centre.report(first, CallStatus.BUSY, minutes(1))
    path = f"/campaigns/campaign_{campaign}/hopper"
    page = await browser.get(path)
    shown = rows(page.text)
    assert shown[0].startswith(f"Bruno {SHOWN[C]} Dialing now 1 0 –")
    assert shown[1].startswith(f"Ada {SHOWN[B]} 2 of 2 Waits for the next number")
    assert shown[1].endswith(f"1 1 {SHOWN[A]} : 1 × Busy")
    assert f'<a href="/contacts/contact_{ada}/calls">Ada</a>' in page.text
    assert "Times by the campaign clock, now" in text_of(page)
    assert facets(page.text) == ["Waits for the next number 1", "Dialing 1"]
    page = await browser.get(f"{path}?state=WAIT_NEXT_PHONE")
    assert len(rows(page.text)) == 1
    chosen = re.search(r'aria-current="true">(.*?)</a>', page.text, re.DOTALL)
    assert chosen is not None
    assert "Waits for the next number" in chosen.group(1)
    for query in ("?state=WAIT_CALLBACK", "?state=WAIT_RETRY"):
        assert "Nobody is in this state now" in text_of(await browser.get(path + query))
    assert len(rows((await browser.get(f"{path}?state=CLOSED&x=%00")).text)) in (0, 2)
    assert (await browser.get(f"{path}?state=drop%20table")).status_code == 200
    await centre.report(second, CallStatus.ANSWER, minutes(2))


async def test_what_waits_for_the_calling_hours_says_so(browser: Visitor, centre: Centre) -> None:
    """Section 6, row 6: it was due at 10:00 in Rome, where this reader is."""
    campaign = await centre.loaded(await person(centre, "Ada", A))
    await centre.rows(
        "UPDATE campaigns SET window_from = '11:00', window_to = '20:00', timezone = 'Europe/Rome'"
    )
    [row] = rows((await browser.get(f"/campaigns/campaign_{campaign}/hopper")).text)
    assert "11:00 calling hours" in row
    await centre.rows("UPDATE campaigns SET ends_at = '2027-01-04T09:30Z'")
    [row] = rows((await browser.get(f"/campaigns/campaign_{campaign}/hopper")).text)
    assert "campaign ends before" in row


async def test_history_and_results_show_every_call_and_what_it_came_to(
    browser: Visitor, centre: Centre
) -> None:
    """X-33, X-34."""
    office = await centre.item_type("Office", 1)
    contact = await centre.contact(A, (B, office))
    await centre.rows("UPDATE contacts SET first_name = 'Ada' WHERE id = $1", contact)
    campaign = await centre.loaded(contact)
    await centre.report(await centre.claim_one(campaign), at=minutes(0.5))
    call = await centre.claim_one(campaign, minutes(2))
    await centre.report(call, CallStatus.ANSWER, minutes(3))
    base = f"/campaigns/campaign_{campaign}"
    page = await browser.get(f"{base}/history")
    newest, oldest = rows(page.text)
    assert newest.endswith(f"Ada {SHOWN[B]} Office Answered 1:00 1 2 Next number")
    assert oldest.endswith(f"Ada {SHOWN[A]} No answer 0:30 1 1 First call")
    assert facets(page.text) == ["Answered 1", "No answer 1"]
    assert len(rows((await browser.get(f"{base}/history?status=ANSWER")).text)) == 1
    assert "No call ended like this" in text_of(await browser.get(f"{base}/history?status=DROP"))
    page = await browser.get(f"{base}/final")
    [row] = rows(page.text)
    assert row.endswith(f"Ada Reached – {SHOWN[B]} Office 1 × Answered 2")
    text = text_of(await browser.get(f"{base}/final?reason=MANUAL"))
    assert "Nobody was closed for this reason" in text


async def test_a_limit_names_the_number_that_reached_it(browser: Visitor, centre: Centre) -> None:
    """V4: the primary is no number, the last one dialed was another."""
    campaign = await centre.loaded(await person(centre, "Ada", A, B))
    await centre.rows("UPDATE retry_settings SET max_retry = 1 WHERE status = 'NO_SUCH_NUMBER'")
    await centre.report(await centre.claim_one(campaign), CallStatus.NO_SUCH_NUMBER)
    await centre.report(await centre.claim_one(campaign, minutes(1)), at=minutes(1))
    [row] = rows((await browser.get(f"/campaigns/campaign_{campaign}/final")).text)
    wanted = f"Ada Retries used up No such number {SHOWN[A]} {SHOWN[B]} 1 × No answer 2"
    assert row.endswith(wanted)


async def test_older_pages_stand_still_and_lead_back(browser: Visitor, centre: Centre) -> None:
    campaign = await centre.campaign()
    await centre.rows(
        "INSERT INTO final_results (campaign_id, contact_id, entry_id, reason, total_attempts, "
        "closed_at) SELECT $1, n, n, 'MANUAL', 0, now() FROM generate_series(1, 60) n",
        campaign,
    )
    path = f"/campaigns/campaign_{campaign}/final"
    page = await browser.get(path)
    assert len(rows(page.text)) == 50
    assert f'data-hx-get="{path}/live?"' in page.text
    older = re.search(r'rel="next" href="([^"]+)"', page.text)
    assert older
    page = await browser.get(path + older[1].replace("&amp;", "&"))
    assert len(rows(page.text)) == 10
    assert "/live" not in page.text.partition('id="results"')[2].partition("</article>")[0]
    assert "Back to the newest" in text_of(page)
    held = await browser.get(f"{path}?live=paused")
    assert f'data-hx-get="{path}/live' not in held.text
    assert "Go live" in text_of(held)
    assert (await browser.get(f"{path}?after=nonsense")).status_code == 400


async def test_contacts_are_named_to_those_who_may_see_them(
    signed_in: SignIn, centre: Centre
) -> None:
    """X-09, X-17: without the right there is a dash; an agent sees whom their campaign calls."""
    campaign = await centre.loaded(await person(centre, "Ada", A))
    await centre.report(await centre.claim_one(campaign), CallStatus.ANSWER)
    blind = await signed_in(Role.SUPERVISOR, (Permission.CAMPAIGNS_VIEW,))
    rights = (Permission.CAMPAIGNS_VIEW, Permission.CONTACTS_VIEW)
    agent = await signed_in(Role.AGENT, rights)
    await centre.rows(
        "INSERT INTO campaign_agents (campaign_id, user_id) VALUES ($1, $2)",
        campaign,
        agent.account.user_id,
    )
    for who, is_named in ((blind, False), (agent, True)):
        for tab in ("history", "final"):
            page = await who.browser.get(f"/campaigns/campaign_{campaign}/{tab}")
            assert page.status_code == 200, tab
            assert ("Ada" in page.text) is is_named, tab


async def test_a_contact_shows_each_call_and_what_comes_next(
    browser: Visitor, centre: Centre
) -> None:
    """X-33, X-39: the number that is next, its type and place, and those after it."""
    office = await centre.item_type("Office", 1)
    contact = await centre.contact(A, (B, office), (C, None))
    await centre.rows("UPDATE contacts SET first_name = 'Ada' WHERE id = $1", contact)
    over = await centre.loaded(contact, name="over")
    await centre.report(await centre.claim_one(over), CallStatus.ANSWER, minutes(1))
    campaign = await centre.loaded(contact, name="spring", additional_phones_after=5)
    await centre.report(await centre.claim_one(campaign, minutes(2)), CallStatus.BUSY, minutes(3))
    page = await browser.get(f"/contacts/contact_{contact}/calls")
    coming, past = page.text.partition('id="past-calls"')[::2]
    items = re.findall(r'<li class="(coming|past) .*?</li>', page.text, re.S)
    # Round 1 goes on with the second and the third number; two rounds of three follow.
    assert items == ["coming"] * 8 + ["past", "past"]
    text = " ".join(re.sub(r"<[^>]+>", " ", coming.partition("coming-calls")[2]).split())
    assert "spring Running round 1" in text
    # The last failure was at 09:03, the next number is due five minutes later.
    assert f"10:08 {SHOWN[B]} Office 2 of 3" in text
    assert f"10:13 {SHOWN[C]} 3 of 3 Why Next number, 5 minutes later." in text
    assert "The number before it was not reached." in text
    assert f"10:15 {SHOWN[A]} Round 2: 1 of 3 Why Again 2 minutes after “No answer”." in text
    assert "Retries used up after 9 calls" in text
    text = " ".join(re.sub(r"<[^>]+>", " ", past).split())
    assert re.search(rf"{SHOWN[A]} Busy 1:00 spring Why .*{SHOWN[A]} Answered 1:00 over Why", text)
    assert "over Reached" in text
    assert "c-aabbcc" in coming  # the type's own colour


async def test_a_contacts_calls_are_for_those_who_see_both(
    signed_in: SignIn, centre: Centre
) -> None:
    """X-09."""
    contact = await person(centre, "Ada", A)
    await centre.loaded(contact)
    path = f"/contacts/contact_{contact}/calls"
    for rights in ((Permission.CONTACTS_VIEW,), (Permission.CAMPAIGNS_VIEW,)):
        who = (await signed_in(Role.SUPERVISOR, rights)).browser
        assert (await who.get(path)).status_code == 403
    rights = (Permission.CONTACTS_VIEW, Permission.CAMPAIGNS_VIEW)
    who = (await signed_in(Role.SUPERVISOR, rights)).browser
    assert (await who.get(path)).status_code == 200
    agent = (await signed_in(Role.AGENT, rights)).browser
    assert (await agent.get(path)).status_code == 404
    assert (await who.get("/contacts/contact_0/calls")).status_code == 404
