# SPDX-License-Identifier: Apache-2.0
"""The driver against what a real Asterisk said: 46 calls, in order, shuffled, amid nonsense."""

import asyncio
import json
from typing import Any

import pytest

from server.telephony.port import CallResult
from tests.telephony.asterisk.conversing import Line, call_of, driver_for, line_of, make_again
from tests.telephony.asterisk.replay import (
    Replay,
    Spoil,
    recording,
    recordings,
    replaying,
    shuffled,
)

NONSENSE = [
    "",
    "not json",
    "null",
    "[]",
    "1e999",
    '{"type": 5}',
    '{"type": "StasisStart"}',
    '{"type": "ChannelDestroyed", "channel": {"id": 7}, "cause": "busy"}',
    '{"type": "ChannelDestroyed", "channel": []}',
    '{"type": "Dial", "dialstatus": "BUSY"}',
    '{"type": "Dial", "dialstatus": {"a": 1}, "peer": {"id": "rubrica-1-c0ffee-n"}}',
    '{"type": "ChannelStateChange", "channel": {"id": "rubrica-1-c0ffee-n", "state": 9}}',
    '{"type": "NeverHeardOf", "channel": {"id": "rubrica-1-c0ffee-n"}}',
    '{"type": "ChannelDestroyed", "channel": {"id": "rubrica-1-somebody-n"}, "cause": 17}',
    "[" * 50_000,
    '{"type": "' + "x" * 200_000 + '"}',
    '{"type": "StasisStart", "channel": {"id": "\\ud800"}, "args": "many"}',
]


AT_ONCE = asyncio.Semaphore(12)  # exchanges on this loop: events are late where it is busy


async def again(name: str, spoil: Spoil | None = None) -> tuple[CallResult, Line, Replay]:
    recorded = recording(name)
    async with AT_ONCE, replaying(recorded["steps"], spoil) as replay:
        driver, line = driver_for(replay, recorded), line_of(recorded)
        try:
            result = await make_again(driver, recorded, line)
        finally:
            await driver.close()
    return result, line, replay


async def all_again(names: list[str], spoil: Spoil | None = None) -> dict[str, tuple[Any, ...]]:
    found = await asyncio.gather(*(again(name, spoil) for name in names))
    return {
        name: (result.status and result.status.value, result.cause, line.told)
        for name, (result, line, _) in zip(names, found, strict=True)
    }


def as_recorded(names: list[str]) -> dict[str, tuple[Any, ...]]:
    found = {name: recording(name) for name in names}
    return {name: (it["status"], it["cause"], it["told"]) for name, it in found.items()}


async def test_each_recorded_call_ends_as_it_did_on_the_exchange() -> None:
    names = recordings()
    assert len(names) == 46
    assert await all_again(names) == as_recorded(names)


@pytest.mark.parametrize("seed", range(4))
async def test_events_doubled_and_in_any_order_end_in_the_same_state(seed: int) -> None:
    """F18. Those of one call that ended before it was answered come all at once here."""
    names = recordings()
    expected = as_recorded(names)
    found = await all_again(names, shuffled(seed))
    assert {name: it[0] for name, it in found.items()} == {
        name: it[0] for name, it in expected.items()
    }
    assert {name: it[1] for name, it in found.items()} == {
        name: it[1] for name, it in expected.items()
    }
    for name, (_, _, told) in found.items():
        assert len(told) == len(set(told)), (name, told)  # each at most once


async def test_moments_are_the_exchanges_own_and_the_earliest_told() -> None:
    result, _, _ = await again("answer", shuffled(1))
    events = [step["event"] for step in recording("answer")["steps"] if "event" in step]
    ringing = min(
        event["timestamp"]
        for event in events
        if event.get("dialstatus") == "RINGING" or event["type"] == "ChannelStateChange"
    )
    answered = next(event["timestamp"] for event in events if event.get("dialstatus") == "ANSWER")
    assert result.rang_at is not None
    assert result.rang_at.isoformat(timespec="milliseconds") == f"{ringing[:23]}+00:00"
    assert result.answered_at is not None
    assert result.answered_at.isoformat(timespec="milliseconds") == f"{answered[:23]}+00:00"
    assert result.unique_id == "rubrica-1-c0ffee-n"


async def test_a_number_that_may_not_ring_any_more_does_not_after_the_agents_telephone() -> None:
    recorded = recording("agent_first")
    steps, agent = recorded["steps"], "/channels/rubrica-1-c0ffee-a"
    begins = next(i for i, s in enumerate(steps) if "/ring" in s.get("request", {}).get("path", ""))
    gone = next(s for s in steps if s.get("event", {}).get("type") == "ChannelDestroyed")
    hangs_up = {"request": {"method": "DELETE", "path": agent}, "answer": {"status": 204}}
    async with replaying([*steps[:begins], hangs_up, gone]) as replay:
        driver, line = driver_for(replay, recorded), line_of(recorded)
        line.is_refused = True
        result = await make_again(driver, recorded, line)
        await driver.close()
    assert (result.status, line.told) == (None, [])
    assert replay.asked == ["GET /channels", f"POST {agent}", f"DELETE {agent}"]


async def test_nonsense_between_the_events_changes_nothing() -> None:
    """F18: no JSON, no type, no channel, no end of brackets."""

    def spoil(frames: list[str]) -> list[str]:
        return [bad for frame in frames for bad in (*NONSENSE, frame)]

    names = ["answer", "busy", "no_answer", "agent_after_answer", "agent_first"]
    assert await all_again(names, spoil) == as_recorded(names)


async def test_a_frame_without_end_costs_the_connection_but_not_the_call() -> None:
    """The stream is opened again and compared with the exchange's list of channels."""
    recorded = recording("no_answer")
    steps = recorded["steps"]
    ended = next(
        i for i, s in enumerate(steps) if s.get("event", {}).get("type", "")[-9:] == "Destroyed"
    )
    channel = steps[ended]["event"]["channel"] | {"state": "Ringing"}
    listing = {"request": {"method": "GET", "path": "/channels"}}
    listing["answer"] = {"status": 200, "body": [channel]}  # type: ignore[dict-item]
    huge = {"event": {"type": "ChannelVarset", "value": "x" * 2_000_000}}
    async with replaying([*steps[:ended], huge, listing, *steps[ended:]]) as replay:
        driver, line = driver_for(replay, recorded), line_of(recorded)
        result = await make_again(driver, recorded, line)
        await driver.close()
    assert (result.status, line.told) == ("NO_ANSWER", ["taken", "rings"])
    assert replay.asked.count("GET /channels") == 2


async def test_what_was_rung_is_what_the_templates_say() -> None:
    recorded = recording("agent_after_answer")
    rung = [
        (step["request"]["path"], step["request"]["params"]["endpoint"])
        for step in recorded["steps"]
        if "endpoint" in step.get("request", {}).get("params", {})
    ]
    assert rung == [
        ("/channels/rubrica-1-c0ffee-n", "PJSIP/+3906000024@trunk"),
        ("/channels/rubrica-1-c0ffee-a", "PJSIP/agent1"),
    ]
    _, _, replay = await again("agent_after_answer")
    assert replay.asked == [
        f"{step['request']['method']} {step['request']['path']}"
        for step in recorded["steps"]
        if "request" in step
    ]
    # The secret stands in a header of each request, and in no address (ASVS 14.2.1).
    assert replay.authorizations == {"Basic cnVicmljYTpzZWNyZXQ="}


@pytest.mark.parametrize(
    "name", [name for name in recordings() if name.startswith(("killed", "cut"))]
)
async def test_the_next_call_goes_through_after_the_exchange_came_back(name: str) -> None:
    recorded = recording(name)
    async with replaying(recorded["steps"]) as replay:
        driver, line = driver_for(replay, recorded), line_of(recorded)
        await make_again(driver, recorded, line)
        following = recorded | {"number": "+3906000002", "options": {}, "taker": ""}
        second = Line(None)
        async with asyncio.timeout(10):
            result = await driver.originate(call_of(following, "again"), second)
        await driver.close()
    assert (result.status, result.unique_id) == ("BUSY", "rubrica-1-again-n")
    assert json.dumps(second.told) == '["taken"]'
