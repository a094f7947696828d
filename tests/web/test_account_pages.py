# SPDX-License-Identifier: Apache-2.0
"""One's own account by the pages: preferences, password, sessions."""

import re

from server.database import Database
from server.domain.permissions import Role
from tests.factories.access import PASSWORD, sign_in
from tests.web.visiting import COOKIE, SignIn, Visitor, text_of


async def test_the_account_needs_a_log_in(visitor: Visitor) -> None:
    for path in ("/account", "/account/password", "/account/sessions"):
        answer = await visitor.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/login?next={path}")


async def test_everybody_has_an_account_whatever_their_profile(signed_in: SignIn) -> None:
    person = await signed_in(Role.AGENT, ())
    for path in ("/account", "/account/password", "/account/sessions"):
        assert (await person.browser.get(path)).status_code == 200


async def test_saved_preferences_are_seen_on_the_next_page(signed_in: SignIn) -> None:
    browser = (await signed_in(Role.AGENT, ())).browser
    answer = await browser.send_form(
        "/account/preferences",
        fullName="Anna Verdi",
        locale="it",
        timezone="America/New_York",
        theme="dark",
        density="compact",
        next="/account",
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    page = await browser.get("/account")
    assert '<html lang="it"' in page.text
    assert 'data-timezone="America/New_York"' in page.text
    assert 'data-theme="dark" data-density="compact"' in page.text
    assert "Le preferenze sono state salvate." in text_of(page)
    assert 'value="Anna Verdi"' in page.text
    assert '<option value="America/New_York" selected>New York</option>' in page.text


async def test_the_menus_above_every_page_come_back_to_it(signed_in: SignIn) -> None:
    browser = (await signed_in(Role.ADMIN)).browser
    answer = await browser.send_form("/account/preferences", locale="it", next="/users")
    assert (answer.status_code, answer.headers["location"]) == (303, "/users")
    assert '<html lang="it"' in (await browser.get("/users")).text
    for elsewhere in ("//evil.example", "https://evil.example", "/login"):
        answer = await browser.send_form("/account/preferences", theme="dark", next=elsewhere)
        assert answer.headers["location"] == "/account"  # ASVS 3.7.2


async def test_a_refused_preference_comes_back_with_its_words(signed_in: SignIn) -> None:
    browser = (await signed_in()).browser
    answer = await browser.send_form(
        "/account/preferences", fullName="Anna", timezone="Mars/Olympus", locale="en"
    )
    assert answer.status_code == 422
    assert "There is no time zone “Mars/Olympus”. Pick one such as Europe/Rome." in text_of(answer)
    assert 'value="Anna"' in answer.text
    assert 'data-timezone="Europe/Rome"' in (await browser.get("/account")).text


async def test_the_password_changes_and_the_other_sessions_end(
    signed_in: SignIn, database: Database
) -> None:
    person = await signed_in(Role.AGENT, ())
    other, _ = await sign_in(database, person.account)
    new = "grape-lantern-77"
    wrong = await person.browser.send_form(
        "/account/password", currentPassword="not this one", newPassword=new
    )
    assert wrong.status_code == 422
    assert "The name or the password is wrong." in text_of(wrong)
    assert new not in wrong.text
    right = await person.browser.send_form(
        "/account/password", currentPassword=PASSWORD, newPassword=new
    )
    assert right.status_code == 303
    page = await person.browser.get("/account/password")
    assert "Your password was changed. 1 other session was ended." in text_of(page)
    person.browser.cookies.set(COOKIE, other)
    assert (await person.browser.get("/account")).status_code == 303


async def test_guessing_the_password_is_told_to_wait(signed_in: SignIn) -> None:  # ASVS 6.3.1
    person = await signed_in(Role.AGENT, ())
    given = {"currentPassword": "not this one", "newPassword": "grape-lantern-77"}
    for _ in range(5):
        answer = await person.browser.send_form("/account/password", **given)
        assert answer.status_code == 422
    answer = await person.browser.send_form("/account/password", **given)
    assert answer.status_code == 429
    assert "Wait 30 seconds" in text_of(answer)


async def test_sessions_are_shown_by_browser_and_ended_by_button(
    signed_in: SignIn, database: Database
) -> None:  # ASVS 7.5.2
    person = await signed_in(Role.AGENT, ())
    others = [await sign_in(database, person.account) for _ in range(3)]
    page = await person.browser.get("/account/sessions")
    assert text_of(page).count("Unknown browser") == 4
    assert text_of(page).count("This one") == 1
    ends = re.findall(r'action="(/account/sessions/session_\d+/end)"', page.text)
    assert sorted(ends) == sorted(
        f"/account/sessions/session_{viewer.session_id}/end" for _, viewer in others
    )
    answer = await person.browser.post(ends[0])
    assert answer.headers["location"] == "/account/sessions"
    page = await person.browser.get("/account/sessions")
    assert "The session was ended." in text_of(page)
    assert ends[0] not in page.text
    gone = await person.browser.post(ends[0])
    assert gone.headers["location"] == "/account/sessions"
    assert "There is nothing here" in text_of(await person.browser.get("/account/sessions"))
    await person.browser.post("/account/other-sessions/end")
    page = await person.browser.get("/account/sessions")
    assert "2 other sessions were ended." in text_of(page)
    assert "/end" not in page.text


async def test_nobody_ends_the_session_of_somebody_else(
    signed_in: SignIn, database: Database
) -> None:
    person, admin = await signed_in(Role.AGENT, ()), await signed_in()
    _, theirs = await sign_in(database, person.account)
    await admin.browser.post(f"/account/sessions/session_{theirs.session_id}/end")
    assert "2 of 2" in text_of(await person.browser.get("/account/sessions"))


async def test_graphiql_is_offered_to_those_who_may_read_the_schema(signed_in: SignIn) -> None:
    admin, person = await signed_in(), await signed_in(Role.SUPERVISOR, ())
    assert 'href="/graphiql"' in (await admin.browser.get("/account")).text
    assert 'href="/graphiql"' not in (await person.browser.get("/account")).text
    assert (await admin.browser.get("/graphiql")).status_code == 200
    assert (await person.browser.get("/graphiql")).status_code == 403
