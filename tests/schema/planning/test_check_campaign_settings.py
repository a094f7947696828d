# SPDX-License-Identifier: Apache-2.0
"""`checkCampaignSettings` and `Campaign.findings`: what contradicts itself, before it is saved."""

from datetime import time
from typing import Any

import pytest

from server.database import Database
from server.domain.campaigns.checker import Finding, FindingCode, FindingSeverity
from server.domain.permissions import Role
from server.i18n import LANGUAGES, finding_text
from tests.factories.users import make_viewer
from tests.schema.asking import Ask
from tests.services.dialer.centre import Centre

CHECK = """
query($input: CheckCampaignSettingsInput!, $sample: [SampleNumberInput!], $at: DateTime) {
  checkCampaignSettings(input: $input, sample: $sample, at: $at) {
    findings { code field severity message }
    plan {
      now heldBy entry { id }
      calls { number sample itemTypeName position round decision dueAt dialAt outcome waitsFor why }
      closing { at reason sample status attempts limitStatus limitLabel limitSample }
      hours { opensAt closesAt }
    }
    userErrors { code field message }
  }
}
"""
STORED = "query($id: ID!) { campaign(id: $id) { findings { code field severity message } } }"
AT = "2027-01-04T09:00:00Z"
SHORT = [{"status": "NO_ANSWER", "max": 3, "minutes": 2}]


async def checked(ask: Ask, given: dict[str, Any], **more: Any) -> Any:
    answer = await ask(CHECK, input=given, **more)
    assert "errors" not in answer, answer
    return answer["data"]["checkCampaignSettings"]


def codes(payload: Any) -> set[tuple[str, str]]:
    return {(one["code"], one["field"]) for one in payload["findings"]}


async def test_a_new_campaigns_settings_are_checked(ask: Ask) -> None:
    """What is left out is as `createCampaign` would have it; its own fields may be sent along."""
    sound = await checked(ask, {"name": "Spring", "listIds": []})
    assert (sound["findings"], sound["plan"], sound["userErrors"]) == ([], None, [])
    found = await checked(ask, {"originateTimeout": 10, "simultaneousLines": 1, "retry": SHORT})
    assert found["findings"] == [
        {
            "code": "RING_TOO_SHORT",
            "field": "originateTimeout",
            "severity": "WARNING",
            "message": "US law asks to let it ring for at least 15 seconds.",
        }
    ]


async def test_an_edit_is_checked_with_what_it_leaves_as_it_is(ask: Ask, centre: Centre) -> None:
    """X-37: nothing is stored, and the version stays."""
    key = await centre.campaign(simultaneous_lines=1)
    given: dict[str, Any] = {"id": f"campaign_{key}"}
    given["retry"] = [{"status": "BUSY", "minutes": 0}]
    assert codes(await checked(ask, given)) == {("ONE_LINE_HOGGED", "retry.1.minutes")}
    given["simultaneousLines"] = 2
    assert codes(await checked(ask, given)) == set()
    rows = await centre.rows("SELECT version, simultaneous_lines FROM campaigns")
    assert rows == [(1, 1)]


async def test_what_could_not_be_saved_is_refused_alike(ask: Ask) -> None:
    given = {"timezone": "Rome", "retry": [{"status": "ANSWER", "max": 500}]}
    found = await checked(ask, given)
    assert [(e["code"], e["field"]) for e in found["userErrors"]] == [
        ("UNKNOWN_TIMEZONE", "timezone"),
        ("INVALID", "retry.0.status"),
        ("OUT_OF_RANGE", "retry.0.max"),
    ]
    assert (found["findings"], found["plan"]) == ([], None)


@pytest.mark.parametrize("given", [[], "x", 1e308, [[[]]], True])
async def test_a_simulation_that_is_no_object_is_refused(ask: Ask, given: object) -> None:
    [refused] = (await checked(ask, {"simulation": given}))["userErrors"]
    assert (refused["code"], refused["field"]) == ("INVALID", "simulation")


@pytest.mark.parametrize("status", ["BLACKLIST", "LOST"])
async def test_a_sample_ends_as_calls_do(ask: Ask, status: str) -> None:
    sample = [{"outcome": "BUSY"}, {"outcome": status}]
    [refused] = (await checked(ask, {}, sample=sample))["userErrors"]
    assert (refused["code"], refused["field"]) == ("INVALID", "sample.1.outcome")
    assert "NO_ANSWER" in refused["message"]


async def test_the_findings_of_a_stored_campaign(ask: Ask, centre: Centre) -> None:
    """By both paths of reading; the contacts in the hopper say how many numbers there are."""
    many = await centre.contact("+390612345000", *((f"+39061234501{n}", None) for n in range(5)))
    key = await centre.loaded(many, originate_timeout=10)
    stored = [await ask(STORED, ordinary=way, id=f"campaign_{key}") for way in (False, True)]
    assert stored[0] == stored[1]
    found = stored[0]["data"]["campaign"]["findings"]
    assert [(one["code"], one["severity"]) for one in found] == [
        ("RING_TOO_SHORT", "WARNING"),
        ("GLOBAL_IS_PER_NUMBER", "NOTICE"),
    ]
    assert "a contact with 6 numbers may be called 24 times" in found[1]["message"]


async def test_hours_that_never_meet_are_found_where_the_people_are(
    ask: Ask, centre: Centre
) -> None:
    """The campaign's hours are Rome's, the policy's those of Los Angeles, where the number is."""
    west = await centre.contact("+13102345678")
    hours: dict[str, Any] = {"window_from": time(8), "window_to": time(16)}
    hours |= {"timezone": "Europe/Rome", "policies": ["CALLING_HOURS"]}
    key = await centre.loaded(west, **hours)
    [found] = (await ask(STORED, id=f"campaign_{key}"))["data"]["campaign"]["findings"]
    assert (found["code"], found["field"]) == ("HOURS_NEVER_MEET", "windowFrom")
    assert found["severity"] == "DANGER"
    assert found["message"] == (
        "The calling hours (08:00–16:00) and the policy “Calling hours, 8:00 to 21:00” have no "
        "minute in common for people in America/Los_Angeles: nobody there is called. Change the "
        "hours or their days, or leave out the policy."
    )
    later = {"id": f"campaign_{key}", "windowTo": "18:00"}
    assert codes(await checked(ask, later)) == set()
    assert codes(await checked(ask, {"id": f"campaign_{key}", "policies": []})) == set()


async def test_rules_of_settings_that_are_new_are_checked_too(ask: Ask) -> None:
    """In the campaign's zone, and for the law of a country where that is; with the policy that a
    new campaign gets."""
    night = {"windowFrom": "21:00", "windowTo": "23:00", "timezone": "Europe/Rome"}
    assert codes(await checked(ask, night)) == {("HOURS_NEVER_MEET", "windowFrom")}
    assert codes(await checked(ask, night | {"policies": []})) == set()
    assert codes(await checked(ask, night | {"policies": ["US_TCPA"]})) == set()
    morning = night | {"windowFrom": "08:00", "windowTo": "12:00", "policies": ["US_TCPA"]}
    assert codes(await checked(ask, morning)) == {("HOURS_NEVER_MEET", "windowFrom")}
    lunch = {"kind": "HOURS", "week": [{"opens": "13:00", "closes": "14:00"}]}
    both = {"policies": ["FR_DECREE"], "rules": [lunch]}
    assert codes(await checked(ask, both)) == {("HOURS_NEVER_MEET", "rules.0")}


async def test_a_cap_of_a_number_below_its_retries_is_found(ask: Ask) -> None:
    """X-37: four calls within six minutes, of which it allows two."""
    found = await checked(ask, {"maxAttemptsPerNumber24h": 2, "retry": SHORT})
    assert codes(found) == {("NUMBER_CAP_BELOW_RETRIES", "maxAttemptsPerNumber24h")}
    assert codes(await checked(ask, {"maxAttemptsPerNumber24h": 3, "retry": SHORT})) == set()


async def test_a_sample_is_called_as_the_machine_would(ask: Ask, centre: Centre) -> None:
    """V1: P0 O1 H2 | P4 O5 H6 | P8 O9 H10, the types in their order (X-29 to X-32)."""
    office, holiday = await centre.item_type("Office", 1), await centre.item_type("Holiday", 2)
    sample = [{}, {"itemTypeId": f"type_{holiday}"}, {"itemTypeId": f"type_{office}"}]
    plan = (await checked(ask, {"retry": SHORT}, sample=sample, at=AT))["plan"]
    calls = plan["calls"]
    assert [(c["round"], c["sample"], int(c["dialAt"][14:16])) for c in calls] == [
        *((1, 0, 0), (1, 2, 1), (1, 1, 2)),
        *((2, 0, 4), (2, 2, 5), (2, 1, 6)),
        *((3, 0, 8), (3, 2, 9), (3, 1, 10)),
    ]
    assert [c["itemTypeName"] for c in calls[:3]] == [None, "Office", "Holiday"]
    assert calls[0]["why"] == "The first call."
    assert calls[1]["why"] == "Next number, 1 minute later."
    assert calls[3]["why"] == "Again 2 minutes after “No answer”."
    assert plan["closing"] == {
        "at": "2027-01-04T09:10:00Z",
        "reason": "RETRY_EXCEEDED",
        "sample": 1,
        "status": "NO_ANSWER",
        "attempts": 9,
        "limitStatus": "NO_ANSWER",
        "limitLabel": "No answer",
        "limitSample": 1,
    }


async def test_a_sample_may_end_as_one_likes_and_waits_for_its_hours(ask: Ask) -> None:
    """A dead number, one on the blacklist, and one that answers when the window opens again."""
    given = {"windowFrom": "08:00", "windowTo": "09:01", "timezone": "UTC"}
    sample: list[dict[str, Any]] = [
        {"outcome": "NO_SUCH_NUMBER"},
        {"isBlocked": True},
        {"outcome": "ANSWER"},
    ]
    found = await checked(ask, given, sample=sample, at=AT)
    plan = found["plan"]
    assert [
        (c["sample"], c["outcome"], c["dueAt"][8:16], c["dialAt"][8:16]) for c in plan["calls"]
    ] == [
        (0, "NO_SUCH_NUMBER", "04T09:00", "04T09:00"),
        (1, "BLACKLIST", "04T09:01", "05T08:00"),
        (2, "ANSWER", "04T09:01", "05T08:00"),
    ]
    assert plan["calls"][2]["waitsFor"] == "WINDOW"
    assert plan["calls"][2]["why"].endswith("It waits for the calling hours.")
    assert plan["closing"]["reason"] == "REACHED"
    assert [(h["opensAt"][8:13], h["closesAt"][8:16]) for h in plan["hours"]] == [
        ("03T09", "03T09:01"),
        ("04T08", "04T09:01"),
        ("05T08", "05T09:01"),
    ]


@pytest.mark.parametrize("numbers", [0, 6])
async def test_a_sample_has_one_to_five_numbers(ask: Ask, numbers: int) -> None:
    found = await checked(ask, {}, sample=[{}] * numbers)
    assert [(e["code"], e["field"]) for e in found["userErrors"]] == [("OUT_OF_RANGE", "sample")]


async def test_a_foreign_type_or_campaign_looks_missing(
    ask: Ask, database: Database, tenant: int, centre: Centre
) -> None:
    """X-17: an agent who does not work on it finds no campaign."""
    found = await checked(ask, {}, sample=[{}, {"itemTypeId": "type_999999"}])
    assert [e["field"] for e in found["userErrors"]] == ["sample.1.itemTypeId"]
    key = await centre.campaign()
    agent = await make_viewer(database, tenant, Role.AGENT)
    answer = await ask(CHECK, as_=agent, input={"id": f"campaign_{key}"})
    payload = (answer["data"] or {}).get("checkCampaignSettings")
    codes_found = [e["code"] for e in payload["userErrors"]] if payload else ["FORBIDDEN"]
    assert codes_found[0] in ("NOT_FOUND", "FORBIDDEN")


@pytest.mark.parametrize("code", list(FindingCode))
def test_every_finding_has_words_in_every_language(code: FindingCode) -> None:
    given = ("status", "max", "calls", "global", "window", "least", "phones", "agents", "lines")
    params = dict.fromkeys((*given, "zone", "cap"), 3)
    one = Finding(code=code, field="x", severity=FindingSeverity.NOTICE, params={**params})
    texts = {finding_text(locale, one) for locale in LANGUAGES}
    assert len(texts) == len(LANGUAGES)
    assert not any("%(" in text for text in texts)


async def test_a_sample_is_held_by_the_rules_of_the_campaign(ask: Ask) -> None:
    """Where its people are taken to be; a day's cap counts the calls of the sample itself."""
    given: dict[str, Any] = {"timezone": "UTC", "retry": SHORT, "policies": ["CALLING_HOURS"]}
    early = "2027-01-04T06:30:00Z"
    found = (await checked(ask, given, sample=[{}], at=early))["plan"]
    assert [c["dialAt"][8:16] for c in found["calls"]] == ["04T08:00", "04T08:02", "04T08:04"]
    assert found["calls"][0]["waitsFor"] == "WINDOW"
    capped = await checked(ask, given | {"maxAttemptsPerNumber24h": 2}, sample=[{}], at=early)
    assert [c["dialAt"][8:16] for c in capped["plan"]["calls"]] == [
        *("04T08:00", "04T08:02", "05T08:00")
    ]
    night = given | {"windowFrom": "21:30", "windowTo": "23:00"}
    found = (await checked(ask, night, sample=[{}], at=early))["plan"]
    assert (found["calls"], found["heldBy"], found["closing"]) == ([], "WINDOW", None)
