# SPDX-License-Identifier: Apache-2.0
"""The command `rubrica`: one file a group of commands; what each needs is imported when it runs."""

import signal
from types import FrameType
from typing import NoReturn

import typer

from server.settings import SetupError

from . import config, db, demo, doctor, run, simulate, token, user

app = typer.Typer(
    name="rubrica",
    help="The contact memory and dialing brain of a contact centre.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.command()(run.run)
app.command()(run.serve)
app.command()(run.dialer)
app.command()(run.processes)
app.add_typer(db.app, name="db")
app.add_typer(user.app, name="user")
app.add_typer(token.app, name="token")
app.add_typer(config.app, name="config")
app.command()(demo.demo)
app.command()(simulate.simulate)
app.command()(doctor.doctor)


def main() -> None:
    """Run one command; what the operator must change is one line on stderr, and exit code 2."""
    signal.signal(signal.SIGTERM, _leave)
    try:
        app()
    except KeyboardInterrupt:  # before the command itself has begun
        raise SystemExit(130) from None
    except SetupError as error:
        _refuse(str(error))
    except Exception as error:
        if line := _line(error):
            _refuse(line)
        raise


def _line(error: Exception) -> str | None:
    """What one line can say of; None where it is a bug, which shows its traceback."""
    from server.database import DatabaseUnavailable
    from server.domain.errors import DomainError, RefusalsError
    from server.i18n import refusal_message

    if isinstance(error, DatabaseUnavailable):
        is_full = "No space left" in str(error)
        cure = "free some space there" if is_full else "is it running? see 'rubrica doctor'"
        return f"{str(error).splitlines()[0]}: {cure}"
    if isinstance(error, RefusalsError):
        error = error.errors[0]
    if isinstance(error, DomainError):
        return f"{error.field}: " * bool(error.field) + refusal_message("en", error)
    return None


def _refuse(line: str) -> NoReturn:
    typer.secho(f"rubrica: {' '.join(line.split())}", fg=typer.colors.RED, err=True)
    raise SystemExit(2)


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    # As an exception, so that whoever holds the embedded database lets go of it.
    raise SystemExit(128 + number)
