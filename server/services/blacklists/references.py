# SPDX-License-Identifier: Apache-2.0
"""What kept do-not-call entries refer to, and whether it is still there when they come back."""

import json
from collections.abc import Sequence
from typing import Any

import asyncpg

Row = dict[str, Any]

_PRESENT = """
SELECT g.id FROM jsonb_to_recordset($1::jsonb)
  AS g(id bigint, contact_id bigint, campaign_id bigint, list_id bigint)
WHERE (g.contact_id IS NULL OR EXISTS (SELECT 1 FROM contacts c WHERE c.id = g.contact_id))
  AND (g.campaign_id IS NULL OR EXISTS (SELECT 1 FROM campaigns k WHERE k.id = g.campaign_id))
  AND (g.list_id IS NULL OR EXISTS (SELECT 1 FROM contact_lists l WHERE l.id = g.list_id))
"""
_AUTHORS = "SELECT id FROM users WHERE id = ANY($1::bigint[])"


async def still_standing(connection: asyncpg.Connection, rows: Sequence[Row]) -> list[Row]:
    """The rows whose person, campaign and list are there; an author who is gone is left out."""
    if not rows:
        return []
    present = {row[0] for row in await connection.fetch(_PRESENT, json.dumps(list(rows)))}
    authors = [row["created_by_id"] for row in rows if row["created_by_id"]]
    known = {row[0] for row in await connection.fetch(_AUTHORS, authors)}
    return [
        {**row, "created_by_id": row["created_by_id"] if row["created_by_id"] in known else None}
        for row in rows
        if row["id"] in present
    ]
