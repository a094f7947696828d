# SPDX-License-Identifier: Apache-2.0
"""A contact's history, notes of calls, and where it stands in each campaign (C-07, C-09)."""

from typing import Any

import pytest

from server.database import Database
from server.domain.campaigns import CallStatus
from server.domain.permissions import ALL_PERMISSIONS, Permission, Role, Viewer
from server.planner import global_id
from tests.factories.users import make_viewer
from tests.schema.asking import Ask
from tests.services.dialer.centre import Centre, minutes

A, B = "+390612345000", "+390612345001"
HISTORY = """query ($id: ID!, $first: Int, $after: String) { contact(id: $id) {
  history(first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    edges { node { id status number disposition agentName
      notes { tags comment authorName } } } } } }"""
RECORDS = """query ($id: ID!) { contact(id: $id) {
  openEntries { recordState recordStateLabel campaign { name } phones { number isAvailable } }
  finalResults { edges { node { recordState reason campaign { name } } } } } }"""
WHOSE = """query ($campaign: ID!) {
  callAttempts(filter: {campaignId: $campaign}) { edges { node { contact { id } } } }
  finalResults(filter: {campaignId: $campaign}) { edges { node { contact { id } } } } }"""
NOTE = """mutation ($input: NoteCallInput!) { result: noteCall(input: $input) {
  callAttempt { id notes { tags comment authorName } } userErrors { code field } } }"""


async def asked(ask: Ask, document: str, contact: int, **more: object) -> Any:
    """By both paths, which have to agree."""
    given = {"id": f"contact_{contact}", **more}
    answer = await ask(document, **given)
    assert await ask(document, ordinary=True, **given) == answer
    return answer["data"]["contact"]


async def make_attempts(centre: Centre, campaign: int, contact: int, count: int) -> None:
    await centre.rows(
        "INSERT INTO call_attempts (campaign_id, contact_id, entry_id, round, position, number, "
        "status, started_at, ended_at, policy_version, disposition) "
        "SELECT $1, $2, 1, n, 0, $4, 'NO_ANSWER', now(), now(), 1, 'call ' || n "
        "FROM generate_series(1, $3::int) n",
        campaign,
        contact,
        count,
        A,
    )


async def one_call(ask: Ask, centre: Centre) -> tuple[int, int, str]:
    """Campaign, contact and the attempt's id."""
    contact = await centre.contact(A)
    campaign = await centre.loaded(contact)
    await centre.report(await centre.claim_one(campaign), CallStatus.BUSY)
    history = await asked(ask, HISTORY, contact)
    return campaign, contact, history["history"]["edges"][0]["node"]["id"]


async def test_the_history_shows_the_latest_fifty_and_then_more(ask: Ask, centre: Centre) -> None:
    """C-07: of 51 activities the newest 50, newest first."""
    contact = await centre.contact(A)
    campaign = await centre.campaign()
    await make_attempts(centre, campaign, contact, 51)
    await make_attempts(centre, campaign, await centre.contact(B), 1)
    page = (await asked(ask, HISTORY, contact))["history"]
    named = [edge["node"]["disposition"] for edge in page["edges"]]
    assert named == [f"call {number}" for number in range(51, 1, -1)]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (51, True)
    more = (await asked(ask, HISTORY, contact, after=page["pageInfo"]["endCursor"]))["history"]
    assert [edge["node"]["disposition"] for edge in more["edges"]] == ["call 1"]


async def test_the_history_of_merged_contacts_is_that_of_their_master(
    ask: Ask, centre: Centre
) -> None:
    """X-26: history is carried; its rows keep the id that they were written with."""
    master, merged = await centre.contact(A), await centre.contact(B)
    campaign = await centre.campaign()
    await make_attempts(centre, campaign, merged, 2)
    await make_attempts(centre, campaign, master, 1)
    await centre.rows(
        "INSERT INTO final_results (campaign_id, contact_id, entry_id, reason, total_attempts, "
        "closed_at) VALUES ($1, $2, 1, 'MERGED', 0, now())",
        campaign,
        merged,
    )
    merge = await centre.value(
        "INSERT INTO contact_merges (master_id, name, before, after, expires_at) "
        "VALUES ($1, 'c', '[]', '{}', now()) RETURNING id",
        master,
    )
    await centre.rows(
        "INSERT INTO merged_contacts (contact_id, merge_id, master_id) VALUES ($1, $2, $3)",
        merged,
        merge,
        master,
    )
    page = (await asked(ask, HISTORY, master, first=2))["history"]
    assert [edge["node"]["disposition"] for edge in page["edges"]] == ["call 1", "call 2"]
    assert page["totalCount"] == 3
    campaign_id = global_id("campaign", campaign)
    for ordinary in (False, True):
        answer = await ask(WHOSE, ordinary=ordinary, campaign=campaign_id)
        calls, stays = answer["data"]["callAttempts"], answer["data"]["finalResults"]
        of_master = [{"node": {"contact": {"id": global_id("contact", master)}}}]
        assert (calls["edges"], stays["edges"]) == (of_master * 3, of_master)


async def test_a_call_is_noted_again_and_again(ask: Ask, centre: Centre, viewer: Viewer) -> None:
    """C-07: business tags and comments, each with who wrote it; nothing is overwritten."""
    _, contact, attempt = await one_call(ask, centre)
    given = {"attemptId": attempt, "tags": ["Complaint", "complaint"], "comment": " Angry \n"}
    answer = await ask(NOTE, input=given)
    first = {"tags": ["Complaint"], "comment": "Angry", "authorName": viewer.full_name}
    assert answer["data"]["result"] == {
        "callAttempt": {"id": attempt, "notes": [first]},
        "userErrors": [],
    }
    await ask(NOTE, input={"attemptId": attempt, "comment": "Calm again"})
    page = (await asked(ask, HISTORY, contact))["history"]
    second = {"tags": [], "comment": "Calm again", "authorName": viewer.full_name}
    assert page["edges"][0]["node"]["notes"] == [first, second]
    assert await centre.rows("SELECT name, data ->> 'contact_id' FROM events") == [
        ("call.noted", str(contact)),
        ("call.noted", str(contact)),
    ]


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({}, ("REQUIRED", "comment")),
        ({"comment": "  ", "tags": []}, ("REQUIRED", "comment")),
        ({"comment": "x" * 2001}, ("TOO_LONG", "comment")),
        ({"comment": "x", "tags": ["a,b"]}, ("INVALID", "tags.0")),
        ({"comment": "x", "attemptId": "attempt_0"}, ("NOT_FOUND", "attemptId")),
        ({"comment": "x", "attemptId": "contact_1"}, ("NOT_FOUND", "attemptId")),
    ],
)
async def test_a_note_that_says_nothing_or_of_no_call_is_refused(
    ask: Ask, centre: Centre, given: dict[str, object], fault: tuple[str, str]
) -> None:
    _, _, attempt = await one_call(ask, centre)
    answer = await ask(NOTE, input={"attemptId": attempt, **given})
    found = answer["data"]["result"]["userErrors"]
    assert [(error["code"], error["field"]) for error in found] == [fault]
    assert await centre.rows("SELECT 1 FROM call_notes") == []


async def test_a_note_cannot_be_changed_or_taken_back(ask: Ask, centre: Centre) -> None:
    """Append-only: the application's role may not even ask for it."""
    _, _, attempt = await one_call(ask, centre)
    await ask(NOTE, input={"attemptId": attempt, "comment": "said"})
    for statement in ("UPDATE call_notes SET comment = 'unsaid'", "DELETE FROM call_notes"):
        with pytest.raises(Exception, match="permission denied"):
            await centre.rows(statement)


async def test_a_record_has_one_state_in_each_campaign(ask: Ask, centre: Centre) -> None:
    """C-09 and section 1: it follows from the dial state."""
    contact = await centre.contact(A, (B, None))

    async def states() -> tuple[list[str], list[str]]:
        found = await asked(ask, RECORDS, contact)
        return (
            [entry["recordState"] for entry in found["openEntries"]],
            [edge["node"]["recordState"] for edge in found["finalResults"]["edges"]],
        )

    assert await states() == ([], [])
    campaign = await centre.loaded(contact)
    assert await states() == (["REMAINING"], [])
    call = await centre.claim_one(campaign)
    assert await states() == (["PROCESSING"], [])
    await centre.report(call)
    assert await states() == (["POSTPONED"], [])
    await centre.rows("UPDATE hopper_entries SET state = 'WAIT_RETRY'")
    assert await states() == (["POSTPONED"], [])
    await centre.rows("UPDATE hopper_entries SET state = 'WAIT_CALLBACK'")
    assert await states() == (["CALLBACK"], [])
    await centre.rows("UPDATE hopper_entries SET state = 'WAIT_NEXT_PHONE'")
    call = await centre.claim_one(campaign, minutes(1))
    await centre.report(call, CallStatus.ANSWER, minutes(1))
    assert await states() == ([], ["CLOSED"])
    await centre.loaded(contact)
    assert await states() == (["REMAINING"], ["CLOSED"])


async def test_an_agent_reads_the_history_of_their_campaigns_only(
    ask: Ask, centre: Centre, database: Database, tenant: int
) -> None:
    """X-17."""
    contact = await centre.contact(A)
    mine, other = await centre.loaded(contact), await centre.campaign()
    await make_attempts(centre, mine, contact, 1)
    await make_attempts(centre, other, contact, 2)
    agent = await make_viewer(database, tenant, Role.AGENT)
    await centre.rows(
        "INSERT INTO campaign_agents (campaign_id, user_id) VALUES ($1, $2)", mine, agent.user_id
    )
    await centre.rows(
        "INSERT INTO list_agents (list_id, user_id) SELECT list_id, $1 FROM campaign_lists",
        agent.user_id,
    )
    every = [
        edge["node"]["id"] for edge in (await asked(ask, HISTORY, contact))["history"]["edges"]
    ]
    answer = await ask(HISTORY, as_=agent, id=f"contact_{contact}")
    assert [edge["node"]["id"] for edge in answer["data"]["contact"]["history"]["edges"]] == [
        every[-1]
    ]
    for attempt, refused in ((every[0], ["NOT_FOUND"]), (every[-1], [])):
        given = {"attemptId": attempt, "comment": "said"}
        answer = await ask(NOTE, as_=agent, input=given)
        found = answer["data"]["result"]["userErrors"]
        assert [error["code"] for error in found] == refused


async def test_the_history_needs_the_right_to_campaigns(
    ask: Ask, database: Database, tenant: int
) -> None:
    rights = ALL_PERMISSIONS - {Permission.CAMPAIGNS_VIEW}
    supervisor = await make_viewer(database, tenant, Role.SUPERVISOR, permissions=rights)
    answer = await ask(HISTORY, as_=supervisor, id="contact_1")
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
