# SPDX-License-Identifier: Apache-2.0
"""A worker looks again right before it rings a number (reliability 5, design rule a)."""

from typing import Any

import asyncpg
import pytest

from server.services.dialer import Taken, attach_list, claim_calls
from server.telephony import Call, CallResult, Line, SimulatedTelephony
from tests.dialer.test_worker import ALL_CLOSED, AT_ONCE, people, until, working
from tests.services.dialer.centre import Centre


async def test_nobody_is_rung_who_opted_out_after_the_claim(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The opt-out commits with the claim itself, as one of a moment later would."""

    async def claim_and_opt_out(connection: asyncpg.Connection, *given: Any, **also: Any) -> Taken:
        taken = await claim_calls(connection, *given, **also)
        await connection.execute(
            "INSERT INTO blacklist_entries (number, is_everywhere, is_opt_out) "
            "SELECT unnest($1::text[]), true, true ON CONFLICT DO NOTHING",
            [call.number for call in taken.calls],
        )
        return taken

    rung: list[str] = []
    originate = SimulatedTelephony.originate

    async def ring(telephony: SimulatedTelephony, call: Call, line: Line) -> CallResult:
        rung.append(call.number)
        return await originate(telephony, call, line)

    monkeypatch.setattr("server.dialer.runner.claim_calls", claim_and_opt_out)
    monkeypatch.setattr(SimulatedTelephony, "originate", ring)
    campaign = await centre.campaign(**AT_ONCE)
    list_id = await people(centre, 10)
    async with working(centre):
        await centre.within(lambda c: attach_list(c, campaign, list_id))
        await until(centre, ALL_CLOSED)
    assert rung == []
    assert await centre.rows("SELECT DISTINCT status FROM call_attempts") == [("BLACKLIST",)]
    assert {reason for _, reason in await centre.reasons(campaign)} == {"ALL_PHONES_BLOCKED"}
