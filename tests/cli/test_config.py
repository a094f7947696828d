# SPDX-License-Identifier: Apache-2.0
"""Settings: command line before environment before file, each value's source told, no secret."""

from pathlib import Path

import pytest

from server.settings import load, source
from tests.cli.conftest import Rubrica


def test_the_nearer_source_wins_and_is_named(
    rubrica: Rubrica, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "rubrica.toml").write_text('port = 1001\nhost = "::1"\nlog_level = "debug"\n')
    monkeypatch.setenv("RUBRICA_PORT", "1002")
    monkeypatch.setenv("RUBRICA_HOST", "::2")
    given = {"port": 1003, "data_dir": None}
    settings = load(**given)
    assert (settings.port, settings.host, settings.log_level) == (1003, "::2", "debug")
    assert {name: source(name, given) for name in ("port", "host", "log_level", "data_dir")} == {
        "port": "command line",
        "host": "environment RUBRICA_HOST",
        "log_level": "file rubrica.toml",
        "data_dir": "default",
    }


def test_secrets_are_masked(rubrica: Rubrica, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:secret@db/x?host=/run")
    monkeypatch.setenv("COLUMNS", "200")
    for command in (("config", "show"), ("config", "show", "--plain")):
        said = rubrica(*command)
        assert said.code == 0
        assert "secret" not in said.out
        assert "postgresql://me:***@db/x?host=/run" in said.out


def test_a_folder_on_the_command_line_goes_before_the_environments_database(
    rubrica: Rubrica, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://production/rubrica")
    shown = rubrica("config", "show", "--plain", "--data-dir", tmp_path).out.splitlines()
    assert {f"data_dir={tmp_path}", "database_url="} <= set(shown)
    said = rubrica("db", "url", "--data-dir", tmp_path)
    assert "production" not in said.out + said.err
    assert f"{tmp_path} holds no database yet" in said.err


def test_an_empty_variable_is_none(rubrica: Rubrica, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    assert load().database_url is None


def test_each_setting_says_what_it_means(rubrica: Rubrica) -> None:
    assert all(field.description for field in type(load()).model_fields.values())
