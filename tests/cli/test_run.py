# SPDX-License-Identifier: Apache-2.0
"""`rubrica run` and `serve` as processes: up, two at once, through a killed database, and down."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from server.database.embedded import server_status
from tests.conftest import scratch

ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if name != "DATABASE_URL" and not name.startswith("RUBRICA_")
} | {"RUBRICA_DATABASE_FSYNC": "false"}


@pytest.fixture
def data() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="rubrica-run-", dir=scratch()) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "data"


@contextmanager
def running(*arguments: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process and the address that it prints."""
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "server.cli", *map(str, arguments), "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            env=ENVIRONMENT,
        )
        assert process.stdout is not None
        try:
            first = process.stdout.readline()
            said.seek(0)
            assert first.startswith("Rubrica   http://"), said.read()
            yield process, first.split()[1]
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def is_ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as error:
        error.close()
        return False
    except OSError:
        return False


def wait_until_ready(address: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not is_ready(address):
        assert time.monotonic() < deadline, "not ready in time"
        time.sleep(0.05)


def stops_well(process: subprocess.Popen[str], number: signal.Signals) -> bool:
    """F3: gone within ten seconds, and not by a crash."""
    process.send_signal(number)
    return process.wait(10) == 0


def test_run_and_serve_share_a_database_that_may_be_killed(data: Path) -> None:
    with running("run", "--no-demo", "--data-dir", data) as (run, first):
        wait_until_ready(first, 20)
        with running("serve", "--data-dir", data) as (serve, second):
            wait_until_ready(second, 20)
            os.kill(server_status(data).pid or 0, signal.SIGKILL)
            deadline = time.monotonic() + 5
            while is_ready(first) and time.monotonic() < deadline - 4.5:
                time.sleep(0.02)
            for address in (first, second):
                wait_until_ready(address, deadline - time.monotonic())
            assert stops_well(run, signal.SIGTERM)
            assert is_ready(second)
            assert server_status(data).running is True
            assert stops_well(serve, signal.SIGINT)
            assert server_status(data).running is False


def test_a_killed_app_leaves_nothing_that_stop_does_not_end(data: Path) -> None:
    with running("serve", "--data-dir", data) as (serve, address):
        wait_until_ready(address, 20)
        serve.kill()
        serve.wait()
    status = server_status(data)
    assert (status.running, status.in_use) == (True, False)
    stop = [sys.executable, "-m", "server.cli", "db", "stop", "--data-dir", str(data)]
    done = subprocess.run(stop, check=True, capture_output=True, text=True, env=ENVIRONMENT)
    assert done.stdout == f"The database in {data} is stopped.\n"
    assert server_status(data).running is False
    url = [*stop[:4], "url", *stop[5:]]
    told = subprocess.run(url, check=True, capture_output=True, text=True, env=ENVIRONMENT)
    assert told.stdout == f"{status.url}\n"
    assert told.stderr == "It is not running: 'rubrica db start' starts it.\n"
