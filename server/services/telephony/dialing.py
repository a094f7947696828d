# SPDX-License-Identifier: Apache-2.0
"""What a dialer reads of exchanges: how to reach one, and whose calls somebody still holds."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import asyncpg

from server.domain.telephony import Exchange
from server.models import TelephonyExchange

_EXCHANGES = """
SELECT id, tenant_id, url, username, secret, application, dial_template, agent_template,
  answered_context, detects_machines, created_at
FROM telephony_exchanges e WHERE EXISTS
  (SELECT 1 FROM campaigns c WHERE c.exchange_id = e.id AND c.driver = 'ASTERISK')
"""
_LIVE = """
SELECT claim_token FROM hopper_entries
WHERE claim_token = ANY($1::uuid[]) AND state IN ('DIALING', 'CONNECTED')
  AND lease_until >= clock_timestamp()
"""


def mark_of(exchange_id: int, created_at: datetime) -> str:
    """Begins the names of our channels: another installation on the same exchange has others."""
    return f"rubrica-{exchange_id}.{int(created_at.timestamp() * 1000):x}"


def exchange_of(row: TelephonyExchange | asyncpg.Record) -> Exchange:
    names = (
        *("id", "tenant_id", "url", "username", "secret", "application", "dial_template"),
        *("agent_template", "answered_context", "detects_machines", "created_at"),
    )
    values = {
        name: getattr(row, name) if isinstance(row, TelephonyExchange) else row[name]
        for name in names
    }
    mark = mark_of(values["id"], values.pop("created_at"))
    return Exchange(**values, mark=mark)


async def read_exchanges(connection: asyncpg.Connection) -> dict[int, Exchange]:
    """Those that campaigns call by, by id."""
    rows = await connection.fetch(_EXCHANGES)
    return {row["id"]: exchange_of(row) for row in rows}


async def live_calls(connection: asyncpg.Connection, keys: Sequence[str]) -> set[str]:
    """Of these calls' keys, which are the tokens of claims, those whose lease still runs."""
    tokens = []
    for key in keys:
        try:
            tokens.append(uuid.UUID(hex=key))
        except ValueError:
            continue  # a name that only looks like ours
    rows = await connection.fetch(_LIVE, tokens)
    return {row["claim_token"].hex for row in rows}
