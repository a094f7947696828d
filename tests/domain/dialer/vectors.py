# SPDX-License-Identifier: Apache-2.0
"""The golden vectors V1 to V11 (dial-machine section 10) as scenarios, for every engine.

Calls are written as the specification writes them: `P0 O1 H2=BUSY | P9` is the number's letter,
the minute, the result where it is not NO_ANSWER, and a bar between rounds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

START = "2027-01-04T09:00:00Z"
NUMBERS = {
    "P": "+390612345000",
    "O": "+390612345001",
    "H": "+390612345002",
    "Z": "+390612345003",
    "A": "+390612345004",
    "B": "+390612345005",
    "U": "+390612345006",
    "V": "+390612345007",
}
LETTERS = {number: letter for letter, number in NUMBERS.items()}
ITEM_TYPES = [
    {"name": "Office", "orderBy": 1},
    {"name": "Holiday", "orderBy": 2},
    {"name": "zeta", "orderBy": 1},
    {"name": "Alpha", "orderBy": 5},
    {"name": "beta", "orderBy": 5},
]
TYPES = {"O": "Office", "H": "Holiday", "Z": "zeta", "A": "Alpha", "B": "beta"}
FAILURES = (
    "CONGESTION",
    "BUSY",
    "NO_ANSWER",
    "NO_SUCH_NUMBER",
    "DROP",
    "ABANDONED",
    "MACHINE",
    "AGENT_REJECT",
)
Json = dict[str, object]


def retry(**rules: tuple[int, int]) -> Json:
    """Every status 3 times, 2 minutes apart, but for those given as (max, minutes)."""
    return {
        status: {"max": rules.get(status, (3, 2))[0], "minutes": rules.get(status, (3, 2))[1]}
        for status in FAILURES
    }


def contact(letters: str = "POH", outcomes: Sequence[str] = ("NO_ANSWER",), **more: object) -> Json:
    """A contact that has these numbers, the first as its primary."""
    return {
        "id": "c1",
        "phone": NUMBERS[letters[0]],
        "additionalPhones": [
            {"phone": NUMBERS[letter], "itemType": TYPES.get(letter)} for letter in letters[1:]
        ],
        "outcomes": list(outcomes),
        **more,
    }


def scenario(
    *contacts: Json, blacklist: str = "", campaign: Json | None = None, **more: object
) -> Json:
    return {
        "start": START,
        "campaign": {"retry": retry(), **(campaign or {})},
        "itemTypes": ITEM_TYPES,
        "blacklist": [NUMBERS[letter] for letter in blacklist],
        "contacts": list(contacts),
        **more,
    }


def minute(at: object) -> int:
    seconds = (datetime.fromisoformat(str(at)) - datetime.fromisoformat(START)).total_seconds()
    assert seconds % 60 == 0
    return int(seconds) // 60


def notation(history: Sequence[Json]) -> str:
    """The calls of one contact in the specification's notation."""
    text, round_ = "", 1
    for row in history:
        if row["round"] != round_:
            text, round_ = text + "| ", cast(int, row["round"])
        result = "" if row["status"] == "NO_ANSWER" else f"={row['status']}"
        text += f"{LETTERS[str(row['phone'])]}{minute(row['at'])}{result} "
    return text.strip()


@dataclass(frozen=True, kw_only=True)
class Vector:
    name: str
    scenario: Json
    calls: str
    number: str
    status: str
    reason: str
    counters: dict[str, int]
    attempts: int
    limit: tuple[str, str] | None = None
    final: Json = field(init=False)

    def __post_init__(self) -> None:
        last = self.calls.split()[-1].partition("=")[0]
        final: Json = {
            "contact": "c1",
            "phone": NUMBERS[self.number],
            "status": self.status,
            "reason": self.reason,
            "counters": self.counters,
            "attempts": self.attempts,
            "at": f"2027-01-04T09:{int(last[1:]):02}:00Z",
        }
        if self.limit is not None:
            final["limit"] = {"status": self.limit[0], "phone": NUMBERS[self.limit[1]]}
        object.__setattr__(self, "final", final)


VECTORS = [
    Vector(
        name="V1 nobody answers",
        scenario=scenario(contact()),
        calls="P0 O1 H2 | P4 O5 H6 | P8 O9 H10",
        number="H",
        status="NO_ANSWER",
        reason="RETRY_EXCEEDED",
        counters={"NO_ANSWER": 3},
        attempts=9,
        limit=("NO_ANSWER", "H"),
    ),
    Vector(
        name="V2 Office answers in round 2",
        scenario=scenario(contact(outcomes=["NO_ANSWER"] * 4 + ["ANSWER"])),
        calls="P0 O1 H2 | P4 O5=ANSWER",
        number="O",
        status="ANSWER",
        reason="REACHED",
        counters={"NO_ANSWER": 1},
        attempts=5,
    ),
    Vector(
        name="V3 the wait is that of the last number's status",
        scenario=scenario(
            contact(outcomes=["NO_ANSWER"] * 2 + ["BUSY"] + ["NO_ANSWER"] * 3 + ["ANSWER"]),
            campaign={"retry": retry(BUSY=(3, 7))},
        ),
        calls="P0 O1 H2=BUSY | P9 O10 H11 | P13=ANSWER",
        number="P",
        status="ANSWER",
        reason="REACHED",
        counters={"NO_ANSWER": 2},
        attempts=7,
    ),
    Vector(
        name="V4 one number at its limit closes at the round end",
        scenario=scenario(
            contact(outcomes=["NO_SUCH_NUMBER", "NO_ANSWER"]),
            campaign={"retry": retry(NO_SUCH_NUMBER=(1, 2))},
        ),
        calls="P0=NO_SUCH_NUMBER O1 H2",
        number="H",
        status="NO_ANSWER",
        reason="RETRY_EXCEEDED",
        counters={"NO_ANSWER": 1},
        attempts=3,
        limit=("NO_SUCH_NUMBER", "P"),
    ),
    Vector(
        name="V5 under ALL_PHONES the others go on",
        scenario=scenario(
            contact(outcomes=["NO_SUCH_NUMBER", "NO_ANSWER"]),
            campaign={
                "retry": retry(NO_SUCH_NUMBER=(1, 2)),
                "exhaustionPolicy": "ALL_PHONES",
            },
        ),
        calls="P0=NO_SUCH_NUMBER O1 H2 | O4 H5 | O7 H8",
        number="H",
        status="NO_ANSWER",
        reason="RETRY_EXCEEDED",
        counters={"NO_ANSWER": 3},
        attempts=7,
        limit=("NO_ANSWER", "H"),
    ),
    Vector(
        name="V6 the global limit of one number",
        scenario=scenario(contact("P", ["NO_ANSWER", "BUSY", "NO_ANSWER", "BUSY"])),
        calls="P0 | P2=BUSY | P4 | P6=BUSY",
        number="P",
        status="BUSY",
        reason="RETRY_EXCEEDED",
        counters={"BUSY": 2, "NO_ANSWER": 2},
        attempts=4,
        limit=("GLOBAL", "P"),
    ),
    Vector(
        name="V7 order of the numbers",
        scenario=scenario(contact("PUVBAZ"), campaign={"retry": retry(NO_ANSWER=(1, 2))}),
        calls="P0 Z1 A2 B3 U4 V5",
        number="V",
        status="NO_ANSWER",
        reason="RETRY_EXCEEDED",
        counters={"NO_ANSWER": 1},
        attempts=6,
        limit=("NO_ANSWER", "V"),
    ),
    Vector(
        name="V8 a blacklisted number costs no time",
        scenario=scenario(contact(), blacklist="O"),
        calls="P0 O1=BLACKLIST H1 | P3 H4 | P6 H7",
        number="H",
        status="NO_ANSWER",
        reason="RETRY_EXCEEDED",
        counters={"NO_ANSWER": 3},
        attempts=6,
        limit=("NO_ANSWER", "H"),
    ),
    Vector(
        name="V9 the contact's own cap",
        scenario=scenario(contact(), campaign={"maxAttemptsPerContact": 5}),
        calls="P0 O1 H2 | P4 O5",
        number="O",
        status="NO_ANSWER",
        reason="CONTACT_CAP",
        counters={"NO_ANSWER": 2},
        attempts=5,
    ),
    Vector(
        name="V10 a max of 0 is one call",
        scenario=scenario(contact("P", ["BUSY"]), campaign={"retry": retry(BUSY=(0, 2))}),
        calls="P0=BUSY",
        number="P",
        status="BUSY",
        reason="RETRY_EXCEEDED",
        counters={"BUSY": 1},
        attempts=1,
        limit=("BUSY", "P"),
    ),
    Vector(
        name="V11 the first number exceeds, the last one is shown",
        scenario=scenario(
            contact(
                outcomes=["NO_ANSWER"] * 4 + ["BUSY"] * 2 + ["NO_ANSWER"] + ["MACHINE"] * 2,
            )
        ),
        calls="P0 O1 H2 | P4 O5=BUSY H6=BUSY | P8 O9=MACHINE H10=MACHINE",
        number="H",
        status="MACHINE",
        reason="RETRY_EXCEEDED",
        counters={"BUSY": 1, "NO_ANSWER": 1, "MACHINE": 1},
        attempts=9,
        limit=("NO_ANSWER", "P"),
    ),
]
