# SPDX-License-Identifier: Apache-2.0
"""`rubrica` as processes of their own, as an operator starts and stops them."""

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

ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if name != "DATABASE_URL" and not name.startswith("RUBRICA_")
} | {"RUBRICA_DATABASE_FSYNC": "false"}


logs: dict[int, Path] = {}


def logged(process: subprocess.Popen[str]) -> list[str]:
    """The lines of its log, while its block lasts."""
    return logs[process.pid].read_text().splitlines()


@contextmanager
def running(*arguments: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process and the address that it prints; `logged` reads what it logs."""
    with tempfile.NamedTemporaryFile("w+") as said:
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
            logs[process.pid] = Path(said.name)
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
