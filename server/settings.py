# SPDX-License-Identifier: Apache-2.0
"""Settings from the environment and one TOML file; each value knows where it came from."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

KIB, MIB = 1024, 1024 * 1024
LOOPBACK = ("127.0.0.1", "::1", "localhost")  # where nobody but this machine comes from


class SetupError(Exception):
    """Something the operator must change; the message is one line: what is wrong, and the cure."""


def config_file() -> Path:
    """`RUBRICA_CONFIG`, else `rubrica.toml` in the working folder."""
    return Path(os.environ.get("RUBRICA_CONFIG") or "rubrica.toml")


class Settings(BaseSettings):
    """Environment (`RUBRICA_…`, `DATABASE_URL`) goes before the file, the file before defaults."""

    model_config = SettingsConfigDict(
        env_prefix="RUBRICA_",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        populate_by_name=True,
    )

    database_url: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("database_url", "DATABASE_URL"),
        description="PostgreSQL to use; unset: the embedded one in the data folder",
    )
    data_dir: Path = Field(default=Path(".rubrica"), description="folder of the embedded database")
    database_pool: int = Field(default=10, ge=2, le=100, description="connections of each pool")
    database_fsync: bool = Field(
        default=True, description="false: the embedded database may lose all in a power cut (tests)"
    )
    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=8000, ge=0, le=65535, description="port to listen on")
    secure_cookies: Literal["auto", "yes", "no"] = Field(
        default="auto", description="auto: off only where the address is loopback"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="what is logged"
    )
    session_idle_minutes: int = Field(
        default=480, ge=1, description="signed out after this without use"
    )
    session_absolute_minutes: int = Field(
        default=1440, ge=1, description="signed out after this anyway"
    )
    max_upload_bytes: int = Field(
        default=60 * MIB, ge=1, description="largest file that may be sent"
    )
    graphql_max_body_bytes: int = Field(
        default=256 * KIB, ge=1024, description="largest GraphQL request"
    )
    graphql_max_tokens: int = Field(
        default=4000, ge=100, description="lexical tokens of a document"
    )
    graphql_max_depth: int = Field(
        default=15, ge=3, description="nesting of a selection; the usual introspection takes 15"
    )
    graphql_max_aliases: int = Field(default=60, ge=1, description="aliases in an operation")
    graphql_max_directives: int = Field(default=30, ge=1, description="directives in an operation")
    graphql_max_fields: int = Field(default=1500, ge=10, description="fields in an operation")
    graphql_max_cost: int = Field(
        default=1000, ge=100, description="objects that an operation may bring back"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, config_file())


def load(**given: object) -> Settings:
    """The settings, with the command line's own (those that are not None) before all others."""
    known = {name: value for name, value in given.items() if value is not None}
    named = os.environ.get("RUBRICA_CONFIG")
    if named and not Path(named).is_file():
        raise SetupError(f"RUBRICA_CONFIG names {named}, which is no file: correct or unset it")
    try:
        return Settings(**known)  # type: ignore[arg-type] # pydantic judges them
    except tomllib.TOMLDecodeError as error:
        raise SetupError(f"{config_file()} is not TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).lower()
        if first["type"] == "extra_forbidden":
            raise SetupError(f"{config_file()} sets {name}, which is no setting") from error
        raise SetupError(f"setting {name} ({source(name, known)}): {first['msg']}") from error


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return "DATABASE_URL" if name == "database_url" else f"RUBRICA_{name.upper()}"


def source(name: str, given: Mapping[str, object]) -> str:
    """Where a setting's value comes from, for `rubrica config show`."""
    if given.get("data_dir" if name == "database_url" else name) is not None:
        return "command line"
    if os.environ.get(variable(name)):
        return f"environment {variable(name)}"
    try:
        with config_file().open("rb") as file:
            if name in tomllib.load(file):
                return f"file {config_file()}"
    except (OSError, tomllib.TOMLDecodeError):
        pass
    return "default"
