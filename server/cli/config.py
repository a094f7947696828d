# SPDX-License-Identifier: Apache-2.0
"""`rubrica config`: what is set, and where."""

from typing import Annotated

import typer
from pydantic import SecretStr

from server.settings import Settings, source

from .options import DataDir, settings_of

app = typer.Typer(no_args_is_help=True, help="The settings.")


@app.command()
def show(
    data_dir: DataDir = None,
    plain: Annotated[bool, typer.Option("--plain", help="One name=value a line.")] = False,
) -> None:
    """Show every setting, its value (secrets masked) and where it comes from."""
    given = {"data_dir": data_dir}
    settings = settings_of(**given)
    rows = [(name, _value(settings, name), source(name, given)) for name in Settings.model_fields]
    if plain:
        for name, value, _ in rows:
            typer.echo(f"{name}={value}")
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("Setting", "Value", "From", "Meaning")
    for name, value, where in rows:
        meaning = Settings.model_fields[name].description or ""
        table.add_row(name, value, where, meaning, style=None if where == "default" else "bold")
    Console().print(table)


def _value(settings: Settings, name: str) -> str:
    from server.database import masked

    value = getattr(settings, name)
    if isinstance(value, SecretStr):
        return masked(value.get_secret_value())
    return "" if value is None else str(value)
