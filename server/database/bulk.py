# SPDX-License-Identifier: Apache-2.0
"""COPY for tables with row-level security, which PostgreSQL refuses to copy into directly."""

from collections.abc import Iterable, Sequence

import asyncpg


async def copy_rows(
    connection: asyncpg.Connection,
    table: str,
    columns: Sequence[str],
    records: Iterable[Sequence[object]],
) -> int:
    """COPY into a temporary table and insert from there, in the connection's transaction.

    The policies check each row, and `tenant_id` is the transaction's unless it is a column given.
    Names are ours, never a caller's. The answer is the number of rows.
    """
    names = ", ".join(f'"{column}"' for column in columns)
    staging = f"staging_{table}"
    await connection.execute(
        f'CREATE TEMPORARY TABLE "{staging}" ON COMMIT DROP AS '
        f'SELECT {names} FROM "{table}" WITH NO DATA'
    )
    await connection.copy_records_to_table(staging, records=records, columns=list(columns))
    done: str = await connection.execute(
        f'INSERT INTO "{table}" ({names}) SELECT {names} FROM "{staging}"'
    )
    await connection.execute(f'DROP TABLE "{staging}"')
    return int(done.rpartition(" ")[2])
