# SPDX-License-Identifier: Apache-2.0
"""How Alembic runs our migrations: one process at a time, and never queueing on a lock."""

import asyncio
import time

from alembic import context
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from server.database import plain_url
from server.database.migrations import connect_as_owner
from server.models import Base
from server.settings import SetupError, load

ONE_AT_A_TIME = 7_282_742_263  # the advisory lock's number, "rubrica" typed on a phone: 7-822-7422
PATIENCE = 120.0  # seconds that a process waits while another one migrates


def include_object(
    _object: object, name: str | None, kind: str, _reflected: bool, _compared: object
) -> bool:
    """pgqueuer's tables are installed by a migration and described by pgqueuer."""
    return not (kind == "table" and name is not None and name.startswith("pgqueuer"))


def database_url() -> str:
    """From the caller; on Alembic's own command line from the settings."""
    given = context.config.attributes.get("url")
    if isinstance(given, str):
        return given
    settings = load()
    if settings.database_url is not None:
        return plain_url(settings.database_url.get_secret_value())
    from server.database.embedded import ensure_server

    return ensure_server(settings.data_dir)


def run(connection: Connection) -> None:
    """Take turns by an advisory lock, polled: a waiting query would hold a snapshot open."""
    deadline = time.monotonic() + PATIENCE
    while not connection.scalar(text("SELECT pg_try_advisory_lock(:n)"), {"n": ONE_AT_A_TIME}):
        connection.rollback()
        if time.monotonic() > deadline:
            raise SetupError("another process has been migrating for two minutes: see what it does")
        time.sleep(0.05)
    connection.execute(text("SET lock_timeout = '1s'"))
    connection.execute(text("SET idle_in_transaction_session_timeout = 0"))
    connection.commit()
    try:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            include_object=include_object,
            compare_type=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:n)"), {"n": ONE_AT_A_TIME})
        connection.commit()


async def main() -> None:
    url = database_url()
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: connect_as_owner(url),
        poolclass=pool.NullPool,
    )
    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()


if context.is_offline_mode():
    context.configure(dialect_name="postgresql", target_metadata=Base.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    asyncio.run(main())
