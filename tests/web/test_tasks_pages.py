# SPDX-License-Identifier: Apache-2.0
"""Scheduled tasks by the pages: listed, agreed, changed, given to others, closed (C-30 to C-38)."""

import re
from datetime import timedelta

import pytest

from server.domain.permissions import Permission, Role
from server.domain.tasks import PreferenceType
from server.planner import global_id
from tests.factories.tasks import shift, soon
from tests.services.tasks.conftest import OFFICE, World
from tests.services.tasks.conftest import world as world
from tests.web.visiting import Person, SignIn, text_of

HTMX = {"HX-Request": "true"}
ROW = re.compile(r'<tr id="(task_\d+)" class="task (\w+)">')


@pytest.fixture
async def admin(signed_in: SignIn) -> Person:
    return await signed_in()


def rows(text: str) -> list[tuple[str, str]]:
    """The ids and states of the rows shown."""
    return [(row[0], row[1]) for row in ROW.findall(text)]


async def moved(world: World, minutes: float, **given: object) -> str:
    """A callback of Ada that began so many minutes ago; the page's id."""
    task = (await world.schedule(at=soon(60), **given)).task
    async with world.database.connection(world.viewer.tenant_id) as connection:
        await shift(connection, task.id, -60 - minutes)
    return f"task_{task.id}"


async def many(world: World, count: int) -> None:
    await world.rows(
        "INSERT INTO scheduled_tasks (campaign_id, contact_id, number, starts_at, ends_at) "
        "SELECT $1, $2, $3, now() + n * interval '1 minute', now() + interval '9 days' "
        "FROM generate_series(1, $4) n",
        world.campaign_id,
        world.contact_id,
        OFFICE,
        count,
    )


@pytest.mark.parametrize(
    ("minutes", "state", "word", "tone"),
    [
        (-30, "scheduled", "Scheduled", "neutral"),
        (5, "due", "Due", "ok"),
        (30, "delayed", "Delayed", "warn"),
        (1500, "expired", "Expired", "stop"),
    ],
)
async def test_each_state_has_a_word_a_sign_and_a_colour(
    admin: Person, world: World, minutes: float, state: str, word: str, tone: str
) -> None:  # C-33
    task = await moved(world, minutes, number=OFFICE, note="Ask for the invoice")
    page = await admin.browser.get("/tasks")
    assert rows(page.text) == [(task, state)]
    badge = rf'<span class="badge {tone}"><svg class="icon".*?#{tone}"></use></svg>{word}</span>'
    assert re.search(badge, page.text)
    said = text_of(page)
    for words in ("Ada Rossi", "Ask for the invoice", "06 1234 5001", "Spring offers", "Anyone"):
        assert words in said
    assert "1 of 1" in said


async def test_the_closed_are_not_visible(admin: Person, world: World) -> None:  # C-33
    await world.schedule()
    await world.rows("UPDATE scheduled_tasks SET closed_at = now()")
    page = await admin.browser.get("/tasks")
    assert rows(page.text) == []
    assert "No callback is waiting" in text_of(page)


async def test_filters_stand_in_the_address_and_can_be_taken_out(
    admin: Person, world: World
) -> None:  # C-32
    task = await moved(world, 5, number=OFFICE)
    campaign = global_id("campaign", world.campaign_id)
    day = soon(-5).date()
    for query, wanted in (
        (f"campaign={campaign}", [(task, "due")]),
        ("campaign=campaign_0", []),
        ("q=rossi", [(task, "due")]),
        ("q=bianchi", []),
        ("state=DUE", [(task, "due")]),
        ("state=DELAYED", []),
        ("state=NONSENSE&date=yesterday&time=noon", [(task, "due")]),
        ("type=SCHEDULED_BY_USER", [(task, "due")]),
        ("type=LOST_REQUEST", []),
        ("preference=ANYONE", [(task, "due")]),
        (f"next={global_id('agent', world.agent.user_id)}", []),
        ("last=agent_0", []),
        (f"date={day:%Y-%m-%d}", [(task, "due")]),
        (f"date={day + timedelta(days=9):%Y-%m-%d}", []),
        (f"campaign={campaign}&q=ada&state=DUE&preference=ANYONE", [(task, "due")]),
    ):
        page = await admin.browser.get(f"/tasks?{query}")
        assert rows(page.text) == wanted, query
    page = await admin.browser.get(f"/tasks?campaign={campaign}&state=DUE")
    said = text_of(page)
    assert "Campaign: Spring offers" in said
    assert "State: Due" in said
    assert "No scheduled task matches these filters" in text_of(
        await admin.browser.get("/tasks?state=DELAYED")
    )


async def test_a_thousand_are_shown_and_the_rest_is_loaded_below_them(
    admin: Person, world: World
) -> None:  # C-31
    await many(world, 2500)
    campaign = global_id("campaign", world.campaign_id)
    page = await admin.browser.get(f"/tasks?campaign={campaign}")
    seen = [row[0] for row in rows(page.text)]
    assert len(seen) == 1000
    assert "1.000 of 2.500" in text_of(page)
    for total, said in ((2000, "2.000 of 2.500"), (2500, "2.500 of 2.500")):
        found = re.search(r'data-hx-get="(/tasks\?[^"]+)" data-hx-target="#load-more"', page.text)
        assert found is not None
        url = found[1].replace("&amp;", "&")
        assert f"campaign={campaign}" in url  # the filters are kept
        page = await admin.browser.get(url, headers=HTMX | {"HX-Target": "tr#load-more"})
        assert "<table" not in page.text
        seen += [row[0] for row in rows(page.text)]
        assert (len(seen), len(set(seen))) == (total, total)
        assert said in text_of(page)
    assert "Load more" not in text_of(page)
    # Without scripts the link leads to the next page.
    plain = await admin.browser.get(url)
    assert "<table" in plain.text
    assert len(rows(plain.text)) == 500


async def test_one_is_opened_and_changed(admin: Person, world: World) -> None:  # C-30, C-35
    task = (await world.schedule(as_=world.agent, number=OFFICE)).task
    url = f"/tasks/task_{task.id}"
    form = await admin.browser.get(url, headers=HTMX | {"HX-Target": "div#drawer-body"})
    assert "Callback of Ada Rossi" in text_of(form)
    assert "Scheduled by an agent" in text_of(form)
    later = soon(60 * 24 * 3).strftime("%Y-%m-%dT%H:%M")
    sent = {
        "localAt": later,
        "localEndsAt": "",
        "timeZone": "Europe/Rome",
        "number": OFFICE,
        "preference": "OTHER",
        "agentId": global_id("agent", world.colleague.user_id),
        "note": "Prefers mornings",
        "thresholdMinutes": "30",
        "earlyMinutes": "5",
        "version": str(task.version),
    }
    answer = await admin.browser.send_form(url, **sent)
    assert answer.status_code == 303
    [changed] = await world.tasks()
    assert (changed.type, changed.preference) == ("SCHEDULED_BY_USER", "OTHER")
    assert (changed.agent_id, changed.note) == (world.colleague.user_id, "Prefers mornings")
    assert (changed.threshold_minutes, changed.early_minutes) == (30, 5)
    assert "The callback of Ada Rossi is on" in text_of(await admin.browser.get("/tasks"))
    late = {"version": str(changed.version)}
    wrong = await admin.browser.send_form(
        url, **sent | late | {"localAt": "2020-01-01T09:00", "thresholdMinutes": "soon"}
    )
    assert wrong.status_code == 422
    assert "This moment has gone by. Choose a later one." in text_of(wrong)
    assert 'value="2020-01-01T09:00"' in wrong.text
    conflict = await admin.browser.send_form(url, **sent)
    assert "Somebody else changed this" in text_of(conflict)
    assert (await admin.browser.get("/tasks/task_0")).status_code == 404


async def test_what_was_not_touched_stays_though_its_time_has_gone_by(
    admin: Person, world: World
) -> None:
    task = await moved(world, 30)
    [stored] = await world.tasks()
    form = (await admin.browser.get(f"/tasks/{task}")).text
    sent = dict(re.findall(r'name="(local\w+)" type="[\w-]+" value="([^"]*)"', form))
    answer = await admin.browser.send_form(
        f"/tasks/{task}", **sent, timeZone="Europe/Rome", preference="ANYONE", note="Later"
    )
    assert answer.status_code == 303
    [changed] = await world.tasks()
    assert (changed.starts_at, changed.ends_at) == (stored.starts_at, stored.ends_at)
    assert changed.note == "Later"


async def test_a_callback_is_scheduled_from_the_contact_and_stands_on_its_record(
    admin: Person, world: World
) -> None:  # C-30, C-36
    contact, campaign = f"contact_{world.contact_id}", f"campaign_{world.campaign_id}"
    record = await admin.browser.get(f"/contacts/{contact}")
    assert "Schedule a callback" in text_of(record)
    form = await admin.browser.get(f"/tasks/new?contact={contact}")
    assert "The contact is open in this campaign" in text_of(form)
    sent = {
        "contactId": contact,
        "campaignId": campaign,
        "number": OFFICE,
        "localAt": soon(60 * 24 * 2).strftime("%Y-%m-%dT%H:%M"),
        "timeZone": "Europe/Rome",
        "preference": "ANYONE",
        "agentId": global_id("agent", world.agent.user_id),  # not for anyone: left out
        "note": "About the offer",
    }
    answer = await admin.browser.send_form("/tasks", **sent)
    assert answer.headers["location"] == f"/contacts/{contact}"
    record = await admin.browser.get(f"/contacts/{contact}")
    said = text_of(record)
    assert "Ada Rossi will be called back on" in said
    assert "Callbacks" in said
    assert "About the offer" in said
    [task] = await world.tasks()
    assert (task.number, task.preference, task.agent_id) == (OFFICE, "ANYONE", None)
    wrong = await admin.browser.send_form("/tasks", **sent | {"preference": "OTHER", "agentId": ""})
    assert wrong.status_code == 422
    assert "This cannot be blank" in text_of(wrong)
    assert "About the offer" in wrong.text
    hopper = text_of(await admin.browser.get(f"/campaigns/{campaign}/hopper"))
    assert "Waits for the callback" in hopper


async def test_ticked_tasks_are_assigned_and_leave_the_list_of_the_former_agent(
    admin: Person, world: World
) -> None:  # C-37
    only = {"preference": PreferenceType.ONLY_ME, "agent_id": world.agent.user_id}
    task = (await world.schedule(**only)).task
    url = f"/tasks?next={global_id('agent', world.agent.user_id)}"
    assert len(rows((await admin.browser.get(url)).text)) == 1
    answer = await admin.browser.post(
        "/tasks/assignments",
        data={"ids": [f"task_{task.id}"], "agentId": global_id("agent", world.colleague.user_id)},
        headers={"referer": f"http://127.0.0.1:8000{url}", "host": "127.0.0.1:8000"},
    )
    assert answer.headers["location"] == url
    page = await admin.browser.get(url)
    assert rows(page.text) == []
    assert "1 scheduled task was assigned." in text_of(page)
    assert (await world.tasks())[0].agent_id == world.colleague.user_id
    nothing = await admin.browser.send_form("/tasks/assignments", agentId="")
    assert "Nothing is selected." in text_of(await admin.browser.get(nothing.headers["location"]))


async def test_all_of_a_campaign_are_closed_after_a_question_and_come_back_by_undo(
    admin: Person, world: World
) -> None:  # C-38
    campaign = f"campaign_{world.campaign_id}"
    button = f"/tasks/closings/new?campaign={campaign}"
    assert button not in (await admin.browser.get(f"/tasks?campaign={campaign}")).text  # no result
    await world.schedule()
    assert "/tasks/closings/new" not in (await admin.browser.get("/tasks")).text  # no campaign
    assert button in (await admin.browser.get(f"/tasks?campaign={campaign}")).text
    question = await admin.browser.get(button)
    assert "Close 1 scheduled task of “Spring offers”?" in text_of(question)
    assert (await world.tasks())[0].closed_at is None
    answer = await admin.browser.send_form(f"/tasks/closings?campaign={campaign}")
    page = await admin.browser.get(answer.headers["location"])
    assert "1 scheduled task was closed." in text_of(page)
    assert (await world.tasks())[0].close_reason == "MANUAL"
    undo = re.search(r'action="(/tasks/closings/[^"]+/reopenings)"', page.text)
    assert undo is not None
    await admin.browser.send_form(undo[1])
    assert "1 scheduled task is back." in text_of(await admin.browser.get("/tasks"))
    [task] = await world.tasks()
    entry = await world.entry()
    assert entry is not None
    assert (task.closed_at, task.entry_id) == (None, entry.id)


async def test_ticked_tasks_are_closed(admin: Person, world: World) -> None:  # C-38
    task = (await world.schedule()).task
    await admin.browser.send_form("/tasks/closed", ids=[f"task_{task.id}"])
    assert "1 scheduled task was closed." in text_of(await admin.browser.get("/tasks"))
    assert await world.entry() is None


async def test_what_somebody_may_not_do_is_not_offered(signed_in: SignIn, world: World) -> None:
    await world.schedule()
    reader = await signed_in(Role.SUPERVISOR, (Permission.TASKS_VIEW, Permission.CAMPAIGNS_VIEW))
    page = await reader.browser.get(f"/tasks?campaign=campaign_{world.campaign_id}")
    assert len(rows(page.text)) == 1
    for word in ("Close callback sessions", "Assign", 'name="ids"', "data-opens"):
        assert word not in page.text.split("<main", 1)[-1]
    assert (await reader.browser.send_form("/tasks/closed", ids=["task_1"])).status_code == 403
    nobody = await signed_in(Role.SUPERVISOR, (Permission.CONTACTS_VIEW,))
    assert (await nobody.browser.get("/tasks")).status_code == 403
    assert "/tasks" not in (await nobody.browser.get("/")).text
    contact = await nobody.browser.get(f"/contacts/contact_{world.contact_id}")
    assert "Schedule a callback" not in text_of(contact)


async def test_in_italian_every_word_is(admin: Person, world: World) -> None:
    await world.schedule()
    await admin.browser.graphql(
        'mutation { editPreferences(input: {locale: "it"}) { userErrors { message } } }'
    )
    page = text_of(await admin.browser.get(f"/tasks?campaign=campaign_{world.campaign_id}"))
    for words in ("Attività programmate", "Programmata", "Chiudi le sessioni di richiamata"):
        assert words in page


@pytest.mark.parametrize("path", ["/", "/desk", "/desk/next"])
async def test_an_agents_home_and_desk_show_their_own_callbacks(
    signed_in: SignIn, world: World, path: str
) -> None:
    may = (Permission.TASKS_VIEW, Permission.CAMPAIGNS_VIEW, Permission.CONTACTS_VIEW)
    agent = await signed_in(Role.AGENT, (*may, Permission.CALLS_MAKE))
    assert "Your callbacks" not in text_of(await agent.browser.get(path))
    await world.rows(
        "INSERT INTO campaign_agents (campaign_id, user_id) VALUES ($1, $2)",
        world.campaign_id,
        agent.account.user_id,
    )
    only = {"preference": PreferenceType.ONLY_ME, "agent_id": agent.account.user_id}
    await world.schedule(number=OFFICE, note="Ask for the invoice", **only)
    page = text_of(await agent.browser.get(path))
    for words in ("Your callbacks", "Ada Rossi", "06 1234 5001", "Ask for the invoice"):
        assert words in page
