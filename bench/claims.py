# SPDX-License-Identifier: Apache-2.0
"""Prints what claims cost with every gate on, beside bare SQL on the same server in the same run.

    python -m bench.claims [--open 10000 1000000] [--rounds 60] [--seconds 15]

Claims of the next 100 due: within 3x of a bare `UPDATE ... SKIP LOCKED` of as many rows at the
95th percentile, within 1.5x from the first size to the last and after an hour's churn. Complete
calls of 4 workers: 0.3 of the raw claim-and-reschedule. A list of 100,000 that is loaded
meanwhile keeps no due retry waiting for a second claim. Due to recorded at 50 calls a second: 95
of 100 within a second.
"""

import argparse
import asyncio
import gc
import json
import os
import sys
from collections.abc import Awaitable, Callable
from statistics import median, quantiles
from time import perf_counter

import asyncpg

from bench.hoppers import CONTACTS, ENTRIES, GATES, PHONES, daytime, fill, new_campaign
from bench.live import WORKER, own_server
from server.database import Database
from server.dialer.worker import COLLECT_AFTER
from server.services.dialer import Claimed, attach_list, claim, claim_calls, release

AT_ONCE = 100
CALLS_AN_HOUR = 180_000
FRESH = 100_000
A_SECOND = 50
WAITS = "state IN ('READY', 'WAIT_NEXT_PHONE', 'WAIT_RETRY', 'WAIT_CALLBACK')"
BARE = f"""
UPDATE hopper_entries SET state_before_claim = state, state = 'DIALING',
  claim_token = gen_random_uuid(), claimed_at = clock_timestamp(),
  lease_until = clock_timestamp() + interval '1 minute'
WHERE id IN (
  SELECT id FROM hopper_entries WHERE campaign_id = $1 AND {WAITS} AND held_until IS NULL
    AND NOT is_owner_only AND bucket = 3 AND priority = 1 AND scheduled_at <= clock_timestamp()
  ORDER BY campaign_id, bucket, priority, scheduled_at, id LIMIT $2 FOR UPDATE SKIP LOCKED)
RETURNING id
"""
PUT_BACK = """
UPDATE hopper_entries SET state = state_before_claim, state_before_claim = NULL,
  claim_token = NULL, claimed_at = NULL, lease_until = NULL WHERE id = ANY($1::bigint[])
"""
CHURN = f"""
WITH taken AS (SELECT id FROM hopper_entries WHERE campaign_id = $1 AND {WAITS}
  AND held_until IS NULL AND NOT is_owner_only AND bucket = 3 AND priority = $2
  ORDER BY campaign_id, bucket, priority, scheduled_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)
UPDATE hopper_entries e SET scheduled_at = clock_timestamp() + (e.id % 50 - 10) * interval '1 hour',
  total_attempts = total_attempts + 1 FROM taken WHERE e.id = taken.id
"""
RAW_TABLE = """
CREATE TABLE raw_entries (id bigint PRIMARY KEY, state text, priority smallint,
  scheduled_at timestamptz, token uuid) WITH (fillfactor = 70);
CREATE INDEX ON raw_entries (scheduled_at, priority) WHERE state = 'READY';
INSERT INTO raw_entries SELECT i, 'READY', 1 + i % 3, clock_timestamp() - interval '1 hour'
FROM generate_series(1, 100000) i
"""
RAW = """
import asyncio, sys, asyncpg
async def main():
    connection = await asyncpg.connect(sys.argv[1])
    ends = asyncio.get_running_loop().time() + float(sys.argv[2])
    made = 0
    while asyncio.get_running_loop().time() < ends:
        rows = await connection.fetch('''UPDATE raw_entries SET state = 'DIALING',
            token = gen_random_uuid() WHERE id IN (SELECT id FROM raw_entries
            WHERE state = 'READY' AND scheduled_at <= clock_timestamp()
            ORDER BY scheduled_at, priority LIMIT 10 FOR UPDATE SKIP LOCKED) RETURNING id''')
        await connection.execute('''UPDATE raw_entries SET state = 'READY', token = NULL,
            scheduled_at = scheduled_at + interval '1 second' WHERE id = ANY($1::bigint[])''',
            [row[0] for row in rows])
        made += len(rows)
    print(made)
asyncio.run(main())
"""


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    began = perf_counter()
    await work()
    return 1000 * (perf_counter() - began)


async def claims(database: Database, campaign_id: int, rounds: int) -> dict[str, object]:
    """Claims and bare updates in turn, each in a transaction; both put back what they took."""
    gated: list[float] = []
    bare: list[float] = []
    for place in range(rounds + 5):
        calls: list[Claimed] = []
        ids: list[int] = []

        async def take(into: list[Claimed] = calls) -> None:
            async with database.connection(1) as connection:
                into += (await claim_calls(connection, campaign_id, AT_ONCE)).calls

        async def take_bare(into: list[int] = ids) -> None:
            async with database.connection(1) as connection:
                rows = await connection.fetch(BARE, campaign_id, AT_ONCE)
                into += [row[0] for row in rows]

        lasted = await timed(take)
        async with database.connection(1) as connection:
            await release(connection, [(call.entry_id, call.token) for call in calls])
        lasted_bare = await timed(take_bare)
        async with database.connection(1) as connection:
            await connection.execute(PUT_BACK, ids)
        if len(calls) != AT_ONCE or len(ids) != AT_ONCE:
            sys.exit(f"claimed {len(calls)} and {len(ids)} instead of {AT_ONCE}")
        if place >= 5:
            gated.append(lasted)
            bare.append(lasted_bare)
    return {
        "claim ms": summary(gated),
        "bare ms": summary(bare),
        "p95 against bare": round(p95(gated) / p95(bare), 2),
        "median against bare": round(median(gated) / median(bare), 2),
    }


def p95(values: list[float]) -> float:
    return quantiles(values, n=20)[18]


def summary(values: list[float]) -> dict[str, float]:
    return {"median": round(median(values), 2), "p95": round(p95(values), 2)}


async def churn(database: Database, campaign_id: int) -> None:
    """As many entries rewritten as 50 calls a second rewrite within an hour, twice each."""
    for place in range(2 * CALLS_AN_HOUR // 1000):
        async with database.connection(1) as connection:
            await connection.execute(CHURN, campaign_id, 1 + place % 3, 1000)


async def against_bare(url: str, sizes: list[int], rounds: int) -> None:
    database = Database(url, pool_size=3)
    await database.start()
    medians: list[float] = []
    campaign_id = 0
    for size in sizes:
        campaign_id = await fill(database, size)
        found = await claims(database, campaign_id, rounds)
        medians.append(float(str(found["median against bare"])))
        print(json.dumps({"open": size, **found}), flush=True)
    await churn(database, campaign_id)
    found = await claims(database, campaign_id, rounds)
    medians.append(float(str(found["median against bare"])))
    owner = await asyncpg.connect(url)
    dead = await owner.fetchval(
        "SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'hopper_entries'"
    )
    await owner.close()
    print(json.dumps({"open": sizes[-1], "after churn": True, "dead rows": dead, **found}))
    first = medians[0]
    # As parts of the bare update measured in turn with each: other work on the machine is in both.
    flat = {"last size": medians[-2] / first, "after churn": medians[-1] / first}
    print(json.dumps({f"against bare, {name}, x": round(x, 2) for name, x in flat.items()}))
    await database.stop()


async def fresh_lists(database: Database) -> None:
    """Retries that come due one after the other while a long list is being loaded."""
    async with database.connection(1, seconds=600) as connection:
        newest: int = await connection.fetchval("SELECT coalesce(max(id), 0) FROM contacts")
        await connection.execute(CONTACTS, newest + 1, newest + FRESH + 200, daytime())
        campaign_id = await new_campaign(connection, "fresh", **GATES)
        lists = [
            await connection.fetchval(
                "INSERT INTO contact_lists (name, name_key) VALUES ($1, $1) RETURNING id", name
            )
            for name in ("retries", "fresh")
        ]
        for list_id, first, last in ((lists[0], 1, 200), (lists[1], 201, FRESH + 200)):
            await connection.execute(
                "INSERT INTO list_members (list_id, contact_id) SELECT $1, id FROM contacts "
                "WHERE id BETWEEN $2 AND $3",
                *(list_id, newest + first, newest + last),
            )
        await attach_list(connection, campaign_id, lists[0])
        await connection.execute(
            "UPDATE hopper_entries SET state = 'WAIT_RETRY', bucket = 3, scheduled_at = 'infinity' "
            "WHERE campaign_id = $1",
            campaign_id,
        )

    async def load() -> None:
        async with database.connection(1, seconds=600) as connection:
            await attach_list(connection, campaign_id, lists[1])

    loading = asyncio.create_task(load())
    cycles: list[int] = []
    seen = 0
    while not loading.done() or seen < 20:
        seen += loading.done()
        async with database.connection(1) as connection:
            due = await connection.fetchval(
                "UPDATE hopper_entries SET scheduled_at = clock_timestamp() WHERE id = (SELECT id "
                "FROM hopper_entries WHERE campaign_id = $1 AND scheduled_at = 'infinity' LIMIT 1) "
                "RETURNING id",
                campaign_id,
            )
        cycle, found = 0, due is None
        while not found and cycle < 5:
            cycle += 1
            async with database.connection(1) as connection:
                calls = await claim(connection, campaign_id, AT_ONCE)
            found = any(call.entry_id == due for call in calls)
        if due is not None:
            cycles.append(cycle)
        await asyncio.sleep(0.05)
    await loading
    print(
        json.dumps({"fresh entries": FRESH, "retries": len(cycles), "claims waited": max(cycles)})
    )


async def latency(database: Database, seconds: float) -> None:
    """One worker process, and 50 entries a second that come due one after the other."""
    number = int(A_SECOND * seconds)
    async with database.connection(1, seconds=600) as connection:
        await connection.execute("UPDATE campaigns SET state = 'STOPPED'")
        newest: int = await connection.fetchval("SELECT max(id) FROM contacts")
        await connection.execute(CONTACTS, newest + 1, newest + number, daytime())
        campaign_id = await new_campaign(connection, "latency", **GATES)
        await connection.execute(
            "INSERT INTO hopper_entries (campaign_id, contact_id, scheduled_at, current_number, "
            "primary_number) SELECT $1, id, clock_timestamp() + interval '4 s' "
            "+ (id - $2) * interval '1 s' / $3, phone, phone FROM contacts WHERE id > $2",
            *(campaign_id, newest, A_SECOND),
        )
        await connection.execute(PHONES, campaign_id)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WORKER, database.url, env=os.environ
    )
    await asyncio.sleep(seconds + 6)
    process.terminate()
    assert await process.wait() == 0
    rows = await database.read(
        1,
        "SELECT extract(epoch FROM ended_at - scheduled_at)::float FROM call_attempts "
        "WHERE campaign_id = $1 AND round = 1",
        campaign_id,
    )
    waits = [row[0] for row in rows]
    told = {"median": round(median(waits), 3), "p95": round(p95(waits), 3)}
    print(json.dumps({"calls a second": A_SECOND, "due to recorded, s": told, "calls": len(waits)}))


async def complete(url: str, seconds: float) -> None:
    """Calls a second of 4 workers with every gate, and of 4 processes that only claim and move."""
    database = Database(url, pool_size=3)
    await database.start()
    owner = await asyncpg.connect(url)
    await owner.execute("UPDATE campaigns SET state = 'STOPPED'")
    async with database.connection(1, seconds=600) as connection:
        newest: int = await connection.fetchval("SELECT coalesce(max(id), 0) FROM contacts")
        await connection.execute(CONTACTS, newest + 1, newest + FRESH, daytime())
        campaign_id = await new_campaign(connection, "complete", **GATES)
        await connection.execute(ENTRIES, campaign_id, newest)
        await connection.execute(
            "UPDATE hopper_entries SET scheduled_at = clock_timestamp() WHERE campaign_id = $1",
            campaign_id,
        )
        await connection.execute(PHONES, campaign_id)
    await owner.execute("VACUUM ANALYZE hopper_entries, hopper_phones, contacts, call_attempts")
    rate = await _dial(owner, url, campaign_id, seconds)
    await owner.execute("UPDATE campaigns SET state = 'STOPPED'")
    await owner.execute(RAW_TABLE)
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", RAW, url, str(seconds), stdout=asyncio.subprocess.PIPE
        )
        for _ in range(4)
    ]
    made = [int((await process.communicate())[0]) for process in processes]
    raw = sum(made) / seconds
    print(
        json.dumps(
            {
                "complete calls a second, 4 workers": round(rate),
                "raw claim and reschedule, 4 processes": round(raw),
                "of raw": round(rate / raw, 2),
            }
        ),
        flush=True,
    )
    await fresh_lists(database)
    await latency(database, seconds)
    await owner.close()
    await database.stop()


async def _dial(owner: asyncpg.Connection, url: str, campaign_id: int, seconds: float) -> float:
    processes = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", WORKER, url, env=os.environ)
        for _ in range(4)
    ]
    count = "SELECT count(*) FROM call_attempts WHERE campaign_id = $1"
    before = 0
    while before < 1000:  # they have started, and dial
        await asyncio.sleep(0.1)
        before = await owner.fetchval(count, campaign_id)
    began = perf_counter()
    await asyncio.sleep(seconds)
    made, lasted = await owner.fetchval(count, campaign_id) - before, perf_counter() - began
    for process in processes:
        process.terminate()
    for process in processes:
        assert await process.wait() == 0
    return float(made / lasted)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--open", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--only-complete", action="store_true")
    given = parser.parse_args()
    gc.set_threshold(*COLLECT_AFTER)  # as workers do
    with own_server() as url:
        asyncio.run(_tenant(url))
        if not given.only_complete:
            asyncio.run(against_bare(url, given.open, given.rounds))
        if given.seconds:
            asyncio.run(complete(url, given.seconds))


async def _tenant(url: str) -> None:
    owner = await asyncpg.connect(url)
    await owner.execute("INSERT INTO tenants (name) VALUES ('bench')")
    await owner.close()


if __name__ == "__main__":
    main()
