# SPDX-License-Identifier: Apache-2.0
"""Workers of campaigns with agents: who answers is joined, dropped or hangs up (X9, R-02)."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from server.domain.campaigns.drivers import Driver
from server.domain.errors import DomainError
from server.domain.permissions import Viewer
from server.services import agents
from server.services.dialer.joining import UNANSWERED, UNREACHABLE
from server.telephony import Call, CallResult, Drivers, Line, SimulatedTelephony
from tests.dialer.test_worker import ALL_CLOSED, PROCESS
from tests.dialer.working import people, until, working, wrong
from tests.services.agents.floor import DESK, Floor

ANSWERS = {"weights": {"ANSWER": 1}, "patience": 0}
STATUSES = "SELECT status, count(*) FROM call_attempts GROUP BY 1 ORDER BY 1"


async def calling(
    floor: Floor, mode: str, number: int, simulation: dict[str, object], **columns: object
) -> int:
    """A campaign of that mode with so many contacts of one number."""
    given: dict[str, Any] = {"simultaneous_lines": 50, "queue_timeout": 0, **columns}
    campaign = await floor.campaign(
        kind="QUEUE", mode=mode, simulation=json.dumps(simulation), **given
    )
    list_id = await people(floor, number, additional=False)
    await floor.attach(campaign, list_id, at=None)  # type: ignore[arg-type]
    return campaign


@asynccontextmanager
async def at_work(floor: Floor, *people: Viewer) -> AsyncIterator[None]:
    """Agents who are ready again as soon as a call is over."""

    async def work() -> None:
        while True:
            for viewer in people:
                with suppress(DomainError):
                    await floor.does(viewer, agents.finish_call)
            await asyncio.sleep(0.02)

    task = asyncio.create_task(work())
    yield
    task.cancel()


async def statuses(floor: Floor) -> dict[str, int]:
    return {str(status): int(str(count)) for status, count in await floor.rows(STATUSES)}


async def test_progressive_workers_join_everybody_who_answers_and_drop_nobody(
    floor: Floor,
) -> None:
    """Three workers and three agents: one call over would find nobody, and be dropped at once."""
    campaign = await calling(floor, "PROGRESSIVE", 60, ANSWERS | {"seconds": 0.002})
    staff = [await floor.agent(campaign) for _ in range(3)]
    async with working(floor, 3), at_work(floor, *staff):
        await until(floor, ALL_CLOSED, seconds=30)
    assert await statuses(floor) == {"ANSWER": 60}
    told = await floor.rows(
        "SELECT DISTINCT mode, agent_id IS NOT NULL, started_at <= rang_at, rang_at < answered_at, "
        "answered_at <= connected_at, connected_at < ended_at FROM call_attempts"
    )
    assert told == [("PROGRESSIVE", True, True, True, True, True)]
    assert await floor.value("SELECT count(DISTINCT agent_id) FROM call_attempts") == 3
    assert await wrong(floor) == []


async def test_an_entry_is_connected_and_its_agent_talks_while_the_call_is_up(
    floor: Floor,
) -> None:
    campaign = await calling(floor, "PROGRESSIVE", 1, ANSWERS | {"seconds": 0.02})
    viewer = await floor.agent(campaign)
    async with working(floor):
        await until(
            floor,
            "SELECT 1 FROM hopper_entries e JOIN agent_desks d ON d.claim_token = e.claim_token "
            "WHERE e.state = 'CONNECTED' AND e.agent_id = $1 AND d.state = 'TALKING'",
            viewer.user_id,
        )
        await until(floor, ALL_CLOSED)
    assert [state for state, _ in await floor.moments(viewer)] == [
        "READY",
        "RINGING",
        "TALKING",
        "WRAP_UP",
    ]
    desk = await floor.rows(
        "SELECT stage, attempt_id = (SELECT id FROM call_attempts), "
        "contact_id IS NOT NULL FROM agent_desks"
    )
    assert desk == [("ENDED", True, True)]


async def test_who_answers_and_finds_no_agent_within_the_queue_timeout_is_dropped(
    floor: Floor,
) -> None:
    campaign = await calling(floor, "POWER", 3, ANSWERS | {"seconds": 0.02}, power_level=3)
    await floor.agent(campaign)
    async with working(floor):
        await until(floor, "SELECT 1 FROM call_attempts HAVING count(*) = 3")
    assert await statuses(floor) == {"ANSWER": 1, "DROP": 2}
    dropped = "SELECT DISTINCT answered_at IS NULL, connected_at, agent_id FROM call_attempts"
    assert await floor.rows(f"{dropped} WHERE status = 'DROP'") == [(False, None, None)]
    assert await floor.rows("SELECT drop FROM hopper_phones") == [(1,), (1,)]
    assert await wrong(floor) == []


async def test_an_agent_whose_telephone_is_silent_when_a_call_comes_is_paused(
    floor: Floor,
) -> None:
    """The caller is dropped, and nobody else is called for an agent who is not there."""
    simulation = ANSWERS | {"seconds": 0.01, "absent": ["101"]}
    campaign = await calling(floor, "PROGRESSIVE", 3, simulation)
    viewer = await floor.agent(campaign, endpoint="101")
    async with working(floor):
        await until(floor, "SELECT 1 FROM agent_desks WHERE state = 'PAUSED'")
        await asyncio.sleep(0.2)
    assert await floor.rows("SELECT status, agent_id FROM call_attempts") == [
        ("DROP", viewer.user_id)
    ]
    assert (await floor.moments(viewer))[-1] == ("PAUSED", UNANSWERED)


async def test_who_waits_longer_than_their_patience_hangs_up_and_is_abandoned(
    floor: Floor,
) -> None:
    simulation = ANSWERS | {"seconds": 0.03, "patience": 10, "seed": 9}
    campaign = await calling(floor, "POWER", 3, simulation, power_level=3, queue_timeout=60)
    await floor.agent(campaign)
    async with working(floor):
        await until(floor, "SELECT 1 FROM call_attempts HAVING count(*) = 3")
    assert await statuses(floor) == {"ABANDONED": 2, "ANSWER": 1}
    assert await floor.rows("SELECT abandoned FROM hopper_phones") == [(1,), (1,)]
    assert await wrong(floor) == []


async def test_who_waits_has_the_agent_who_comes_free_in_time(floor: Floor) -> None:
    campaign = await calling(
        floor, "POWER", 2, ANSWERS | {"seconds": 0.01}, power_level=2, queue_timeout=60
    )
    viewer = await floor.agent(campaign)
    async with working(floor), at_work(floor, viewer):
        await until(floor, ALL_CLOSED)
    assert await statuses(floor) == {"ANSWER": 2}


async def test_two_workers_ring_five_numbers_for_two_agents_at_a_power_of_two_and_a_half(
    floor: Floor,
) -> None:
    campaign = await calling(
        floor, "POWER", 20, {"weights": {"NO_ANSWER": 1}, "seconds": 0.02}, power_level=2.5
    )
    for _ in range(2):
        await floor.agent(campaign)
    most = 0
    async with working(floor, 2):
        while await floor.value("SELECT count(*) FROM call_attempts") < 10:
            up = await floor.value("SELECT count(*) FROM hopper_entries WHERE state = 'DIALING'")
            most = max(most, up)
    assert most == 5


async def test_predictive_workers_keep_the_abandoned_rate_within_the_cap(floor: Floor) -> None:
    """reliability 5: over-dialing by what is known of the campaign, one to one without it."""
    simulation = {"weights": {"ANSWER": 1, "NO_ANSWER": 1}, "seconds": 0.002, "patience": 0}
    campaign = await calling(floor, "PREDICTIVE", 150, simulation, originate_timeout=20)
    await floor.rows(
        "INSERT INTO answer_hours (campaign_id, hour, answered, abandoned) "
        "VALUES ($1, date_trunc('hour', now()), 1000, 27)",
        campaign,
    )
    staff = [await floor.agent(campaign) for _ in range(4)]
    async with working(floor, 2), at_work(floor, *staff):
        await until(floor, "SELECT 1 FROM call_attempts HAVING count(*) > 120", seconds=30)
    [(answered, abandoned)] = await floor.rows(
        "SELECT sum(answered)::int, sum(abandoned)::int FROM answer_hours"
    )
    assert int(str(abandoned)) <= 0.03 * int(str(answered))
    assert await statuses(floor)


async def test_calls_that_are_up_when_a_campaign_pauses_are_finished_and_no_other_made(
    floor: Floor,
) -> None:
    campaign = await calling(floor, "PROGRESSIVE", 5, ANSWERS | {"seconds": 0.03})
    staff = [await floor.agent(campaign) for _ in range(2)]
    async with working(floor), at_work(floor, *staff):
        await until(floor, "SELECT 1 FROM agent_desks WHERE state = 'TALKING'")
        await floor.rows("UPDATE campaigns SET state = 'PAUSED'")
        await until(floor, "SELECT 1 FROM hopper_entries HAVING bool_and(state = 'READY')")
        made = await floor.value("SELECT count(*) FROM call_attempts")
        await asyncio.sleep(0.3)
        assert await floor.value("SELECT count(*) FROM call_attempts") == made
    assert set(await statuses(floor)) == {"ANSWER"}
    assert await floor.rows("SELECT DISTINCT state FROM agent_desks") == [("READY",)]


async def own_customer(floor: Floor, simulation: dict[str, object], endpoint: str) -> Viewer:
    """An agent whose automatic dialing goes on, with one customer of their own."""
    campaign = await calling(floor, "AGENT_FIRST", 2, simulation, dialway="AUTO")
    viewer = await floor.agent(campaign, endpoint=endpoint)
    await floor.rows(
        "UPDATE hopper_entries SET owner_id = $1, is_owner_only = true "
        "WHERE id = (SELECT min(id) FROM hopper_entries)",
        viewer.user_id,
    )
    return viewer


async def test_an_agent_first_who_does_not_answer_leaves_no_trace_on_the_customer(
    floor: Floor,
) -> None:
    """R-02: no attempt, no counter; the agent is paused and says when they are back."""
    simulation = ANSWERS | {"seconds": 0.01, "absent": ["101"]}
    viewer = await own_customer(floor, simulation, "101")
    async with working(floor):
        await until(floor, "SELECT 1 FROM agent_desks WHERE state = 'PAUSED'")
        await asyncio.sleep(0.2)
    assert await floor.moments(viewer) == [
        ("READY", ""),
        ("RINGING", ""),
        ("PAUSED", UNANSWERED),
    ]
    entries = await floor.rows("SELECT state, total_attempts, claim_token FROM hopper_entries")
    assert entries == [("READY", 0, None), ("READY", 0, None)]
    assert await floor.value("SELECT count(*) FROM call_attempts") == 0


async def test_an_agent_whose_telephone_rings_when_the_worker_stops_is_ready_again(
    floor: Floor,
) -> None:
    """F3: nobody left them waiting, so they are not paused either."""
    viewer = await own_customer(floor, ANSWERS | {"seconds": 9, "absent": ["101"]}, "101")
    async with working(floor):
        await until(floor, "SELECT 1 FROM agent_desks WHERE stage = 'RINGING_AGENT'")
    assert (await floor.rows(DESK, viewer.user_id))[0][0] == "READY"
    assert await floor.rows("SELECT DISTINCT state, total_attempts FROM hopper_entries") == [
        ("READY", 0)
    ]


class OutOfOrder:
    """A telephony that cannot be reached."""

    is_ready = True

    async def originate(self, call: Call, line: Line) -> CallResult:
        raise ConnectionError("refused")

    async def hangup(self, call: Call) -> None: ...


async def test_an_agents_call_that_no_exchange_places_is_no_attempt_and_not_tried_again(
    floor: Floor,
) -> None:
    viewer = await own_customer(floor, ANSWERS, "101")
    drivers = Drivers()
    drivers.add(Driver.SIMULATED, lambda wanted: OutOfOrder())
    async with working(floor, drivers=drivers):
        await until(floor, "SELECT 1 FROM agent_desks WHERE state = 'PAUSED'", seconds=4)
    assert (await floor.moments(viewer))[-1] == ("PAUSED", UNREACHABLE)
    assert await floor.rows("SELECT DISTINCT state, total_attempts FROM hopper_entries") == [
        ("READY", 0)
    ]
    assert await floor.value("SELECT count(*) FROM call_attempts") == 0


async def test_an_agent_first_is_on_the_line_before_their_own_customer_is_called(
    floor: Floor,
) -> None:
    """R-01, R-02: only the customer who is theirs, and never before the agent's telephone."""
    viewer = await own_customer(floor, ANSWERS | {"seconds": 0.02}, "102")
    stages = []
    async with working(floor):
        for stage in ("RINGING_AGENT", "RINGING_CUSTOMER", "TALKING", "ENDED"):
            await until(floor, "SELECT 1 FROM agent_desks WHERE stage = $1", stage)
            stages.append(await floor.value("SELECT count(*) FROM call_attempts"))
        await asyncio.sleep(0.2)
    assert stages == [0, 0, 0, 1]
    assert await floor.rows("SELECT status, agent_id FROM call_attempts") == [
        ("ANSWER", viewer.user_id)
    ]


async def test_who_opts_out_while_the_agents_telephone_rings_is_not_called(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked again right before the number is rung (reliability 5); the agent is ready again."""
    answers = SimulatedTelephony._agent_answers

    async def opt_out_and_answer(self: SimulatedTelephony, *given: Any) -> bool:
        await floor.rows(
            "INSERT INTO blacklist_entries (number, is_everywhere, is_opt_out) "
            "SELECT current_number, true, true FROM hopper_entries WHERE state = 'DIALING'"
        )
        return await answers(self, *given)

    monkeypatch.setattr(SimulatedTelephony, "_agent_answers", opt_out_and_answer)
    viewer = await own_customer(floor, ANSWERS | {"seconds": 0.01}, "102")
    async with working(floor):
        await until(floor, "SELECT 1 FROM final_results")
    assert await floor.rows("SELECT status FROM call_attempts") == [("BLACKLIST",)]
    assert await floor.moments(viewer) == [("READY", ""), ("RINGING", ""), ("READY", "")]


async def previewing(floor: Floor, simulation: dict[str, object]) -> Viewer:
    campaign = await calling(floor, "PREVIEW", 1, simulation)
    viewer = await floor.agent(campaign, endpoint="101")
    assert await floor.does(viewer, agents.preview_next)
    return viewer


async def test_a_previewed_customer_is_called_when_the_agent_says_so_until_they_hang_up(
    floor: Floor,
) -> None:
    """X-38: nobody is called before; the agent's order ends a talk of minutes at once."""
    viewer = await previewing(floor, ANSWERS | {"seconds": 0.05})
    async with working(floor):
        await asyncio.sleep(0.3)
        assert (await floor.rows(DESK, viewer.user_id))[0][:2] == ("PREVIEWING", "PREVIEW")
        await floor.does(viewer, agents.dial_previewed)
        await until(floor, "SELECT 1 FROM agent_desks WHERE state = 'TALKING'", seconds=4)
        await floor.rows("UPDATE campaigns SET simulation = '{\"seconds\": 9}'")
        await floor.does(viewer, agents.hang_up)
        await until(floor, "SELECT 1 FROM agent_desks WHERE state = 'WRAP_UP'", seconds=2)
    assert await statuses(floor) == {"ANSWER": 1}
    assert await wrong(floor) == []


async def test_a_call_that_its_agent_lets_go_before_the_answer_is_an_agent_reject(
    floor: Floor,
) -> None:
    viewer = await previewing(floor, {"weights": {"NO_ANSWER": 1}, "seconds": 0.1})
    async with working(floor):
        await floor.does(viewer, agents.dial_previewed)
        await until(floor, "SELECT 1 FROM agent_desks WHERE stage = 'RINGING_CUSTOMER'")
        await floor.does(viewer, agents.reject_call)
        await until(floor, "SELECT 1 FROM call_attempts", seconds=2)
    assert await statuses(floor) == {"AGENT_REJECT": 1}
    assert (await floor.rows(DESK, viewer.user_id))[0][0] == "READY"


async def test_an_agent_whose_calls_worker_was_killed_is_freed_when_the_lease_ends(
    floor: Floor,
) -> None:
    """F10, F17: kill -9 during the talk; the call is LOST and counted, the agent wraps up."""
    campaign = await calling(floor, "PROGRESSIVE", 1, ANSWERS | {"seconds": 1})
    viewer = await floor.agent(campaign)
    await floor.rows("UPDATE campaigns SET clock_rate = 10")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROCESS, floor.database.url, env=os.environ
    )
    await until(floor, "SELECT 1 FROM hopper_entries WHERE state = 'CONNECTED'")
    process.send_signal(signal.SIGKILL)
    await process.wait()
    assert (await floor.rows(DESK, viewer.user_id))[0][0] == "TALKING"
    await floor.rows("UPDATE hopper_entries SET lease_until = clock_timestamp()")
    async with working(floor):
        await until(floor, "SELECT 1 FROM agent_desks WHERE state = 'WRAP_UP'", seconds=5)
        await until(floor, "SELECT 1 FROM call_attempts WHERE status = 'LOST'", seconds=5)
    assert await floor.rows("SELECT state, total_attempts FROM hopper_entries") == [
        ("WAIT_RETRY", 1)
    ]
