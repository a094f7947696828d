# SPDX-License-Identifier: Apache-2.0
"""Policies and own rules of a campaign: chosen, shown with their source, refused."""

from typing import Any

import pytest

from server.database import Database
from tests.schema.asking import Ask
from tests.services.dialer.centre import Centre

CREATE = """
mutation($input: CreateCampaignInput!) {
  createCampaign(input: $input) {
    campaign { id policies { name } maxAttemptsPerNumber24h matter startsAt }
    userErrors { code field }
  }
}
"""
EDIT = """
mutation($input: EditCampaignInput!) {
  editCampaign(input: $input) {
    campaign { id version }
    userErrors { code field message }
  }
}
"""
RULES = """
query($id: ID!) {
  campaign(id: $id) {
    matter startsAt maxAttemptsPerNumber24h
    policies {
      name label explanation version source effectiveFrom country
      rules { rule kind text week { days opens closes } most hours reach counted }
    }
    rules {
      rule kind text week { days opens closes } eves { opens closes } country dates counted most
      hours minutes days reach withAgentMeanwhile withAgentAfter onlyAfterObjection
      voidedByScreening waivedByConsent
    }
  }
}
"""


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ["CALLING_HOURS"]),
        ({"policies": []}, []),
        ({"policies": ["IT_RPO", "IT_CODE", "IT_RPO"]}, ["IT_CODE", "IT_RPO"]),
    ],
)
async def test_a_new_campaign_calls_at_sane_hours_unless_it_says_otherwise(
    ask: Ask, given: dict[str, object], expected: list[str]
) -> None:
    answer = await ask(CREATE, input={"name": "Spring", **given})
    payload = answer["data"]["createCampaign"]
    assert payload["userErrors"] == []
    assert [policy["name"] for policy in payload["campaign"]["policies"]] == expected


async def edited(ask: Ask, campaign: int, **given: object) -> Any:
    answer = await ask(EDIT, input={"id": f"campaign_{campaign}", **given})
    return answer["data"]["editCampaign"]["userErrors"]


async def shown(ask: Ask, campaign: int, locale: str = "en") -> Any:
    both = [
        (await ask(RULES, id=f"campaign_{campaign}", ordinary=ordinary, locale=locale))["data"]
        for ordinary in (False, True)
    ]
    assert both[0] == both[1]
    return both[0]["campaign"]


async def test_a_policy_is_shown_with_its_version_date_source_and_rules(
    ask: Ask, database: Database, tenant: int
) -> None:
    campaign = await Centre(database, tenant).campaign()
    assert await edited(ask, campaign, policies=["US_REG_F"]) == []
    [policy] = (await shown(ask, campaign))["policies"]
    rules = policy.pop("rules")
    assert policy == {
        "name": "US_REG_F",
        "label": "United States: Regulation F",
        "explanation": "Debt collection in the United States: seven calls in seven days for a "
        "debt, and none in the week that begins with a conversation. The campaign's matter says "
        "which debt.",
        "version": 1,
        "source": "12 CFR 1006.14(b)(2) and 1006.6(b)(1)",
        "effectiveFrom": "2021-11-30",
        "country": "US",
    }
    assert [rule["text"] for rule in rules] == [
        "Calls only from 08:00–21:00, where the person is.",
        "At most 7 calls to a person, on whatever number, in 7 days, counting campaigns with the "
        "same matter.",
        "No call after a conversation for 7 days, of which its own day is the first, counting "
        "campaigns with the same matter.",
    ]
    assert rules[1] == {
        "rule": "PERSON_CAP",
        "kind": "CAP",
        "text": rules[1]["text"],
        "week": None,
        "most": 7,
        "hours": 168,
        "reach": "MATTER",
        "counted": "PERSON",
    }


async def test_rules_of_its_own_come_back_as_they_were_given(
    ask: Ask, database: Database, tenant: int
) -> None:
    campaign = await Centre(database, tenant).campaign()
    rules = [
        {
            "kind": "HOURS",
            "week": [
                {"days": ["MON", "TUE", "WED", "FRI"], "opens": "09:00", "closes": "12:30"},
                {"opens": "22:00", "closes": "06:00"},
            ],
            "eves": [{"opens": "10:00", "closes": "12:00"}],
            "country": "IT",
        },
        {"kind": "HOLIDAYS", "country": "PL", "dates": ["2027-08-16", "2027-08-17"]},
        {"kind": "CAP", "most": 2, "hours": 48, "counted": "NUMBER"},
        {"kind": "GAP", "minutes": 90},
        {"kind": "CONVERSATION", "days": 3, "reach": "CAMPAIGN"},
        {"kind": "REFUSAL", "days": 30, "waivedByConsent": True},
        {"kind": "LOCKOUT", "hours": 72, "withAgentAfter": True},
        {"kind": "LIST_AGE", "days": 30, "waivedByConsent": True},
        {"kind": "CONSENT", "onlyAfterObjection": True, "voidedByScreening": True},
    ]
    given = {"matter": "Energy", "startsAt": "2027-03-01T08:00:00Z", "maxAttemptsPerNumber24h": 3}
    assert await edited(ask, campaign, rules=rules, **given) == []
    found = await shown(ask, campaign)
    assert {name: found[name] for name in given} == given
    assert [rule["text"] for rule in found["rules"]] == [
        "Calls only from Mon–Wed, Fri 09:00–12:30; 22:00–06:00, where the person is. "
        "On the day before a public holiday from 10:00–12:00.",
        "No calls on the public holidays of Poland. No calls on 16 Aug 2027, 17 Aug 2027.",
        "At most 2 calls to a number in 2 days, counting every campaign.",
        "At least 90 minutes between two calls to a person, counting every campaign.",
        "No call after a conversation for 3 days, of which its own day is the first, counting this "
        "campaign alone.",
        "No call for 30 days after the person declined, unless a consent was given since, counting "
        "every campaign.",
        "No call for 3 days after one that was picked up with no agent there. After that only with "
        "an agent reserved, until the person was spoken to.",
        "The list was compared with the register of objections at most 30 days ago. A consent "
        "lifts this.",
        "Whoever stands in the register of objections only with a consent given after it. A "
        "consent from before the list was last compared with the register is void.",
    ]
    assert found["rules"][0]["week"][1]["days"] == ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
    assert found["rules"][0]["eves"] == [{"opens": "10:00:00", "closes": "12:00:00"}]
    assert found["rules"][6]["withAgentAfter"] is True
    assert await edited(ask, campaign, rules=[]) == []
    assert (await shown(ask, campaign))["rules"] == []


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"kind": "CAP", "hours": 24}, [("REQUIRED", "rules.0.most")]),
        (
            {"kind": "CAP", "hours": 0, "most": 0},
            [("OUT_OF_RANGE", "rules.0.most"), ("OUT_OF_RANGE", "rules.0.hours")],
        ),
        ({"kind": "GAP", "minutes": -1}, [("OUT_OF_RANGE", "rules.0.minutes")]),
        ({"kind": "HOURS"}, [("REQUIRED", "rules.0.week")]),
        (
            {"kind": "HOURS", "week": [{"days": [], "opens": "09:00", "closes": "09:00"}]},
            [("REQUIRED", "rules.0.week.0.days"), ("INVALID", "rules.0.week.0.closes")],
        ),
        ({"kind": "HOLIDAYS"}, [("REQUIRED", "rules.0.country")]),
        ({"kind": "HOLIDAYS", "country": "XX"}, [("INVALID", "rules.0.country")]),
        ({"kind": "HOLIDAYS", "country": "\u202eIT"}, [("INVALID", "rules.0.country")]),
        ({"kind": "LIST_AGE", "days": 10_000}, [("OUT_OF_RANGE", "rules.0.days")]),
    ],
)
async def test_a_rule_that_makes_no_sense_is_refused_on_its_field(
    rule: dict[str, object],
    expected: list[tuple[str, str]],
    ask: Ask,
    database: Database,
    tenant: int,
) -> None:
    campaign = await Centre(database, tenant).campaign()
    errors = await edited(ask, campaign, rules=[rule])
    found = [(error["code"], error["field"]) for error in errors]
    assert found == expected
    assert (await shown(ask, campaign))["rules"] == []


async def test_more_rules_than_anybody_needs_are_refused(
    ask: Ask, database: Database, tenant: int
) -> None:
    campaign = await Centre(database, tenant).campaign()
    [error] = await edited(ask, campaign, rules=[{"kind": "GAP", "minutes": 1}] * 21)
    assert (error["code"], error["field"]) == ("OUT_OF_RANGE", "rules")


async def test_a_campaign_starts_before_it_ends(ask: Ask, database: Database, tenant: int) -> None:
    campaign = await Centre(database, tenant).campaign()
    both = {"startsAt": "2027-03-01T08:00:00Z", "endsAt": "2027-03-01T08:00:00Z"}
    [error] = await edited(ask, campaign, **both)
    assert (error["code"], error["field"]) == ("OUT_OF_RANGE", "startsAt")
    assert error["message"] == (
        "This must lie before 1 Mar 2027, 08:00 UTC. Choose an earlier date."
    )
    assert await edited(ask, campaign, **both | {"endsAt": "2027-03-01T08:00:01Z"}) == []
    [error] = await edited(ask, campaign, endsAt="2027-02-01T08:00:00Z")
    assert (error["code"], error["field"]) == ("OUT_OF_RANGE", "endsAt")
    assert error["message"] == "This must lie after 1 Mar 2027, 08:00 UTC. Choose a later date."
    [error] = await edited(ask, campaign, endsAt="3000-01-01T00:00:00Z")
    assert error["message"] == (
        "This must lie between 1 Jan 1970, 00:00 UTC and 1 Jan 3000, 00:00 UTC. "
        "Choose another date."
    )
    assert await edited(ask, campaign, startsAt=None, endsAt="2027-02-01T08:00:00Z") == []


async def test_every_policy_can_be_read_before_one_is_chosen(ask: Ask) -> None:
    query = "{ dialPolicies { name label explanation source version rules { text } } }"
    policies = (await ask(query))["data"]["dialPolicies"]
    assert [policy["name"] for policy in policies] == [
        *("CALLING_HOURS", "US_TCPA", "US_REG_F", "US_FLORIDA", "IT_CODE", "IT_RPO"),
        *("FR_DECREE", "UK_OFCOM", "PL_CONSENT"),
    ]
    assert all(policy["source"] and policy["explanation"] for policy in policies)
    texts = {policy["name"]: [rule["text"] for rule in policy["rules"]] for policy in policies}
    assert texts["IT_CODE"] == [
        "Calls only from Mon–Fri 09:00–20:00; Sat 10:00–19:00, where the person is. On the day "
        "before a public holiday from 10:00–19:00.",
        "No calls on the public holidays of Italy.",
        "No call for 5 days after one that was picked up with no agent there. After that only with "
        "an agent reserved, until the person was spoken to.",
    ]
