# SPDX-License-Identifier: Apache-2.0
"""Prints how many rows a second one worker imports, its memory, and what hostile files do.

    python -m bench.imports [ROWS]
    python -m bench.imports [ROWS] --cost-of-search

A row has 1.5 numbers on average. Figures to reach: 20,000 rows/s from the start to the end of the
process, the worker's memory growing by less than 300 MB, each hostile file over within 20 s.
CPU seconds are given apart, because another load on the machine changes the others.

The second form imports by turns into two databases, one without the indexes and the trigger of the
search. Figure to reach: search makes imports at most a third slower.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from time import perf_counter

import asyncpg

from server.database import Database
from server.database.embedded import ServerHold
from server.database.migrations import migrate
from server.domain.errors import DomainError, RefusalsError
from server.domain.permissions import ALL_PERMISSIONS, Role, Viewer
from server.domain.processes import OPEN_STATES
from server.models import ContactItemType, User
from server.processes import run_processes
from server.services.imports import ImportInput, start_import
from server.services.processes import find_process
from server.uploads import store_upload

FIRST = ["Mario", "Anna", "Łukasz", "Agnieszka", "Giulia", "Nicolò", "Élodie", "Piotr"]
LAST = ["Rossi", "De Luca", "Żółć", "Kowalska", "Bianchi", "D’Amico", "Ferrari", "Nowak"]
LARGEST = 60 * 1024 * 1024
SEARCH = (
    "DROP INDEX ix_contacts_search_host",
    "ALTER TABLE contacts DISABLE TRIGGER search_added",
    "ALTER TABLE additional_phones DISABLE TRIGGER search_added_numbers",
)
ROUNDS = 5
TICK = os.sysconf("SC_CLK_TCK")


def people(rows: int) -> Iterator[str]:
    """A file as centres have them; every second row has a further number."""
    chance = random.Random(7)
    yield "First name,Last name,Phone,E-mail,Company,Office\r\n"
    for number in range(rows):
        first, last = chance.choice(FIRST), chance.choice(LAST)
        phone = f"+39 06 {number:08}" if number % 3 else f"06{number:08}"
        office = f"0039 347 {number:07}" if number % 2 else ""
        company = f'"Ditta {number % 997}, Roma"'
        yield f"{first},{last},{phone},p{number}@example.org,{company},{office}\r\n"


def hostile() -> Iterator[tuple[str, bytes]]:
    """Files that somebody will try."""
    head, row = b"name,phone\n", b"b,0612345678\n"
    yield "100,000 columns", ",".join(f"c{n}" for n in range(100_000)).encode() + b"\n1\n"
    yield "field of 10 MB", head + b"a," + b"9" * 10_000_000 + b"\n" + row
    yield "quoted field of 10 MB", head + b'a,"' + b"9" * 10_000_000 + b'\n"\n' + row
    yield "quoted 5,000,000 line ends", head + b'a,"' + b"9\n" * 5_000_000 + b'"\n' + row
    yield "unclosed quote, 60 MB", head + b'a,"06\n' + row * (LARGEST // 13 - 3)
    yield "unclosed quote, 1 MB", head + b'a,"06\n' + row * 80_000
    yield "a quote a line, 60 MB", head + b'x","a\n' * (LARGEST // 6 - 3)
    yield "one line of 60 MB", b"a" * LARGEST
    yield "60 MB of commas", b"," * LARGEST
    yield "60 MB of line ends", head + b"\n" * (LARGEST - 20)
    yield "5,000,000 refused rows", head + b",x\n" * 4_999_000
    yield "random bytes", random.Random(7).randbytes(1_000_000)
    yield "NUL, 1 MB", b"\x00" * 1_000_000
    yield "lone surrogates", "name,phone\na\ud800b,06\n".encode("utf-16-le", "surrogatepass") * 1000


async def run(rows: int) -> None:
    """Everything on a server of its own, the worker as a process of its own."""
    async with fresh_database() as (database, postmaster):
        viewer = await make_viewer(database)
        worker = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.imports", "--worker", database.url
        )
        await bring_in(database, viewer, "warm-up", "".join(people(2000)).encode())
        files = [("people", "".join(people(rows)).encode())]
        for name, content in (*files, *hostile()):
            memory, seconds, server = mark_memory(worker.pid), cpu(worker.pid), cpu(postmaster)
            figures = await bring_in(database, viewer, name, content)
            figures["worker_cpu"] = round(cpu(worker.pid) - seconds, 2)
            figures["server_cpu"] = round(cpu(postmaster) - server, 2)
            figures["memory_growth_mb"] = round(peak_memory(worker.pid) - memory)
            print(json.dumps(figures), flush=True)
        began = perf_counter()
        worker.send_signal(signal.SIGTERM)
        await worker.wait()
        print(json.dumps({"worker stopped after": round(perf_counter() - began, 2)}))


async def cost_of_search(rows: int) -> None:
    """Imports with and without the search, by turns."""
    content = "".join(people(rows)).encode()
    async with AsyncExitStack() as stack:
        sides = {}
        for name, statements in (("with", ()), ("without", SEARCH)):
            database, _ = await stack.enter_async_context(fresh_database())
            owner = await asyncpg.connect(database.url)
            for statement in statements:
                await owner.execute(statement)
            await owner.close()
            worker = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bench.imports", "--worker", database.url
            )
            stack.callback(worker.terminate)
            sides[name] = database, await make_viewer(database)
        taken: dict[str, list[float]] = {name: [] for name in sides}
        for place in range(ROUNDS + 1):
            for name, (database, viewer) in sides.items():
                figures = await bring_in(database, viewer, f"people {place}", content)
                if place:  # the first round warms up
                    taken[name].append(float(str(figures["seconds"])))
        medians = {name: statistics.median(values) for name, values in taken.items()}
        print(json.dumps({"rows": rows, "seconds": taken, "medians": medians}))
        print(f"search makes imports {medians['with'] / medians['without'] - 1:.0%} slower")


async def work(url: str) -> None:
    """One worker until SIGTERM."""
    database, stop = Database(url), asyncio.Event()
    await database.start()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await run_processes(database, stop)
    await database.stop()


async def bring_in(
    database: Database, viewer: Viewer, name: str, content: bytes
) -> dict[str, object]:
    """From the upload to the end of the process, or to the refusal."""
    began = perf_counter()
    try:
        upload = await store_upload(database, viewer, f"{name}.csv", pieces(content))
        stored = perf_counter()
        async with database.transaction(viewer.tenant_id) as session:
            given = ImportInput(file_id=upload.id, list_name=name)
            process = await start_import(session, viewer, given)
        while process.state in OPEN_STATES:
            await asyncio.sleep(0.1)
            async with database.transaction(viewer.tenant_id) as session:
                process = await find_process(session, viewer, process.id)
    except (DomainError, RefusalsError) as refusal:
        seconds = round(perf_counter() - began, 2)
        first = refusal.errors[0] if isinstance(refusal, RefusalsError) else refusal
        return {"file": name, "refused": first.code, "params": first.params, "seconds": seconds}
    seconds = perf_counter() - stored
    return {
        "file": name,
        "mb": round(len(content) / 1024 / 1024, 1),
        "state": process.state,
        "code": process.error_code,
        "succeeded": process.succeeded,
        "failed": process.failed,
        "upload_seconds": round(stored - began, 2),
        "seconds": round(seconds, 2),
        "rows_a_second": round(process.done / seconds),
    }


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 65_536):
        yield content[start : start + 65_536]


def mark_memory(pid: int) -> float:
    """Megabytes now; the peak is counted anew from here."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return peak_memory(pid)


def peak_memory(pid: int) -> float:
    """Megabytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 1024


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def cpu(pid: int) -> float:
    """Seconds of a process and of its children."""
    seconds = 0.0
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # gone meanwhile
                continue
            if folder.name == str(pid):
                seconds += sum(map(int, fields[11:15])) / TICK
            elif fields[1] == str(pid):
                seconds += sum(map(int, fields[11:13])) / TICK
    return seconds


async def make_viewer(database: Database) -> Viewer:
    """The administrator of a new tenant with one item type, "Office"."""
    row = await database.read(None, "INSERT INTO tenants (name) VALUES ('bench') RETURNING id")
    tenant_id = row[0]["id"]
    async with database.transaction(tenant_id) as session:
        user = User(name="bench", name_key="bench", full_name="Bench", role=Role.ADMIN)
        office = ContactItemType(name="Office", name_key="office", order_by=1, color="#AABBCC")
        session.add_all([user, office])
        await session.flush()
        return Viewer(
            user_id=user.id,
            tenant_id=tenant_id,
            name=user.name,
            full_name=user.full_name,
            role=Role.ADMIN,
            permissions=ALL_PERMISSIONS,
        )


@asynccontextmanager
async def fresh_database() -> AsyncIterator[tuple[Database, int]]:
    """An embedded server in a folder that is removed afterwards, and its main process's id."""
    with tempfile.TemporaryDirectory(prefix="rubrica-bench-") as folder:
        os.chmod(folder, 0o755)  # the server may run as another user
        hold = ServerHold(Path(folder) / "data")
        url = hold.take()
        try:
            await asyncio.to_thread(migrate, url)
            database = Database(url)
            await database.start()
            row = await database.read(None, "SELECT pg_backend_pid() AS pid")
            yield database, parent(row[0]["pid"])
            await database.stop()
        finally:
            hold.release()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=int, nargs="?", default=200_000)
    parser.add_argument("--cost-of-search", action="store_true")
    parser.add_argument("--worker", metavar="URL", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        asyncio.run(work(given.worker))
    else:
        asyncio.run(cost_of_search(given.rows) if given.cost_of_search else run(given.rows))


if __name__ == "__main__":
    main()
