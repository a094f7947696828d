# SPDX-License-Identifier: Apache-2.0
"""The left navigation: one registry, grouped as the supervisors think of their work."""

from collections.abc import Collection
from dataclasses import dataclass

from server.domain.permissions import Permission, Viewer
from server.i18n import N_


@dataclass(frozen=True)
class Item:
    """A page of the navigation; `key` follows `g` on the keyboard."""

    url: str
    msgid: str
    icon: str
    permission: Permission | None = None
    key: str = ""

    def holds(self, path: str) -> bool:
        """Whether `path` is this page or one below it."""
        return path == self.url or path.startswith(self.url + "/")


@dataclass(frozen=True)
class Group:
    msgid: str
    items: tuple[Item, ...]


HOME = Item("/", N_("Home"), "home", key="h")
GROUPS = (
    Group(
        N_("Contacts"),
        (
            Item("/contacts", N_("Contacts"), "contacts", Permission.CONTACTS_VIEW, "c"),
            Item("/desk", N_("Desk"), "phone", Permission.CONTACTS_VIEW, "s"),
            Item("/lists", N_("Lists"), "lists", Permission.LISTS_VIEW, "l"),
            Item("/duplicates", N_("Duplicates"), "copy", Permission.CONTACTS_MERGE, "d"),
            Item("/trash", N_("Trash"), "trash", Permission.CONTACTS_DELETE, "x"),
        ),
    ),
    Group(
        N_("Campaigns"),
        (
            Item("/campaigns", N_("Campaigns"), "campaigns", Permission.CAMPAIGNS_VIEW, "m"),
            Item("/live", N_("Live"), "play", Permission.CALLS_VIEW, "v"),
            Item("/tasks", N_("Scheduled tasks"), "bell", Permission.TASKS_VIEW, "r"),
            Item("/blacklists", N_("Blacklists"), "blocked", Permission.BLACKLISTS_VIEW, "b"),
        ),
    ),
    Group(
        N_("Processes"),
        (Item("/imports", N_("Imports and exports"), "imports", Permission.PROCESSES_VIEW, "i"),),
    ),
    Group(
        N_("Tools"),
        (
            Item("/item-types", N_("Contact item types"), "types", Permission.ITEM_TYPES_VIEW, "t"),
            Item("/dispositions", N_("Dispositions"), "ok", Permission.CAMPAIGNS_EDIT, "o"),
            Item("/fields", N_("Master data fields"), "fields", Permission.FIELDS_VIEW, "f"),
            Item("/telephony", N_("Telephony"), "phone", Permission.TELEPHONY_VIEW, "e"),
        ),
    ),
    Group(
        N_("Staff"),
        (
            Item("/users", N_("Users"), "users", Permission.USERS_VIEW, "u"),
            Item("/profiles", N_("User profiles"), "profiles", Permission.PROFILES_VIEW, "p"),
            Item("/tokens", N_("API tokens"), "key", Permission.TOKENS_VIEW, "k"),
        ),
    ),
    Group(N_("Audit"), (Item("/events", N_("Audit log"), "audit", Permission.EVENTS_VIEW, "a"),)),
)


def navigation(viewer: Viewer, paths: Collection[str]) -> tuple[Group, ...]:
    """The groups with the pages that exist (`paths`) and that the viewer may open."""
    shown = []
    for group in GROUPS:
        items = tuple(
            item
            for item in group.items
            if item.url in paths and (item.permission is None or viewer.may(item.permission))
        )
        if items:
            shown.append(Group(group.msgid, items))
    return tuple(shown)
