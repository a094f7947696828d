# SPDX-License-Identifier: Apache-2.0
"""Search over HTTP against bare SQL on the same data: `python -m bench.search`.

Each fragment is asked as by somebody who types: one request after the other, the best 20, with
permissions, the objects' fields included. The bare statement finds any 20 by the same trigram
indexes, as the owner of the tables: without ranks, names of fields, tenants and rights, and without
HTTP. Rounds alternate, so that a machine that slows down slows down both.
"""

import argparse
import asyncio
import json
import statistics
import time
from pathlib import Path

import asyncpg
import uvloop

from bench.load import request_of
from bench.reads import prepare, server
from server.database import Database
from server.database.embedded import ServerHold
from server.domain.permissions import Role
from server.services.account.tokens import install_token
from server.services.users import UserInput, install_user

# A comma parts them: common, rare and absent ones of 1, 3, 4 and 8 characters, and whole words.
FRAGMENTS = {
    "names": "m,mar,ros,xyl,qqj,ell,ucci,zani,xylo,wvqz,klementa,castucci,xylophen,zzyzxwvu",
    "two words": "zan ila,ilaro zanini,klem gav,gavak 6371",
    "companies": "bre,brew,brewery gav",
    "e-mails": "exa,ilaro.z,@example.org,klementa.gavak,187880,xyl1@",
    "digits": "34,347,555,4321,1234,0347,+39347,02 31,34712345,98765432,1234567",
    "typing errors": "klemnta,castuci,zannini ilaro",
}
BARE = """
SELECT c.id, c.first_name, c.last_name, c.email, c.phone
FROM contact_search s JOIN contacts c ON c.id = s.contact_id WHERE s.{} LIKE $1 LIMIT 20
"""
GLOBAL = """{ search(text: %s) {
  type title detail rank accuracy matched { field label value marks { start end } }
  node { id ... on Contact { phone email company } }
} }"""
LISTED = """{ contacts(first: 50, filter: { search: %s %s }) { totalCountCapped
  edges { node { id fullName email phone } } } }"""
RARE = """
INSERT INTO contacts (tenant_id, first_name, last_name, name_key, given_key, email, phone)
SELECT $1, 'Xylophena', 'Quibble' || n, 'quibble' || n || ' xylophena',
       'xylophena quibble' || n, 'xyl' || n || '@quibble.example', '+3909999' || 10000 + n
FROM generate_series(1, 5) n WHERE NOT EXISTS (SELECT FROM contacts WHERE first_name = 'Xylophena')
"""
LISTS = """
INSERT INTO contact_lists (tenant_id, name, name_key) VALUES ($1, $2, lower($2))
ON CONFLICT (tenant_id, name_key) DO UPDATE SET name = $2 RETURNING id
"""
MEMBERS = """
INSERT INTO list_members (tenant_id, list_id, contact_id)
SELECT $1, $2, id FROM contacts WHERE id % $3 = 0 ON CONFLICT DO NOTHING
"""


class Line:
    """One kept connection that asks one thing at a time."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.headers = url, {"Authorization": f"Bearer {token}"}

    async def __aenter__(self) -> "Line":
        place = self.url.split("/")[2].split(":")
        self.reader, self.writer = await asyncio.open_connection(place[0], int(place[1]))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()

    async def ask(self, query: str) -> tuple[float, int]:
        """Milliseconds, and how many results there were."""
        request = request_of(self.url, query, self.headers)
        began = time.perf_counter()
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        body = await self.reader.readexactly(length)
        took = (time.perf_counter() - began) * 1000
        answer = json.loads(body)
        if "errors" in answer:
            raise RuntimeError(body[:300].decode())
        [found] = answer["data"].values()
        return took, len(found if isinstance(found, list) else found["edges"])


async def furnish(url: str, tenant: int) -> dict[str, tuple[str, str]]:
    """A few rare people; agents of a small and of a large list: their tokens and lists' ids."""
    owner = await asyncpg.connect(url)
    await owner.execute("SELECT set_config('rubrica.tenant_id', $1, false)", str(tenant))
    await owner.execute(RARE, tenant)
    agents = {}
    database = Database(url)
    await database.start()
    for name, every in (("small", 2000), ("large", 10)):
        list_id = await owner.fetchval(LISTS, tenant, f"Every {every}th")
        await owner.execute(MEMBERS, tenant, list_id, every)
        async with database.transaction(tenant) as session:
            given = UserInput(name=f"agent-{time.time_ns()}", role=Role.AGENT)
            user = await install_user(session, given)
            token = await install_token(session, user, name="bench")
        await owner.execute(
            "INSERT INTO list_agents (tenant_id, list_id, user_id) VALUES ($1, $2, $3)",
            tenant,
            list_id,
            user.id,
        )
        # The agent needs the permission to see contacts; a profile gives it.
        await owner.execute(
            "WITH p AS (INSERT INTO profiles (tenant_id, name, name_key, permissions)"
            " VALUES ($1, $2, $2, '{contacts.view}') RETURNING id)"
            " UPDATE users SET profile_id = (SELECT id FROM p) WHERE id = $3",
            tenant,
            f"bench-{time.time_ns()}",
            user.id,
        )
        agents[name] = token.secret, f"list_{list_id}"
    await database.stop()
    await owner.execute("VACUUM ANALYZE list_members")
    await owner.execute("ANALYZE contacts, additional_phones, contact_search, name_words")
    await owner.close()
    return agents


async def measure(url: str, contacts: int, rounds: int) -> None:
    tenant, token, _ = await prepare(url, contacts)
    agents = await furnish(url, tenant)
    owner = await asyncpg.connect(url)
    await sizes(owner)
    with server("rubrica", url, 8603) as address:
        async with (
            Line(address, token) as line,
            Line(address, agents["small"][0]) as small,
            Line(address, agents["large"][0]) as large,
        ):
            for kind, texts in FRAGMENTS.items():
                print(f"{kind:<26} {'found':>5} {'p50 ms':>7} {'p99':>6} {'bare':>6}", end="")
                print("   agent of few    of many    list of 50    in a small list")
                for text in texts.split(","):
                    await show(text, rounds, line, owner, small, large, agents["small"][1])
    await owner.close()


async def show(
    text: str,
    rounds: int,
    line: Line,
    owner: asyncpg.Connection,
    small: Line,
    large: Line,
    list_id: str,
) -> None:
    quoted = json.dumps(text)
    asked = {
        "global": (line, GLOBAL % quoted),
        "small": (small, GLOBAL % quoted),
        "large": (large, GLOBAL % quoted),
        "list": (line, LISTED % (quoted, "")),
        "inside": (line, LISTED % (quoted, f'listId: "{list_id}"')),
    }
    digits = text.replace("+", "").replace(" ", "")
    statement, pattern = BARE.format("key"), f"%{text}%"
    if digits.isdigit():
        statement, pattern = BARE.format("numbers"), f"%{digits}%"
    times: dict[str, list[float]] = {name: [] for name in (*asked, "bare")}
    found = 0
    for _ in range(rounds):
        began = time.perf_counter()
        await owner.fetch(statement, pattern)
        times["bare"].append((time.perf_counter() - began) * 1000)
        for name, (caller, query) in asked.items():
            took, count = await caller.ask(query)
            times[name].append(took)
            found = count if name == "global" else found
    p50 = {name: statistics.median(values) for name, values in times.items()}
    p99 = statistics.quantiles(times["global"], n=100)[98]
    print(
        f"  {text:<24} {found:>5} {p50['global']:>7.1f} {p99:>6.1f} {p50['bare']:>6.1f}"
        f"   {p50['small']:>12.1f} {p50['large']:>10.1f} {p50['list']:>13.1f}"
        f" {p50['inside']:>14.1f}"
    )


async def sizes(owner: asyncpg.Connection) -> None:
    """What the search keeps on disk, beside the tables that it reads."""
    for name in ("ix_contact_search_search", "ix_contacts_search_host", "contact_search"):
        size = await owner.fetchval("SELECT pg_relation_size($1::text::regclass)", name)
        print(f"{name:<30} {size / 2**20:>6.0f} MB")
    words = await owner.fetchrow(
        "SELECT count(*), pg_total_relation_size('name_words') / 2.0 ^ 20 FROM name_words"
    )
    tables = await owner.fetchval(
        "SELECT sum(pg_total_relation_size(t::regclass)) / 2.0 ^ 20"
        " FROM unnest('{contacts,additional_phones}'::text[]) t"
    )
    print(f"{'name_words':<30} {words[1]:>6.1f} MB, {words[0]} words")
    print(f"{'both tables, indexes included':<30} {tables:>6.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--data-dir", type=Path, default=Path(".rubrica/bench"))
    parser.add_argument("--rounds", type=int, default=100)
    given = parser.parse_args()
    hold = ServerHold(given.data_dir)
    try:
        uvloop.run(measure(hold.take(), given.contacts, given.rounds))
    finally:
        hold.release()


if __name__ == "__main__":
    main()
