# SPDX-License-Identifier: Apache-2.0
"""Settings from the environment and one TOML file; each value knows where it came from."""

import os
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

KIB, MIB = 1024, 1024 * 1024


class SetupError(Exception):
    """Something the operator must change; the message is one line: what is wrong, and the cure."""


def config_file() -> Path:
    """`RUBRICA_CONFIG`, else `rubrica.toml` in the working folder."""
    return Path(os.environ.get("RUBRICA_CONFIG") or "rubrica.toml")


class Settings(BaseSettings):
    """Environment (`RUBRICA_…`, `DATABASE_URL`) goes before the file, the file before defaults."""

    model_config = SettingsConfigDict(
        env_prefix="RUBRICA_", extra="forbid", frozen=True, populate_by_name=True
    )

    database_url: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("database_url", "DATABASE_URL"),
        description="PostgreSQL to use; unset: the embedded one in the data folder",
    )
    data_dir: Path = Field(Path(".rubrica"), description="folder of the embedded database")
    database_pool: int = Field(10, ge=2, le=100, description="connections of each pool")
    database_fsync: bool = Field(
        True, description="false: the embedded database may lose all in a power cut (tests)"
    )
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="port to listen on")
    secure_cookies: Literal["auto", "yes", "no"] = Field(
        "auto", description="auto: off only where the address is loopback"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="what is logged"
    )
    session_idle_minutes: int = Field(480, ge=1, description="signed out after this without use")
    session_absolute_minutes: int = Field(1440, ge=1, description="signed out after this anyway")
    max_upload_bytes: int = Field(60 * MIB, ge=1, description="largest file that may be sent")
    graphql_max_body_bytes: int = Field(256 * KIB, ge=1024, description="largest GraphQL request")
    graphql_max_tokens: int = Field(4000, ge=100, description="lexical tokens of a document")
    graphql_max_depth: int = Field(14, ge=3, description="nesting of a selection")
    graphql_max_aliases: int = Field(60, ge=1, description="aliases in an operation")
    graphql_max_directives: int = Field(30, ge=1, description="directives in an operation")
    graphql_max_fields: int = Field(1500, ge=10, description="fields in an operation")
    graphql_max_cost: int = Field(25_000, ge=100, description="rows times fields of an operation")

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
