# SPDX-License-Identifier: Apache-2.0
"""How much a statement reads."""

import json
from collections.abc import Iterator
from typing import Any

import asyncpg


async def rows_read(connection: asyncpg.Connection, statement: str, *given: object) -> int:
    """The rows that it looks at while it runs, those that it then does not take too."""
    explained = await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", *given)
    return sum(
        node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
        for node in _every_node(json.loads(explained)[0]["Plan"])
        if "Relation Name" in node
    )


def _every_node(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", []):
        yield from _every_node(below)
