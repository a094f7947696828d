# SPDX-License-Identifier: Apache-2.0
"""The list of scheduled tasks: states, filters, a thousand at a time (C-30 to C-34)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from server.database import Database
from server.domain.permissions import Permission, Viewer
from tests.conftest import MakeTenant
from tests.factories.users import make_viewer
from tests.schema.asking import Ask
from tests.schema.tasks.conftest import DAY, Tasks

LIST = """
query($filter: ScheduledTaskFilter, $first: Int, $after: String, $sort: ScheduledTaskSort,
      $direction: SortDirection) {
  scheduledTasks(filter: $filter, first: $first, after: $after, sort: $sort,
                 direction: $direction) {
    totalCount pageInfo { hasNextPage endCursor } edges { node { id state } }
  }
}
"""


async def both(ask: Ask, document: str = LIST, **variables: Any) -> Any:
    """The answer of the planned path, which the ordinary one gives too."""
    answer = await ask(document, **variables)
    assert answer == await ask(document, ordinary=True, **variables)
    return answer


async def found(ask: Ask, tasks: Tasks, **given: Any) -> list[str]:
    answer = await both(ask, filter=given or None)
    page = answer["data"]["scheduledTasks"]
    names = tasks.named([edge["node"]["id"] for edge in page["edges"]])
    assert page["totalCount"] == len(names)
    return names


async def test_it_shows_all_but_the_closed_by_start_with_their_states(
    ask: Ask, tasks: Tasks
) -> None:  # C-30, C-33, C-34
    answer = await both(ask)
    edges = answer["data"]["scheduledTasks"]["edges"]
    states = {tasks.named([e["node"]["id"]])[0]: e["node"]["state"] for e in edges}
    assert states == {
        "expired": "EXPIRED",
        "delayed": "DELAYED",
        "due": "DUE",
        "early": "DUE",  # the early window is for the eye (C-34)
        "soon": "SCHEDULED",
        "later-9": "SCHEDULED",
        "later-9-30": "SCHEDULED",
        "later-23-30": "SCHEDULED",
    }
    assert list(states) == [
        *("expired", "delayed", "due", "early", "soon"),
        *("later-9", "later-9-30", "later-23-30"),
    ]


async def test_a_task_tells_all_that_was_agreed(ask: Ask, tasks: Tasks) -> None:  # C-30
    document = """query($id: ID!) { scheduledTask(id: $id) {
      id state stateLabel startsAt endsAt thresholdMinutes earlyMinutes timeZone number type
      typeLabel preference preferenceLabel agentId agentName lastAgentName uniqueId note closedAt
      closeReason closeReasonLabel contactName contact { firstName } campaign { id }
    } }"""
    answer = await both(ask, document, id=tasks.ids["expired"])
    agent = tasks.agents[0]
    assert answer["data"]["scheduledTask"] == {
        "id": tasks.ids["expired"],
        "state": "EXPIRED",
        "stateLabel": "Expired",
        "startsAt": tasks.ago(300).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "endsAt": tasks.ago(60).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "thresholdMinutes": 15,
        "earlyMinutes": 0,
        "timeZone": "Europe/Rome",
        "number": "+390612345000",
        "type": "LOST_REQUEST",
        "typeLabel": "Lost in the queue",
        "preference": "ONLY_ME",
        "preferenceLabel": "One agent only",
        "agentId": tasks.agent(0),
        "agentName": agent.full_name,
        "lastAgentName": agent.full_name,
        "uniqueId": None,
        "note": "",
        "closedAt": None,
        "closeReason": None,
        "closeReasonLabel": None,
        "contactName": "Adele Rossi",
        "contact": {"firstName": "Adele"},
        "campaign": {"id": tasks.campaign(tasks.first)},
    }
    italian = await ask(document, locale="it", id=tasks.ids["expired"])
    assert italian["data"]["scheduledTask"]["stateLabel"] == "Scaduta"


async def test_each_filter_alone(ask: Ask, tasks: Tasks) -> None:  # C-32
    later = ["later-9", "later-9-30", "later-23-30"]
    everything = ["expired", "delayed", "due", "early", "soon", *later]
    for given, wanted in (
        ({"campaignId": tasks.campaign(tasks.first)}, "expired delayed due later-9 later-23-30"),
        ({"campaignId": tasks.campaign(tasks.second)}, "early soon later-9-30"),
        ({"campaignId": "campaign_0"}, ""),
        ({"contactName": "sarti bru"}, "delayed soon later-9-30"),
        ({"contactName": "bruno SÀRTI"}, "delayed soon later-9-30"),
        ({"contactName": "a"}, " ".join(everything)),
        ({"contactName": "%"}, ""),
        ({"lastAgentId": tasks.agent(0)}, "expired soon"),
        ({"lastAgentId": tasks.agent(2)}, ""),
        ({"nextAgentId": tasks.agent(0)}, "expired later-9"),
        ({"nextAgentId": tasks.agent(1)}, "delayed soon"),
        ({"nextAgentId": "agent_nobody"}, ""),
        ({"states": ["SCHEDULED"]}, "soon later-9 later-9-30 later-23-30"),
        ({"states": ["DUE"]}, "due early"),
        ({"states": ["DELAYED", "EXPIRED"]}, "expired delayed"),
        ({"states": ["CLOSED"]}, "closed"),
        ({"states": []}, ""),
        ({"type": "REQUESTED_ON_WEB"}, "early"),
        ({"type": "SCHEDULED_BY_USER"}, ""),
        ({"preference": "PREFER_ME"}, "soon later-9"),
        ({"preference": "OTHER"}, "delayed"),
        ({"startDate": f"{DAY:%Y-%m-%d}"}, "later-9 later-9-30 later-23-30"),
        ({"startDate": f"{DAY + timedelta(days=1):%Y-%m-%d}"}, ""),
        ({"startsFrom": DAY.isoformat()}, " ".join(later)),
        ({"startsBefore": tasks.ago(15).isoformat()}, "expired delayed"),
    ):
        assert await found(ask, tasks, **given) == wanted.split(), given


async def test_a_start_time_is_exact_or_an_interval(ask: Ask, tasks: Tasks) -> None:  # C-32
    day = {"startDate": f"{DAY:%Y-%m-%d}"}
    for given, wanted in (
        ({"startTime": "09:00"}, "later-9"),
        ({"startTime": "09:30:45"}, "later-9-30"),
        ({"startTime": "09:01"}, ""),
        ({"startTime": "09:00", "startTimeTo": "09:30"}, "later-9 later-9-30"),
        ({"startTime": "09:01", "startTimeTo": "23:30"}, "later-9-30 later-23-30"),
        ({"startTimeTo": "09:29"}, "later-9"),
        ({"startTime": "23:00", "startTimeTo": "09:10"}, "later-9 later-23-30"),  # past midnight
    ):
        assert await found(ask, tasks, **day, **given) == wanted.split(), given


async def test_dates_and_times_are_those_of_the_readers_clock(
    ask: Ask, tasks: Tasks, viewer: Viewer
) -> None:  # C-32
    rome = replace(viewer, timezone="Europe/Rome")
    for given, wanted in (
        ({"startDate": f"{DAY:%Y-%m-%d}"}, "later-9 later-9-30"),
        ({"startDate": f"{DAY + timedelta(days=1):%Y-%m-%d}"}, "later-23-30"),
        ({"startDate": f"{DAY:%Y-%m-%d}", "startTime": "11:00"}, "later-9"),
    ):
        answer = await both(ask, filter=given, as_=rome)
        edges = answer["data"]["scheduledTasks"]["edges"]
        assert tasks.named([edge["node"]["id"] for edge in edges]) == wanted.split(), given


async def test_filters_hold_together(ask: Ask, tasks: Tasks) -> None:  # C-32
    first = {"campaignId": tasks.campaign(tasks.first)}
    for given, wanted in (
        ({**first, "contactName": "rossi"}, "expired later-9"),
        ({**first, "contactName": "rossi", "states": ["SCHEDULED"]}, "later-9"),
        ({**first, "nextAgentId": tasks.agent(0), "preference": "ONLY_ME"}, "expired"),
        ({**first, "preference": "ANYONE", "startsFrom": DAY.isoformat()}, "later-23-30"),
        ({"lastAgentId": tasks.agent(1), "type": "SCHEDULED_BY_AGENT"}, "due"),
        ({"nextAgentId": tasks.agent(1), "states": ["DUE"]}, ""),
        (
            {
                **first,
                "contactName": "adele",
                "nextAgentId": tasks.agent(0),
                "states": ["SCHEDULED", "DUE"],
                "type": "REQUESTED_IN_IVR",
                "preference": "PREFER_ME",
                "startDate": f"{DAY:%Y-%m-%d}",
                "startTime": "08:00",
                "startTimeTo": "10:00",
            },
            "later-9",
        ),
    ):
        assert await found(ask, tasks, **given) == wanted.split(), given


async def test_the_campaigns_own_clock_decides(ask: Ask, tasks: Tasks) -> None:  # C-34
    await tasks.centre.rows(
        "UPDATE campaigns SET clock_rate = 2, "
        "clock_origin = clock_timestamp() - interval '20 minutes' WHERE id = $1",
        tasks.second,
    )
    assert await found(ask, tasks, states=["DUE"]) == ["due", "early", "soon"]


async def test_agents_see_their_own_and_those_for_anyone_of_their_campaigns(
    ask: Ask, tasks: Tasks, database: Database, new_tenant: MakeTenant
) -> None:
    for place, wanted in (
        (0, "expired due later-9 later-23-30"),
        (1, "delayed due early soon later-9-30 later-23-30"),
        (2, ""),
    ):
        answer = await both(ask, as_=tasks.agents[place])
        edges = answer["data"]["scheduledTasks"]["edges"]
        assert tasks.named([edge["node"]["id"] for edge in edges]) == wanted.split(), place
    foreign = await make_viewer(database, await new_tenant())
    answer = await both(ask, as_=foreign)
    assert answer["data"]["scheduledTasks"]["edges"] == []
    one = "query($id: ID!) { scheduledTask(id: $id) { id } }"
    hidden = await both(ask, one, as_=tasks.agents[0], id=tasks.ids["delayed"])
    assert hidden["data"]["scheduledTask"] is None
    without = replace(tasks.agents[0], permissions=frozenset({Permission.CAMPAIGNS_VIEW}))
    refused = await ask(LIST, as_=without)
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_a_thousand_come_at_a_time_and_the_rest_after_them(
    ask: Ask, tasks: Tasks
) -> None:  # C-31
    await tasks.centre.rows("DELETE FROM scheduled_tasks")
    await tasks.centre.rows(
        "INSERT INTO scheduled_tasks (campaign_id, contact_id, number, starts_at, ends_at) "
        "SELECT $1, (SELECT min(id) FROM contacts), '+390612345000', "
        "  now() + n * interval '1 minute', now() + interval '10 days' "
        "FROM generate_series(1, 2500) n",
        tasks.first,
    )
    seen: list[str] = []
    after, filter = None, {"campaignId": tasks.campaign(tasks.first), "states": ["SCHEDULED"]}
    sizes = []
    while True:
        answer = await ask(LIST, filter=filter, first=1000, after=after)
        page = answer["data"]["scheduledTasks"]
        seen += [edge["node"]["id"] for edge in page["edges"]]
        sizes.append(len(seen))
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert sizes == [1000, 2000, 2500]
    assert len(set(seen)) == 2500
    refused = await ask(LIST, first=1001)
    assert "1000" in refused["errors"][0]["message"]


@pytest.mark.parametrize("sort", ["STARTS_AT", "ENDS_AT", "CREATED_AT"])
async def test_it_is_sorted_either_way(ask: Ask, tasks: Tasks, sort: str) -> None:
    there = await both(ask, sort=sort, direction="ASC")
    back = await both(ask, sort=sort, direction="DESC")
    ids = [
        [edge["node"]["id"] for edge in answer["data"]["scheduledTasks"]["edges"]]
        for answer in (there, back)
    ]
    assert ids[0] == list(reversed(ids[1]))
    assert len(ids[0]) == 8
