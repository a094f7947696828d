# SPDX-License-Identifier: Apache-2.0
"""Callbacks agreed, changed, assigned and closed through the API (C-35 to C-38)."""

from typing import Any

import pytest

from server.domain.campaigns import CallStatus
from server.domain.permissions import Permission, Role, Viewer
from server.planner import global_id
from tests.factories.tasks import soon
from tests.factories.users import make_viewer
from tests.schema.asking import Ask
from tests.services.dialer.centre import Centre
from tests.services.tasks.conftest import HOME, OFFICE, World
from tests.services.tasks.conftest import world as world

SCHEDULE = """mutation($input: ScheduleCallbackInput!) { scheduleCallback(input: $input) {
  scheduledTask { id number startsAt timeZone type preference agentId state }
  warnings { code message } userErrors { code field message } } }"""
EDIT = """mutation($input: EditScheduledTaskInput!) { editScheduledTask(input: $input) {
  scheduledTask { type note startsAt agentId preference version }
  userErrors { code field } } }"""
REASSIGN = """mutation($input: ReassignScheduledTasksInput!) {
  reassignScheduledTasks(input: $input) {
  reassigned inCall notAssigned userErrors { code field } } }"""
CLOSE = """mutation($input: CloseScheduledTasksInput!) { closeScheduledTasks(input: $input) {
  closed inCall userErrors { code field } } }"""
CLOSE_ALL = """mutation($input: CloseCallbackSessionsInput!) {
  closeCallbackSessions(input: $input) {
  closed inCall closedAt userErrors { code field } } }"""
REOPEN = """mutation($input: ReopenCallbackSessionsInput!) { reopenCallbackSessions(input: $input) {
  reopened userErrors { code field } } }"""
DISPOSE = """mutation($input: DisposeCallInput!) { disposeCall(input: $input) {
  callAttempt { disposition isEdited notes { comment tags } }
  scheduledTask { number preference agentId } optedOut warnings { code }
  userErrors { code field } } }"""


@pytest.fixture
def viewer(world: World) -> Viewer:
    return world.viewer


def ids(world: World) -> dict[str, str]:
    return {
        "campaignId": global_id("campaign", world.campaign_id),
        "contactId": global_id("contact", world.contact_id),
    }


async def run(ask: Ask, document: str, as_: Viewer, **given: Any) -> Any:
    answer = await ask(document, as_=as_, input=given)
    [payload] = answer["data"].values()
    return payload


async def test_a_callback_is_agreed_at_an_instant_or_by_a_clock(ask: Ask, world: World) -> None:
    at = soon(90)
    payload = await run(ask, SCHEDULE, world.viewer, **ids(world), at=at.isoformat())
    task = payload["scheduledTask"]
    assert payload["userErrors"] == []
    assert (task["startsAt"], task["number"], task["state"]) == (
        f"{at:%Y-%m-%dT%H:%M:%S}Z",
        HOME,
        "SCHEDULED",
    )
    assert (task["type"], task["preference"], task["agentId"]) == (
        "SCHEDULED_BY_USER",
        "ANYONE",
        None,
    )
    local = {"localAt": f"{at.year + 1}-07-01T09:30", "timeZone": "Asia/Kolkata", "number": OFFICE}
    agent = {"preference": "OTHER", "agentId": global_id("agent", world.agent.user_id)}
    payload = await run(ask, SCHEDULE, world.viewer, **ids(world), **local, **agent)
    task = payload["scheduledTask"]
    assert (task["startsAt"], task["timeZone"], task["number"]) == (
        f"{at.year + 1}-07-01T04:00:00Z",
        "Asia/Kolkata",
        OFFICE,
    )
    assert (task["preference"], task["agentId"]) == ("OTHER", agent["agentId"])


async def test_what_is_no_callback_is_refused(ask: Ask, world: World) -> None:
    at = soon(90).isoformat()
    for given, wanted in (
        ({}, ("REQUIRED", "at")),
        ({"at": at, "localAt": "2030-01-01T09:00"}, ("INVALID", "localAt")),
        ({"at": soon(-90).isoformat()}, ("IN_THE_PAST", "at")),
        ({"localAt": "2030-01-01T09:00Z"}, ("INVALID", "localAt")),
        ({"localAt": "2030-01-01T09:00", "timeZone": "Mars"}, ("UNKNOWN_TIMEZONE", "timeZone")),
        ({"at": at, "agentId": "agent_0", "preference": "OTHER"}, ("NOT_FOUND", "agentId")),
        ({"at": at, "localEndsAt": "2001-01-01T09:00"}, ("BEFORE_START", "localEndsAt")),
        ({"at": at, "contactId": "contact_0"}, ("NOT_FOUND", "contactId")),
        ({"at": at, "campaignId": "list_1"}, ("NOT_FOUND", "campaignId")),
        ({"at": at, "uniqueId": "nobody's"}, ("NOT_FOUND", "uniqueId")),
    ):
        payload = await run(ask, SCHEDULE, world.viewer, **{**ids(world), **given})
        [error] = payload["userErrors"]
        assert (error["code"], error["field"]) == wanted, given
        assert payload["scheduledTask"] is None
        assert error["message"]
    given = {**ids(world), "at": at, "number": "06 99 99 99 99"}
    [error] = (await run(ask, SCHEDULE, world.viewer, **given))["userErrors"]
    assert (error["code"], error["field"]) == ("NOT_FOUND", "number")
    assert error["message"].startswith("“06 99 99 99 99” is none of this contact’s numbers.")
    assert await world.tasks() == []


async def test_warnings_are_told_in_the_readers_words(ask: Ask, world: World) -> None:
    agent = {"preference": "ONLY_ME", "agentId": global_id("agent", world.agent.user_id)}
    given = {**ids(world), **agent, "at": soon(90).isoformat()}
    payload = await run(ask, SCHEDULE, world.viewer, **given)
    assert payload["warnings"] == [
        {
            "code": "NO_AGENTS",
            "message": "The campaign gives its calls to no agent: nobody will make this one.",
        }
    ]


async def test_a_change_makes_it_scheduled_by_a_user(ask: Ask, world: World) -> None:  # C-35
    task = (await world.schedule(as_=world.agent)).task
    at = soon(300)
    payload = await run(
        ask,
        EDIT,
        world.viewer,
        id=global_id("task", task.id),
        at=at.isoformat(),
        note="New",
        version=task.version,
    )
    assert payload["scheduledTask"] == {
        "type": "SCHEDULED_BY_USER",
        "note": "New",
        "startsAt": f"{at:%Y-%m-%dT%H:%M:%S}Z",
        "agentId": None,
        "preference": "ANYONE",
        "version": task.version + 1,
    }
    again = await run(
        ask, EDIT, world.viewer, id=global_id("task", task.id), note="Old", version=task.version
    )
    assert again["userErrors"] == [{"code": "CONFLICT", "field": "version"}]


async def test_tasks_are_reassigned_to_one_or_to_anyone(ask: Ask, world: World) -> None:  # C-37
    task = (await world.schedule()).task
    key = global_id("task", task.id)
    given = {"ids": [key], "agentId": global_id("agent", world.agent.user_id)}
    payload = await run(ask, REASSIGN, world.viewer, **given)
    assert payload == {"reassigned": 1, "inCall": 0, "notAssigned": 0, "userErrors": []}
    assert (await world.tasks())[0].agent_id == world.agent.user_id
    payload = await run(ask, REASSIGN, world.viewer, ids=[key], agentId=None)
    assert (await world.tasks())[0].preference == "ANYONE"
    for wrong, refusal in (
        ({"ids": []}, ("OUT_OF_RANGE", "ids")),
        ({"ids": [key, "task_0"]}, ("NOT_FOUND", "ids.1")),
        ({"ids": [key], "agentId": "agent_0"}, ("NOT_FOUND", "agentId")),
    ):
        [error] = (await run(ask, REASSIGN, world.viewer, **wrong))["userErrors"]
        assert (error["code"], error["field"]) == refusal


async def test_all_callback_sessions_close_with_their_count_and_come_back(
    ask: Ask, world: World
) -> None:  # C-38
    await world.schedule()
    campaign = global_id("campaign", world.campaign_id)
    payload = await run(ask, CLOSE_ALL, world.viewer, campaignId=campaign)
    assert (payload["closed"], payload["inCall"]) == (1, 0)
    closed = (
        "{ scheduledTasks(filter: {states: [CLOSED]}) { edges { node { state closeReason } } } }"
    )
    found = (await ask(closed, as_=world.viewer))["data"]["scheduledTasks"]["edges"]
    assert found == [{"node": {"state": "CLOSED", "closeReason": "MANUAL"}}]
    given = {"campaignId": campaign, "closedAt": payload["closedAt"]}
    assert (await run(ask, REOPEN, world.viewer, **given))["reopened"] == 1
    [error] = (await run(ask, REOPEN, world.viewer, **given))["userErrors"]
    assert error == {"code": "NOT_FOUND", "field": "closedAt"}
    [task] = await world.tasks()
    one = await run(ask, CLOSE, world.viewer, ids=[global_id("task", task.id)])
    assert one == {"closed": 1, "inCall": 0, "userErrors": []}


async def test_agents_agree_and_change_but_close_nothing(ask: Ask, world: World) -> None:
    at = soon(90).isoformat()
    payload = await run(ask, SCHEDULE, world.agent, **ids(world), at=at, preference="ONLY_ME")
    assert payload["scheduledTask"]["agentId"] == global_id("agent", world.agent.user_id)
    assert payload["scheduledTask"]["type"] == "SCHEDULED_BY_AGENT"
    campaign = {"campaignId": ids(world)["campaignId"]}
    refused = await ask(CLOSE_ALL, as_=world.agent, input=campaign)
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    # Another agent's task is out of sight.
    [task] = await world.tasks()
    given = {"id": global_id("task", task.id), "note": "Mine"}
    assert (await run(ask, EDIT, world.colleague, **given))["userErrors"] == [
        {"code": "NOT_FOUND", "field": "id"}
    ]


async def test_colleagues_are_those_of_a_campaign_that_one_sees(ask: Ask, world: World) -> None:
    query = "query($id: ID!) { callbackAgents(campaignId: $id) { id fullName } }"
    campaign = ids(world)["campaignId"]
    for viewer in (world.viewer, world.agent):
        found = (await ask(query, as_=viewer, id=campaign))["data"]["callbackAgents"]
        assert [one["id"] for one in found] == [
            global_id("agent", world.agent.user_id),
            global_id("agent", world.colleague.user_id),
        ]
    idle = await make_viewer(world.database, world.viewer.tenant_id, Role.AGENT)
    assert (await ask(query, as_=idle, id=campaign))["data"]["callbackAgents"] == []


async def test_a_call_is_disposed_of_with_a_callback(ask: Ask, world: World) -> None:  # section 4
    await world.rows("UPDATE campaigns SET state = 'RUNNING'")
    attempt = await _answered(world)
    made = await ask(
        "mutation($input: CreateDispositionInput!) { createDisposition(input: $input) "
        "{ disposition { id path action } userErrors { code field } } }",
        as_=world.viewer,
        input={"name": "Later", "action": "RECALL", "campaignId": ids(world)["campaignId"]},
    )
    disposition = made["data"]["createDisposition"]["disposition"]
    assert (disposition["path"], disposition["action"]) == ("Later", "RECALL")
    given = {"attemptId": attempt, "dispositionId": disposition["id"], "comment": "On holiday"}
    payload = await run(ask, DISPOSE, world.agent, **given)
    assert payload["userErrors"] == [{"code": "REQUIRED", "field": "callback"}]
    for callback, wanted in (
        ({}, ("INVALID", "callback.at")),
        ({"localAt": "2001-01-01T09:00"}, ("IN_THE_PAST", "callback.localAt")),
        ({"at": soon(60).isoformat(), "number": "+390699999"}, ("NOT_FOUND", "callback.number")),
    ):
        payload = await run(ask, DISPOSE, world.agent, **given, callback=callback)
        [error] = payload["userErrors"]
        assert (error["code"], error["field"]) == wanted
    at = {"at": soon(60).isoformat()}
    payload = await run(ask, DISPOSE, world.agent, **given, tags=["holiday"], callback=at)
    assert payload == {
        "callAttempt": {
            "disposition": "Later",
            "isEdited": False,
            "notes": [{"comment": "On holiday", "tags": ["holiday"]}],
        },
        "scheduledTask": {
            "number": HOME,
            "preference": "PREFER_ME",
            "agentId": global_id("agent", world.agent.user_id),
        },
        "optedOut": None,
        "warnings": [{"code": "NO_AGENTS"}],
        "userErrors": [],
    }
    finals = (
        "{ finalResults(first: 1) { edges { node { dispositions isRescheduled isCallback } } } }"
    )
    found = (await ask(finals, as_=world.viewer))["data"]["finalResults"]["edges"][0]["node"]
    assert found == {"dispositions": ["Later"], "isRescheduled": True, "isCallback": False}


async def _answered(world: World) -> str:
    centre = Centre(world.database, world.viewer.tenant_id)
    call = await centre.claim_one(world.campaign_id, soon(0.5))
    await centre.report(call, CallStatus.ANSWER, soon(0.5))
    return global_id("attempt", await centre.value("SELECT max(id) FROM call_attempts"))


async def test_dispositions_are_listed_as_a_campaign_offers_them(ask: Ask, world: World) -> None:
    create = """mutation($input: CreateCampaignInput!) { createCampaign(input: $input) {
      campaign { id } userErrors { code } } }"""
    made = await ask(create, as_=world.viewer, locale="it", input={"name": "Nuova"})
    assert made["data"]["createCampaign"]["userErrors"] == []
    query = """query($id: ID!) {
      dispositions(filter: {campaignId: $id, isTop: true}, first: 20) { edges { node {
      name action actionLabel children { name path children { name } } } } } }"""
    campaign = ids(world)["campaignId"]
    answer = await ask(query, as_=world.agent, id=campaign)
    assert answer == await ask(query, as_=world.agent, ordinary=True, id=campaign)
    nodes = [edge["node"] for edge in answer["data"]["dispositions"]["edges"]]
    assert [node["name"] for node in nodes][:3] == [  # in the words of who made the campaign
        "Riuscita",
        "Richiamare",
        "Richiamare, qualsiasi operatore",
    ]
    assert nodes[3]["children"][0]["path"] == "Non interessato / Troppo caro"
    refused = await ask(
        'mutation { deleteDisposition(input: {id: "disposition_1"}) { deleted } }',
        as_=world.agent,
    )
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert Permission.CAMPAIGNS_EDIT.value in refused["errors"][0]["message"]
