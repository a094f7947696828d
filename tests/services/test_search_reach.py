# SPDX-License-Identifier: Apache-2.0
"""The search's functions against looking through everything, for each who may see a part (D9)."""

import random
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

import pytest

from server.database import Database
from server.domain.search import parted
from tests.conftest import as_owner

SYLLABLES = "ros si ma rio an na bel lo ca sa mar ti ni el".split()  # noqa: SIM905 # to be read
SIGNATURE = (
    "SELECT unnest(rubrica_search_contacts("
    "$1, $2, $2, $3, '%', $4, $5, NULL, NULL, $6, $7, $8, $9))"
)
NEW = """
WITH gone AS (DELETE FROM contact_search WHERE contact_id % 3 = 0 RETURNING tenant_id, contact_id)
INSERT INTO search_backlog (tenant_id, first_id, last_id)
SELECT tenant_id, min(contact_id), max(contact_id) FROM gone GROUP BY tenant_id, contact_id / 1000
"""
EVERY = ["begins", "words", "inside", "number", "ending", "digits", "both"]


@dataclass
class Person:
    id: int
    name_key: str
    given_key: str
    email: str
    company_key: str
    numbers: list[str]

    @property
    def key(self) -> str:
        return " " + parted(f"{self.name_key} {self.email.split('@')[0]} {self.company_key}")


@dataclass
class Centre:
    tenant: int
    people: list[Person] = field(default_factory=list)
    lists: dict[str, tuple[int, set[int]]] = field(default_factory=dict)
    agents: dict[str, int] = field(default_factory=dict)
    campaign: tuple[int, set[int]] = (0, set())


@dataclass(frozen=True)
class Question:
    steps: Sequence[str]
    phrase: str = ""
    words: Sequence[str] = ()
    beginnings: Sequence[str] = ()
    digits: str = ""

    def answers(self, step: str, person: Person) -> bool:
        """Whether it is found by this way of looking."""
        letters = [word for word in self.words if word != self.digits]
        holds = any(self.digits in number for number in person.numbers)
        rules: dict[str, Callable[[], bool]] = {
            "begins": lambda: any(
                text.startswith(self.phrase)
                for text in (person.name_key, person.given_key, person.email, person.company_key)
            ),
            "host": lambda: person.email.partition("@")[2].startswith(self.phrase),
            "words": lambda: all(f" {word}" in person.key for word in self.words),
            "inside": lambda: all(word in person.key for word in self.words),
            "number": lambda: any(n.startswith(tuple(self.beginnings)) for n in person.numbers),
            "ending": lambda: any(number.endswith(self.digits) for number in person.numbers),
            "digits": lambda: holds,
            "both": lambda: holds and all(word in person.key for word in letters),
        }
        return rules[step]()


def questions(chance: random.Random) -> list[Question]:
    syllable = SYLLABLES.__getitem__
    some = [syllable(chance.randrange(len(SYLLABLES))) for _ in range(12)]
    found = [Question(["begins"], word[:1]) for word in some[:3]]
    for one, other in zip(some[::2], some[1::2], strict=True):
        together = one + other
        found.append(Question(["begins", "words", "inside"], together, [together]))
        words = sorted([together, other], key=len, reverse=True)
        found.append(Question(["begins", "words", "inside"], " ".join(words), words))
    for length in (2, 3, 3, 4, 5):
        digits = "".join(chance.choice("0123456789") for _ in range(length))
        ways = ["number", "ending"] + (["digits"] if length > 2 else [])
        found.append(Question(ways, "", [digits], [f"+39{digits}", f"+{digits}"], digits))
    found.append(Question(["both"], "", ["ross", "123"], (), "123"))
    found.append(Question(["words", "inside"], "", ["a"]))  # what all have
    found.append(Question(["begins", "host"], "exa"))
    found.append(Question(EVERY, "zzz", ["zzzz"], ["+39000000"], "00000000"))
    return found


@pytest.fixture(params=["indexed", "partly new"])
async def world(
    own_database: str, request: pytest.FixtureRequest
) -> AsyncIterator[tuple[Database, list[Centre]]]:
    """A centre with most of the contacts, a small one between, and their agents.

    Of some the index of the search may know nothing yet, as during an import.
    """
    chance = random.Random(5)
    database = Database(own_database, pool_size=3)
    await database.start()
    centres = []
    async with as_owner(own_database) as owner:
        for name in ("most", "few"):
            tenant = await owner.fetchval(
                "INSERT INTO tenants (name) VALUES ($1) RETURNING id", name
            )
            centres.append(Centre(tenant))
        for round_ in range(6):
            for centre, count in zip(centres, (400, 15), strict=True):
                for _ in range(count):
                    centre.people.append(await _person(owner, centre.tenant, chance, round_))
        for centre in centres:
            await _scopes(owner, centre, chance)
        if request.param == "partly new":
            await owner.execute(NEW)
        await owner.execute("ANALYZE")
    yield database, centres
    await database.stop()


async def _person(owner: object, tenant: int, chance: random.Random, place: int) -> Person:
    def word(most: int = 3) -> str:
        return "".join(chance.choice(SYLLABLES) for _ in range(chance.randint(1, most)))

    first, last, company = word(), word(), word(2) if chance.random() < 0.4 else ""
    email = f"{first}.{last}{chance.randrange(1000)}@example.org" if chance.random() < 0.5 else ""
    numbers = [f"+39{chance.randrange(10**8, 10**9)}" for _ in range(chance.randint(0, 3))]
    person = Person(0, f"{last} {first}", f"{first} {last}", email, company, numbers)
    person.id = await owner.fetchval(  # type: ignore[attr-defined]
        "INSERT INTO contacts (tenant_id, first_name, name_key, given_key, email, company_key,"
        " phone) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
        tenant,
        first,
        person.name_key,
        person.given_key,
        email,
        company,
        numbers[0] if numbers else None,
    )
    for place, number in enumerate(numbers[1:]):
        await owner.execute(  # type: ignore[attr-defined]
            "INSERT INTO additional_phones (tenant_id, contact_id, number, position)"
            " VALUES ($1, $2, $3, $4)",
            tenant,
            person.id,
            number,
            place,
        )
    return person


async def _scopes(owner: object, centre: Centre, chance: random.Random) -> None:
    """A short and a long list with an agent each, and a campaign with a few open entries."""
    fetchval, executemany = owner.fetchval, owner.executemany  # type: ignore[attr-defined]
    ids = [person.id for person in centre.people]
    tenant = centre.tenant
    for name, share in (("short", 0.1), ("long", 0.6)):
        members = set(chance.sample(ids, int(len(ids) * share)))
        list_id = await fetchval(
            "INSERT INTO contact_lists (tenant_id, name, name_key) VALUES ($1, $2, $2)"
            " RETURNING id",
            tenant,
            name,
        )
        await executemany(
            "INSERT INTO list_members (tenant_id, list_id, contact_id) VALUES ($1, $2, $3)",
            [(tenant, list_id, member) for member in members],
        )
        agent = await fetchval(
            "INSERT INTO users (tenant_id, name, name_key, role) VALUES ($1, $2, $2, 'AGENT')"
            " RETURNING id",
            tenant,
            f"{name}-{tenant}",
        )
        await owner.execute(  # type: ignore[attr-defined]
            "INSERT INTO list_agents (tenant_id, list_id, user_id) VALUES ($1, $2, $3)",
            tenant,
            list_id,
            agent,
        )
        centre.lists[name], centre.agents[name] = (list_id, members), agent


async def ask(
    database: Database,
    tenant: int | None,
    question: Question,
    *,
    agent: int | None = None,
    list_id: int | None = None,
    campaign: int | None = None,
    most: int = 5000,
) -> list[int]:
    rows = await database.read(
        tenant,
        SIGNATURE,
        question.steps,
        question.phrase,
        question.words,
        question.beginnings,
        question.digits,
        agent,
        list_id,
        campaign,
        most,
    )
    return [row[0] for row in rows]


async def test_everybody_finds_what_a_look_through_all_they_see_finds(
    world: tuple[Database, list[Centre]],
) -> None:
    """Whichever way the functions take: by index, by walking, or through a few contacts."""
    database, centres = world
    chance = random.Random(11)
    for centre in centres:
        everybody = {person.id for person in centre.people}
        short, long = centre.lists["short"], centre.lists["long"]
        reaches = [
            ({}, everybody),
            ({"agent": centre.agents["short"]}, short[1]),
            ({"agent": centre.agents["long"]}, long[1]),
            ({"list_id": short[0]}, short[1]),
            ({"list_id": long[0]}, long[1]),
            ({"agent": centre.agents["long"], "list_id": short[0]}, long[1] & short[1]),
        ]
        for question in questions(chance):
            for scope, reach in reaches:
                seen = [person for person in centre.people if person.id in reach]
                by_step = [
                    {person.id for person in seen if question.answers(step, person)}
                    for step in question.steps
                ]
                expected = set[int]().union(*by_step)
                found = await ask(database, centre.tenant, question, **scope)
                assert len(found) == len(set(found))
                assert set(found) == expected, (question, scope)
                few = await ask(database, centre.tenant, question, most=3, **scope)
                assert len(few) == min(3, len(expected)), (question, scope)
                assert set(few) <= expected
                assert sum(key in by_step[0] for key in few) == min(3, len(by_step[0]))


async def test_nothing_of_another_tenant_is_found_whatever_is_passed(
    world: tuple[Database, list[Centre]],
) -> None:
    database, (mine, theirs) = world
    question = Question(["words", "inside", "digits", "begins"], "", ["ros"], (), "1")
    own = {person.id for person in mine.people}
    assert set(await ask(database, mine.tenant, question)) <= own
    assert await ask(database, None, question) == []
    for name in ("short", "long"):
        for scope in ({"agent": theirs.agents[name]}, {"list_id": theirs.lists[name][0]}):
            assert await ask(database, mine.tenant, question, **scope) == []
    assert await ask(database, mine.tenant, question, campaign=1) == []
    [phones] = await database.read(
        mine.tenant,
        "SELECT array_agg(contact_id) FROM"
        " rubrica_search_phones('{digits}', '{}', '1', NULL, NULL, NULL, 9000)",
    )
    assert set(phones[0]) <= own
    words = await database.read(None, "SELECT * FROM rubrica_similar_words('rossi', 100)")
    assert words == []
