# SPDX-License-Identifier: Apache-2.0
"""`contacts(filter, sort)`: each criterion, alone and with others, by both paths (C-01, C-09)."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, update

from server.context import Context
from server.database import Database
from server.domain.dialer import BUCKETS, DialState, FinalReason
from server.domain.dialer.records import RECORD_STATES, RecordState
from server.domain.permissions import ALL_PERMISSIONS, Permission, Role, Viewer
from server.models import Contact, ContactTag, HopperEntry, Tag
from server.resolvers.contact_filters import criteria_of
from server.services.contacts import filters
from server.services.contacts.selections import (
    ContactCriteria,
    count_matching,
    in_order,
    matching_contacts,
)
from server.services.dialer import close_entries
from tests.factories.campaigns import make_campaign
from tests.factories.contacts import make_contact, phones
from tests.factories.lists import make_list
from tests.factories.users import make_viewer
from tests.schema.asking import Ask

PAGE = """query ($filter: ContactFilter, $sort: ContactSort, $direction: SortDirection,
    $first: Int, $after: String) {
  contacts(filter: $filter, sort: $sort, direction: $direction, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } edges { node { firstName } } } }"""

Page = dict[str, Any]


async def page(ask: Ask, **variables: object) -> Page:
    answer = await ask(PAGE, **variables)
    assert await ask(PAGE, ordinary=True, **variables) == answer
    found: Page = answer["data"]["contacts"]
    return found


async def names(ask: Ask, as_: Viewer | None = None, /, **filter: object) -> list[str]:
    who = {} if as_ is None else {"as_": as_}
    found = await page(ask, filter=filter, **who)
    assert found["totalCount"] == len(found["edges"])
    return [edge["node"]["firstName"] for edge in found["edges"]]


@dataclass
class World:
    list_id: int
    campaign_id: int
    tags: dict[str, int]
    contacts: dict[str, int]

    @property
    def campaign(self) -> str:
        return f"campaign_{self.campaign_id}"

    def tag(self, *given: str) -> list[str]:
        return [f"tag_{self.tags[name]}" for name in given]


@pytest.fixture
async def world(database: Database, viewer: Viewer, tenant: int) -> World:
    """Anna and Bruno on a list that a campaign calls; Carla without any number; Dino by himself."""
    async with database.transaction(tenant) as session:
        listed = await make_list(session, viewer)
        people = {
            "Anna": await make_contact(
                session,
                viewer,
                "Anna",
                phone="+390612345001",
                email="anna@example.com",
                list_ids=[listed.id],
                priority=1,
            ),
            "Bruno": await make_contact(
                session, viewer, "Bruno", phone="+390612345002", list_ids=[listed.id]
            ),
            "Carla": await make_contact(session, viewer, "Carla", phone=None),
            "Dino": await make_contact(
                session, viewer, "Dino", phone=None, additional=phones("+442079460123")
            ),
        }
        campaign = await make_campaign(session, viewer, list_ids=[listed.id])
        tags = {}
        for name in ("VIP", "Late"):
            tag = Tag(name=name, name_key=name.lower())
            session.add(tag)
            await session.flush()
            tags[name] = tag.id
        pairs = (("Anna", "VIP"), ("Anna", "Late"), ("Dino", "VIP"))
        for name, tag_name in pairs:
            values = {"contact_id": people[name].id, "tag_id": tags[tag_name]}
            await session.execute(insert(ContactTag).values(values))
        for name, company, day, language in (
            ("Anna", "Énergia SpA", 1, "it"),
            ("Bruno", "energia verde", 2, "pl"),
            ("Carla", "Other", 3, ""),
            ("Dino", "", 4, "it"),
        ):
            await session.execute(
                update(Contact)
                .where(Contact.id == people[name].id)
                .values(
                    company=company,
                    company_key=company.lower().replace("é", "e"),
                    created_at=datetime(2027, 1, day, tzinfo=UTC),
                    language=language,
                    time_zone="Europe/Rome" if language == "it" else "",
                )
            )
        ids = {name: row.id for name, row in people.items()}
        return World(listed.id, campaign.id, tags, ids)


async def set_state(database: Database, viewer: Viewer, contact_id: int, state: DialState) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        await session.execute(
            update(HopperEntry)
            .where(HopperEntry.contact_id == contact_id)
            .values(state=state.value, bucket=BUCKETS.get(state, 4))
        )


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"email": " ANNA@example.com "}, ["Anna"]),
        ({"email": "anna@example"}, []),  # exactly, no beginning
        ({"phone": "(06) 1234-5002"}, ["Bruno"]),
        ({"phone": "0044 20 7946 0123"}, ["Dino"]),  # an additional one
        ({"phone": "1234"}, []),
        ({"phone": "no number"}, []),
        ({"company": "ENERGIA"}, ["Anna", "Bruno"]),
        ({"company": "énergia s"}, ["Anna"]),
        ({"company": "%"}, []),
        ({"company": " "}, []),
        ({"hasPhone": True}, ["Anna", "Bruno", "Dino"]),
        ({"hasPhone": False}, ["Carla"]),
        ({"createdAfter": "2027-01-02T00:00:00Z"}, ["Bruno", "Carla", "Dino"]),
        ({"createdBefore": "2027-01-02T00:00:00Z"}, ["Anna"]),
        (
            {"createdAfter": "2027-01-02T00:00:00Z", "createdBefore": "2027-01-04T00:00:00Z"},
            ["Bruno", "Carla"],
        ),
        ({"priority": 1}, ["Anna"]),
        ({"priority": 2}, ["Bruno", "Carla", "Dino"]),
        ({"priority": 9}, []),
        ({"language": "it"}, ["Anna", "Dino"]),
        ({"timeZone": "Europe/Rome"}, ["Anna", "Dino"]),
        ({"language": "it", "hasPhone": True, "priority": 2}, ["Dino"]),
        ({"campaignId": "campaign_0"}, []),
        ({"campaignId": "nonsense"}, []),
        ({"tagIds": ["tag_0"]}, []),
        ({"tagIds": []}, ["Anna", "Bruno", "Carla", "Dino"]),
        ({}, ["Anna", "Bruno", "Carla", "Dino"]),  # empty criteria = all (C-01)
    ],
)
async def test_each_criterion_narrows_and_all_of_them_hold(
    ask: Ask, world: World, given: dict[str, object], found: list[str]
) -> None:
    assert await names(ask, **given) == found


async def test_every_tag_asked_for_has_to_be_carried(ask: Ask, world: World) -> None:
    assert await names(ask, tagIds=world.tag("VIP")) == ["Anna", "Dino"]
    assert await names(ask, tagIds=world.tag("VIP", "Late")) == ["Anna"]
    assert await names(ask, tagIds=world.tag("VIP", "VIP"), language="it") == ["Anna", "Dino"]


async def test_a_campaign_has_its_open_and_its_closed_records(
    ask: Ask, world: World, database: Database, viewer: Viewer
) -> None:
    """C-01: empty criteria are all of the campaign."""
    assert await names(ask, campaignId=world.campaign) == ["Anna", "Bruno"]
    async with database.transaction(viewer.tenant_id) as session:
        await close_entries(session, FinalReason.MANUAL, contact_ids=[world.contacts["Anna"]])
    assert await names(ask, campaignId=world.campaign) == ["Anna", "Bruno"]
    closed = await names(ask, campaignId=world.campaign, recordState="CLOSED")
    assert closed == await names(ask, recordState="CLOSED") == ["Anna"]


@pytest.mark.parametrize("few", [0, 5000])
async def test_a_campaign_is_asked_of_each_contact_or_looked_up_with_the_same_result(
    ask: Ask,
    world: World,
    database: Database,
    viewer: Viewer,
    few: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """C-01: which of the two is quicker hangs on how many records it has."""
    monkeypatch.setattr(filters, "FEW", few)
    monkeypatch.setattr(filters, "_sizes", {})
    async with database.transaction(viewer.tenant_id) as session:
        await close_entries(session, FinalReason.MANUAL, contact_ids=[world.contacts["Anna"]])
    assert await names(ask, campaignId=world.campaign) == ["Anna", "Bruno"]
    assert await names(ask, campaignId=world.campaign, priority=1) == ["Anna"]
    assert await names(ask, campaignId=world.campaign, recordState="CLOSED") == ["Anna"]
    assert await names(ask, campaignId="campaign_0") == []
    assert filters._sizes[viewer.tenant_id, world.campaign_id][0] is (few == 0)


async def test_a_filter_means_the_same_for_a_page_and_for_all_that_match(
    ask: Ask, world: World, database: Database, viewer: Viewer
) -> None:
    """What a bulk change or an export is about (C-14)."""
    context = Context(database=database, viewer=viewer)
    moment = datetime(2027, 1, 2, tzinfo=UTC)
    for given in (
        {},
        {"search": "an"},
        {"list_id": f"list_{world.list_id}"},
        {"campaign_id": world.campaign},
        {"campaign_id": world.campaign, "record_state": RecordState.REMAINING},
        {"record_state": RecordState.CLOSED},
        {"tag_ids": world.tag("VIP")},
        {"email": "anna@example.com"},
        {"phone": "0044 20 7946 0123"},
        {"company": "energia"},
        {"has_phone": False},
        {"created_after": moment},
        {"created_before": moment},
        {"priority": 1, "language": "it", "time_zone": "Europe/Rome"},
        {"list_id": "list_0"},
    ):
        shown = await names(ask, **{_api_name(key): _sent(value) for key, value in given.items()})
        criteria = await criteria_of(context, given)
        assert ContactCriteria.from_json(json.loads(json.dumps(criteria.to_json()))) == criteria
        async with database.transaction(viewer.tenant_id) as session:
            found = in_order(matching_contacts(viewer, criteria), "NAME")
            ids = {key: name for name, key in world.contacts.items()}
            assert [ids[key] for key in await session.scalars(found)] == shown, given
            assert await count_matching(session, viewer, criteria) == len(shown)


def _api_name(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def _sent(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


@pytest.mark.parametrize("state", [state for state in DialState if state != DialState.CLOSED])
async def test_a_record_state_follows_from_the_dial_state(
    ask: Ask, world: World, database: Database, viewer: Viewer, state: DialState
) -> None:
    """C-09, features section 1."""
    await set_state(database, viewer, world.contacts["Anna"], DialState.WAIT_RETRY)
    await set_state(database, viewer, world.contacts["Bruno"], state)
    for record in RecordState:
        expected = ["Anna"] if record is RecordState.POSTPONED else []
        expected += ["Bruno"] if record is RECORD_STATES[state] else []
        assert await names(ask, recordState=record.value) == expected
        in_campaign = await names(ask, recordState=record.value, campaignId=world.campaign)
        assert in_campaign == expected
        assert await names(ask, recordState=record.value, campaignId="campaign_0") == []


async def test_agents_learn_of_their_own_campaigns_only(
    ask: Ask, world: World, database: Database, viewer: Viewer, tenant: int
) -> None:
    """C-04: whose campaign it is not, whoever is in it."""
    agent = await make_viewer(database, tenant, Role.AGENT)
    rights = ALL_PERMISSIONS - {Permission.CAMPAIGNS_VIEW}
    blind = await make_viewer(database, tenant, Role.SUPERVISOR, permissions=rights)
    async with database.transaction(tenant) as session:
        listed = await make_list(session, viewer, "Theirs", agent_ids=[agent.user_id])
        await make_contact(session, viewer, "Elsa", list_ids=[listed.id])
        await make_campaign(session, viewer, "Autumn", list_ids=[listed.id])
    assert await names(ask, agent) == ["Elsa"]
    assert await names(ask, agent, recordState="REMAINING") == []
    assert await names(ask, blind, recordState="REMAINING") == []
    assert await names(ask, blind, campaignId=world.campaign) == []
    assert await names(ask, recordState="REMAINING") == ["Anna", "Bruno", "Elsa"]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("NAME", ["Anna", "Bruno", "Carla", "Dino"]),
        ("CREATED_AT", ["Anna", "Bruno", "Carla", "Dino"]),
        ("COMPANY", ["Dino", "Anna", "Bruno", "Carla"]),
        ("EMAIL", ["Bruno", "Carla", "Dino", "Anna"]),
    ],
)
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
async def test_each_sort_pages_through_everybody_once(
    ask: Ask, world: World, sort: str, order: list[str], direction: str
) -> None:
    found, after = [], None
    while True:
        one = await page(ask, sort=sort, direction=direction, first=1, after=after)
        found += [edge["node"]["firstName"] for edge in one["edges"]]
        if not one["pageInfo"]["hasNextPage"]:
            break
        after = one["pageInfo"]["endCursor"]
    assert found == (order if direction == "ASC" else order[::-1])
