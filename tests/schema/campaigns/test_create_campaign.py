# SPDX-License-Identifier: Apache-2.0
"""`createCampaign`: defaults, what is refused field by field, and what is loaded (X-37, X-40)."""

from typing import Any

import pytest

from server.database import Database
from server.domain.permissions import Permission, Role, Viewer
from tests.conftest import MakeTenant
from tests.factories.users import make_viewer
from tests.schema.asking import Ask
from tests.schema.campaigns.conftest import Lists

CREATE = """
mutation($input: CreateCampaignInput!) {
  createCampaign(input: $input) {
    campaign {
      name state stateLabel simultaneousLines globalMaxRetry additionalPhonesAfter
      exhaustionPolicy maxAttemptsPerContact originateTimeout queueTimeout checkDuplicate dialOrder
      windowFrom windowTo windowDays timezone endsAt driver clockRate startedAt version
      retrySettings { status label max minutes afterStatus }
      lists { name } agents { fullName } entryCounts { state label count }
    }
    loaded duplicates withoutNumbers closed inCall
    userErrors { code field message }
  }
}
"""
BOUNDS = "This must be between %s and %s."


async def created(ask: Ask, **given: object) -> Any:
    return (await ask(CREATE, input={"name": "Spring offers", **given}))["data"]["createCampaign"]


async def test_a_campaign_begins_as_a_draft_with_the_defaults(ask: Ask) -> None:
    payload = await created(ask)
    assert payload["userErrors"] == []
    campaign = payload["campaign"]
    retry = campaign.pop("retrySettings")
    assert campaign == {
        "name": "Spring offers",
        "state": "DRAFT",
        "stateLabel": "Draft",
        "simultaneousLines": 30,
        "globalMaxRetry": 4,
        "additionalPhonesAfter": 1,
        "exhaustionPolicy": "ANY_PHONE",
        "maxAttemptsPerContact": None,
        "originateTimeout": 30,
        "queueTimeout": 3,
        "checkDuplicate": "ALWAYS",
        "dialOrder": "ASC",
        "windowFrom": None,
        "windowTo": None,
        "windowDays": None,
        "timezone": "Europe/Rome",
        "endsAt": None,
        "driver": "SIMULATED",
        "clockRate": 1,
        "startedAt": None,
        "version": 1,
        "lists": [],
        "agents": [],
        "entryCounts": [],
    }
    assert [row["status"] for row in retry] == [
        *("CONGESTION", "BUSY", "NO_ANSWER", "NO_SUCH_NUMBER"),
        *("DROP", "ABANDONED", "MACHINE", "AGENT_REJECT"),
    ]
    assert {(row["max"], row["minutes"], row["afterStatus"]) for row in retry} == {
        (3, 150, "ADVANCE")
    }
    assert retry[2]["label"] == "No answer"


async def test_lists_agents_and_settings_are_taken_at_once(
    ask: Ask, database: Database, viewer: Viewer, lists: Lists
) -> None:
    """X-37, X-40: ALWAYS and an empty campaign load everybody."""
    agent = await make_viewer(database, viewer.tenant_id, Role.AGENT)
    payload = await created(
        ask,
        listIds=[lists.spring],
        agentIds=[f"agent_{agent.user_id}"],
        additionalPhonesAfter=7,
        retry=[{"status": "BUSY", "max": 5, "minutes": 10, "afterStatus": "RETRY_SAME"}],
        windowFrom="22:00",
        windowTo="06:00",
        windowDays=["SUN", "MON"],
        endsAt="2027-03-28T03:30:00+02:00",
    )
    assert payload["userErrors"] == []
    assert (payload["loaded"], payload["duplicates"], payload["withoutNumbers"]) == (2, 0, 0)
    campaign = payload["campaign"]
    assert campaign["lists"] == [{"name": "Spring"}]
    assert campaign["agents"] == [{"fullName": agent.full_name}]
    assert campaign["entryCounts"] == [{"state": "READY", "label": "Ready", "count": 2}]
    assert campaign["additionalPhonesAfter"] == 7
    assert campaign["retrySettings"][1] == {
        "status": "BUSY",
        "label": "Busy",
        "max": 5,
        "minutes": 10,
        "afterStatus": "RETRY_SAME",
    }
    assert campaign["retrySettings"][0]["max"] == 3
    assert (campaign["windowFrom"], campaign["windowTo"]) == ("22:00:00", "06:00:00")
    assert campaign["windowDays"] == ["MON", "SUN"]
    assert campaign["endsAt"] == "2027-03-28T01:30:00Z"


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({"name": " "}, ("REQUIRED", "name", "This cannot be blank. Fill it in.")),
        (
            {"name": "x" * 101},
            (
                "TOO_LONG",
                "name",
                "This is too long: it may have 100 characters at the most. Shorten it.",
            ),
        ),
        ({"simultaneousLines": 0}, ("OUT_OF_RANGE", "simultaneousLines", BOUNDS % (1, 10000))),
        ({"globalMaxRetry": -1}, ("OUT_OF_RANGE", "globalMaxRetry", BOUNDS % (0, 100))),
        (
            {"additionalPhonesAfter": -1},
            ("OUT_OF_RANGE", "additionalPhonesAfter", BOUNDS % (0, 525600)),
        ),
        (
            {"maxAttemptsPerContact": 0},
            ("OUT_OF_RANGE", "maxAttemptsPerContact", BOUNDS % (1, 32767)),
        ),
        ({"originateTimeout": 4}, ("OUT_OF_RANGE", "originateTimeout", BOUNDS % (5, 120))),
        ({"clockRate": 3601}, ("OUT_OF_RANGE", "clockRate", BOUNDS % (1, 3600))),
        (
            {"retry": [{"status": "BUSY"}, {"status": "DROP", "max": 101}]},
            ("OUT_OF_RANGE", "retry.1.max", BOUNDS % (0, 100)),
        ),
        (
            {"retry": [{"status": "DROP", "minutes": -5}]},
            ("OUT_OF_RANGE", "retry.0.minutes", BOUNDS % (0, 525600)),
        ),
        (
            {"windowFrom": "08:00"},
            ("REQUIRED", "windowTo", "This cannot be blank. Fill it in."),
        ),
        (
            {"windowFrom": "08:00", "windowTo": "20:00", "windowDays": []},
            ("REQUIRED", "windowDays", "This cannot be blank. Fill it in."),
        ),
        (
            {"timezone": "Mars/Olympus"},
            (
                "UNKNOWN_TIMEZONE",
                "timezone",
                "There is no such time zone. Pick one such as Europe/Rome.",
            ),
        ),
        (
            {"agentIds": ["user_0"]},
            (
                "NOT_FOUND",
                "agentIds.0",
                "There is nothing here under that id: it may have been deleted. Reload the list.",
            ),
        ),
        (
            {"listIds": ["list_999999999"]},
            (
                "NOT_FOUND",
                "listIds.0",
                "There is nothing here under that id: it may have been deleted. Reload the list.",
            ),
        ),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else "",
)
async def test_a_field_is_refused_by_its_path_and_nothing_is_made(
    ask: Ask, given: dict[str, object], refused: tuple[str, str, str]
) -> None:
    payload = await created(ask, **given)
    assert [tuple(error.values()) for error in payload["userErrors"]] == [refused]
    assert payload["campaign"] is None
    assert (await ask("{ campaigns { totalCount } }"))["data"]["campaigns"]["totalCount"] == 0


async def test_all_faults_are_told_at_once(ask: Ask) -> None:
    payload = await created(ask, name="", simultaneousLines=0, windowTo="08:00", timezone="")
    assert sorted((error["field"], error["code"]) for error in payload["userErrors"]) == [
        ("name", "REQUIRED"),
        ("simultaneousLines", "OUT_OF_RANGE"),
        ("timezone", "UNKNOWN_TIMEZONE"),
        ("windowFrom", "REQUIRED"),
    ]


async def test_a_name_is_taken_whatever_its_case(ask: Ask) -> None:
    await created(ask)
    payload = await created(ask, name="SPRING offers")
    assert payload["userErrors"] == [
        {
            "code": "TAKEN",
            "field": "name",
            "message": "“SPRING offers” is already taken. Choose another name.",
        }
    ]


async def test_a_strangers_list_reads_like_one_that_is_not(
    ask: Ask, database: Database, new_tenant: MakeTenant, lists: Lists
) -> None:
    stranger = await make_viewer(database, await new_tenant())
    given = {"name": "Spring offers", "listIds": [lists.spring]}
    payload = (await ask(CREATE, as_=stranger, input=given))["data"]["createCampaign"]
    assert [(e["code"], e["field"]) for e in payload["userErrors"]] == [("NOT_FOUND", "listIds.0")]


async def test_it_takes_the_permission(ask: Ask, database: Database, viewer: Viewer) -> None:
    """X-09."""
    rights = frozenset(Permission) - {Permission.CAMPAIGNS_CREATE}
    poor = await make_viewer(database, viewer.tenant_id, Role.SUPERVISOR, permissions=rights)
    answer = await ask(CREATE, as_=poor, input={"name": "Spring offers"})
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
