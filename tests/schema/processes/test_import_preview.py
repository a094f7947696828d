# SPDX-License-Identifier: Apache-2.0
"""`importPreview`: the guesses, the samples, what is odd, and what cannot be read (D5, D6)."""

from typing import Any

import pytest

from server.database import Database
from server.domain.permissions import Permission, Role, Viewer
from tests.conftest import MakeTenant
from tests.factories.imports import upload
from tests.factories.item_types import make_item_type
from tests.factories.users import make_viewer
from tests.schema.asking import Ask

PREVIEW = """
query($file: ID!, $encoding: String, $separator: String, $header: Boolean) {
  importPreview(fileId: $file, encoding: $encoding, separator: $separator, hasHeader: $header) {
    preview {
      file { name size }
      encoding separator hasHeader
      columns { name examples field itemTypeId }
      rows
      warnings { code message }
      alreadyImported { id state }
    }
    userErrors { code field message }
  }
}
"""


async def look(
    ask: Ask, database: Database, viewer: Viewer, content: bytes | str, **choices: object
) -> Any:
    stored = await upload(database, viewer, content, "C:\\people\\marzo.csv")
    answer = await ask(PREVIEW, file=f"file_{stored.id}", **choices)
    return answer["data"]["importPreview"]


async def test_everything_is_guessed_from_the_file(
    ask: Ask, database: Database, viewer: Viewer
) -> None:
    """X-21: a column that is called like an item type is one of its numbers."""
    async with database.transaction(viewer.tenant_id) as session:
        office = await make_item_type(session, viewer, "Ufficio")
    text = "Nome;Telefono;Ufficio;Note\nNiccolò;06123456;;a\nAnna;06123457;0212345;b\n;;;\n"
    payload = await look(ask, database, viewer, text.encode("cp1252"))
    assert payload["userErrors"] == []
    assert payload["preview"] == {
        "file": {"name": "marzo.csv", "size": len(text)},
        "encoding": "cp1252",
        "separator": ";",
        "hasHeader": True,
        "columns": [
            {
                "name": "Nome",
                "examples": ["Niccolò", "Anna"],
                "field": "FIRST_NAME",
                "itemTypeId": None,
            },
            {
                "name": "Telefono",
                "examples": ["06123456", "06123457"],
                "field": "PHONE",
                "itemTypeId": None,
            },
            {
                "name": "Ufficio",
                "examples": ["0212345"],
                "field": None,
                "itemTypeId": f"type_{office.id}",
            },
            {"name": "Note", "examples": ["a", "b"], "field": None, "itemTypeId": None},
        ],
        "rows": [["Niccolò", "06123456", "", "a"], ["Anna", "06123457", "0212345", "b"]],
        "warnings": [
            {
                "code": "ENCODING_GUESSED",
                "message": "The encoding is a guess: look at the accents in the sample rows.",
            }
        ],
        "alreadyImported": [],
    }


async def test_what_is_chosen_overrules_the_guess(
    ask: Ask, database: Database, viewer: Viewer
) -> None:
    text = "Zażółć,06123456\nAnna,06123457\n"
    payload = await look(
        ask, database, viewer, text.encode("cp1250"), encoding="cp1250", header=True
    )
    preview = payload["preview"]
    assert [column["name"] for column in preview["columns"]] == ["Zażółć", "06123456"]
    assert (preview["encoding"], preview["warnings"]) == ("cp1250", [])
    payload = await look(ask, database, viewer, text, separator=";")
    assert [column["name"] for column in payload["preview"]["columns"]] == ["1"]
    assert payload["preview"]["rows"] == [["Zażółć,06123456"], ["Anna,06123457"]]


@pytest.mark.parametrize(
    ("content", "choices", "expected"),
    [
        (b"", {}, ("FILE_EMPTY", "fileId")),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, {}, ("FILE_NOT_TEXT", "fileId")),
        (b"PK\x03\x04" + bytes(100), {}, ("FILE_NOT_TEXT", "fileId")),
        ("name\nMario\n", {"encoding": "klingon"}, ("ENCODING_UNKNOWN", "encoding")),
        ("Niccolò\n".encode("cp1252"), {"encoding": "utf-8"}, ("ENCODING_UNKNOWN", "encoding")),
        ("name\nMario\n", {"separator": "!"}, ("INVALID", "separator")),
        ('name,"Mario\nAnna\n' * 3, {"separator": ","}, ("UNCLOSED_QUOTE", "fileId")),
    ],
)
async def test_what_cannot_be_read_says_so_at_its_input(
    ask: Ask,
    database: Database,
    viewer: Viewer,
    content: bytes | str,
    choices: dict[str, str],
    expected: tuple[str, str],
) -> None:
    """D6."""
    payload = await look(ask, database, viewer, content, **choices)
    assert payload["preview"] is None
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [expected]


async def test_only_own_files_are_looked_at(
    ask: Ask, database: Database, viewer: Viewer, new_tenant: MakeTenant
) -> None:
    """D9: a colleague's file that no process has used yet is not there either."""
    colleague = await make_viewer(database, viewer.tenant_id)
    stranger = await make_viewer(database, await new_tenant())
    for owner in (colleague, stranger):
        stored = await upload(database, owner, "name\nMario\n")
        answer = await ask(PREVIEW, file=f"file_{stored.id}")
        [error] = answer["data"]["importPreview"]["userErrors"]
        assert (error["code"], error["field"]) == ("NOT_FOUND", "fileId")
    rights = frozenset(Permission) - {Permission.PROCESSES_CREATE}
    poor = await make_viewer(database, viewer.tenant_id, Role.SUPERVISOR, permissions=rights)
    answer = await ask(PREVIEW, as_=poor, file="file_1")
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
