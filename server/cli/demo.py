# SPDX-License-Identifier: Apache-2.0
"""`rubrica demo`: synthetic contacts for tests, benchmarks and demonstrations."""

from typing import TYPE_CHECKING, Annotated

import typer

from .once import once
from .options import DataDir, Tenant, settings_of

if TYPE_CHECKING:
    from server.database import Database
    from server.services.demo import Synthesized


def demo(
    contacts: Annotated[int, typer.Option("--contacts", min=1, help="How many contacts.")] = 1000,
    seed: Annotated[
        int, typer.Option("--seed", min=0, help="The same seed makes the same people.")
    ] = 1,
    tenant: Tenant = "default",
    data_dir: DataDir = None,
) -> None:
    """Load invented contacts, with some 1.5 additional numbers each, on a list of their own.

    Given again, it adds only those that are missing.
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    from server.domain.text import clean
    from server.services.demo import load_synthetic
    from server.services.tenants import ensure_tenant

    centre = clean(tenant, "tenant", longest=100, required=True)
    console = Console(stderr=True)
    columns = (TextColumn("Contacts"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())

    async def act(database: "Database") -> "Synthesized":
        async with database.transaction(None) as session:
            tenant_id = await ensure_tenant(session, centre)
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task("", total=contacts)
            made = await load_synthetic(
                database,
                tenant_id,
                contacts=contacts,
                seed=seed,
                progress=lambda done: bar.update(task, completed=done),
            )
        if made.contacts:
            await _analyze(database.url)
        return made

    made = once(settings_of(data_dir=data_dir), act)
    typer.echo(
        f"{made.contacts:,} contacts with {made.phones:,} additional numbers are new on the list "
        f"“{made.list_name}” of the centre {centre}; {made.present:,} were there before."
    )


async def _analyze(url: str) -> None:
    """Fresh statistics, which only the owner may take: the next search is planned with them."""
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        await connection.execute("ANALYZE contacts, additional_phones, list_members")
    finally:
        await connection.close()
