# SPDX-License-Identifier: Apache-2.0
"""Logging in and out by the pages: the cookie, the redirect, the throttle (ASVS 3.3, 6.3, 7.2)."""

import re
from html import unescape

import httpx
import pytest

from server.app import create_app
from server.database import Database
from server.domain.permissions import Role
from server.settings import Settings
from tests.factories.access import PASSWORD, Account, make_account
from tests.web.visiting import COOKIE, SignIn, Visitor, text_of

WRONG = "The name or the password is wrong. Try again."


@pytest.fixture
async def account(database: Database, tenant: int) -> Account:
    return await make_account(database, tenant, Role.ADMIN)


async def log_in(browser: Visitor, account: Account, **fields: str) -> httpx.Response:
    given = {"name": account.name, "password": PASSWORD, **fields}
    return await browser.send_form("/login", **given)


def session_cookies(response: httpx.Response) -> list[str]:
    return [text for text in response.headers.get_list("set-cookie") if COOKIE in text]


async def test_a_log_in_leads_where_one_wanted_to_go(visitor: Visitor, account: Account) -> None:
    refused = await visitor.get("/users")
    assert (refused.status_code, refused.headers["location"]) == (303, "/login?next=/users")
    page = await visitor.get(refused.headers["location"])
    assert 'name="next" value="/users"' in page.text
    answer = await log_in(visitor, account, next="/users")
    assert (answer.status_code, answer.headers["location"]) == (303, "/users")
    assert account.name in (await visitor.get("/users")).text


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    visitor: Visitor, account: Account
) -> None:
    [cookie] = session_cookies(await log_in(visitor, account))
    assert re.fullmatch(
        r"rubrica_session=[\w-]{43}; HttpOnly; Path=/; SameSite=lax", cookie
    )  # no end of its own: it goes with the browser


async def test_over_https_the_cookie_is_bound_to_the_host(
    database: Database, account: Account
) -> None:  # ASVS 3.3.1
    application = create_app(Settings(secure_cookies="yes"), database)
    async with Visitor(application) as browser:
        browser.base_url = httpx.URL("https://rubrica.example")
        answer = await log_in(browser, account)
        [cookie] = answer.headers.get_list("set-cookie")
        assert re.fullmatch(
            r"__Host-rubrica=[\w-]{43}; HttpOnly; Path=/; SameSite=lax; Secure", cookie
        )
        assert (await browser.get("/users")).status_code == 200
        left = await browser.post("/logout")
        gone = [text for text in left.headers.get_list("set-cookie") if "__Host-" in text]
        assert len(gone) == 1
        assert "Max-Age=0" in gone[0]
        assert "Path=/" in gone[0]
        assert "Secure" in gone[0]


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/a\r\nSet-Cookie: x=1",
        "javascript:alert(1)",
        "users",
        " /users",
        "/login?next=/users",
        "/logout",
        "/" + "x" * 3000,
        "/übung",
    ],
)
async def test_no_log_in_leads_to_another_site(
    visitor: Visitor, account: Account, target: str
) -> None:  # ASVS 3.7.2
    page = await visitor.get("/login", params={"next": target})
    assert 'name="next"' not in page.text
    answer = await log_in(visitor, account, next=target)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    again = await visitor.get("/login", params={"next": target})
    assert (again.status_code, again.headers["location"]) == (303, "/")


async def test_every_way_of_being_wrong_looks_the_same(
    visitor: Visitor, account: Account, database: Database, tenant: int
) -> None:  # ASVS 6.3.8
    away = await make_account(database, tenant, active=False)
    pages = []
    for name, password in (
        (account.name, "not this one"),
        (f"nobody {tenant}", PASSWORD),
        (away.name, PASSWORD),
        ("", ""),
        ("a\x00b", PASSWORD),
    ):
        answer = await visitor.send_form("/login", name=name, password=password)
        assert answer.status_code == 422
        assert session_cookies(answer) == []
        assert WRONG in text_of(answer)
        assert PASSWORD not in answer.text
        nonce = re.search(r'nonce="([^"]+)"', answer.text)
        assert nonce is not None
        pages.append(answer.text.replace(nonce[1], "").replace(f'value="{name}"', ""))
    assert pages[0] == pages[1] == pages[2]


async def test_too_many_tries_are_told_to_wait_with_the_seconds(
    visitor: Visitor, account: Account
) -> None:  # ASVS 6.3.1
    for _ in range(5):
        assert (await log_in(visitor, account, password="wrong")).status_code == 422
    answer = await log_in(visitor, account, next="/users")
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "30"
    assert "Too many tries. Wait 30 seconds, then try again." in text_of(answer)
    assert 'name="next" value="/users"' in answer.text
    assert session_cookies(answer) == []


async def test_no_value_that_the_browser_brings_becomes_its_session(
    visitor: Visitor, account: Account
) -> None:  # ASVS 7.2.4
    planted = "A" * 43
    visitor.cookies.set(COOKIE, planted)
    [cookie] = session_cookies(await log_in(visitor, account))
    assert planted not in cookie
    visitor.cookies.clear()
    visitor.cookies.set(COOKIE, planted)
    assert (await visitor.get("/users")).status_code == 303


async def test_logging_in_again_ends_the_session_before(
    visitor: Visitor, account: Account
) -> None:  # ASVS 7.2.4
    await log_in(visitor, account)
    before = visitor.cookies[COOKIE]
    await log_in(visitor, account)
    assert visitor.cookies[COOKIE] != before
    assert (await visitor.get("/users")).status_code == 200
    visitor.cookies.clear()
    visitor.cookies.set(COOKIE, before)
    assert (await visitor.get("/users")).status_code == 303


async def test_a_log_out_kills_the_session_wherever_its_cookie_is(
    visitor: Visitor, account: Account, signed_in: SignIn
) -> None:  # ASVS 7.4.1
    await log_in(visitor, account)
    copied = visitor.cookies[COOKIE]
    answer = await visitor.post("/logout")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert COOKIE not in visitor.cookies
    assert "You are logged out." in text_of(await visitor.get("/login"))
    visitor.cookies.set(COOKIE, copied)
    assert (await visitor.get("/users")).status_code == 303
    assert (await visitor.graphql("{ viewer { name } }")) == {"data": {"viewer": None}}


async def test_a_log_out_without_a_log_in_just_shows_the_log_in(visitor: Visitor) -> None:
    answer = await visitor.post("/logout")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


async def test_no_get_logs_out_and_no_other_site_logs_in(
    visitor: Visitor, account: Account
) -> None:  # ASVS 3.5
    assert (await visitor.get("/logout")).status_code in (404, 405)
    visitor.headers["sec-fetch-site"] = "cross-site"
    answer = await log_in(visitor, account)
    assert answer.status_code == 403
    assert session_cookies(answer) == []


async def test_an_ended_session_sends_htmx_away_instead_of_into_a_table(visitor: Visitor) -> None:
    answer = await visitor.get("/users", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == "/login"
    assert answer.text == ""


async def test_the_log_in_speaks_the_language_chosen_on_it(visitor: Visitor) -> None:
    page = await visitor.get("/login", params={"next": "/users", "locale": "it"})
    assert '<html lang="it"' in page.text
    assert "Accedi" in text_of(page)
    links = re.findall(r'href="(/login\?[^"]+)"', page.text)
    assert [unescape(link) for link in links] == [
        "/login?next=%2Fusers&locale=en",
        "/login?next=%2Fusers&locale=it",
    ]
    wrong = await visitor.send_form("/login", name="nobody at all", password="x")
    assert "Il nome o la password è errato. Riprova." in text_of(wrong)
