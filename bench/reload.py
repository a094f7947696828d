# SPDX-License-Identifier: Apache-2.0
"""`rubrica run`, begun again whenever a file changes: `python -m bench.reload [run's options]`.

The embedded database runs on meanwhile, so that a restart takes as long as the imports do.
"""

import argparse
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from pathlib import Path

from server.cli.options import settings_of
from server.database.embedded import ServerHold
from server.settings import SetupError

ROOT = Path(__file__).parents[1]
WATCHED = ("server", "web", "migrations", "locale")
KINDS = {".py", ".html", ".graphql", ".js", ".css", ".svg", ".txt", ".po", ".toml"}
EVERY = 0.5  # seconds between two looks


class Stopped(BaseException):
    """We were asked to end."""


def files() -> Iterator[Path]:
    yield from ROOT.glob("*.toml")
    for folder in WATCHED:
        yield from (path for path in (ROOT / folder).rglob("*") if path.suffix in KINDS)


def times() -> dict[Path, int]:
    """When each file was last written."""
    found = {}
    for path in files():
        with suppress(OSError):  # an editor's own, gone meanwhile
            found[path] = path.stat().st_mtime_ns
    return found


def changed(before: dict[Path, int], now: dict[Path, int]) -> list[Path]:
    """What is new, gone or written anew."""
    return sorted(path for path in before.keys() | now if before.get(path) != now.get(path))


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(12)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def watch(options: list[str]) -> None:
    """Keeps a process running, until a signal ends both."""
    known = times()
    while True:
        process = subprocess.Popen([sys.executable, "-m", "server.cli", "run", *options])
        try:
            is_told = False
            while not (new := changed(known, times())):
                if not is_told and process.poll() is not None:
                    print("-- It has ended; the next change starts it again.", flush=True)
                    is_told = True
                time.sleep(EVERY)
        finally:
            end(process)
        known = times()
        more = f" and {len(new) - 1} more" if len(new) > 1 else ""
        print(f"-- {new[0].relative_to(ROOT)}{more} changed", flush=True)


def stop(*_: object) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the process ends within its own patience
    raise Stopped


def main() -> None:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--data-dir", type=Path)
    given, _ = parser.parse_known_args()
    settings = settings_of(data_dir=given.data_dir)
    hold = ServerHold(settings.data_dir, durable=settings.database_fsync)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    try:
        with hold if settings.database_url is None else nullcontext():
            watch(sys.argv[1:])
    except Stopped:
        pass
    except SetupError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
