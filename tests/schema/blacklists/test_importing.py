# SPDX-License-Identifier: Apache-2.0
"""Many do-not-call entries at once: pasted, or the text of a CSV; rows that fail are told."""

import pytest

from server.database import Database
from server.domain.permissions import Viewer
from tests.schema.asking import Ask
from tests.schema.blacklists.asked import CREATE, ENTRIES, IMPORT, faults, found

ROME, MILAN, PARIS = "+390612345678", "+390223456789", "+33123456789"


async def listed(ask: Ask) -> dict[str, tuple[str, str, bool]]:
    edges = (await ask(ENTRIES))["data"]["blacklistEntries"]["edges"]
    nodes = [edge["node"] for edge in edges]
    return {node["uri"]: (node["name"], node["note"], node["isEverywhere"]) for node in nodes}


async def test_pasted_lines_are_taken_and_those_that_fail_are_told(ask: Ask) -> None:
    await ask(CREATE, input={"uri": PARIS})
    text = "\n06 12345678\n\nrubbish\n+39 02-2345-6789\n0612345678\n+33 1 23 45 67 89\nA@b.it\n"
    answer = await ask(IMPORT, input={"text": text, "name": "2026", "isEverywhere": True})
    result = answer["data"]["result"]
    assert (result["added"], result["failed"], result["userErrors"]) == (3, 3, [])
    assert [(row["line"], row["value"], row["code"]) for row in result["failures"]] == [
        (4, "rubbish", "INVALID_NUMBER"),
        (6, "0612345678", "TAKEN"),
        (7, PARIS, "TAKEN"),
    ]
    assert "“rubbish” is not a phone number." in result["failures"][0]["message"]
    assert await listed(ask) == {
        PARIS: ("", "", False),
        ROME: ("2026", "", True),
        MILAN: ("2026", "", True),
        "a@b.it": ("2026", "", True),
    }


@pytest.mark.parametrize("separator", [",", ";", "\t"])
async def test_a_table_is_read_by_its_header(separator: str, ask: Ask) -> None:
    rows = [("Note", "Nome", "Telefono"), ("by letter", "Mario", ROME), ("", "", MILAN)]
    text = "\r\n".join(separator.join(row) for row in rows)
    result = (await ask(IMPORT, input={"text": text, "note": "all"}))["data"]["result"]
    assert (result["added"], result["failed"]) == (2, 0)
    assert await listed(ask) == {ROME: ("Mario", "by letter", False), MILAN: ("", "all", False)}


async def test_blanks_stand_inside_of_numbers_and_signs_between_them(ask: Ask) -> None:
    text = "02 2345 6789\n06 1234 5678; 0039 06 999 8888, nobody\n+33 1 23 45 67 89; a@b.it"
    result = (await ask(IMPORT, input={"text": text}))["data"]["result"]
    assert (result["added"], result["failed"]) == (4, 0)
    stored = await listed(ask)
    assert set(stored) == {MILAN, ROME, PARIS, "a@b.it"}
    assert stored[ROME] == ("0039 06 999 8888, nobody", "", False)


async def test_a_table_without_a_header_holds_number_name_and_note(ask: Ask) -> None:
    text = f'{ROME},"Rossi, Mario",by letter\n3.9E+11,Anna,\n{MILAN}\n'
    result = (await ask(IMPORT, input={"text": text}))["data"]["result"]
    assert [(row["line"], row["code"]) for row in result["failures"]] == [(2, "NUMBER_ROUNDED")]
    assert await listed(ask) == {
        ROME: ("Rossi, Mario", "by letter", False),
        MILAN: ("", "", False),
    }


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"text": " \n "}, ("REQUIRED", "text")),
        ({"text": ROME, "listId": "list_999999"}, ("NOT_FOUND", "listId")),
        ({"text": ROME, "name": "x" * 101}, ("TOO_LONG", "name")),
    ],
)
async def test_what_holds_nothing_is_refused(
    given: dict[str, object], fault: tuple[str, str], ask: Ask
) -> None:
    assert faults(await ask(IMPORT, input=given)) == [fault]
    assert await found(ask) == []


async def test_more_rows_than_fit_are_refused_as_a_whole(
    ask: Ask, database: Database, viewer: Viewer
) -> None:
    text = "\n".join(f"+3906{number:08}" for number in range(50_001))
    assert faults(await ask(IMPORT, input={"text": text})) == [("OUT_OF_RANGE", "text")]
    some = (await ask(IMPORT, input={"text": text[: 14 * 20_000]}))["data"]["result"]
    assert (some["added"], some["failed"]) == (20_000, 0)
