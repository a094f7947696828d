# SPDX-License-Identifier: Apache-2.0
"""`campaigns` and `campaign`: who sees which, what they count, alike by both paths."""

from typing import Any

import pytest

from server.database import Database
from server.domain.campaigns import CallStatus
from server.domain.permissions import Permission, Role, Viewer
from tests.conftest import MakeTenant
from tests.factories.users import make_viewer
from tests.schema.asking import Ask
from tests.services.dialer.centre import Centre, minutes

NAMES = """
query($filter: CampaignFilter, $sort: CampaignSort, $direction: SortDirection) {
  campaigns(filter: $filter, sort: $sort, direction: $direction) {
    totalCount edges { node { name } }
  }
}
"""
COUNTS = """
query($id: ID!) {
  campaign(id: $id) {
    name stateLabel clockRate
    entryCounts { state label count }
    attemptCounts { status label count }
    finalCounts { reason label count }
    attemptsByMinute { minute counts { status label count } }
    closingsByMinute { minute counts { reason count } }
    hopper { edges { node { currentNumber } } }
    history { edges { node { number status } } }
    final { edges { node { reason number } } }
  }
}
"""


async def both(ask: Ask, document: str, **variables: Any) -> Any:
    planned = await ask(document, **variables)
    assert planned == await ask(document, ordinary=True, **variables)
    return planned["data"]


async def names(ask: Ask, **variables: object) -> list[str]:
    found = (await both(ask, NAMES, **variables))["campaigns"]
    shown = [edge["node"]["name"] for edge in found["edges"]]
    assert found["totalCount"] == len(shown)
    return shown


async def test_campaigns_are_found_by_name_and_state_and_sorted(
    ask: Ask, database: Database, tenant: int
) -> None:
    centre = Centre(database, tenant)
    for name, state in (("spring", "RUNNING"), ("autumn", "DRAFT"), ("winter", "PAUSED")):
        await centre.campaign(name=name, state=state)
    assert await names(ask) == ["autumn", "spring", "winter"]
    assert await names(ask, sort="CREATED_AT", direction="DESC") == ["winter", "autumn", "spring"]
    assert await names(ask, filter={"search": "IN"}) == ["spring", "winter"]
    assert await names(ask, filter={"search": "%"}) == []
    assert await names(ask, filter={"state": "DRAFT"}) == ["autumn"]
    assert await names(ask, filter={"states": ["DRAFT", "PAUSED"]}) == ["autumn", "winter"]
    assert await names(ask, filter={"states": []}) == []
    assert await names(ask, filter={"state": "DRAFT", "states": ["PAUSED"]}) == []


async def test_a_campaign_counts_what_it_did_and_what_is_left(
    ask: Ask, database: Database, viewer: Viewer
) -> None:
    centre = Centre(database, viewer.tenant_id)
    contacts = [await centre.contact(f"+39061234500{place}") for place in range(4)]
    campaign = await centre.loaded(*contacts, name="Spring offers")
    await centre.rows("UPDATE retry_settings SET max_retry = 1 WHERE status = 'NO_SUCH_NUMBER'")
    calls = await centre.claim(campaign, minutes(0), limit=3)
    for call, (status, at) in zip(
        calls,
        [
            (CallStatus.BUSY, 1),
            (CallStatus.ANSWER, 1.5),
            (CallStatus.NO_SUCH_NUMBER, 3),
        ],
        strict=True,
    ):
        await centre.report(call, status, minutes(at))
    found = (await both(ask, COUNTS, id=f"campaign_{campaign}"))["campaign"]
    a, b, c, d = (f"+39061234500{place}" for place in range(4))
    assert found == {
        "name": "Spring offers",
        "stateLabel": "Running",
        "clockRate": 1,
        "entryCounts": [
            {"state": "READY", "label": "Ready", "count": 1},
            {"state": "WAIT_RETRY", "label": "Waits for a retry", "count": 1},
        ],
        "attemptCounts": [
            {"status": "ANSWER", "label": "Answered", "count": 1},
            {"status": "BUSY", "label": "Busy", "count": 1},
            {"status": "NO_SUCH_NUMBER", "label": "No such number", "count": 1},
        ],
        "finalCounts": [
            {"reason": "REACHED", "label": "Reached", "count": 1},
            {"reason": "RETRY_EXCEEDED", "label": "Retries used up", "count": 1},
        ],
        "attemptsByMinute": [
            {
                "minute": "2027-01-04T09:01:00Z",
                "counts": [
                    {"status": "ANSWER", "label": "Answered", "count": 1},
                    {"status": "BUSY", "label": "Busy", "count": 1},
                ],
            },
            {
                "minute": "2027-01-04T09:03:00Z",
                "counts": [{"status": "NO_SUCH_NUMBER", "label": "No such number", "count": 1}],
            },
        ],
        "closingsByMinute": [
            {"minute": "2027-01-04T09:01:00Z", "counts": [{"reason": "REACHED", "count": 1}]},
            {
                "minute": "2027-01-04T09:03:00Z",
                "counts": [{"reason": "RETRY_EXCEEDED", "count": 1}],
            },
        ],
        "hopper": {"edges": [{"node": {"currentNumber": d}}, {"node": {"currentNumber": a}}]},
        "history": {
            "edges": [
                {"node": {"number": c, "status": "NO_SUCH_NUMBER"}},
                {"node": {"number": b, "status": "ANSWER"}},
                {"node": {"number": a, "status": "BUSY"}},
            ]
        },
        "final": {
            "edges": [
                {"node": {"reason": "RETRY_EXCEEDED", "number": c}},
                {"node": {"reason": "REACHED", "number": b}},
            ]
        },
    }


@pytest.mark.parametrize("ordinary", [False, True])
async def test_labels_are_in_the_readers_language(
    ask: Ask, database: Database, viewer: Viewer, ordinary: bool
) -> None:
    centre = Centre(database, viewer.tenant_id)
    campaign = await centre.loaded(await centre.contact("+390612345000"))
    query = (
        "query($id: ID!) { campaign(id: $id) "
        "{ stateLabel entryCounts { label } retrySettings { label } } }"
    )
    answer = await ask(query, ordinary=ordinary, locale="it", id=f"campaign_{campaign}")
    found = answer["data"]["campaign"]
    assert (found["stateLabel"], found["entryCounts"]) == ("In corso", [{"label": "Pronto"}])
    assert found["retrySettings"][2] == {"label": "Nessuna risposta"}


async def test_series_begin_with_a_whole_minute_when_there_is_more_than_is_looked_at(
    ask: Ask, database: Database, tenant: int
) -> None:
    """10,000 results are looked at: of the oldest minute among them some may lie beyond."""
    centre = Centre(database, tenant)
    campaign = await centre.campaign()
    await centre.rows(
        "INSERT INTO final_results (campaign_id, contact_id, entry_id, reason, total_attempts, "
        "closed_at) SELECT $1, n, n, 'REACHED', 1, '2027-01-04T09:00Z'::timestamptz + "
        "make_interval(mins => (n / 4000)::int) FROM generate_series(0, 11999) n",
        campaign,
    )
    query = (
        "query($id: ID!) { campaign(id: $id) "
        "{ finalCounts { count } closingsByMinute { minute counts { count } } } }"
    )
    found = (await both(ask, query, id=f"campaign_{campaign}"))["campaign"]
    assert found["finalCounts"] == [{"count": 12000}]
    assert found["closingsByMinute"] == [
        {"minute": "2027-01-04T09:01:00Z", "counts": [{"count": 4000}]},
        {"minute": "2027-01-04T09:02:00Z", "counts": [{"count": 4000}]},
    ]


async def test_nobody_sees_what_is_not_theirs(
    ask: Ask, database: Database, viewer: Viewer, new_tenant: MakeTenant
) -> None:
    """X-09, X-17, D9."""
    centre = Centre(database, viewer.tenant_id)
    mine, other = await centre.campaign(name="mine"), await centre.campaign(name="other")
    agent = await make_viewer(database, viewer.tenant_id, Role.AGENT)
    await centre.rows(
        "INSERT INTO campaign_agents (campaign_id, user_id) VALUES ($1, $2)", mine, agent.user_id
    )
    assert await names(ask, as_=agent) == ["mine"]
    stranger = await make_viewer(database, await new_tenant())
    assert await names(ask, as_=stranger) == []
    one = "query($id: ID!) { campaign(id: $id) { name } node(id: $id) { id } }"
    for viewer_, key in ((agent, other), (stranger, mine)):
        found = await both(ask, one, as_=viewer_, id=f"campaign_{key}")
        assert found == {"campaign": None, "node": None}
    poor = await make_viewer(database, viewer.tenant_id, Role.SUPERVISOR, permissions=frozenset())
    answer = await ask(NAMES, as_=poor)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]


async def test_lists_and_agents_of_a_campaign_take_their_own_permission(
    ask: Ask, database: Database, viewer: Viewer
) -> None:
    campaign = await Centre(database, viewer.tenant_id).campaign()
    rights = frozenset({Permission.CAMPAIGNS_VIEW})
    poor = await make_viewer(database, viewer.tenant_id, Role.SUPERVISOR, permissions=rights)
    for field in (
        "lists { name }",
        "agents { name }",
        "hopper { edges { node { contact { id } } } }",
    ):
        query = f"query($id: ID!) {{ campaign(id: $id) {{ {field} }} }}"
        answer = await ask(query, as_=poor, id=f"campaign_{campaign}")
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"], field
