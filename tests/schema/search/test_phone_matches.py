# SPDX-License-Identifier: Apache-2.0
"""Contacts by part of a number, one row a matching number (C-01, C-02)."""

import pytest

from server.database import Database
from server.domain.permissions import Viewer
from server.services import campaigns
from server.services.search import phones as services
from tests.factories.campaigns import make_campaign
from tests.factories.contacts import make_contact, phones
from tests.factories.item_types import make_item_type
from tests.factories.lists import make_list
from tests.schema.asking import Ask

PHONES = """
query($text: String!, $campaign: ID, $first: Int! = 50, $after: String) {
  phoneMatches(text: $text, campaignId: $campaign, first: $first, after: $after) {
    totalCountCapped
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { fullName } matchedPhone {
      number label description position isPrimary marks { start end } itemType { color }
    } }
  }
}
"""


@pytest.fixture
async def campaign(database: Database, viewer: Viewer) -> str:
    """A campaign that calls Ada; Bea has two numbers with 555, one of them typed."""
    async with database.transaction(viewer.tenant_id) as session:
        office = await make_item_type(session, viewer, "Office", 1, "#AABBCC")
        spring = await make_list(session, viewer, "Spring")
        made = await make_campaign(session, viewer, "Calls")
        await campaigns.attach_lists(session, viewer, made.id, [spring.id])
        await make_contact(session, viewer, "Ada", phone="+390255512340", list_ids=[spring.id])
        await make_contact(
            session,
            viewer,
            "Bea",
            phone="+390655598765",
            additional=phones("+393331110000", ("+393335551111", office.id)),
        )
        await make_contact(session, viewer, "Carla", phone="+390612340000")
    return f"campaign_{made.id}"


async def test_a_contact_comes_once_for_each_number_that_matches(ask: Ask, campaign: str) -> None:
    found = (await ask(PHONES, text="555"))["data"]["phoneMatches"]
    assert found["totalCountCapped"] == 3
    assert [(e["node"]["fullName"], e["matchedPhone"]["number"]) for e in found["edges"]] == [
        ("Ada", "+390255512340"),
        ("Bea", "+390655598765"),
        ("Bea", "+393335551111"),
    ]
    assert found["edges"][1]["matchedPhone"] == {
        "number": "+390655598765",
        "label": "Primary phone",
        "description": "",
        "position": None,
        "isPrimary": True,
        "marks": [{"start": 5, "end": 8}],
        "itemType": None,
    }
    assert found["edges"][2]["matchedPhone"] == {
        "number": "+393335551111",
        "label": "Office",
        "description": "",
        "position": 1,
        "isPrimary": False,
        "marks": [{"start": 6, "end": 9}],
        "itemType": {"color": "#AABBCC"},
    }
    for text in (
        "(02) 555",
        "+39 02 555",
        "0039 02555",
        "512340",
        "tel:+3902555",
        "TEL:02-555;ext=3",
    ):
        found = (await ask(PHONES, text=text))["data"]["phoneMatches"]
        assert [e["node"]["fullName"] for e in found["edges"]] == ["Ada"], text


async def test_a_foreign_number_is_found_by_what_is_dialed_in_its_country(
    ask: Ask, campaign: str, database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        await make_contact(session, viewer, "Dora", phone="+492555123400")
    for text, names in (
        ("02555 1234 00", ["Dora"]),
        ("02555 1234", ["Ada"]),  # an Italian number begins so
        ("02555", ["Ada"]),
        ("05 55 12", []),  # too few digits to tell a country by
    ):
        found = (await ask(PHONES, text=text))["data"]["phoneMatches"]["edges"]
        assert [edge["node"]["fullName"] for edge in found] == names, text
    [edge] = (await ask(PHONES, text="02555 1234 00"))["data"]["phoneMatches"]["edges"]
    assert edge["matchedPhone"]["marks"] == [{"start": 3, "end": 13}]


async def test_a_campaign_has_its_own_contacts_only(ask: Ask, campaign: str) -> None:
    found = (await ask(PHONES, text="555", campaign=campaign))["data"]["phoneMatches"]
    assert [edge["node"]["fullName"] for edge in found["edges"]] == ["Ada"]
    for other in ("campaign_999999", "nothing"):
        found = (await ask(PHONES, text="555", campaign=other))["data"]["phoneMatches"]
        assert found["edges"] == []


async def test_its_pages_give_every_match_once(ask: Ask, campaign: str) -> None:
    seen, after = [], None
    for place in range(3):
        page = (await ask(PHONES, text="555", first=1, after=after))["data"]["phoneMatches"]
        [edge] = page["edges"]
        seen.append(edge["matchedPhone"]["number"])
        after = page["pageInfo"]["endCursor"]
        assert page["pageInfo"]["hasNextPage"] is (place < 2)
        assert page["pageInfo"]["hasPreviousPage"] is (place > 0)
        assert page["totalCountCapped"] == 3
    assert seen == ["+390255512340", "+390655598765", "+393335551111"]
    for bad in ({"after": "x"}, {"first": -1}, {"first": 201}):
        [error] = (await ask(PHONES, text="555", **bad))["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_no_more_than_the_cap_are_found(
    ask: Ask, campaign: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "SEARCH_CAP", 1)
    found = (await ask(PHONES, text="555"))["data"]["phoneMatches"]
    assert (len(found["edges"]), found["totalCountCapped"]) == (2, 2)


@pytest.mark.parametrize("text", ["", "ada", "%", "\x00", "9" * 10_000, "\u202e", "😀", "+"])
async def test_what_is_no_number_matches_none(ask: Ask, campaign: str, text: str) -> None:
    assert (await ask(PHONES, text=text))["data"]["phoneMatches"]["edges"] == []
