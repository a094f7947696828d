# SPDX-License-Identifier: Apache-2.0
"""Do-not-call entries: which numbers a campaign must not dial (C-26, C-27)."""

from collections.abc import Sequence

import asyncpg

_BLACKLISTED = """
SELECT number FROM blacklist_entries
WHERE tenant_id = rubrica_tenant() AND number = ANY($1::text[])
  AND (campaign_id IS NULL OR campaign_id = $2)
"""


async def blacklisted_numbers(
    connection: asyncpg.Connection, numbers: Sequence[str], campaign_id: int
) -> set[str]:
    """Those of `numbers` that stand on the tenant's blacklist or on this campaign's."""
    rows = await connection.fetch(_BLACKLISTED, numbers, campaign_id)
    return {row[0] for row in rows}
