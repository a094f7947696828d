# SPDX-License-Identifier: Apache-2.0
"""Why a call was made and why an entry is not called; parked entries let go on (reliability 5,
F21)."""

from datetime import time, timedelta
from typing import Any

from server.domain.permissions import Permission, Role, Viewer
from server.services.dialer import Step, note_fault, reap
from tests.factories.users import make_viewer
from tests.schema.asking import Ask
from tests.services.dialer.centre import NOW, Centre

A, B = "+390612345000", "+390612345001"
ATTEMPTS = """
{ callAttempts { edges { node { status mode callerId policyVersion decision
  reason { settingsVersion timezone window isConfirmed
    gates { rule label text policy version } } } } } }
"""
HOLDS = """
query($filter: HopperFilter) { hopperEntries(filter: $filter) { edges { node {
  currentNumber recordState hold { rule label text policy until since isParked step error }
} } } }
"""
RELEASE = """
mutation($input: ReleaseEntryInput!) { releaseEntry(input: $input) {
  hopperEntry { recordState hold { rule } } userErrors { code field } } }
"""


async def nodes(ask: Ask, document: str, **variables: Any) -> list[Any]:
    """Alike by both paths."""
    planned = await ask(document, **variables)
    assert planned == await ask(document, ordinary=True, **variables)
    ((_, connection),) = planned["data"].items()
    return [edge["node"] for edge in connection["edges"]]


async def test_a_call_says_under_what_it_was_made(ask: Ask, centre: Centre) -> None:
    """Settings version, gates passed, window and zone; as they were when it was claimed."""
    campaign = await centre.loaded(
        await centre.contact(A),
        policies=["CALLING_HOURS"],
        caller_id="+390699999999",
        window_from=time(9),
        window_to=time(19, 30),
        settings_version=7,
    )
    call = await centre.claim_one(campaign)
    await centre.rows("UPDATE campaigns SET settings_version = 8, policies = '{}'")
    await centre.report(call)
    (attempt,) = await nodes(ask, ATTEMPTS)
    gates = attempt["reason"].pop("gates")
    assert attempt == {
        "status": "NO_ANSWER",
        "mode": "DIRECT",
        "callerId": "+390699999999",
        "policyVersion": 7,
        "decision": "READY",
        "reason": {
            "settingsVersion": 7,
            "timezone": "Europe/Rome",
            "window": "09:00-19:30",
            "isConfirmed": None,
        },
    }
    assert [(gate["rule"], gate["policy"], gate["version"]) for gate in gates] == [
        ("OPT_OUT", None, None),
        ("BLACKLIST", None, None),
        ("NUMBER_BUSY", None, None),
        ("WINDOW", None, None),
        ("WINDOW", "CALLING_HOURS", 1),
    ]
    assert "Europe/Rome" in gates[4]["text"]


async def test_a_campaign_without_rules_says_what_every_call_goes_by(
    ask: Ask, centre: Centre
) -> None:
    campaign = await centre.loaded(
        await centre.contact(A),
        window_from=time(9),
        window_to=time(19, 30),
        starts_at=NOW,
        ends_at=NOW + timedelta(days=9),
    )
    await centre.report(await centre.claim_one(campaign))
    (attempt,) = await nodes(ask, ATTEMPTS)
    assert [gate["rule"] for gate in attempt["reason"]["gates"]] == [
        *("OPT_OUT", "BLACKLIST", "NUMBER_BUSY"),
        *("CAMPAIGN_START", "CAMPAIGN_END", "WINDOW"),
    ]
    assert all(gate["text"] for gate in attempt["reason"]["gates"])


async def test_a_lost_call_says_whether_it_may_have_rung(ask: Ask, centre: Centre) -> None:
    campaign = await centre.loaded(await centre.contact(A))
    await centre.lease_is_over(await centre.claim_one(campaign))
    await centre.within(lambda c: reap(c, NOW))
    (attempt,) = await nodes(ask, ATTEMPTS)
    assert (attempt["status"], attempt["reason"]["isConfirmed"]) == ("LOST", False)


async def test_a_number_that_was_passed_over_passed_no_gate(ask: Ask, centre: Centre) -> None:
    campaign = await centre.loaded(await centre.contact(A, (B, None)))
    await centre.rows("INSERT INTO blacklist_entries (number) VALUES ($1)", A)
    await centre.claim_one(campaign)
    (attempt,) = await nodes(ask, ATTEMPTS)
    assert (attempt["status"], attempt["reason"]) == ("BLACKLIST", None)


async def test_an_entry_says_which_rule_holds_it_until_when(ask: Ask, centre: Centre) -> None:
    asleep, unasked = await centre.contact(A), await centre.contact(B)
    await centre.rows("UPDATE contacts SET time_zone = 'America/New_York' WHERE id = $1", asleep)
    await centre.claim(await centre.loaded(asleep, policies=["CALLING_HOURS"]))
    await centre.claim(await centre.loaded(unasked, policies=["PL_CONSENT"]))
    (held,) = await nodes(ask, HOLDS, filter={"holdRule": "WINDOW"})
    assert "America/New_York" in held["hold"].pop("text")
    assert held == {
        "currentNumber": A,
        "recordState": "REMAINING",
        "hold": {
            "rule": "WINDOW",
            "label": held["hold"]["label"],
            "policy": "CALLING_HOURS",
            "until": "2027-01-04T13:00:00Z",
            "since": "2027-01-04T09:00:00Z",
            "isParked": False,
            "step": None,
            "error": None,
        },
    }
    (other,) = await nodes(ask, HOLDS, filter={"holdRule": "NO_CONSENT"})
    assert (other["currentNumber"], other["hold"]["until"]) == (B, None)
    assert await nodes(ask, HOLDS, filter={"holdRule": "FAULT"}) == []


async def parked(centre: Centre) -> int:
    """One of two entries, parked."""
    await centre.loaded(await centre.contact(A), await centre.contact(B))
    entry_id = await centre.value("SELECT min(id) FROM hopper_entries")
    for _ in range(3):
        await centre.within(lambda c: note_fault(c, entry_id, Step.REPORT, IndexError("out")))
    return entry_id


async def test_a_parked_entry_says_why_and_is_let_go_on(ask: Ask, centre: Centre) -> None:
    """C-09: supervisors call it inactive."""
    entry_id = await parked(centre)
    (entry,) = await nodes(ask, HOLDS, filter={"holdRule": "FAULT"})
    assert (entry["currentNumber"], entry["recordState"]) == (A, "INACTIVE")
    hold = entry["hold"]
    assert (hold["isParked"], hold["until"], hold["step"], hold["error"]) == (
        *(True, None),
        *("REPORT", "IndexError"),
    )
    given = {"entryId": f"entry_{entry_id}"}
    answer = (await ask(RELEASE, input=given))["data"]["releaseEntry"]
    assert answer == {"hopperEntry": {"recordState": "REMAINING", "hold": None}, "userErrors": []}
    again = (await ask(RELEASE, input=given))["data"]["releaseEntry"]
    assert again == {
        "hopperEntry": None,
        "userErrors": [{"code": "WRONG_STATE", "field": "entryId"}],
    }
    assert await centre.value("SELECT count(*) FROM events WHERE name = 'entry.released'") == 1


async def test_who_may_not_edit_campaigns_releases_nothing(
    ask: Ask, centre: Centre, viewer: Viewer
) -> None:
    entry_id = await parked(centre)
    only = frozenset({Permission.CAMPAIGNS_VIEW})
    reader = await make_viewer(centre.database, viewer.tenant_id, Role.SUPERVISOR, permissions=only)
    answer = await ask(RELEASE, as_=reader, input={"entryId": f"entry_{entry_id}"})
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert await centre.value("SELECT count(*) FROM hopper_entries WHERE faults = 3") == 1
