# SPDX-License-Identifier: Apache-2.0
"""Users by the pages: list, form, password, sign-out, deactivation."""

import pytest

from server.app import create_app
from server.database import Database
from server.domain.permissions import Permission, Role
from server.settings import Settings
from tests.factories.access import PASSWORD, Account, make_account, sign_in
from tests.factories.watched import Watched
from tests.web.visiting import COOKIE, Person, SignIn, Visitor, text_of


@pytest.fixture
async def admin(signed_in: SignIn) -> Person:
    return await signed_in()


@pytest.fixture
async def agent(database: Database, tenant: int) -> Account:
    return await make_account(database, tenant, Role.AGENT, (Permission.CONTACTS_VIEW,))


async def test_the_list_is_searched_filtered_and_sorted(
    admin: Person, agent: Account, signed_in: SignIn
) -> None:
    supervisor = (await signed_in(Role.SUPERVISOR, ())).account
    names = [admin.account.name, agent.name, supervisor.name]

    async def shown(query: str) -> list[str]:
        page = (await admin.browser.get(f"/users{query}")).text
        places = {page.index(f">{name}</a>"): name for name in names if f">{name}</a>" in page}
        return [places[place] for place in sorted(places)]

    assert await shown("") == sorted(names)
    assert await shown("?sort=-name") == sorted(names)[::-1]
    assert await shown(f"?q={agent.name.upper()}") == [agent.name]
    assert await shown("?q=nobody-like-this") == []
    assert await shown("?role=SUPERVISOR") == [supervisor.name]
    assert await shown("?role=KING&state=asleep") == sorted(names)
    assert await shown("?state=deactivated") == []
    assert await shown(f"?profile=profile_{agent.profile_id}") == [agent.name]
    page = await admin.browser.get(f"/users?role=AGENT&profile=profile_{agent.profile_id}")
    assert 'aria-label="Remove filter: Agent"' in page.text
    assert 'aria-label="Remove filter: User profile: Profile' in page.text


async def test_a_user_is_created_by_the_form_and_logs_in(
    admin: Person, visitor: Visitor, tenant: int
) -> None:
    given = {"name": f"sara {tenant}", "role": "SUPERVISOR", "password": PASSWORD}
    answer = await admin.browser.send_form("/users", **given, timezone="Europe/Rome", locale="it")
    assert (answer.status_code, answer.headers["location"]) == (303, "/users")
    page = text_of(await admin.browser.get("/users"))
    assert f"User “sara {tenant}” was created." in page
    assert PASSWORD not in page
    answer = await visitor.send_form("/login", name=given["name"], password=PASSWORD)
    assert answer.status_code == 303
    assert '<html lang="it"' in (await visitor.get("/account")).text


async def test_a_refused_form_keeps_what_was_typed_and_focuses_the_first_fault(
    admin: Person, agent: Account
) -> None:
    given = {"role": "SUPERVISOR", "fullName": "Sara Łuczak"}
    answer = await admin.browser.send_form("/users", **given, name=" ", password="short")
    assert answer.status_code == 422
    assert "This cannot be blank. Fill it in." in text_of(answer)
    assert "This password is too easy to guess. Take at least 8 characters." in text_of(answer)
    assert 'value="Sara Łuczak"' in answer.text
    assert '<option value="SUPERVISOR" selected>' in answer.text
    assert 'value="short"' not in answer.text
    assert answer.text.count("autofocus") == 1
    answer = await admin.browser.send_form("/users", **given, name=agent.name.upper())
    assert answer.status_code == 422
    words = f"“{agent.name.upper()}” is already taken. Choose another name."
    assert words in text_of(answer)
    assert "Sara Łuczak" not in text_of(await admin.browser.get("/users"))


async def test_a_user_is_edited_in_the_drawer(admin: Person, agent: Account) -> None:
    path = f"/users/user_{agent.user_id}"
    htmx = {"HX-Request": "true", "HX-Target": "drawer-body"}
    form = await admin.browser.get(path, headers=htmx)
    assert "<html" not in form.text
    assert f"Edit user “{agent.name}”" in text_of(form)
    wrong = await admin.browser.post(path, data={"name": "", "version": "1"}, headers=htmx)
    assert wrong.status_code == 422
    assert "<html" not in wrong.text
    assert "This cannot be blank. Fill it in." in text_of(wrong)
    right = await admin.browser.post(
        path, data={"fullName": "Anna", "profileId": "", "version": "1"}, headers=htmx
    )
    assert (right.status_code, right.headers["hx-redirect"]) == (204, "/users")
    form = await admin.browser.get(path)
    assert 'value="Anna"' in form.text
    assert '<option value="">No profile</option>' in form.text
    assert f'<option value="profile_{agent.profile_id}">' in form.text


async def test_who_saves_over_somebody_elses_change_is_told(admin: Person, agent: Account) -> None:
    path = f"/users/user_{agent.user_id}"
    await admin.browser.send_form(path, fullName="First", version="1")
    answer = await admin.browser.send_form(path, fullName="Second", version="1")
    assert answer.status_code == 422
    assert "Somebody else changed this since you opened it." in text_of(answer)
    assert 'value="First"' in (await admin.browser.get(path)).text


async def test_deactivating_asks_first_ends_everything_and_can_be_undone(
    admin: Person, agent: Account, database: Database
) -> None:  # ASVS 7.4.2
    token, _ = await sign_in(database, agent)
    path = f"/users/user_{agent.user_id}"
    question = await admin.browser.get(f"{path}/deactivation")
    assert f"Deactivate “{agent.name}”?" in text_of(question)
    answer = await admin.browser.post(f"{path}/deactivation")
    assert answer.status_code == 303
    page = await admin.browser.get("/users")
    assert f"“{agent.name}” was deactivated." in text_of(page)
    assert f'action="{path}/reactivation"' in page.text
    person = Visitor(admin.browser._transport.app, token)  # type: ignore[attr-defined]
    assert (await person.get("/account")).status_code == 303
    assert (await admin.browser.post(f"{path}/reactivation")).status_code == 303
    assert f"“{agent.name}” may sign in again." in text_of(await admin.browser.get("/users"))
    await person.aclose()


async def test_the_last_administrator_is_told_why_they_stay(admin: Person) -> None:
    answer = await admin.browser.post(f"/users/user_{admin.account.user_id}/deactivation")
    assert answer.status_code == 422
    assert "This is the last active administrator." in text_of(answer)


async def test_a_password_is_set_and_somebody_is_signed_out(
    admin: Person, agent: Account, database: Database
) -> None:  # ASVS 7.4.5
    path = f"/users/user_{agent.user_id}"
    await sign_in(database, agent)
    await admin.browser.post(f"{path}/sign-out")
    page = text_of(await admin.browser.get("/users"))
    assert f"“{agent.name}” was signed out: 1 session was ended." in page
    weak = await admin.browser.send_form(f"{path}/password", password="password")
    assert weak.status_code == 422
    assert "too easy to guess" in text_of(weak)
    assert 'value="password"' not in weak.text
    given = {"password": "grape-lantern-77"}
    assert (await admin.browser.send_form(f"{path}/password", **given)).status_code == 303
    page = text_of(await admin.browser.get("/users"))
    assert f"“{agent.name}” has a new password and is signed out everywhere." in page


async def test_who_may_only_look_is_offered_nothing_else(signed_in: SignIn, agent: Account) -> None:
    reader = (await signed_in(Role.SUPERVISOR, (Permission.USERS_VIEW,))).browser
    path = f"/users/user_{agent.user_id}"
    page = (await reader.get("/users")).text
    assert agent.name in page
    assert path not in page
    assert "/users/new" not in page
    for url in ("/users/new", path, f"{path}/password", f"{path}/sign-out", f"{path}/deactivation"):
        assert (await reader.get(url)).status_code == 403, url
    for url in ("/users", path, f"{path}/password", f"{path}/deactivation", f"{path}/reactivation"):
        assert (await reader.send_form(url, name="x", role="AGENT")).status_code == 403, url


async def test_who_may_not_look_is_refused(signed_in: SignIn) -> None:
    nobody = (await signed_in(Role.SUPERVISOR, ())).browser
    assert (await nobody.get("/users")).status_code == 403
    assert 'href="/users"' not in (await nobody.get("/account")).text


async def test_missing_and_foreign_users_look_alike(
    admin: Person, database: Database, new_tenant: object
) -> None:  # ASVS 8.4.1
    other = await make_account(database, await new_tenant())  # type: ignore[operator]
    pages = []
    for key in (f"user_{other.user_id}", "user_0", "profile_1", "nonsense"):
        answer = await admin.browser.get(f"/users/{key}")
        assert answer.status_code == 404
        pages.append(text_of(answer).replace(key, ""))
    assert len(set(pages)) == 1


async def test_the_list_costs_the_same_for_one_user_and_for_seven(
    database: Database, tenant: int
) -> None:
    watched = Watched(database)
    account = await make_account(database, tenant)
    token, _ = await sign_in(database, account)
    async with Visitor(create_app(Settings(), watched), token) as browser:
        await browser.get("/users")
        counts = []
        for more in (0, 6):
            for _ in range(more):
                await make_account(database, tenant, Role.AGENT, (Permission.LISTS_VIEW,))
            await browser.get("/users")  # who has just changed rights is read anew
            before = watched.opened
            assert (await browser.get("/users")).status_code == 200
            counts.append(watched.opened - before)
    # The rights of this moment, the users, the profiles of the filter, the filters kept.
    assert counts == [4, 4]
    assert COOKIE in browser.cookies
