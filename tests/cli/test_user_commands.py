# SPDX-License-Identifier: Apache-2.0
"""`rubrica user` and `rubrica token`, run as scripts run them."""

import asyncio
import os
import sys
from dataclasses import dataclass

import asyncpg

from server.database import Database
from server.domain.permissions import ALL_PERMISSIONS, Permission, Role
from server.services import account
from server.services.access import ViewerCache
from tests.conftest import MakeTenant
from tests.factories.access import PASSWORD, events_of, make_account
from tests.factories.refusals import refusals


@dataclass(frozen=True, kw_only=True)
class Ran:
    code: int | None
    out: str
    err: str


async def rubrica(url: str, *words: str, stdin: str = "") -> Ran:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "server.cli", *words),
        env=os.environ | {"DATABASE_URL": url},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate(stdin.encode())
    return Ran(code=process.returncode, out=out.decode(), err=err.decode())


async def test_the_first_administrator_comes_with_the_centre(
    database: Database, database_url: str, tenant: int, owner: asyncpg.Connection
) -> None:
    name, centre = f"Ada of {tenant}", f"centre of {tenant}"
    create = ("user", "create", name, "--tenant", centre, "--password-stdin", "--role")
    made = await rubrica(database_url, *create, "admin", stdin=f"{PASSWORD}\n")
    assert made.code == 0, made.err
    assert made.out == f"{name} may log in to the centre {centre} as admin.\n"
    _, viewer = await account.log_in(database, name, PASSWORD)
    assert (viewer.role, viewer.permissions) == (Role.ADMIN, ALL_PERMISSIONS)
    found = await owner.fetchval("SELECT name FROM tenants WHERE id = $1", viewer.tenant_id)
    assert found == centre
    assert ("user.created", viewer.user_id) in await events_of(owner, viewer.tenant_id)
    token, again = await asyncio.gather(
        rubrica(
            *(database_url, "token", "create", "--user", name.upper()),
            *("--scope", "contacts.view", "--scope", "lists.view"),
        ),
        rubrica(database_url, *create, "agent", stdin=PASSWORD),
    )
    assert (again.code, again.out) == (2, "")
    assert again.err == f"rubrica: name: “{name}” is already taken. Choose another name.\n"
    assert token.code == 0, token.err
    bearer = await ViewerCache().viewer_of_token(database, token.out.removesuffix("\n"))
    assert bearer is not None
    assert bearer.user_id == viewer.user_id
    assert bearer.permissions == {Permission.CONTACTS_VIEW, Permission.LISTS_VIEW}


async def test_a_supervisor_gets_a_profile_by_its_name(
    database: Database, database_url: str, tenant: int, owner: asyncpg.Connection
) -> None:
    held = await make_account(database, tenant, Role.AGENT, (Permission.ITEM_TYPES_VIEW,))
    centre = await owner.fetchval("SELECT name FROM tenants WHERE id = $1", tenant)
    profile = await owner.fetchval("SELECT name FROM profiles WHERE id = $1", held.profile_id)
    create = ("user", "create", f"sue {tenant}", "--role", "supervisor", "--tenant", centre)
    made, missing = await asyncio.gather(
        *(
            rubrica(database_url, *create, "--profile", wanted, "--password-stdin", stdin=PASSWORD)
            for wanted in (profile.upper(), "Nobody's")
        )
    )
    assert made.code == 0, made.err
    _, viewer = await account.log_in(database, f"sue {tenant}", PASSWORD)
    assert viewer.permissions == {Permission.ITEM_TYPES_VIEW}
    assert missing.code == 2
    assert missing.err == (
        'rubrica: there is no profile "Nobody\'s" here: correct the name, or --tenant\n'
    )


async def test_a_refused_user_leaves_no_centre_behind(
    database_url: str, tenant: int, owner: asyncpg.Connection
) -> None:
    centre = f"never made, {tenant}"
    create = ("user", "create", f"joe {tenant}", "--role", "agent", "--tenant", centre)
    refused = await rubrica(database_url, *create, "--password-stdin", stdin="short\n")
    assert refused.code == 2
    assert refused.err.startswith("rubrica: password: ")
    assert not await owner.fetchval("SELECT count(*) FROM tenants WHERE name = $1", centre)


async def test_a_lost_password_is_set_anew(
    database: Database, database_url: str, tenant: int, new_tenant: MakeTenant
) -> None:
    person = await make_account(database, tenant, Role.AGENT)
    token, _ = await account.log_in(database, person.name, PASSWORD)
    for _ in range(5):
        with refusals():
            await account.log_in(database, person.name, "forgotten")
    command = ("user", "password", person.name, "--password-stdin")
    unknown, unasked = await asyncio.gather(
        rubrica(database_url, "user", "password", "nobody", "--password-stdin", stdin=PASSWORD),
        rubrica(database_url, "user", "password", person.name),
    )
    assert [ran.code for ran in (unknown, unasked)] == [2, 2]
    assert unknown.err.startswith("rubrica: there is no user 'nobody' here")
    assert unasked.err.startswith("rubrica: there is no terminal to ask for the password")
    assert await ViewerCache().viewer_of_session(database, token) is not None
    done = await rubrica(database_url, *command, stdin="copper-window-31\n")
    assert done.code == 0, done.err
    assert await ViewerCache().viewer_of_session(database, token) is None
    await account.log_in(database, person.name, "copper-window-31")
