# SPDX-License-Identifier: Apache-2.0
"""`rubrica user`: the first users of a centre, and a password for whoever lost theirs."""

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from server.settings import SetupError

from .once import naming, once
from .options import DataDir, Tenant, settings_of

if TYPE_CHECKING:
    from server.database import Database

app = typer.Typer(no_args_is_help=True, help="Create users, set their passwords.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name to log in with.")]
AnyTenant = Annotated[
    str | None,
    typer.Option("--tenant", help="The centre, by its name.", show_default="the user's own"),
]
PasswordStdin = Annotated[
    bool,
    typer.Option(
        "--password-stdin",
        help="Read the password from standard input; without it you are asked.",
        show_default=False,
    ),
]


class RoleName(StrEnum):
    """The roles as a command line spells them."""

    admin = "admin"
    supervisor = "supervisor"
    agent = "agent"


@app.command()
def create(
    name: Name,
    role: Annotated[RoleName, typer.Option("--role", case_sensitive=False, help="What they are.")],
    profile: Annotated[
        str | None,
        typer.Option(
            "--profile",
            help="The user profile, by its name: what a supervisor or an agent may do.",
            show_default=False,
        ),
    ] = None,
    tenant: Tenant = "default",
    password_stdin: PasswordStdin = False,
    data_dir: DataDir = None,
) -> None:
    """Create a user, and the centre if there is none of that name."""
    from server.domain.text import clean
    from server.services import users
    from server.services.tenants import enter_new_tenant

    centre = clean(tenant, "tenant", longest=100, required=True)
    given = users.UserInput(name=name, role=role.value.upper(), password=_password(password_stdin))

    async def act(database: "Database") -> str:
        async with database.transaction(None) as session:
            await enter_new_tenant(session, centre)
            return (await users.install_user(session, given, profile=profile)).name

    with naming(profile=profile):
        created = once(settings_of(data_dir=data_dir), act)
    typer.echo(f"{created} may log in to the centre {centre} as {role.value}.")


@app.command()
def password(
    name: Name,
    tenant: AnyTenant = None,
    password_stdin: PasswordStdin = False,
    data_dir: DataDir = None,
) -> None:
    """Set a user's password; their sessions end, and failed tries are forgotten."""
    from server.services import users

    chosen = _password(password_stdin)

    async def act(database: "Database") -> None:
        tenant_id = await users.find_tenant_of(database, name, tenant=tenant)
        async with database.transaction(tenant_id) as session:
            await users.reset_password(session, await users.find_user(session, name), chosen)

    with naming(user=name):
        once(settings_of(data_dir=data_dir), act)
    typer.echo(f"{name} may log in with the new password.")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        line = sys.stdin.buffer.readline(4096)
        try:
            return line.decode().rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise SetupError("the password on standard input is not UTF-8 text") from error
    if not sys.stdin.isatty():
        raise SetupError("there is no terminal to ask for the password: give --password-stdin")
    answer: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return answer
