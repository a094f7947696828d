# SPDX-License-Identifier: Apache-2.0
"""`hopperEntries`: what is open, which number is next and when (X-05, X-35, X-36, X-39)."""

from datetime import UTC, datetime, time
from typing import Any

import pytest

from server.database import Database
from server.domain.campaigns import CallStatus
from server.domain.permissions import Permission, Role, Viewer
from tests.conftest import MakeTenant
from tests.factories.users import make_viewer
from tests.schema.asking import Ask
from tests.services.dialer.centre import Centre, minutes

A, B, C, D = (f"+39061234500{place}" for place in range(4))
ENTRIES = """
query($filter: HopperFilter, $first: Int = 5, $after: String) {
  hopperEntries(filter: $filter, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    edges { node {
      state stateLabel round scheduledAt effectiveDialAt currentNumber currentPosition
      totalAttempts isCallback firstAttemptAt lastAttemptAt priority
      contact { id } campaign { id } contactList { id }
    } }
  }
}
"""
NUMBERS = """
query($filter: HopperFilter) {
  hopperEntries(filter: $filter, first: 3) { edges { node { phones {
    number position itemTypeName phoneState phoneStateLabel lastStatus lastAt
    counters { status label attempts }
  } } } }
}
"""


async def found(ask: Ask, document: str = ENTRIES, **variables: Any) -> Any:
    """The connection, alike by both paths."""
    planned = await ask(document, **variables)
    assert planned == await ask(document, ordinary=True, **variables)
    return planned["data"]["hopperEntries"]


async def nodes(ask: Ask, document: str = ENTRIES, **variables: Any) -> list[Any]:
    return [edge["node"] for edge in (await found(ask, document, **variables))["edges"]]


async def test_an_entry_says_which_number_is_next_and_when(ask: Ask, centre: Centre) -> None:
    """X-05, X-35, X-36, X-39: in dial order, with the time of its own insertion."""
    office, holiday = await centre.item_type("Office", 1), await centre.item_type("Holiday", 2)
    contact = await centre.contact(A, (C, holiday), (B, office), (D, None))
    campaign = await centre.loaded(contact)
    [entry] = await nodes(ask, filter={"campaignId": f"campaign_{campaign}"})
    list_id = entry.pop("contactList")["id"]
    assert entry == {
        "state": "READY",
        "stateLabel": "Ready",
        "round": 1,
        "scheduledAt": "2027-01-04T09:00:00Z",
        "effectiveDialAt": "2027-01-04T09:00:00Z",
        "currentNumber": A,
        "currentPosition": 0,
        "totalAttempts": 0,
        "isCallback": False,
        "firstAttemptAt": None,
        "lastAttemptAt": None,
        "priority": 2,
        "contact": {"id": f"contact_{contact}"},
        "campaign": {"id": f"campaign_{campaign}"},
    }
    assert len(await nodes(ask, filter={"listId": list_id})) == 1
    await centre.report(await centre.claim_one(campaign), CallStatus.BUSY, minutes(1))
    [entry] = await nodes(ask, filter={"contactId": f"contact_{contact}"})
    assert (entry["state"], entry["stateLabel"]) == ("WAIT_NEXT_PHONE", "Waits for the next number")
    assert (entry["currentNumber"], entry["currentPosition"]) == (B, 1)
    assert (entry["scheduledAt"], entry["totalAttempts"]) == ("2027-01-04T09:02:00Z", 1)
    [entry] = await nodes(ask, NUMBERS, filter={"campaignId": f"campaign_{campaign}"})
    shown = [(p["number"], p["position"], p["itemTypeName"]) for p in entry["phones"]]
    assert shown == [(A, 0, None), (B, 1, "Office"), (C, 2, "Holiday"), (D, 3, None)]
    assert entry["phones"][0] == {
        "number": A,
        "position": 0,
        "itemTypeName": None,
        "phoneState": "OPEN",
        "phoneStateLabel": "Open",
        "lastStatus": "BUSY",
        "lastAt": "2027-01-04T09:01:00Z",
        "counters": [{"status": "BUSY", "label": "Busy", "attempts": 1}],
    }


async def test_the_next_due_comes_first_and_pages_follow_each_other(
    ask: Ask, centre: Centre
) -> None:
    contacts = [
        await centre.contact(number, scheduled_at=minutes(at))
        for number, at in ((A, 30), (B, 10), (C, 20), (D, 10))
    ]
    campaign = await centre.loaded(*contacts)
    given: dict[str, Any] = {"filter": {"campaignId": f"campaign_{campaign}"}, "first": 3}
    page = await found(ask, **given)
    assert [edge["node"]["currentNumber"] for edge in page["edges"]] == [B, D, C]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (4, True)
    page = await found(ask, **given, after=page["pageInfo"]["endCursor"])
    assert [edge["node"]["currentNumber"] for edge in page["edges"]] == [A]


async def test_entries_are_narrowed_down_to_a_state(ask: Ask, centre: Centre) -> None:
    contacts = [await centre.contact(number) for number in (A, B, C, D)]
    campaign = await centre.loaded(*contacts)
    first, second = await centre.claim(campaign, limit=2)
    await centre.report(first, at=minutes(1))
    given = {"campaignId": f"campaign_{campaign}"}
    numbers = {
        state: [
            entry["currentNumber"] for entry in await nodes(ask, filter={**given, "state": state})
        ]
        for state in ("READY", "DIALING", "WAIT_RETRY", "WAIT_CALLBACK", "CLOSED")
    }
    assert numbers == {
        "READY": [C, D],
        "DIALING": [second.number],
        "WAIT_RETRY": [first.number],
        "WAIT_CALLBACK": [],
        "CLOSED": [],
    }


@pytest.mark.parametrize(
    ("due", "columns", "effective"),
    [
        # Rome is an hour ahead: 09:00 UTC on that Monday is 10:00 on its clock.
        (minutes(0), {}, minutes(0)),
        (minutes(0), {"window_from": time(8), "window_to": time(20)}, minutes(0)),
        (minutes(0), {"window_from": time(11), "window_to": time(20)}, minutes(60)),
        (
            datetime(2027, 1, 4, 19, 30, tzinfo=UTC),
            {"window_from": time(8), "window_to": time(20)},
            datetime(2027, 1, 5, 7, tzinfo=UTC),
        ),
        (
            datetime(2027, 1, 8, 20, tzinfo=UTC),
            {
                "window_from": time(8),
                "window_to": time(20),
                "window_days": ["MON", "TUE", "WED", "THU", "FRI"],
            },
            datetime(2027, 1, 11, 7, tzinfo=UTC),
        ),
        (minutes(0), {"ends_at": minutes(1)}, minutes(0)),
        (minutes(1), {"ends_at": minutes(1)}, None),
        (
            datetime(2027, 1, 4, 19, 30, tzinfo=UTC),
            {
                "window_from": time(8),
                "window_to": time(20),
                "ends_at": datetime(2027, 1, 5, 7, tzinfo=UTC),
            },
            None,
        ),
    ],
)
async def test_the_calling_hours_move_the_call_and_not_what_is_scheduled(
    ask: Ask,
    centre: Centre,
    due: datetime,
    columns: dict[str, object],
    effective: datetime | None,
) -> None:
    """Section 6, row 6: `effectiveDialAt` beside the unmoved `scheduledAt`."""
    campaign = await centre.loaded(await centre.contact(A, scheduled_at=due))
    await centre.rows(
        "UPDATE campaigns SET window_from = $1, window_to = $2, window_days = $3, ends_at = $4, "
        "timezone = 'Europe/Rome'",
        *(columns.get(name) for name in ("window_from", "window_to", "window_days", "ends_at")),
    )
    [entry] = await nodes(ask, filter={"campaignId": f"campaign_{campaign}"})
    assert datetime.fromisoformat(entry["scheduledAt"]) == due
    moved = entry["effectiveDialAt"]
    assert (datetime.fromisoformat(moved) if moved else None) == effective


async def test_what_came_due_in_closed_hours_waits_until_they_open(
    ask: Ask, centre: Centre
) -> None:
    """The campaign's own clock says what time it is: here 23:00 in Rome, long after it was due."""
    campaign = await centre.loaded(await centre.contact(A))
    await centre.rows(
        "UPDATE campaigns SET window_from = '08:00', window_to = '20:00', clock_rate = 1, "
        "timezone = 'Europe/Rome', clock_origin = clock_timestamp()"
    )
    await centre.rows(
        "UPDATE campaigns SET window_from = $1, window_to = $2",
        *await _closed_hours(centre),
    )
    await centre.rows("UPDATE hopper_entries SET scheduled_at = now() - interval '3 days'")
    [entry] = await nodes(ask, filter={"campaignId": f"campaign_{campaign}"})
    now = datetime.now(UTC)
    opens = datetime.fromisoformat(entry["effectiveDialAt"])
    assert 0 < (opens - now).total_seconds() <= 3 * 3600 + 60


async def _closed_hours(centre: Centre) -> tuple[time, time]:
    """Hours of Rome's clock that begin some two hours from now and last one."""
    [[opens, closes]] = await centre.rows(
        "SELECT date_trunc('hour', timezone('Europe/Rome', now())) + interval '3 hours', "
        "date_trunc('hour', timezone('Europe/Rome', now())) + interval '4 hours'"
    )
    assert isinstance(opens, datetime)
    assert isinstance(closes, datetime)
    return opens.time(), closes.time()


async def test_agents_see_the_entries_of_their_campaigns(
    ask: Ask, database: Database, viewer: Viewer, centre: Centre, new_tenant: MakeTenant
) -> None:
    """X-09, X-17, D9."""
    contact = await centre.contact(A)
    mine = await centre.loaded(contact)
    await centre.loaded(await centre.contact(B))
    agent = await make_viewer(database, viewer.tenant_id, Role.AGENT)
    await centre.rows(
        "INSERT INTO campaign_agents (campaign_id, user_id) VALUES ($1, $2)", mine, agent.user_id
    )
    seen = await nodes(ask, as_=agent)
    # The list that the contact stands on is not assigned, but the campaign that calls it is.
    assert [(row["currentNumber"], row["contact"]["id"]) for row in seen] == [
        (A, f"contact_{contact}")
    ]
    stranger = await make_viewer(database, await new_tenant())
    assert await nodes(ask, as_=stranger, filter={"campaignId": f"campaign_{mine}"}) == []
    for rights in (frozenset(), frozenset({Permission.CONTACTS_VIEW, Permission.LISTS_VIEW})):
        poor = await make_viewer(
            database, viewer.tenant_id, Role.SUPERVISOR, permissions=frozenset(rights)
        )
        answer = await ask(ENTRIES, as_=poor)
        assert {error["extensions"]["code"] for error in answer["errors"]} == {"FORBIDDEN"}
