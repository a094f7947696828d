# SPDX-License-Identifier: Apache-2.0
"""Random campaigns in the simulator's form: small, crowded, with every setting in play."""

from datetime import datetime, timedelta
from random import Random

from tests.domain.dialer.vectors import FAILURES, START, Json

TYPES = ("Office", "Holiday", "zeta", "Alpha", "beta", "Straße")
STATUSES = (*FAILURES, "NO_ANSWER", "NO_ANSWER", "BUSY", "ANSWER")


def random_scenario(seed: int) -> Json:
    """Few numbers among several contacts, so that they meet on one number and on the blacklist."""
    random = Random(seed)
    numbers = [f"+3906123{place:05}" for place in range(random.randint(6, 40))]
    return {
        "start": START,
        "campaign": _campaign(random),
        "itemTypes": [{"name": name, "orderBy": random.randint(-1, 3)} for name in TYPES],
        "blacklist": random.sample(numbers, random.randint(0, 3)),
        "contacts": [_contact(random, place, numbers) for place in range(random.randint(1, 12))],
        "callSeconds": random.choice([0, 0, 20, 90, 400]),
        "lines": random.choice([1, 2, 3, 1000]),
        "horizonDays": random.choice([1, 3, 60]),
    }


def _campaign(random: Random) -> Json:
    rules = random.sample(FAILURES, random.randint(0, 5))
    after = random.sample(FAILURES, random.choice([0, 0, 1, 3]))
    window = {
        "from": random.choice(["08:00", "10:30", "22:00"]),
        "to": random.choice(["11:00", "24:00", "06:00"]),
        "days": random.sample(["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"], 4),
        "timezone": random.choice(["Europe/Rome", "America/New_York", "UTC"]),
    }
    return {
        "retry": {
            status: {"max": random.randint(0, 4), "minutes": random.choice([0, 1, 2, 7, 150])}
            for status in rules
        },
        "afterStatus": {
            status: random.choice(["ADVANCE", "RETRY_SAME", "CLOSE_PHONE"]) for status in after
        },
        "globalMaxRetry": random.randint(0, 6),
        "additionalPhonesAfter": random.choice([0, 1, 1, 5]),
        "exhaustionPolicy": random.choice(["ANY_PHONE", "ALL_PHONES"]),
        "maxAttemptsPerContact": random.choice([None, None, 1, 5]),
        "checkDuplicate": random.choice(["ALWAYS", "ONLY_IF_OPEN", "NEVER"]),
        "dialOrderByScheduledAt": random.choice(["ASC", "DESC"]),
        "window": random.choice([None, None, window]),
        "endsAt": random.choice([None, None, _minutes(random, 500)]),
    }


def _contact(random: Random, place: int, numbers: list[str]) -> Json:
    additional = random.choices(numbers, k=random.randint(0, 4))
    return {
        "id": f"c{place}",
        "priority": random.choice([1, 2, 2, 3]),
        "phone": random.choice([None, *random.choices(numbers, k=5)]),
        "scheduledAt": random.choice([None, None, _minutes(random, 30)]),
        "additionalPhones": [
            {"phone": number, "itemType": random.choice([None, *TYPES])} for number in additional
        ],
        "outcomes": random.choices(STATUSES, k=random.randint(1, 8)),
    }


def _minutes(random: Random, most: int) -> str:
    at = datetime.fromisoformat(START) + timedelta(minutes=random.randint(-5, most))
    return at.isoformat()
