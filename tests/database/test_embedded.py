# SPDX-License-Identifier: Apache-2.0
"""The embedded PostgreSQL's edges (architecture section 2): each is brought about for real."""

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import asyncpg
import pytest

from server.database.embedded import (
    MAJOR,
    ServerHold,
    ensure_server,
    pin_server,
    server_status,
    stop_server,
)
from server.database.embedded.accounts import is_postgres
from server.settings import SetupError
from tests.children import ended, fork
from tests.conftest import scratch

NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder that any user may pass; `data` in it is made once, for all tests that can share."""
    made = Path(tempfile.mkdtemp(prefix="rubrica-embedded-", dir=scratch()))
    made.chmod(0o755)
    start(made / "data")
    yield made
    shutil.rmtree(made)


@pytest.fixture
def folder(place: Path) -> Iterator[Path]:
    """The place, with nothing running in it, before and after."""
    stop_server(place / "data")
    yield place
    for found in place.glob("**/postgres.major"):
        stop_server(found.parent)


def ask(url: str, sql: str) -> object:
    async def run() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    with asyncio.Runner() as runner:
        return runner.run(run())


def start(data_dir: Path) -> str:
    return ensure_server(data_dir, durable=False)


def postmaster(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def wait_until(true: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def app(data_dir: Path) -> int:
    """Another process that uses the server until it is killed."""
    ready, told = os.pipe()

    def run() -> None:
        hold = ServerHold(data_dir, durable=False)
        hold.take()
        os.write(told, b"x")
        signal.pause()

    child = fork(run)
    os.close(told)
    assert os.read(ready, 1) == b"x"
    os.close(ready)
    return child


def kill(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    assert ended(child) == -signal.SIGKILL


def kill_server(data_dir: Path) -> None:
    pid = postmaster(data_dir)
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not is_postgres(pid))


def test_the_data_outlives_a_stop(folder: Path) -> None:
    url = start(folder / "data")
    ask(url, "CREATE TABLE stopped AS SELECT 7 AS n")
    assert ask(url, "SELECT current_setting('server_encoding')") == "UTF8"
    assert ask(url, "SELECT datcollate FROM pg_database WHERE datname = 'rubrica'") == "C"
    assert start(folder / "data") == url
    assert stop_server(folder / "data") is True
    assert stop_server(folder / "data") is False
    assert server_status(folder / "data").running is False
    assert ask(start(folder / "data"), "SELECT n FROM stopped") == 7


def test_nobody_else_on_the_machine_gets_in(folder: Path) -> None:
    url = start(folder / "data")
    assert (folder / "data" / "postgres").stat().st_mode & 0o077 == 0
    assert (folder / "data" / "postgres.password").stat().st_mode & 0o077 == 0
    assert ask(url, "SELECT current_setting('listen_addresses')") == ""
    password = (folder / "data" / "postgres.password").read_text()
    with pytest.raises(asyncpg.InvalidPasswordError):
        ask(url.replace(password, "guessed"), "SELECT 1")


def test_a_killed_app_leaves_a_server_that_the_next_one_uses(folder: Path) -> None:
    data = folder / "data"
    kill(app(data))
    status = server_status(data)
    assert (status.running, status.in_use) == (True, False)
    pid = postmaster(data)
    hold = ServerHold(data, durable=False)
    hold.take()
    assert postmaster(data) == pid
    assert hold.release() is True
    assert server_status(data).running is False


def test_the_last_of_two_apps_stops_the_server(folder: Path) -> None:
    data = folder / "data"
    first, second = app(data), ServerHold(data, durable=False)
    second.take()
    assert second.release() is False
    assert server_status(data).in_use is True
    second.take()
    kill(first)
    assert second.release() is True
    assert server_status(data).running is False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_app_that_is_told_to_stop_while_the_server_starts_leaves_none(
    folder: Path, number: signal.Signals
) -> None:
    data = folder / "data"

    def leave(signalled: int, _: object) -> None:
        raise SystemExit(128 + signalled)

    def take() -> bool:
        signal.signal(number, leave)
        try:
            ServerHold(data, durable=False).take()
        except SystemExit:
            return True
        return False

    child = fork(take)
    wait_until((data / "postgres" / "postmaster.pid").exists)
    pid = postmaster(data)
    os.kill(child, number)
    assert ended(child) == 0
    assert not is_postgres(pid)
    assert server_status(data).running is False


def test_a_server_started_to_stay_outlives_the_apps(folder: Path) -> None:
    data = folder / "data"
    pin_server(data, durable=False)
    hold = ServerHold(data, durable=False)
    hold.take()
    assert hold.release() is False
    assert server_status(data).running is True
    stop_server(data)
    hold.take()
    assert hold.release() is True


def test_a_killed_server_recovers(folder: Path) -> None:
    data = folder / "data"
    url = start(data)
    ask(url, "CREATE TABLE kept AS SELECT 7 AS n")
    kill_server(data)
    assert start(data) == url
    assert ask(url, "SELECT n FROM kept") == 7


def test_an_app_starts_its_killed_server_again_but_not_a_stopped_one(folder: Path) -> None:
    data = folder / "data"
    with ServerHold(data, durable=False) as hold:
        assert hold.recover() is False
        kill_server(data)
        assert hold.recover() is True
        assert ask(hold.url, "SELECT 7") == 7
        stop_server(data)
        assert hold.recover() is False
        assert server_status(data).running is False


def test_a_killed_server_is_stopped_as_well(folder: Path) -> None:
    data = folder / "data"
    start(data)
    kill_server(data)
    assert stop_server(data) is False
    assert not (data / "postgres" / "postmaster.pid").exists()


def test_a_number_that_is_now_another_programs_is_not_waited_for(folder: Path) -> None:
    data = folder / "data"
    url = start(data)
    file = data / "postgres" / "postmaster.pid"
    lines = file.read_text().splitlines()
    owner = (data / "postgres").stat().st_uid
    kill_server(data)
    # Of the same user: PostgreSQL takes nobody else's process for a server of its own.
    other = fork(signal.pause, user=owner if os.geteuid() == 0 else None)
    file.write_text("\n".join([str(other), *lines[1:]]) + "\n")
    assert start(data) == url
    kill(other)


def test_apps_that_start_at_once_make_one_server(folder: Path) -> None:
    data = folder / "new"
    starters = [fork(lambda: start(data)) for _ in range(3)]
    assert [ended(child) for child in starters] == [0, 0, 0]
    assert ask(start(data), "SELECT 1") == 1


def test_a_set_up_that_was_killed_is_begun_anew(folder: Path) -> None:
    data = folder / "half"
    (data / "postgres.new" / "data").mkdir(parents=True)
    data.chmod(0o755)
    (data / "postgres.new" / "data" / "PG_VERSION").write_text("half")
    assert ask(start(data), "SELECT 1") == 1
    assert not (data / "postgres.new").exists()


def test_data_of_another_major_version_is_refused_untouched(folder: Path) -> None:
    data = folder / "data"
    version = data / "postgres" / "PG_VERSION"
    version.write_text("17\n")
    with pytest.raises(SetupError, match=rf"PostgreSQL 17, this Rubrica has {MAJOR}.*db restore"):
        start(data)
    assert server_status(data).running is False
    version.write_text(f"{MAJOR}\n")


def test_a_path_too_long_for_a_socket_has_it_elsewhere(folder: Path) -> None:
    data = (folder / "data").rename(folder / ("long" * 30))
    url = start(data)
    assert str(data) not in url
    assert ask(url, "SELECT 1") == 1
    stop_server(data)
    data.rename(folder / "data")


def test_a_folder_that_cannot_be_is_refused(folder: Path) -> None:
    (folder / "file").write_text("")
    with pytest.raises(SetupError, match=r"cannot be written \(Not a directory\): give another"):
        start(folder / "file" / "data")


@as_root
def test_a_private_parent_is_refused_and_stays_private(folder: Path) -> None:
    private = folder / "private"
    private.mkdir(mode=0o700)
    with pytest.raises(SetupError, match=r"private to its owner.*give a --data-dir such as"):
        start(private / "data")
    assert private.stat().st_mode & 0o777 == 0o700


@as_root
@contextmanager
def disk(folder: Path, size: int) -> Iterator[Path]:
    """A disk of so many megabytes."""
    small = folder / "small"
    small.mkdir(mode=0o755, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}m,mode=755", "tmpfs", str(small)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("nothing may be mounted here")
    try:
        yield small
    finally:
        stop_server(small / "data")
        subprocess.run(["umount", str(small)], check=True)


def test_a_disk_too_small_is_refused(folder: Path) -> None:
    with (
        disk(folder, 20) as small,
        pytest.raises(SetupError, match="20 MB free, the database needs 128: free some space"),
    ):
        start(small / "data")


def test_a_disk_that_has_become_full_is_told_as_one(folder: Path) -> None:
    with disk(folder, 140) as small:
        start(small / "data")
        stop_server(small / "data")
        with (small / "filler").open("wb", buffering=0) as filler, suppress(OSError):
            while True:
                filler.write(bytes(2**20))
        with pytest.raises(SetupError, match="is on a full disk: free some space"):
            start(small / "data")
        (small / "filler").unlink()
        assert ask(start(small / "data"), "SELECT 7") == 7


@as_root
def test_an_ordinary_user_runs_a_server_of_their_own(folder: Path) -> None:
    home = folder / "home"
    home.mkdir()
    os.chown(home, NOBODY, NOBODY)

    def run() -> bool:
        url = start(home / "data")
        seen = ask(url, "SELECT 7") == 7
        return seen and (home / "data").stat().st_mode & 0o077 == 0 and stop_server(home / "data")

    assert ended(fork(run, user=NOBODY)) == 0
    assert (home / "data" / "postgres").stat().st_uid == NOBODY


@as_root
def test_an_ordinary_user_is_refused_what_root_made(folder: Path) -> None:
    (folder / "data" / "postgres.lock").chmod(0o666)
    words = "belongs to rubrica: run as that user"
    assert ended(fork(lambda: _refused(folder / "data", words), user=NOBODY)) == 0


def _refused(data: Path, words: str) -> bool:
    try:
        start(data)
    except SetupError as error:
        return words in str(error)
    return False
