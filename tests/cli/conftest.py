# SPDX-License-Identifier: Apache-2.0
"""Commands run in this process, as their entry point runs them."""

import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from server.cli import main
from tests.conftest import scratch


class Said(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


Rubrica = Callable[..., Said]


@pytest.fixture
def rubrica(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Iterator[Rubrica]:
    """`rubrica("db", "url")` in an empty folder, with none of our environment's settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("RUBRICA_CONFIG", raising=False)
    # Loggers keep the stderr they first wrote to, and this one is gone after the test.
    monkeypatch.setattr("server.cli.logs.configure_logs", lambda _level: None)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def run(*arguments: object) -> Said:
        monkeypatch.setattr("sys.argv", ["rubrica", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else 1
        return Said(code, *capsys.readouterr())

    yield run
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def data() -> Iterator[Path]:
    """A data folder that does not exist yet, in one that the server's account can enter."""
    with tempfile.TemporaryDirectory(prefix="rubrica-run-", dir=scratch()) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "data"
