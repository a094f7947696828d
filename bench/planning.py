# SPDX-License-Identifier: Apache-2.0
"""Looking ahead over a million open entries, over HTTP: forecast, explain, the coming calls.

    python -m bench.planning [--entries 1000000] [--rounds 40]

One server process; figures to hold: a forecast of a week under 2 s, explain and a plan of calls
under 20 ms (p95), a preview of retry settings under 50 ms. Bare is the same look at the entries
without hours, holds and rights, measured in the same run.
"""

import argparse
import asyncio
import json
import os
import secrets
import statistics
import sys
import time
from collections.abc import Awaitable, Callable

import asyncpg
import httpx

from bench.live import own_server
from server.database import Database
from server.domain.permissions import Role
from server.services.account.tokens import install_token
from server.services.tenants import ensure_tenant
from server.services.users import UserInput, install_user

PORT = 8603
CONTACTS = """
INSERT INTO contacts (first_name, name_key, given_key, phone)
SELECT 'c' || i, 'c' || i, 'c' || i, '+39' || 3000000000 + i FROM generate_series(1, $1) i
"""
ENTRIES = """
INSERT INTO hopper_entries (campaign_id, contact_id, current_number, primary_number, state, bucket,
  priority, scheduled_at)
SELECT $1, c.id, c.phone, c.phone, s.state, s.bucket, 1 + c.id % 3,
  clock_timestamp() + (random() * 10 - 2) * interval '1 day'
FROM contacts c CROSS JOIN LATERAL (
  SELECT (ARRAY['WAIT_NEXT_PHONE', 'WAIT_RETRY', 'READY'])[1 + c.id % 3] AS state,
    2 + c.id % 3 AS bucket
) s
"""
PHONES = """
INSERT INTO hopper_phones (entry_id, number, position) SELECT id, current_number, 0
FROM hopper_entries
"""
BARE = "SELECT date_trunc('hour', scheduled_at), count(*) FROM hopper_entries GROUP BY 1"
FORECAST = """query($id: ID!) { forecast(campaignId: $id, hours: 168) {
  forecast { dueNow idleFrom hours { at due callable waiting } } userErrors { code } } }"""
PLAN = """query($contact: ID!, $id: ID!) { dialPlan(contactId: $contact, campaignId: $id) {
  plan { calls { number dialAt why } closing { at reason } } userErrors { code } } }"""
EXPLAIN = """query($contact: ID!, $id: ID!) { explainDial(contactId: $contact, campaignId: $id) {
  __typename } }"""
PREVIEW = """query($id: ID!) { checkCampaignSettings(input: {id: $id, globalMaxRetry: 100,
  maxAttemptsPerContact: null}, sample: [{}, {}, {}, {}, {}]) {
  findings { code message } plan { calls { dialAt why } } userErrors { code } } }"""


async def prepare(url: str, entries: int) -> tuple[str, str, list[str]]:
    """A token, the campaign's id, and the ids of some of its contacts."""
    database = Database(url, pool_size=2)
    await database.start()
    async with database.transaction(None) as session:
        tenant = await ensure_tenant(session, "default")
    async with database.transaction(tenant) as session:
        given = UserInput(name="bench", role=Role.ADMIN, password=secrets.token_urlsafe(20))
        token = await install_token(session, await install_user(session, given), name="bench")
    async with database.connection(tenant, seconds=3600) as connection:
        await connection.execute(CONTACTS, entries, timeout=3600)
        campaign = await connection.fetchval(
            "INSERT INTO campaigns (name, name_key, window_from, window_to, window_days) VALUES "
            "('c', 'c', '08:00', '20:00', '{MON,TUE,WED,THU,FRI}') RETURNING id"
        )
        await connection.execute(
            "INSERT INTO retry_settings (campaign_id, status, position) SELECT $1, status, place "
            "FROM unnest($2::text[]) WITH ORDINALITY u(status, place)",
            campaign,
            ["BUSY", "NO_ANSWER", "CONGESTION"],
        )
        await connection.execute(ENTRIES, campaign, timeout=3600)
        await connection.execute(PHONES, timeout=3600)
        rows = await connection.fetch("SELECT id FROM contacts ORDER BY random() LIMIT 200")
    await database.stop()
    owner = await asyncpg.connect(url)
    await owner.execute("VACUUM ANALYZE")
    await owner.close()
    return token.secret, f"campaign_{campaign}", [f"contact_{row[0]}" for row in rows]


async def timed(work: Callable[[int], Awaitable[object]], rounds: int) -> list[float]:
    """Milliseconds of each round, shortest first; the first is not counted."""
    taken = []
    for place in range(rounds + 1):
        began = time.perf_counter()
        await work(place)
        taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken[1:])


async def measure(url: str, entries: int, rounds: int) -> None:
    token, campaign, contacts = await prepare(url, entries)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server.cli", "serve", "--port", str(PORT)),
        env={**os.environ, "DATABASE_URL": url},
        stdout=asyncio.subprocess.DEVNULL,
    )
    owner = await asyncpg.connect(url)
    try:
        await asyncio.sleep(6)
        headers = {"Authorization": f"Bearer {token}"}
        base = f"http://127.0.0.1:{PORT}"
        async with httpx.AsyncClient(base_url=base, headers=headers, timeout=60) as client:

            async def ask(query: str, place: int) -> None:
                given = {"id": campaign, "contact": contacts[place % len(contacts)]}
                answer = await client.post("/graphql", json={"query": query, "variables": given})
                body = answer.json()
                if "errors" in body or any(
                    field.get("userErrors") for field in body["data"].values()
                ):
                    raise RuntimeError(answer.text[:400])

            schema = (
                await client.post("/graphql", json={"query": "{__schema{queryType{fields{name}}}}"})
            ).text
            found = {"bare count by hour": await timed(lambda _: owner.fetch(BARE), 5)}
            found["forecast"] = await timed(lambda n: ask(FORECAST, n), 7)
            found["plan of calls"] = await timed(lambda n: ask(PLAN, n), rounds)
            if '"explainDial"' in schema:
                found["explain"] = await timed(lambda n: ask(EXPLAIN, n), rounds)
            found["preview of settings"] = await timed(lambda n: ask(PREVIEW, n), rounds)
    finally:
        await owner.close()
        process.terminate()
        await process.wait()
    for name, taken in found.items():
        middle, late = statistics.median(taken), taken[int(len(taken) * 0.95) - 1]
        print(json.dumps({"what": name, "median ms": round(middle, 1), "p95 ms": round(late, 1)}))
    ratio = statistics.median(found["forecast"]) / statistics.median(found["bare count by hour"])
    print(json.dumps({"forecast to bare count": round(ratio, 2)}))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=40)
    given = parser.parse_args()
    with own_server() as url:
        asyncio.run(measure(url, given.entries, given.rounds))


if __name__ == "__main__":
    main()
