# SPDX-License-Identifier: Apache-2.0
"""Two who edit the same contact: the second sees both values, and nothing is lost (X-18, X-19)."""

import asyncio
from typing import Any

import pytest

from server.database import Database
from server.domain.permissions import Role, Viewer
from server.models import Contact
from tests.factories.contacts import make_contact, phones
from tests.factories.users import make_viewer
from tests.schema.asking import Ask
from tests.schema.contacts.asked import ERRORS, FIELDS

EDIT = f"""mutation ($input: EditContactInput!) {{
  result: editContact(input: $input) {{
    contact {{ {FIELDS} }} changes {{ version at userName fields }} {ERRORS} }} }}"""


@pytest.fixture
async def ada(database: Database, viewer: Viewer, tenant: int) -> Contact:
    async with database.transaction(tenant) as session:
        return await make_contact(
            session, viewer, "Ada", "Rossi", additional=phones("+39055123456")
        )


async def edit(ask: Ask, row: Contact, *, as_: Viewer, **given: object) -> Any:
    answer = await ask(EDIT, as_=as_, input={"id": f"contact_{row.id}", **given})
    return answer["data"]["result"]


async def test_a_conflict_carries_the_contact_and_who_changed_what_since(
    ask: Ask, database: Database, ada: Contact, viewer: Viewer, tenant: int
) -> None:
    anna = await make_viewer(database, tenant)
    bruno = await make_viewer(database, tenant)
    saved = await edit(ask, ada, as_=anna, version=1, company="Fiat", firstName="Ada")
    assert saved["contact"]["version"] == 2
    assert (saved["changes"], saved["userErrors"]) == ([], [])
    given = [{"number": "055 123456", "description": "desk"}]
    await edit(ask, ada, as_=bruno, version=2, lastName="Verdi", additionalPhones=given)
    late = await edit(ask, ada, as_=viewer, version=1, company="Olivetti")
    [error] = late["userErrors"]
    assert (error["code"], error["field"]) == ("CONFLICT", "version")
    stored = late["contact"]
    assert (stored["version"], stored["company"], stored["lastName"]) == (3, "Fiat", "Verdi")
    # The latest first; a field that was sent with the value it had is no change.
    told = [(one["version"], one["userName"], one["fields"]) for one in late["changes"]]
    assert told == [
        (3, bruno.name, ["lastName", "additionalPhones"]),
        (2, anna.name, ["company"]),
    ]
    assert late["changes"][0]["at"] > late["changes"][1]["at"]
    # The choice is sent with the version that was shown.
    chosen = await edit(ask, ada, as_=viewer, version=stored["version"], company="Olivetti")
    assert chosen["contact"]["company"] == "Olivetti"
    assert chosen["contact"]["lastName"] == "Verdi"
    again = await edit(ask, ada, as_=bruno, version=3, company="IBM")  # only what is newer
    assert [one["fields"] for one in again["changes"]] == [["company"]]


async def test_of_eight_who_save_at_once_one_wins_and_no_change_is_lost(
    ask: Ask, database: Database, ada: Contact, tenant: int
) -> None:
    people = [await make_viewer(database, tenant) for _ in range(8)]
    texts = ["firstName", "lastName", "email", "company"]
    edits: list[dict[str, object]] = [{name: f"{name}@new.example"} for name in texts]
    edits += [{"priority": 1}, {"scheduledAt": "2027-03-01T09:00:00Z"}]
    edits += [{"phone": "+390299887766"}, {"additionalPhones": [{"number": "+393471112233"}]}]

    async def save(place: int, version: int) -> Any:
        return await edit(ask, ada, as_=people[place], version=version, **edits[place])

    waiting, version = list(range(8)), 1
    for round_ in range(8):
        answers = await asyncio.gather(*(save(place, version) for place in waiting))
        won = [place for place, one in zip(waiting, answers, strict=True) if not one["userErrors"]]
        assert len(won) == 1, f"round {round_}"
        lost = [one for one in answers if one["userErrors"]]
        assert all(one["userErrors"][0]["code"] == "CONFLICT" for one in lost)
        # Each of the others is given the same winner's contact, and told whose it is.
        assert {one["contact"]["version"] for one in lost} in ({version + 1}, set())
        assert {one["changes"][0]["userName"] for one in lost} <= {people[won[0]].name}
        waiting.remove(won[0])
        version += 1
    assert waiting == []
    whole = await edit(ask, ada, as_=people[0])
    stored = whole["contact"]
    assert {name: stored[name] for name in texts} == {name: f"{name}@new.example" for name in texts}
    assert (stored["priority"], stored["phone"]) == (1, "+390299887766")
    assert stored["scheduledAt"] == "2027-03-01T09:00:00Z"
    assert [phone["number"] for phone in stored["additionalPhones"]] == ["+393471112233"]


async def test_an_agent_who_may_not_see_the_contact_learns_nothing_of_it(
    ask: Ask, database: Database, ada: Contact, tenant: int
) -> None:
    agent = await make_viewer(database, tenant, Role.AGENT)
    refused = await edit(ask, ada, as_=agent, version=7, company="Fiat")
    assert [error["code"] for error in refused["userErrors"]] == ["NOT_FOUND"]
    assert (refused["contact"], refused["changes"]) == (None, [])
