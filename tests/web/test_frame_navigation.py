# SPDX-License-Identifier: Apache-2.0
"""The navigation shows what exists and what the viewer may open (X-09)."""

from server.domain.permissions import ALL_PERMISSIONS, Permission, Role, Viewer
from web.frame import frame_for
from web.navigation import GROUPS, navigation
from web.shortcuts import SECTIONS

EVERYWHERE = {item.url for group in GROUPS for item in group.items}


def viewer(permissions: frozenset[Permission]) -> Viewer:
    return Viewer(
        user_id=1,
        tenant_id=1,
        name="sara",
        full_name="Sara Neri",
        role=Role.SUPERVISOR,
        permissions=permissions,
    )


def urls(seen_by: Viewer, paths: set[str]) -> list[str]:
    return [item.url for group in navigation(seen_by, paths) for item in group.items]


def test_what_a_viewer_may_not_open_is_not_shown() -> None:
    few = frozenset({Permission.CONTACTS_VIEW, Permission.ITEM_TYPES_VIEW})
    assert urls(viewer(few), EVERYWHERE) == ["/contacts", "/desk", "/item-types"]
    assert [group.msgid for group in navigation(viewer(few), EVERYWHERE)] == ["Contacts", "Tools"]
    assert urls(viewer(frozenset()), EVERYWHERE) == []


def test_what_does_not_exist_is_not_shown() -> None:
    assert urls(viewer(ALL_PERMISSIONS), {"/contacts", "/users"}) == ["/contacts", "/users"]


def test_the_page_at_hand_and_those_below_it_are_marked() -> None:
    def place(path: str) -> str | None:
        frame = frame_for(
            viewer(ALL_PERMISSIONS), path=path, locale="en", nonce="", paths=EVERYWHERE
        )
        return frame.place.url if frame.place else None

    assert place("/contacts") == "/contacts"
    assert place("/contacts/12/history") == "/contacts"
    assert place("/contacts-of-old") is None
    assert place("/") is None


def test_keys_are_never_given_twice() -> None:
    letters = [item.key for group in GROUPS for item in group.items] + ["h"]
    assert len(letters) == len(set(letters))
    keys = [
        (section.scope, key)
        for section in SECTIONS
        for one in section.shortcuts
        for key in one.keys
    ]
    assert len(keys) == len(set(keys))
