# SPDX-License-Identifier: Apache-2.0
"""What an operator can cure is one line with the cure, exit code 2, and no traceback."""

import socket
from pathlib import Path

import pytest

from tests.cli.conftest import Rubrica, Said


def one_line(said: Said, *words: str) -> None:
    assert said.code == 2
    assert said.out == ""
    assert said.err.startswith("rubrica: ")
    assert said.err.count("\n") == 1
    for word in words:
        assert word in said.err


@pytest.mark.parametrize("command", [("db", "migrate"), ("run",), ("serve",), ("db", "url")])
def test_a_database_that_is_not_postgresql(
    rubrica: Rubrica, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://root@localhost/shop")
    one_line(rubrica(*command), "names mysql", "postgresql://user:password@host:5432/name")


@pytest.mark.parametrize(
    "given",
    [
        "postgresql://me:secret@[::1/x",
        "postgresql://me:secret@db:99999/x",
        "postgresql://me:se#cret@db/x",
        "postgresql://me:se/cret@db/x",
    ],
)
def test_a_database_url_that_is_none_and_its_password_is_not_told(
    rubrica: Rubrica, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", given)
    said = rubrica("db", "migrate")
    one_line(said, "DATABASE_URL is no URL: give postgresql://", "%23")
    assert "se" not in said.err.replace("user:password", "").replace("password", "")


def test_a_database_that_does_not_answer(rubrica: Rubrica, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:secret@127.0.0.1:1/x")
    monkeypatch.setattr("server.database.migrations.PATIENCE", 0)
    said = rubrica("db", "migrate")
    one_line(said, "does not answer", "start it, or correct DATABASE_URL", "me:***@127.0.0.1")
    assert "secret" not in said.err


def test_a_port_that_is_in_use_before_anything_is_begun(rubrica: Rubrica, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        for command in ("run", "serve"):
            said = rubrica(command, "--port", port, "--data-dir", tmp_path / "data")
            one_line(said, f"port {port} is in use: stop what uses it, or give --port")
    assert not (tmp_path / "data").exists()


def test_a_host_that_is_not_this_machines(rubrica: Rubrica) -> None:
    for host in ("203.0.113.7", "no such host"):
        one_line(rubrica("serve", "--host", host, "--port", 0), f"{host} is no address")


def test_a_data_folder_that_cannot_be(rubrica: Rubrica, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = rubrica("db", "migrate", "--data-dir", tmp_path / "file" / "data")
    one_line(said, "cannot be written (Not a directory): give another --data-dir")


def test_a_data_folder_without_a_database(rubrica: Rubrica, tmp_path: Path) -> None:
    said = rubrica("db", "url", "--data-dir", tmp_path)
    one_line(said, "holds no database yet: run 'rubrica db start'")


@pytest.mark.parametrize("command", ["start", "stop"])
def test_a_server_that_is_not_ours_is_left_alone(
    rubrica: Rubrica, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://localhost/x")
    one_line(rubrica("db", command), f"not ours to {command}: unset it")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("port = 70000", "setting port (file rubrica.toml): Input should be less than"),
        ("prot = 8000", "rubrica.toml sets prot, which is no setting"),
        ("port = ", "rubrica.toml is not TOML"),
    ],
)
def test_a_wrong_configuration_file(
    rubrica: Rubrica, tmp_path: Path, text: str, words: str
) -> None:
    (tmp_path / "rubrica.toml").write_text(text)
    one_line(rubrica("config", "show"), words)


def test_a_configuration_file_that_is_not_there(
    rubrica: Rubrica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUBRICA_CONFIG", "nowhere.toml")
    one_line(rubrica("config", "show"), "RUBRICA_CONFIG names nowhere.toml, which is no file")


def test_a_wrong_variable_is_named(rubrica: Rubrica, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUBRICA_PORT", "many")
    one_line(rubrica("serve"), "setting port (environment RUBRICA_PORT)")
