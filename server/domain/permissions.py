# SPDX-License-Identifier: Apache-2.0
"""Who may do what: the permission tree, the roles, and the viewer of a request (X-09)."""

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a user is in the centre; it bounds what a profile can give."""

    ADMIN = "ADMIN"  # everything in the tenant
    SUPERVISOR = "SUPERVISOR"  # what the profile permits
    AGENT = "AGENT"  # what the profile permits, of the lists and campaigns assigned to the agent


class Permission(StrEnum):
    """`<subject>.<verb>`; every root field of the API declares one."""

    CONTACTS_VIEW = "contacts.view"
    CONTACTS_CREATE = "contacts.create"
    CONTACTS_EDIT = "contacts.edit"
    CONTACTS_DELETE = "contacts.delete"
    CONTACTS_MERGE = "contacts.merge"
    CONTACTS_PURGE = "contacts.purge"  # delete for good, before the thirty days of the trash
    CONTACTS_EXPORT = "contacts.export"
    CONTACTS_SHARE = "contacts.share"  # saved filters with everybody
    LISTS_VIEW = "lists.view"
    LISTS_CREATE = "lists.create"
    LISTS_EDIT = "lists.edit"
    LISTS_DELETE = "lists.delete"
    CAMPAIGNS_VIEW = "campaigns.view"
    CAMPAIGNS_CREATE = "campaigns.create"
    CAMPAIGNS_EDIT = "campaigns.edit"
    CAMPAIGNS_DELETE = "campaigns.delete"
    BLACKLISTS_VIEW = "blacklists.view"
    BLACKLISTS_CREATE = "blacklists.create"
    BLACKLISTS_EDIT = "blacklists.edit"
    BLACKLISTS_DELETE = "blacklists.delete"
    CALLS_VIEW = "calls.view"  # live figures, agents at work, forecasts
    CALLS_MAKE = "calls.make"  # work as an agent: be ready, preview, talk, dispose
    CALLS_BLOCK = "calls.block"  # record that somebody does not want to be called
    CALLS_ASSIGN = "calls.assign"  # give customers to agents, end an agent's pause or call
    CALLS_CLAIM = "calls.claim"  # claim and report as a dialer of one's own
    TASKS_VIEW = "tasks.view"
    TASKS_CREATE = "tasks.create"
    TASKS_EDIT = "tasks.edit"
    TASKS_DELETE = "tasks.delete"
    TELEPHONY_VIEW = "telephony.view"
    TELEPHONY_EDIT = "telephony.edit"
    PROCESSES_VIEW = "processes.view"
    PROCESSES_CREATE = "processes.create"
    PROCESSES_EDIT = "processes.edit"
    PROCESSES_DELETE = "processes.delete"
    ITEM_TYPES_VIEW = "item_types.view"
    ITEM_TYPES_CREATE = "item_types.create"
    ITEM_TYPES_EDIT = "item_types.edit"
    ITEM_TYPES_DELETE = "item_types.delete"
    FIELDS_VIEW = "fields.view"
    FIELDS_CREATE = "fields.create"
    FIELDS_EDIT = "fields.edit"
    FIELDS_DELETE = "fields.delete"
    USERS_VIEW = "users.view"
    USERS_CREATE = "users.create"
    USERS_EDIT = "users.edit"
    USERS_DELETE = "users.delete"
    PROFILES_VIEW = "profiles.view"
    PROFILES_CREATE = "profiles.create"
    PROFILES_EDIT = "profiles.edit"
    PROFILES_DELETE = "profiles.delete"
    TOKENS_VIEW = "tokens.view"
    TOKENS_CREATE = "tokens.create"
    TOKENS_EDIT = "tokens.edit"
    TOKENS_DELETE = "tokens.delete"
    EVENTS_VIEW = "events.view"
    SCHEMA_INTROSPECT = "schema.introspect"

    @property
    def subject(self) -> str:
        return self.value.partition(".")[0]

    @property
    def verb(self) -> str:
        return self.value.partition(".")[2]


# The tree a profile's page shows, in the navigation's order: group → subjects.
PERMISSION_TREE: dict[str, tuple[str, ...]] = {
    "contacts": ("contacts", "lists"),
    "campaigns": ("campaigns", "calls", "tasks", "blacklists"),
    "processes": ("processes",),
    "tools": ("item_types", "fields", "telephony"),
    "staff": ("users", "profiles", "tokens"),
    "audit": ("events", "schema"),
}

# What an agent can hold at the most, whatever the profile says (C-04, X-17).
AGENT_CEILING = frozenset(
    {
        Permission.CONTACTS_VIEW,
        Permission.CONTACTS_CREATE,
        Permission.CONTACTS_EDIT,
        Permission.CONTACTS_MERGE,
        Permission.LISTS_VIEW,
        Permission.ITEM_TYPES_VIEW,
        Permission.FIELDS_VIEW,
        Permission.CAMPAIGNS_VIEW,
        Permission.CALLS_MAKE,
        Permission.CALLS_BLOCK,
        Permission.TASKS_VIEW,
        Permission.TASKS_CREATE,
        Permission.TASKS_EDIT,
    }
)
ALL_PERMISSIONS = frozenset(Permission)


def effective(role: Role, granted: frozenset[Permission]) -> frozenset[Permission]:
    """What a user of this role holds when the profile grants `granted`."""
    if role is Role.ADMIN:
        return ALL_PERMISSIONS
    return granted & AGENT_CEILING if role is Role.AGENT else granted


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What an agent's contacts stand on at this moment: lists, and open stays on none of them."""

    list_ids: tuple[int, ...]
    contact_ids: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """The signed-in person (or token) behind a request, as of `epoch`."""

    user_id: int
    tenant_id: int
    name: str
    full_name: str
    role: Role
    permissions: frozenset[Permission]
    locale: str = "en"
    timezone: str = "UTC"
    region: str = "IT"  # default region of the tenant: how numbers are read and shown
    theme: str = "auto"
    density: str = "comfortable"
    session_id: int | None = None  # None for an API token
    token_id: int | None = None
    epoch: int = 0  # the tenant's access epoch that these rights were read at
    # Read for each request of an agent; None: it is asked for in the statement itself.
    sight: Sight | None = field(default=None, compare=False)

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions
