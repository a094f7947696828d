# SPDX-License-Identifier: Apache-2.0
"""Possible duplicates by their page: found by reason, merged, told apart and taken back (D2)."""

import html
import re

import pytest

from server.database import Database
from server.domain.permissions import Permission, Role, Viewer
from tests.factories.access import viewer_of
from tests.factories.contacts import make_contact, phones
from tests.web.visiting import Person, SignIn, text_of

NOW = {"HX-Request": "true", "HX-Current-URL": "http://127.0.0.1:8000/duplicates?kind=NUMBER"}


@pytest.fixture
async def admin(signed_in: SignIn) -> Person:
    return await signed_in()


@pytest.fixture
async def people(database: Database, tenant: int) -> list[str]:
    """Ada and Adele share a number, Bruno and Bruna an address."""
    viewer: Viewer = await viewer_of(database, tenant)
    async with database.transaction(tenant) as session:
        made = [
            await make_contact(session, viewer, "Ada", "Rossi", phone="+390612340001"),
            await make_contact(
                session,
                viewer,
                "Adele",
                "Rossi",
                phone="+390612340002",
                additional=phones("+390612340001"),
            ),
            await make_contact(
                session, viewer, "Bruno", "Abate", phone=None, email="b@example.com"
            ),
            await make_contact(
                session, viewer, "Bruna", "Abate", phone=None, email="b@example.com"
            ),
            await make_contact(session, viewer, "Carla", "Verdi", phone="+390612340009"),
        ]
    return [f"contact_{row.id}" for row in made]


def groups(page: str) -> list[tuple[str, list[str]]]:
    """Key and contacts of each group."""
    forms = re.findall(r'<form class="duplicate-group".*?</form>', page, re.S)
    return [
        (
            html.unescape(re.findall(r'name="key" value="([^"]+)"', form)[0]),
            re.findall(r'name="ids" value="(\w+)"', form),
        )
        for form in forms
    ]


async def test_groups_stand_by_reason_with_their_contacts_side_by_side(
    admin: Person, people: list[str]
) -> None:
    page = await admin.browser.get("/duplicates")
    assert groups(page.text) == [
        ("NUMBER:+390612340001", people[:2]),
        ("EMAIL:b@example.com", people[2:4]),
    ]
    said = text_of(page)
    assert "06 1234 0001 Same number 2 contacts" in said
    assert "b@example.com Same e-mail address 2 contacts" in said
    assert page.text.count('class="same"') == 2  # the number that they share is marked
    only = await admin.browser.get("/duplicates?kind=EMAIL")
    assert [key for key, _ in groups(only.text)] == ["EMAIL:b@example.com"]
    none = await admin.browser.get("/duplicates?kind=NAME")
    assert groups(none.text) == []
    assert "No duplicates" in text_of(none)
    assert len(groups((await admin.browser.get("/duplicates?kind=nonsense")).text)) == 2
    for cursor in ("nonsense", "W10", "%00"):
        assert (await admin.browser.get(f"/duplicates?after={cursor}")).status_code == 400, cursor


async def test_a_group_is_merged_with_those_that_are_ticked(
    admin: Person, people: list[str]
) -> None:
    page = (await admin.browser.get("/duplicates")).text
    assert 'formaction="/merge" formmethod="get"' in page
    [(key, ids), _] = groups(page)
    merge = await admin.browser.get("/merge", params={"ids": ids, "key": key, "at": "?"})
    assert "Merge 2 contacts" in text_of(merge)


async def test_people_are_told_apart_and_that_is_taken_back(
    admin: Person, people: list[str]
) -> None:
    [(key, _), other] = groups((await admin.browser.get("/duplicates")).text)
    sent = {"key": key, "group": "group-1", "at": "?kind=NUMBER"}
    told = await admin.browser.post("/duplicates/dismissals", data=sent, headers=NOW)
    assert told.status_code == 200
    assert 'data-hx-target="#group-1" data-hx-swap="delete"' in told.text
    assert "2 contacts are not shown as duplicates any more." in text_of(told)
    assert groups((await admin.browser.get("/duplicates")).text) == [other]
    [undo] = re.findall(r'action="(/duplicates/dismissals/undo[^"]+)"', told.text)
    back = await admin.browser.post(html.unescape(undo), headers=NOW)
    assert back.headers["hx-redirect"] == "/duplicates?kind=NUMBER"
    assert len(groups((await admin.browser.get("/duplicates")).text)) == 2
    # Without scripts the page comes again, in the state that it had.
    plain = await admin.browser.send_form("/duplicates/dismissals", **sent)
    assert (plain.status_code, plain.headers["location"]) == (303, "/duplicates?kind=NUMBER")
    page = await admin.browser.get("/duplicates?kind=NUMBER")
    assert html.escape(html.unescape(undo)) in page.text
    for wrong in ("", "NUMBER:+39", "nonsense", "NAME:1.2"):
        await admin.browser.send_form("/duplicates/dismissals", key=wrong, at="//evil.example")
        assert "There is nothing here under that id" in text_of(
            await admin.browser.get("/duplicates")
        ), wrong
    hostile = sent | {"key": other[0], "group": 'x" onclick="'}
    answer = await admin.browser.post("/duplicates/dismissals", data=hostile, headers=NOW)
    assert answer.status_code == 204


async def test_many_groups_go_from_page_to_page_and_back(
    admin: Person, people: list[str], database: Database, tenant: int
) -> None:
    async with database.connection(tenant) as connection:
        await connection.execute(
            "INSERT INTO contacts (first_name, name_key, given_key, phone)"
            " SELECT 'Z', 'z', 'z', '+3902555' || (1000 + n / 2) FROM generate_series(0, 89) n"
        )

    def linked(page: str, rel: str) -> str | None:
        found = re.search(rf'rel="{rel}" href="([^"]+)"', page)
        return html.unescape(found[1]) if found else None

    seen: list[str] = []
    url: str | None = "/duplicates?kind=NUMBER"
    visited: list[str] = []
    while url is not None:
        page = (await admin.browser.get(url)).text
        seen += [key for key, _ in groups(page)]
        visited.append(url)
        back = linked(page, "prev")
        if len(visited) > 1:
            assert back is not None
            assert groups((await admin.browser.get(back)).text) == groups(
                (await admin.browser.get(visited[-2])).text
            )
        else:
            assert back is None
        url = linked(page, "next")
    assert len(visited) == 3
    assert len(seen) == len(set(seen)) == 46


async def test_who_may_not_merge_does_not_see_them(signed_in: SignIn, people: list[str]) -> None:
    reader = await signed_in(Role.SUPERVISOR, (Permission.CONTACTS_VIEW,))
    assert (await reader.browser.get("/duplicates")).status_code == 403
    assert 'href="/duplicates"' not in (await reader.browser.get("/contacts")).text
    refused = await reader.browser.send_form("/duplicates/dismissals", key="NUMBER:+390612340001")
    assert refused.status_code == 403
