# SPDX-License-Identifier: Apache-2.0
"""Callbacks with a worker at work: dialed at their time, and given up at their end (C-34)."""

from datetime import UTC, datetime, timedelta

from server.domain.permissions import Role
from server.domain.tasks import PreferenceType
from server.services.tasks import CallbackInput
from tests.dialer.test_worker import until, working
from tests.factories.tasks import assign, make_callback
from tests.factories.users import make_viewer
from tests.services.dialer.centre import Centre

FIRST, SECOND = "+390612345000", "+390612345001"
ANSWERING = '{"seconds": 0, "weights": {"ANSWER": 1}}'


async def test_a_callback_is_dialed_when_its_time_comes_on_its_number_and_not_before(
    centre: Centre,
) -> None:  # section 4
    viewer = await make_viewer(centre.database, centre.tenant_id)
    contact = await centre.contact(FIRST, (SECOND, None))
    campaign = await centre.campaign(simulation=ANSWERING)
    at = datetime.now(UTC) + timedelta(seconds=3)
    async with centre.database.transaction(centre.tenant_id) as session:
        given = CallbackInput(at=at, number=SECOND)
        await make_callback(session, viewer, campaign, contact, given)
    async with working(centre):
        await until(centre, "SELECT 1 FROM final_results")
    [(number, decision, started)] = await centre.rows(
        "SELECT number, decision, started_at FROM call_attempts"
    )
    assert (number, decision) == (SECOND, "WAIT_CALLBACK")
    assert isinstance(started, datetime)
    assert started >= at
    [task] = await centre.rows("SELECT entry_id, close_reason FROM scheduled_tasks")
    assert task == (None, "REACHED")


async def test_one_for_an_agent_who_never_comes_expires_without_a_call(
    centre: Centre,
) -> None:  # C-34, C-36
    viewer = await make_viewer(centre.database, centre.tenant_id)
    agent = await make_viewer(centre.database, centre.tenant_id, Role.AGENT)
    contact = await centre.contact(FIRST)
    campaign = await centre.campaign(kind="QUEUE", mode="PROGRESSIVE", simulation=ANSWERING)
    at = datetime.now(UTC) + timedelta(seconds=1)
    async with centre.database.transaction(centre.tenant_id) as session:
        await assign(session, campaign, agent)
        given = CallbackInput(
            at=at,
            ends_at=at + timedelta(seconds=2),
            preference=PreferenceType.ONLY_ME,
            agent_id=agent.user_id,
        )
        await make_callback(session, viewer, campaign, contact, given)
    async with working(centre):
        await until(centre, "SELECT 1 FROM final_results")
    assert await centre.rows("SELECT reason, is_callback FROM final_results") == [
        ("CALLBACK_EXPIRED", True)
    ]
    assert await centre.rows("SELECT 1 FROM call_attempts") == []
    [task] = await centre.rows("SELECT entry_id, closed_at, ends_at < now() FROM scheduled_tasks")
    assert task == (None, None, True)
