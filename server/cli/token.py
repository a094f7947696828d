# SPDX-License-Identifier: Apache-2.0
"""`rubrica token`: API tokens for scripts."""

from typing import TYPE_CHECKING, Annotated

import typer

from .once import naming, once
from .options import DataDir, settings_of
from .user import AnyTenant

if TYPE_CHECKING:
    from server.database import Database

app = typer.Typer(no_args_is_help=True, help="Create API tokens.")


@app.callback()
def _group() -> None:
    """Keep `token create` two words, though there is one command."""


@app.command()
def create(
    user: Annotated[str, typer.Option("--user", help="The log-in name that it stands for.")],
    tenant: AnyTenant = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            "--scope",
            help="A permission such as contacts.view; may be given again.",
            show_default="all of the user's",
        ),
    ] = None,
    days: Annotated[int, typer.Option("--days", help="Days until it expires, 365 at most.")] = 90,
    data_dir: DataDir = None,
) -> None:
    """Print a new token, and nothing else; it is shown this once."""
    from server.services import account, users

    async def act(database: "Database") -> str:
        tenant_id = await users.find_tenant_of(database, user, tenant=tenant)
        async with database.transaction(tenant_id) as session:
            owner = await users.find_user(session, user)
            created = await account.install_token(
                session, owner, name="Command line", scopes=scope or None, days=days
            )
        return created.secret

    with naming(user=user):
        secret = once(settings_of(data_dir=data_dir), act)
    typer.echo(secret)
