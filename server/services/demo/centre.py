# SPDX-License-Identifier: Apache-2.0
"""The named demo centre: who is in it, and a campaign that retries fast enough to be watched.

Tests build the same one (`tests/world.py`). Its people and numbers are invented, and its calls are
simulated: no telephone rings.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.campaigns import CallStatus
from server.domain.permissions import ALL_PERMISSIONS, Permission, Role, Viewer
from server.services.campaigns import (
    CampaignInput,
    RetryInput,
    attach_lists,
    create_campaign,
    start_campaign,
)
from server.services.contacts import ContactInput, PhoneInput, create_contact
from server.services.demo.agents import build_agents_work
from server.services.demo.callbacks import build_callbacks
from server.services.demo.people import make_people
from server.services.demo.storing import ITEM_TYPES, store_people
from server.services.dialer import connection_of
from server.services.item_types import ItemTypeInput, create_item_type
from server.services.lists import ListInput, create_list
from server.services.profiles import ProfileInput, create_profile
from server.services.users import UserInput, create_user, install_user

PEOPLE = 288  # on the list of the running campaign, besides the named ones
NEWCOMERS = 40  # on the agent's list
RENEWALS = 24  # whom the agents call after a look at them
SEED = 2027

_TEAM_LEADS = (
    *("contacts", "lists", "campaigns", "calls", "tasks"),
    *("blacklists", "processes", "item_types"),
)
_DESK = ("calls.make", "calls.block", "tasks.view", "tasks.create", "tasks.edit")
_CALLERS = ("contacts.view", "contacts.create", "contacts.edit")
PROFILES = (
    (
        "Supervisor",
        "Contacts, campaigns and the tools; sees users and the audit.",
        (
            *(p.value for p in Permission if p.subject in _TEAM_LEADS),
            *("users.view", "profiles.view", "events.view"),
        ),
    ),
    (
        "Agent",
        "Contacts of the lists assigned, which may be added and edited.",
        (*_CALLERS, *_DESK, "lists.view", "item_types.view", "fields.view", "campaigns.view"),
    ),
)
# Name, full name, role, password: shown to whoever starts the demo, so they protect nothing.
LOGINS = (
    ("admin", "Alba Norante", Role.ADMIN, "quaderno-verde-27"),
    ("supervisor", "Sergio Brallini", Role.SUPERVISOR, "quaderno-rosso-27"),
    ("agent", "Anita Covelli", Role.AGENT, "quaderno-giallo-27"),
    ("agent2", "Bice Tramonti", Role.AGENT, "quaderno-bianco-27"),
)
# First and last name, primary number, then further numbers with the place of their type.
NAMED: Sequence[tuple[str, str, str, Sequence[tuple[str, int | None]]]] = (
    ("Ada", "Farinelli", "06 12345000", (("06 12345002", 3), ("06 12345001", 0))),
    ("Bruno", "Castelvero", "06 12345010", (("333 0123410", 1), ("06 12345011", None))),
    ("Clara", "Wolanska", "+48 22 1234510", (("+48 601 234 510", 1), ("+48 22 1234511", 2))),
    ("Dario", "Monteluce", "02 12345020", ()),
    ("Edith", "Harrowfield", "+44 20 7946 0010", (("+44 7700 900010", 1),)),
    ("Fulvio", "Pescarola", "06 12345030", (("06 12345031", 0), ("06 12345032", 0))),
    ("Gaia", "Trevisoli", "055 1234540", (("333 0123440", 1), ("055 1234541", 3))),
    ("Henryk", "Zielonka", "+48 12 1234550", (("+48 602 234 550", None),)),
    ("Irma", "Vallechiara", "081 1234560", (("081 1234561", 0), ("333 0123460", 1))),
    ("Jasper", "Coldwell", "+44 20 7946 0020", (("+44 20 7946 0021", 0),)),
    ("Katia", "Belmorso", "011 1234570", (("011 1234571", 2), ("333 0123470", None))),
    ("Lino", "Ostrano", "06 12345080", (("06 12345081", None), ("06 12345082", None))),
)
CAMPAIGN = CampaignInput(
    name="Spring offers",
    simultaneous_lines=4,
    retry=[
        RetryInput(status=CallStatus.NO_ANSWER, max=3, minutes=6),
        RetryInput(status=CallStatus.BUSY, max=3, minutes=3),
        RetryInput(status=CallStatus.MACHINE, max=2, minutes=10),
        RetryInput(status=CallStatus.CONGESTION, max=3, minutes=2),
        RetryInput(status=CallStatus.NO_SUCH_NUMBER, max=1, minutes=5),
        RetryInput(status=CallStatus.DROP, max=2, minutes=4),
        RetryInput(status=CallStatus.ABANDONED, max=2, minutes=4),
        RetryInput(status=CallStatus.AGENT_REJECT, max=2, minutes=2),
    ],
    additional_phones_after=1,
    timezone="Europe/Rome",
    simulation={"seed": 7, "seconds": 1.5},
    clock_rate=60,
)
DRAFT = CampaignInput(name="Autumn survey", simultaneous_lines=2, simulation={"seed": 8})


@dataclass(frozen=True, kw_only=True)
class Centre:
    """The ids of what was built."""

    user_ids: dict[str, int]  # by the names in LOGINS
    item_type_ids: dict[str, int]
    list_ids: dict[str, int]
    campaign_id: int
    draft_id: int
    preview_id: int
    auto_id: int


async def build_centre(
    session: AsyncSession, tenant_id: int, *, suffix: str = "", people: int = PEOPLE
) -> Centre:
    """Everything in one transaction, recorded as the demo admin's own doing.

    `suffix` tells log-in names apart where several centres stand in one database.
    """
    users, admin = await _build_staff(session, tenant_id, suffix)
    types = {
        name: (
            await create_item_type(
                session, admin, ItemTypeInput(name=name, order_by=order_by, color=color)
            )
        ).id
        for name, order_by, color in ITEM_TYPES
    }
    spring = await create_list(
        session, admin, ListInput(name="Spring customers", description="Called by Spring offers")
    )
    autumn = await create_list(
        session,
        admin,
        ListInput(
            name="Newcomers",
            description="Looked after by the demo agent",
            agent_ids=[users["agent"]],
        ),
    )
    renewals = await create_list(
        session, admin, ListInput(name="Renewals", description="Called by agents, one by one")
    )
    lists = (spring.id, autumn.id, renewals.id)
    await _build_people(session, admin, lists, list(types.values()), people)
    campaign = await create_campaign(session, admin, CAMPAIGN)
    await attach_lists(session, admin, campaign.id, [spring.id])
    await start_campaign(session, admin, campaign.id)
    draft = await create_campaign(session, admin, DRAFT)
    await attach_lists(session, admin, draft.id, [autumn.id])
    preview, auto = await build_agents_work(
        session,
        admin,
        [users["agent"], users["agent2"]],
        preview_list=renewals.id,
        auto_list=autumn.id,
    )
    await build_callbacks(
        session,
        admin,
        campaign_id=preview,
        list_id=renewals.id,
        agent_id=users["agent"],
        colleague_id=users["agent2"],
    )
    return Centre(
        user_ids=users,
        item_type_ids=types,
        list_ids={one.name: one.id for one in (spring, autumn, renewals)},
        campaign_id=campaign.id,
        draft_id=draft.id,
        preview_id=preview,
        auto_id=auto,
    )


async def _build_staff(
    session: AsyncSession, tenant_id: int, suffix: str
) -> tuple[dict[str, int], Viewer]:
    """The admin first: from then on everything has somebody who did it."""
    name, full_name, role, password = LOGINS[0]
    first = await install_user(
        session, UserInput(name=name + suffix, role=role, full_name=full_name, password=password)
    )
    admin = Viewer(
        user_id=first.id,
        tenant_id=tenant_id,
        name=first.name,
        full_name=first.full_name,
        role=Role.ADMIN,
        permissions=ALL_PERMISSIONS,
    )
    profiles = {}
    for title, description, permissions in PROFILES:
        given = ProfileInput(name=title, description=description, permissions=permissions)
        profiles[title] = (await create_profile(session, admin, given)).id
    users = {name: first.id}
    for name, full_name, role, password in LOGINS[1:]:
        user = UserInput(
            name=name + suffix,
            role=role,
            full_name=full_name,
            profile_id=profiles[role.value.title()],
            password=password,
        )
        users[name] = (await create_user(session, admin, user)).id
    return users, admin


async def _build_people(
    session: AsyncSession,
    admin: Viewer,
    lists: tuple[int, int, int],
    types: list[int],
    people: int,
) -> None:
    spring_id, autumn_id, renewals_id = lists
    for first, last, phone, additional in NAMED:
        given = ContactInput(
            first_name=first,
            last_name=last,
            phone=phone,
            email=f"{first}.{last}@example.com",
            additional_phones=[
                PhoneInput(number=number, item_type_id=None if place is None else types[place])
                for number, place in additional
            ],
            list_ids=[spring_id],
        )
        await create_contact(session, admin, given)
    made = make_people(SEED, 0, types)
    connection = await connection_of(session)
    await store_people(connection, spring_id, made, 0, people)
    await store_people(connection, autumn_id, made, people, people + NEWCOMERS)
    newest = people + NEWCOMERS
    await store_people(connection, renewals_id, made, newest, newest + RENEWALS)
