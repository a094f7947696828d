# SPDX-License-Identifier: Apache-2.0
"""The one fence round the embedded PostgreSQL: started in a data folder, stopped by its last user.

Its programs are driven by us. Of the package's own ways none is used: it would open the permissions
of private folders, and a killed app would leave it running for ever.
"""

import fcntl
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .accounts import programs
from .place import MAJOR, Place

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


@dataclass(frozen=True, kw_only=True)
class ServerStatus:
    """What `rubrica db` and `rubrica doctor` tell of an embedded server.

    No major: no data yet; no URL: the password is not there for this user to read.
    """

    running: bool
    in_use: bool
    pid: int | None
    url: str | None
    major: str | None


def ensure_server(data_dir: Path, *, durable: bool = True) -> str:
    """Make the server of this folder exist and run; the answer is the URL of its database."""
    place = Place(data_dir)
    with place.locked():
        return place.ensure(durable)


class ServerHold:
    """An app's use of the server: as long as one holds it, nobody else's leaving stops it."""

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self._place = Place(data_dir)
        self._durable = durable
        self._users: IO[str] | None = None
        self.url = ""

    def __enter__(self) -> "ServerHold":
        self.take()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def take(self) -> str:
        """Start the server where it does not run, and count as a user of it."""
        with self._place.locked():
            try:
                self.url = self._place.ensure(self._durable)
                self._users = self._place.open("postgres.users")
                fcntl.flock(self._users, fcntl.LOCK_SH)
            except (KeyboardInterrupt, SystemExit):  # told to stop meanwhile
                self._leave()
                raise
        return self.url

    def recover(self) -> bool:
        """Start the server again if it was killed (not if it was stopped); True when it was."""
        if not self._place.was_killed():
            return False
        with self._place.locked():
            self._place.ensure(self._durable)
        return True

    def release(self) -> bool:
        """Leave; the last one out stops the server, unless `rubrica db start` made it stay."""
        if self._users is None:
            return False
        with self._place.locked():
            return self._leave()

    def _leave(self) -> bool:
        if self._users is not None:
            self._users.close()
            self._users = None
        if self._place.in_use() or self._place.pinned.exists():
            return False
        return self._place.stop()


def pin_server(data_dir: Path, *, durable: bool = True) -> str:
    """Start the server so that it outlives the apps, until `stop_server`."""
    place = Place(data_dir)
    with place.locked():
        url = place.ensure(durable)
        place.pinned.touch()
        return url


def stop_server(data_dir: Path) -> bool:
    """Stop the server, whoever uses it; False when it did not run."""
    place = Place(data_dir)
    if not place.data.exists():
        return False
    with place.locked():
        place.pinned.unlink(missing_ok=True)
        return place.stop()


def server_status(data_dir: Path) -> ServerStatus:
    """What is there, without starting anything."""
    place = Place(data_dir)
    running = place.accepts()
    url = None
    with suppress(OSError):
        url = place.url()
    return ServerStatus(
        running=running,
        in_use=place.in_use(),
        pid=place.pid() if running else None,
        url=url,
        major=place.major(),
    )
