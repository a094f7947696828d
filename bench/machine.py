# SPDX-License-Identifier: Apache-2.0
"""Prints how many decisions a second the dial machine takes, and how long 1,000 scenarios last.

    python -m bench.machine

A decision is one claim or one report. Figures to reach on one core: 100,000 decisions a second,
1,000 scenarios of the usual size in under 10 seconds.
"""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from time import process_time

from server.domain.campaigns import FAILURES, CallStatus, CampaignSettings, ExhaustionPolicy
from server.domain.dialer import AdditionalNumber, claim, dial_order, load, report
from server.domain.simulation import simulate_lines

START = datetime(2027, 1, 4, 9, tzinfo=UTC)
ENTRIES = 20_000
SCENARIOS = 1_000
NUMBERS = [
    AdditionalNumber("+390612345002", "Holiday", 2),
    AdditionalNumber("+390612345001", "Office", 1),
]


def decisions(settings: CampaignSettings, outcome: Callable[[], CallStatus]) -> float:
    """Dials entries of three numbers from load to close; decisions a second."""
    entries = [
        load(key, dial_order("+390612345000", NUMBERS), settings, START)[0]
        for key in range(ENTRIES)
    ]
    blacklisted = frozenset({"+390699999999"})
    made = 0
    began = process_time()
    for entry in entries:
        final = None
        while final is None:
            now = entry.scheduled_at
            claim(entry, settings, now, blacklisted=blacklisted)
            final = report(entry, settings, outcome(), now).final
            made += 2
    return made / (process_time() - began)


def scenarios(seed: int) -> list[str]:
    """Three contacts of three numbers each a scenario, settings and outcomes at random."""
    chance = random.Random(seed)
    lines = []
    for number in range(SCENARIOS):
        contacts = [
            {
                "id": f"c{place}",
                "phone": f"+3906{number:05}{place}0",
                "additionalPhones": [
                    {"phone": f"+3906{number:05}{place}2", "itemType": "Holiday"},
                    {"phone": f"+3906{number:05}{place}1", "itemType": "Office"},
                ],
                "outcomes": chance.choices([*FAILURES, CallStatus.ANSWER], k=9),
            }
            for place in range(3)
        ]
        campaign = {
            "retry": {"NO_ANSWER": {"max": chance.randint(0, 4), "minutes": 2}},
            "window": {"from": "08:00", "to": "21:00", "timezone": "Europe/Rome"},
        }
        types = [{"name": "Office", "orderBy": 1}, {"name": "Holiday", "orderBy": 2}]
        lines.append(
            json.dumps(
                {
                    "start": "2027-01-04T09:00:00Z",
                    "campaign": campaign,
                    "itemTypes": types,
                    "contacts": contacts,
                }
            )
        )
    return lines


def main() -> None:
    chance = random.Random(1)
    every = [*FAILURES, CallStatus.ANSWER]
    cases: dict[str, tuple[CampaignSettings, Callable[[], CallStatus]]] = {
        "nobody answers": (CampaignSettings(), lambda: CallStatus.NO_ANSWER),
        "any result": (CampaignSettings(), lambda: chance.choice(every)),
        "any result, ALL_PHONES": (
            CampaignSettings(exhaustion_policy=ExhaustionPolicy.ALL_PHONES),
            lambda: chance.choice(every),
        ),
    }
    for name, (settings, outcome) in cases.items():
        print(f"{name:24} {decisions(settings, outcome):>10,.0f} decisions/s")
    lines = scenarios(1)
    began = process_time()
    calls = sum(len(json.loads(line)["history"]) for line, _ in simulate_lines(lines))
    print(f"{SCENARIOS:,} scenarios, {calls:,} calls   {process_time() - began:>7.2f} s")


if __name__ == "__main__":
    main()
