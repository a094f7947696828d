# SPDX-License-Identifier: Apache-2.0
"""`rubrica simulate`, pure and through a database, run as scripts run it."""

import asyncio
import json
import os
import sys
from pathlib import Path

import asyncpg

from tests.conftest import as_owner
from tests.domain.dialer.vectors import VECTORS, contact, scenario

GOOD = [json.dumps(vector.scenario) for vector in VECTORS]
CASE_TWINS = json.dumps(
    scenario(
        {
            **contact("P"),
            "additionalPhones": [
                {"phone": "+390612345001", "itemType": "twin"},
                {"phone": "+390612345002", "itemType": "TWIN"},
            ],
        }
    )
    | {"itemTypes": [{"name": "TWIN", "orderBy": -1}, {"name": "twin", "orderBy": -1}]}
)
BAD = ["", "{", "[]", '{"start": "soon"}', "\x00", '{"contacts": []}']


async def simulate(*words: str, url: str | None = None, stdin: bytes = b"") -> tuple[int, str, str]:
    known = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "server.cli", "simulate", *words),
        env=known | ({} if url is None else {"DATABASE_URL": url}),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate(stdin)
    return process.returncode or 0, out.decode(), err.decode()


async def test_both_ways_print_the_same_of_every_line(tmp_path: Path, server_url: str) -> None:
    """A line a scenario, in order; bad lines say why, the rest still runs, the status is 1."""
    lines = [*GOOD, *BAD, CASE_TWINS]
    file = tmp_path / "scenarios.jsonl"
    file.write_bytes("\n".join(lines).encode() + b"\n\xff\xfe\n")
    before = await databases(server_url)
    pure, live = await asyncio.gather(
        # The pure one has no database to go to, and needs none.
        simulate(str(file), url="postgresql://nobody@127.0.0.1:1/none"),
        simulate("--live", str(file), url=server_url),
    )
    assert (pure[0], pure[2], live[0], live[2]) == (1, "", 1, "")
    answers = [json.loads(line) for line in pure[1].splitlines()]
    assert len(answers) == len(lines) + 1
    assert [answer["final"] for answer in answers[: len(GOOD)]] == [[v.final] for v in VECTORS]
    bad = answers[len(GOOD) : -2] + answers[-1:]
    assert all(set(answer["error"]) == {"code", "field", "message"} for answer in bad)
    assert len(answers[-2]["history"]) == 9
    assert live[1] == pure[1]
    assert await databases(server_url) == before


async def test_standard_input_and_a_status_of_0_when_all_is_well() -> None:
    code, out, err = await simulate("-", stdin=GOOD[0].encode())
    assert (code, err, json.loads(out)["final"]) == (0, "", [VECTORS[0].final])


async def test_a_file_that_is_not_there_is_one_line_with_the_cure() -> None:
    code, out, err = await simulate("/no/such/file")
    assert (code, out) == (2, "")
    assert err == (
        "rubrica: /no/such/file cannot be read (No such file or directory): give a file, or -\n"
    )


async def databases(server_url: str) -> list[asyncpg.Record]:
    """The simulators' own databases on the server: made, and dropped again."""
    async with as_owner(server_url) as owner:
        return await owner.fetch(  # type: ignore[no-any-return]
            "SELECT datname FROM pg_database WHERE datname LIKE 'rubrica_simulation%'"
        )
