# SPDX-License-Identifier: Apache-2.0
"""The simulator's answer to a scenario."""

import asyncio
from typing import Any

from strawberry.scalars import JSON

from server.context import Context
from server.domain.simulation import ScenarioRefused, simulate

MOST_CALLS = 20_000  # about a quarter of a second of one core


async def simulation(context: Context, scenario: JSON) -> dict[str, Any]:
    """The scenario's answer, or the place in it that it was refused for."""
    try:
        answer = await asyncio.to_thread(simulate, scenario, MOST_CALLS)
    except ScenarioRefused as refused:
        error = {"code": refused.code, "field": refused.field, "message": refused.message}
        return {"answer": None, "userErrors": [error]}
    return {"answer": answer, "userErrors": []}
