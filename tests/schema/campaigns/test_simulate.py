# SPDX-License-Identifier: Apache-2.0
"""`simulate`: the dial machine on a scenario in virtual time, within bounds."""

from typing import Any

import pytest

from server.database import Database
from server.domain.permissions import Role, Viewer
from tests.factories.users import make_viewer
from tests.schema.asking import Ask

SIMULATE = """
query($scenario: JSON!) {
  simulate(scenario: $scenario) { answer userErrors { code field message } }
}
"""
SCENARIO: dict[str, Any] = {
    "start": "2027-01-04T09:00:00Z",
    "campaign": {
        "retry": {"NO_ANSWER": {"max": 3, "minutes": 2}},
        "additionalPhonesAfter": 1,
    },
    "itemTypes": [{"name": "Office", "orderBy": 1}, {"name": "Holiday", "orderBy": 2}],
    "contacts": [
        {
            "id": "c1",
            "phone": "+390612345000",
            "additionalPhones": [
                {"phone": "+390612345002", "itemType": "Holiday"},
                {"phone": "+390612345001", "itemType": "Office"},
            ],
            "outcomes": ["NO_ANSWER"],
        }
    ],
}


async def simulated(ask: Ask, scenario: object) -> Any:
    return (await ask(SIMULATE, scenario=scenario))["data"]["simulate"]


async def test_the_seeds_example_is_simulated_as_it_is_dialed(ask: Ask) -> None:
    """V1: P0 O1 H2 | P4 O5 H6 | P8 O9 H10."""
    found = await simulated(ask, SCENARIO)
    assert found["userErrors"] == []
    history = [
        (row["round"], row["phone"][-1], row["at"][14:16]) for row in found["answer"]["history"]
    ]
    assert history == [
        *((1, "0", "00"), (1, "1", "01"), (1, "2", "02")),
        *((2, "0", "04"), (2, "1", "05"), (2, "2", "06")),
        *((3, "0", "08"), (3, "1", "09"), (3, "2", "10")),
    ]
    [final] = found["answer"]["final"]
    assert (final["phone"], final["reason"], final["counters"]) == (
        "+390612345002",
        "RETRY_EXCEEDED",
        {"NO_ANSWER": 3},
    )
    assert (found["answer"]["open"], found["answer"]["skipped"]) == ([], [])


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"contacts": []}, None, None),
        ({"campain": {}}, "INVALID", "campain"),
        ({"start": "yesterday"}, "INVALID", "start"),
        (
            {"campaign": {"additionalPhonesAfter": -1}},
            "OUT_OF_RANGE",
            "campaign.additionalPhonesAfter",
        ),
        ({"campaign": {"retry": {"ANSWER": {}}}}, "INVALID", "campaign.retry.ANSWER"),
        ({"contacts": [{"id": "c1", "phone": "x"}]}, "INVALID_NUMBER", "contacts.0.phone"),
        ({"lines": 0}, "OUT_OF_RANGE", "lines"),
    ],
)
async def test_a_bad_scenario_is_refused_by_its_field(
    ask: Ask, change: dict[str, object], code: str | None, field: str | None
) -> None:
    found = await simulated(ask, SCENARIO | change)
    if code is None:
        assert (found["answer"]["history"], found["userErrors"]) == ([], [])
        return
    assert found["answer"] is None
    assert [(error["code"], error["field"]) for error in found["userErrors"]] == [(code, field)]
    assert found["userErrors"][0]["message"]


@pytest.mark.parametrize("scenario", [[], "text", 7, None])
async def test_what_is_no_scenario_is_refused(ask: Ask, scenario: object) -> None:
    answer = await ask(SIMULATE, scenario=scenario)
    if scenario is None:
        assert answer["errors"]
    else:
        [error] = answer["data"]["simulate"]["userErrors"]
        assert (error["code"], error["field"]) == ("INVALID", None)


async def test_a_scenario_with_too_many_calls_is_refused_before_it_takes_long(ask: Ask) -> None:
    endless = {
        "campaign": {
            "retry": {"BUSY": {"max": 30_000, "minutes": 0}},
            "globalMaxRetry": 30_000,
            "additionalPhonesAfter": 0,
        },
        "contacts": [{"id": "c1", "phone": "+390612345000", "outcomes": ["BUSY"]}],
    }
    found = await simulated(ask, SCENARIO | endless)
    assert found["answer"] is None
    assert [(error["code"], error["field"]) for error in found["userErrors"]] == [
        ("OUT_OF_RANGE", "contacts")
    ]


async def test_it_takes_the_permission_to_see_campaigns(
    ask: Ask, database: Database, viewer: Viewer
) -> None:
    """X-09."""
    poor = await make_viewer(database, viewer.tenant_id, Role.SUPERVISOR, permissions=frozenset())
    answer = await ask(SIMULATE, as_=poor, scenario=SCENARIO)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
