# SPDX-License-Identifier: Apache-2.0
"""Reads over HTTP against an ordinary server, and against pgbench: `python -m bench.reads`.

What is measured, a server process or pgbench, has one core; PostgreSQL and the load share the
other, or, with --spread, PostgreSQL takes what it finds. The rounds alternate, so that a machine
that slows down slows down all of them; medians of the rounds are compared.
"""

import argparse
import asyncio
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import uvloop

from bench.load import rate
from bench.statement import statement_of
from server.database import Database
from server.database.embedded import ServerHold
from server.database.embedded.accounts import programs
from server.database.migrations import migrate
from server.domain.errors import DomainError
from server.domain.permissions import Role
from server.services.account.tokens import install_token
from server.services.demo.synthetic import load_synthetic
from server.services.tenants import ensure_tenant
from server.services.users import UserInput, find_user, install_user

OTHER_CORE = {1}
FIELDS = (
    "id firstName lastName email phone "
    "additionalPhones { id number description itemType { id name color } }"
)
LIST = f"{{ contacts(first: 50) {{ edges {{ node {{ {FIELDS} }} }} }} }}"
COLUMNS = (
    "c.id, c.first_name, c.last_name, c.email, c.phone, p.id, p.number, p.description, "
    "t.id, t.name, t.color"
)
JOINS = (
    "LEFT JOIN additional_phones p ON p.contact_id = c.id "
    "LEFT JOIN contact_item_types t ON t.id = p.item_type_id"
)
LIST_SQL = (
    f"SELECT {COLUMNS} FROM (SELECT * FROM contacts ORDER BY tenant_id, name_key, id LIMIT 50) c "
    f"{JOINS} ORDER BY c.name_key, c.id, p.position, p.id;"
)
TYPES = """
INSERT INTO contact_item_types (name, name_key, order_by, color) VALUES
  ('Office', 'office', 1, '#B8D8F0'), ('Mobile', 'mobile', 2, '#CDE8C9'),
  ('Home', 'home', 3, '#F4DDB8') ON CONFLICT DO NOTHING
"""


async def prepare(url: str, contacts: int) -> tuple[int, str, str]:
    """The contacts: their tenant, a token, and the id of one contact in the middle."""
    await asyncio.to_thread(migrate, url)
    database = Database(url)
    await database.start()
    async with database.transaction(None) as session:
        tenant = await ensure_tenant(session, "default")
    async with database.transaction(tenant) as session:
        try:
            user = await find_user(session, "bench")
        except DomainError:
            given = UserInput(name="bench", role=Role.ADMIN, password=secrets.token_urlsafe(20))
            user = await install_user(session, given)
        token = await install_token(session, user, name="bench")
    async with database.connection(tenant) as connection:
        await connection.execute(TYPES)
    await load_synthetic(database, tenant, contacts=contacts, seed=1)
    await database.stop()
    owner = await asyncpg.connect(url)
    await owner.execute("VACUUM ANALYZE")
    middle = await owner.fetchval(
        "SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY id) FROM contacts"
    )
    await owner.close()
    return tenant, token.secret, f"contact_{middle}"


ON_ONE_CORE = ["taskset", "-c", "0"]


@contextmanager
def server(kind: str, url: str, port: int) -> Iterator[str]:
    """One process on the core that pgbench has too: the product as shipped, or the yardstick."""
    command = [sys.executable, "-m", "bench.serve", url, str(port)]
    if kind == "rubrica":
        command = [sys.executable, "-m", "server.cli", "serve", "--port", str(port)]
    environment = {**os.environ, "DATABASE_URL": url}
    process = subprocess.Popen([*ON_ONE_CORE, *command], env=environment, stdout=subprocess.DEVNULL)
    try:
        time.sleep(5)
        yield f"http://127.0.0.1:{port}/graphql{'' if kind == 'rubrica' else '/'}"
    finally:
        process.terminate()
        process.wait()


def pgbench(url: str, sql: str, seconds: float, options: str = "") -> float:
    """Transactions a second of the statement, prepared, from the core that the servers use."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(sql)
        script.flush()
        answer = subprocess.run(
            [
                *ON_ONE_CORE,
                str(programs() / "pgbench"),
                "-n",
                "-M",
                "prepared",
                "-c",
                "8",
                "-T",
                str(int(seconds)),
                "-f",
                script.name,
                url,
            ],
            env={**os.environ, "PGOPTIONS": options},
            capture_output=True,
            text=True,
            check=True,
        )
    [line] = [line for line in answer.stdout.splitlines() if line.startswith("tps")]
    return float(line.split()[2])


async def measure(url: str, contacts: int, seconds: float, rounds: int) -> None:
    tenant, token, one = await prepare(url, contacts)
    key = one.removeprefix("contact_")
    one_sql = f"SELECT {COLUMNS} FROM contacts c {JOINS} WHERE c.id = {key} ORDER BY p.position;"
    cases = {
        "50 contacts": (LIST, LIST_SQL),
        "one contact": (f'{{ contact(id: "{one}") {{ {FIELDS} }} }}', one_sql),
    }
    statements = {
        name: await statement_of(url, tenant, query) for name, (query, _) in cases.items()
    }
    as_application = f"-c role=rubrica_app -c rubrica.tenant_id={tenant}"
    headers = {"Authorization": f"Bearer {token}"}
    os.sched_setaffinity(0, OTHER_CORE)
    with server("rubrica", url, 8601) as ours, server("yardstick", url, 8602) as theirs:
        for name, (query, sql) in cases.items():
            rates: dict[str, list[float]] = {}
            for _ in range(rounds):
                for kind, once in (
                    ("rubrica", rate(ours, query, headers, seconds, 8)),
                    ("yardstick", rate(theirs, query, {}, seconds, 8)),
                    (
                        "pgbench, same statement and role",
                        asyncio.to_thread(pgbench, url, statements[name], seconds, as_application),
                    ),
                    ("pgbench, bare join", asyncio.to_thread(pgbench, url, sql, seconds)),
                ):
                    rates.setdefault(kind, []).append(await once)
            show(name, {kind: statistics.median(values) for kind, values in rates.items()})


def show(name: str, middle: dict[str, float]) -> None:
    print(name)
    for kind, value in middle.items():
        print(f"  {kind:<34} {value:>9,.0f}/s   rubrica is {middle['rubrica'] / value:.2f} of it")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--data-dir", type=Path, default=Path(".rubrica/bench"))
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--spread", action="store_true", help="PostgreSQL may use every core")
    given = parser.parse_args()
    if not given.spread:
        os.sched_setaffinity(0, OTHER_CORE)  # PostgreSQL, started from here, keeps to it
    hold = ServerHold(given.data_dir)
    try:
        url = hold.take()
        uvloop.run(measure(url, given.contacts, given.seconds, given.rounds))
    finally:
        hold.release()


if __name__ == "__main__":
    main()
