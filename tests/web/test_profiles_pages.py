# SPDX-License-Identifier: Apache-2.0
"""Staff > User profile > Permission > Tools > Contact item types, by the pages (X-09)."""

import re

import pytest

from server.domain.permissions import Permission, Role
from tests.web.visiting import Person, SignIn, text_of

FOUR = [f"item_types.{verb}" for verb in ("view", "create", "edit", "delete")]


def ticked(page: str, name: str = "permissions") -> list[str]:
    boxes = re.findall(rf'<input type="checkbox" name="{name}" value="([^"]+)"([^>]*)>', page)
    return [value for value, rest in boxes if " checked" in rest]


def locked(page: str) -> set[str]:
    boxes = re.findall(r'<input type="checkbox" name="\w+" value="([^"]+)"([^>]*)>', page)
    return {value for value, rest in boxes if " disabled" in rest}


@pytest.fixture
async def admin(signed_in: SignIn) -> Person:
    return await signed_in()


async def created(admin: Person, name: str, *permissions: str) -> str:
    answer = await admin.browser.send_form("/profiles", name=name, permissions=list(permissions))
    assert answer.status_code == 303
    page = (await admin.browser.get("/profiles")).text
    found = re.search(rf'href="(/profiles/profile_\d+)">{name}</a>', page)
    assert found is not None
    return found[1]


async def test_the_tree_has_a_box_for_every_permission(admin: Person) -> None:
    page = await admin.browser.get("/profiles/new")
    boxes = re.findall(r'name="permissions" value="([^"]+)"', page.text)
    assert sorted(boxes) == sorted(permission.value for permission in Permission)
    assert ticked(page.text) == []
    text = text_of(page)
    assert text.index("Permission") < text.rindex("Tools") < text.rindex("Contact item types")


async def test_a_profile_is_created_edited_and_listed_with_its_counts(admin: Person) -> None:
    path = await created(admin, "Planners", "lists.view", *FOUR)
    page = await admin.browser.get(path)
    assert ticked(page.text) == ["lists.view", *FOUR]
    answer = await admin.browser.send_form(
        path, name="Planners", description="Plan", permissions=FOUR[:2], version="1"
    )
    assert answer.status_code == 303
    text = text_of(await admin.browser.get("/profiles"))
    assert "User profile “Planners” was saved." in text
    assert f"Planners Plan 2 of {len(Permission)} 0" in text


async def test_a_refused_form_keeps_its_boxes(admin: Person) -> None:
    await created(admin, "Planners")
    answer = await admin.browser.send_form("/profiles", name="planners", permissions=FOUR)
    assert answer.status_code == 422
    assert "“planners” is already taken." in text_of(answer)
    assert ticked(answer.text) == FOUR
    answer = await admin.browser.send_form("/profiles", name="", permissions=["lists.fly"])
    assert answer.status_code == 422
    assert "This cannot be blank." in text_of(answer)


async def test_all_buttons_work_without_scripts_and_save_nothing(admin: Person) -> None:
    path = await created(admin, "Planners", "lists.view")
    stored = {"name": "Planners!", "permissions": ["lists.view"], "version": "1"}
    answer = await admin.browser.send_form(path, **stored, toggle="item_types")
    assert answer.status_code == 200
    assert ticked(answer.text) == ["lists.view", *FOUR]
    assert 'value="Planners!"' in answer.text
    full = {**stored, "permissions": ["lists.view", *FOUR]}
    answer = await admin.browser.send_form(path, **full, toggle="item_types")
    assert ticked(answer.text) == ["lists.view"]
    answer = await admin.browser.send_form(path, **stored, toggle="group.contacts")
    assert ticked(answer.text) == [
        permission.value for permission in Permission if permission.subject in ("contacts", "lists")
    ]
    answer = await admin.browser.send_form(path, **stored, toggle="everything")
    assert sorted(ticked(answer.text)) == sorted(permission.value for permission in Permission)
    answer = await admin.browser.send_form(path, **stored, toggle="nonsense")
    assert ticked(answer.text) == ["lists.view"]
    assert ticked((await admin.browser.get(path)).text) == ["lists.view"]
    new = await admin.browser.send_form("/profiles", name="Never saved", toggle="item_types")
    assert (new.status_code, ticked(new.text)) == (200, FOUR)
    assert "Never saved" not in text_of(await admin.browser.get("/profiles"))


async def test_boxes_that_one_cannot_give_are_locked(admin: Person, signed_in: SignIn) -> None:
    path = await created(admin, "Planners", "lists.view", "campaigns.delete")
    rights = (Permission.PROFILES_VIEW, Permission.PROFILES_EDIT, Permission.ITEM_TYPES_VIEW)
    editor = (await signed_in(Role.SUPERVISOR, rights)).browser
    page = (await editor.get(path)).text
    free = {"lists.view", "campaigns.delete", *(permission.value for permission in rights)}
    assert locked(page) == {permission.value for permission in Permission} - free
    stored = {"name": "Planners", "permissions": ["lists.view", "campaigns.delete"]}
    answer = await editor.send_form(path, **stored, toggle="everything")
    assert set(ticked(answer.text)) == free
    given = {"name": "Planners", "permissions": ["lists.view", "users.delete"]}
    refused = await editor.send_form(path, **given, version="1")
    assert refused.status_code == 422
    assert "You cannot give what you do not have: “Users: Delete”." in text_of(refused)
    assert ticked((await admin.browser.get(path)).text) == ["lists.view", "campaigns.delete"]


async def test_who_may_only_look_sees_the_tree_locked(admin: Person, signed_in: SignIn) -> None:
    path = await created(admin, "Planners", "lists.view")
    reader = (await signed_in(Role.SUPERVISOR, (Permission.PROFILES_VIEW,))).browser
    page = (await reader.get(path)).text
    assert ticked(page) == ["lists.view"]
    assert locked(page) == {permission.value for permission in Permission}
    assert "Save user profile" not in page
    assert 'name="toggle"' not in page
    for url in ("/profiles/new", f"{path}/deletion"):
        assert (await reader.get(url)).status_code == 403
    for url in ("/profiles", path, f"{path}/deletion"):
        assert (await reader.send_form(url, name="x")).status_code == 403


async def test_deleting_asks_first_and_refuses_while_somebody_carries_it(
    admin: Person, signed_in: SignIn
) -> None:
    person = await signed_in(Role.AGENT, (Permission.LISTS_VIEW,))
    carried = f"/profiles/profile_{person.account.profile_id}/deletion"
    assert "1 user carries it." in text_of(await admin.browser.get(carried))
    answer = await admin.browser.post(carried)
    assert answer.status_code == 422
    assert f"“{person.account.name}” still uses this." in text_of(answer)
    free = await created(admin, "Planners")
    assert "Nobody carries it." in text_of(await admin.browser.get(f"{free}/deletion"))
    assert (await admin.browser.post(f"{free}/deletion")).status_code == 303
    assert (await admin.browser.get(free)).status_code == 404
