# SPDX-License-Identifier: Apache-2.0
"""Every page of the list of contacts over HTTP, API and page: `python -m bench.pages`.

For each sort the first and the ten-thousandth page, both ways; for each filter, with a common value
and a rare one, the first page in the usual order and in another. One request at a time: what is
measured is how long a person waits. PostgreSQL and the server share the machine.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import asyncpg
import httpx
import uvloop

from bench.reads import prepare, server
from server.database.embedded import ServerHold
from server.planner.ids import cursor

ROWS = 50
DEEP = 10_000  # pages
API, PAGE = 15.0, 30.0  # milliseconds that half of the answers may take
COLUMNS = {  # as the list sorts by them
    "name": ("name_key",),
    "company": ("company_key", "name_key"),
    "email": ("email", "name_key"),
    "created": ("created_at",),
}
SORTS = {"name": "NAME", "company": "COMPANY", "email": "EMAIL", "created": "CREATED_AT"}
QUERY = """query ($filter: ContactFilter, $sort: ContactSort, $direction: SortDirection,
    $after: String, $count: Boolean!) {
  contacts(filter: $filter, sort: $sort, direction: $direction, first: 50, after: $after) {
    totalCountCapped @include(if: $count) pageInfo { hasNextPage endCursor }
    edges { node { id fullName phone company email createdAt
      additionalPhones { id number itemType { name color orderBy } } } } } }"""
# What there is to filter by; it is made once.
VARIETY = """
UPDATE contacts SET
  language = CASE WHEN id % 10 < 3 THEN 'it' WHEN id % 1000 = 7 THEN 'pl' ELSE '' END,
  time_zone = CASE WHEN id % 10 < 3 THEN 'Europe/Rome' WHEN id % 1000 = 7 THEN 'Europe/Warsaw'
    ELSE '' END,
  priority = CASE WHEN id % 50 = 3 THEN 1 WHEN id % 20000 = 9 THEN 3 ELSE 2 END,
  phone = CASE WHEN id % 2000 = 11 THEN NULL ELSE phone END,
  created_at = timestamptz '2026-01-01' + id * interval '30 seconds'
WHERE NOT EXISTS (SELECT FROM tags WHERE name = 'bench-common');
DELETE FROM additional_phones WHERE contact_id % 4000 = 11;
INSERT INTO tags (name, name_key) VALUES ('bench-common', 'bench-common'),
  ('bench-rare', 'bench-rare') ON CONFLICT DO NOTHING;
INSERT INTO contact_tags (contact_id, tag_id)
  SELECT contacts.id, tags.id FROM contacts, tags
  WHERE (tags.name = 'bench-common' AND contacts.id % 5 = 1)
     OR (tags.name = 'bench-rare' AND contacts.id % 2000 = 1) ON CONFLICT DO NOTHING;
INSERT INTO contact_lists (name, name_key) VALUES ('bench-few', 'bench-few') ON CONFLICT DO NOTHING;
INSERT INTO list_members (list_id, contact_id)
  SELECT contact_lists.id, contacts.id FROM contact_lists, contacts
  WHERE contact_lists.name = 'bench-few' AND contacts.id % 5000 = 2 ON CONFLICT DO NOTHING;
INSERT INTO campaigns (name, name_key) VALUES ('bench-large', 'bench-large'),
  ('bench-small', 'bench-small') ON CONFLICT DO NOTHING;
INSERT INTO hopper_entries (campaign_id, contact_id, state, bucket, scheduled_at, current_number,
    is_unique)
  SELECT campaigns.id, contacts.id, CASE WHEN contacts.id % 5000 = 4 THEN 'WAIT_CALLBACK'
    WHEN contacts.id % 2 = 0 THEN 'READY' ELSE 'WAIT_RETRY' END,
    CASE WHEN contacts.id % 5000 = 4 THEN 1 WHEN contacts.id % 2 = 0 THEN 4 ELSE 3 END,
    now(), '+390', false
  FROM campaigns, contacts
  WHERE (campaigns.name = 'bench-large' AND contacts.id % 3 > 0)
     OR (campaigns.name = 'bench-small' AND contacts.id % 5000 = 5) ON CONFLICT DO NOTHING;
INSERT INTO final_results (campaign_id, contact_id, entry_id, reason, total_attempts, closed_at)
  SELECT campaigns.id, contacts.id, 0, 'REACHED', 1, now() FROM campaigns, contacts
  WHERE campaigns.name = 'bench-large' AND contacts.id % 3 = 0
    AND NOT EXISTS (SELECT FROM final_results)
"""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A page of the list: its address, and the same as variables of the query."""

    name: str
    query: dict[str, str]
    variables: dict[str, object]


@contextmanager
def database(folder: Path) -> Iterator[str]:
    hold = ServerHold(folder)
    try:
        yield hold.take()
    finally:
        hold.release()


@asynccontextmanager
async def owner(url: str, tenant: int) -> AsyncIterator[asyncpg.Connection]:
    """Who owns the tables, as that centre."""
    connection = await asyncpg.connect(url, command_timeout=1200)
    await connection.execute(f"SET rubrica.tenant_id = {tenant}")
    yield connection
    await connection.close()


async def cases_of(url: str, tenant: int) -> list[Case]:
    cases = []
    async with owner(url, tenant) as connection:
        await connection.execute(VARIETY)
        await connection.execute("VACUUM ANALYZE")
        for key, columns in COLUMNS.items():
            for sign, direction in (("", "ASC"), ("-", "DESC")):
                order = ", ".join(f"{column} {direction}" for column in (*columns, "id"))
                row = await connection.fetchrow(
                    f"SELECT {', '.join(columns)}, id FROM contacts ORDER BY {order}"
                    " OFFSET $1 LIMIT 1",
                    DEEP * ROWS,
                )
                sort: dict[str, object] = {"sort": SORTS[key], "direction": direction}
                first = Case(name=f"by {sign}{key}", query={"sort": sign + key}, variables=sort)
                after = cursor(list(row.values()))
                deep = Case(
                    name=f"by {sign}{key}, page {DEEP:,}",
                    query=first.query | {"after": after},
                    variables=sort | {"after": after},
                )
                cases += [first, deep]
        cases += await _filters(connection)
    return cases


async def _filters(connection: asyncpg.Connection) -> list[Case]:
    async def key(table: str, name: str) -> str:
        found = f"SELECT id FROM {table} WHERE name_key = $1"  # our own tables
        return str(await connection.fetchval(found, name))

    company = await connection.fetchval("SELECT company_key FROM contacts WHERE company_key > 'm'")
    email = await connection.fetchval("SELECT email FROM contacts WHERE email > 'm' LIMIT 1")
    phone = await connection.fetchval("SELECT phone FROM contacts WHERE id % 2000 = 12 LIMIT 1")
    large = "campaign_" + await key("campaigns", "bench-large")
    small = "campaign_" + await key("campaigns", "bench-small")
    given: list[tuple[dict[str, str], dict[str, object]]] = [
        ({"list": (few := "list_" + await key("contact_lists", "bench-few"))}, {"listId": few}),
        ({"list": (all_ := "list_" + await key("contact_lists", "synthetic 1"))}, {"listId": all_}),
        ({"tag": (rare := "tag_" + await key("tags", "bench-rare"))}, {"tagIds": [rare]}),
        ({"tag": (common := "tag_" + await key("tags", "bench-common"))}, {"tagIds": [common]}),
        ({"campaign": large}, {"campaignId": large}),
        ({"campaign": small}, {"campaignId": small}),
        ({"state": "REMAINING"}, {"recordState": "REMAINING"}),
        ({"state": "CALLBACK"}, {"recordState": "CALLBACK"}),
        ({"state": "PROCESSING"}, {"recordState": "PROCESSING"}),
        ({"state": "CLOSED"}, {"recordState": "CLOSED"}),
        (
            {"campaign": large, "state": "CALLBACK"},
            {"campaignId": large, "recordState": "CALLBACK"},
        ),
        ({"company": company[:1]}, {"company": company[:1]}),
        ({"company": company}, {"company": company}),
        ({"email": email}, {"email": email}),
        ({"phone": phone}, {"phone": phone}),
        ({"callable": "yes"}, {"hasPhone": True}),
        ({"callable": "no"}, {"hasPhone": False}),
        ({"from": "2026-12-13"}, {"createdAfter": "2026-12-13T00:00:00Z"}),
        ({"from": "2026-06-01"}, {"createdAfter": "2026-06-01T00:00:00Z"}),
        ({"until": "2026-01-02"}, {"createdBefore": "2026-01-03T00:00:00Z"}),
        ({"priority": "1"}, {"priority": 1}),
        ({"priority": "3"}, {"priority": 3}),
        ({"language": "it"}, {"language": "it"}),
        ({"language": "pl"}, {"language": "pl"}),
        ({"language": "fr"}, {"language": "fr"}),
        ({"zone": "Europe/Warsaw"}, {"timeZone": "Europe/Warsaw"}),
    ]
    orders: list[tuple[str, dict[str, str], dict[str, object]]] = [
        ("", {}, {}),
        (", by company", {"sort": "company"}, {"sort": "COMPANY"}),
        (", by -created", {"sort": "-created"}, {"sort": "CREATED_AT", "direction": "DESC"}),
    ]
    return [
        Case(
            name=" ".join(f"{name}={value}" for name, value in query.items()) + said,
            query=query | sort,
            variables={"filter": filter} | sorted_by,
        )
        for query, filter in given
        for said, sort, sorted_by in orders
    ]


async def until_there(client: httpx.AsyncClient, url: str) -> None:
    """On a busy machine a server takes its time to begin."""
    async with asyncio.timeout(60):
        while True:
            try:
                await client.get(url)
                return
            except httpx.ConnectError:
                await asyncio.sleep(0.5)


async def middle(client: httpx.AsyncClient, request: httpx.Request, times: int) -> float:
    """Milliseconds that half of the answers took, after three that warm everything up."""
    taken = []
    for _ in range(times + 3):
        began = time.perf_counter()
        answer = await client.send(request)
        taken.append((time.perf_counter() - began) * 1000)
        if answer.status_code != 200 or '"errors"' in answer.text[:200]:
            raise RuntimeError(f"{request.url}: {answer.status_code} {answer.text[:300]}")
    return statistics.median(taken[3:])


async def measure(url: str, contacts: int, times: int, only: str) -> None:
    tenant, token, _ = await prepare(url, contacts)
    cases = await cases_of(url, tenant)
    late = 0
    with server("rubrica", url, 8611) as endpoint:
        site = "{0.scheme}://{0.netloc}".format(urlsplit(endpoint))
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        async with httpx.AsyncClient(headers=headers, timeout=60) as client:
            await until_there(client, f"{site}/healthz")
            print(f"{'':<52} {'API':>8} {'page':>8}   milliseconds, half of the answers")
            for case in cases:
                if only not in case.name:
                    continue
                counts = "filter" not in case.variables  # as the page does
                body = {"query": QUERY, "variables": case.variables | {"count": counts}}
                ask = client.build_request("POST", endpoint, json=body)
                page = f"{site}/contacts?{urlencode(case.query)}"
                look = client.build_request("GET", page, headers={"Accept": "text/html"})
                api, shown = await middle(client, ask, times), await middle(client, look, times)
                is_late = api >= API or shown >= PAGE
                late += is_late
                print(f"{case.name:<52} {api:>8.1f} {shown:>8.1f}{'   late' if is_late else ''}")
    print(f"{late} of {len(cases)} are late: {API:.0f} ms for the API and {PAGE:.0f} for the page")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--data-dir", type=Path, default=Path(".rubrica/bench"))
    parser.add_argument("--times", type=int, default=15)
    parser.add_argument("--only", default="", help="cases with this in their name")
    given = parser.parse_args()
    with database(given.data_dir) as url:
        uvloop.run(measure(url, given.contacts, given.times, given.only))


if __name__ == "__main__":
    main()
