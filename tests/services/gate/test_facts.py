# SPDX-License-Identifier: Apache-2.0
"""What the gate goes by, read from the database (reliability section 5, C-27, C-28)."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.domain.gate import GateRule, ZoneSource
from server.services.campaigns import delete_campaign
from server.services.gate.places import country_of, holiday_on, zones_for
from tests.factories.users import make_viewer
from tests.services.dialer.centre import NOW
from tests.services.gate.asking import AskingCentre, refusals

A, B, C = (f"+39061234500{place}" for place in range(3))
DAY = timedelta(days=1)


async def test_seven_calls_in_seven_days_count_over_numbers_and_campaigns(
    centre: AskingCentre,
) -> None:
    """Regulation F: 7 over 3 numbers in 2 campaigns, and the 8th waits until the first is a week
    old."""
    person = await centre.contact(A, (B, None), (C, None))
    first = await centre.campaign(policies=["US_REG_F"], matter="debt 7")
    second = await centre.campaign(policies=["US_REG_F"], matter="debt 7")
    other = await centre.campaign(policies=["US_REG_F"], matter="debt 8")
    start = NOW - 6 * DAY
    for place, number in enumerate((A, B, C, A, B, C)):
        await centre.called((first, second)[place % 2], person, number, start + place * DAY)
    assert (await centre.ask(first, person, A)).allowed
    await centre.called(second, person, B, NOW - timedelta(hours=1))
    verdict = await centre.ask(first, person, C)
    assert refusals(verdict) == {GateRule.PERSON_CAP}
    assert verdict.not_before == start + 7 * DAY == NOW + DAY
    assert (await centre.ask(first, person, C, NOW + DAY)).allowed
    just_before = NOW + DAY - timedelta(microseconds=1)
    assert not (await centre.ask(first, person, C, just_before)).allowed
    assert (await centre.ask(other, person, C)).allowed


async def test_calls_of_a_campaign_that_was_deleted_still_count(centre: AskingCentre) -> None:
    """For the number, for its matter, and after a conversation; and the history keeps them."""
    person = await centre.contact(A)
    gone = await centre.campaign(matter="debt 7", state="STOPPED")
    asks = {
        matter: await centre.campaign(
            policies=["US_REG_F"], matter=matter, max_attempts_per_number=calls
        )
        for matter, calls in (("debt 7", 2), ("debt 8", 1))
    }
    await centre.called(gone, person, A, NOW - timedelta(hours=1), "ANSWER")
    viewer = await make_viewer(centre.database, centre.tenant_id)
    async with centre.database.transaction(centre.tenant_id) as session:
        await delete_campaign(session, viewer, gone)
    assert refusals(await centre.ask(asks["debt 7"], person, A)) == {GateRule.CONVERSATION}
    assert refusals(await centre.ask(asks["debt 8"], person, A)) == {GateRule.NUMBER_CAP}
    assert await centre.rows("SELECT campaign_id FROM call_attempts") == [(gone,)]


async def test_calls_of_a_contact_that_was_merged_away_still_count(centre: AskingCentre) -> None:
    """A merge adds the counts up and does not reset them."""
    person, gone = await centre.contact(A), 10**9
    campaign = await centre.campaign(policies=["US_FLORIDA"])
    for hour in range(3):
        await centre.called(campaign, gone, B, NOW - timedelta(hours=hour + 1))
    assert (await centre.ask(campaign, person, A)).allowed
    await centre.rows(
        "WITH m AS (INSERT INTO contact_merges (master_id, name, before, after, expires_at) "
        "VALUES ($1, 'c', '[]', '{}', now()) RETURNING id) "
        "INSERT INTO merged_contacts (contact_id, merge_id, master_id) SELECT $2, id, $1 FROM m",
        person,
        gone,
    )
    assert refusals(await centre.ask(campaign, person, A)) == {GateRule.PERSON_CAP}


async def test_a_call_that_is_up_counts_already(centre: AskingCentre) -> None:
    person = await centre.contact(A)
    first = await centre.loaded(person)
    second = await centre.campaign(max_attempts_per_number=1)
    (call,) = await centre.claim(first)
    verdict = await centre.ask(second, person, A)
    assert refusals(verdict) == {GateRule.NUMBER_BUSY, GateRule.NUMBER_CAP}
    own = await centre.ask(first, person, A, entry_id=call.entry_id)
    assert own.allowed
    assert refusals(await centre.ask(first, person, B)) == {GateRule.NUMBER_BUSY}


@pytest.mark.parametrize(
    ("rule", "status", "refused"),
    [
        ({"kind": "GAP", "minutes": 60, "reach": "ALL_CAMPAIGNS"}, "NO_ANSWER", GateRule.GAP),
        ({"kind": "LOCKOUT", "hours": 72, "reach": "ALL_CAMPAIGNS"}, "DROP", GateRule.DROP_LOCKOUT),
    ],
)
async def test_a_wait_after_a_long_call_counts_from_its_end(
    rule: dict[str, Any], status: str, refused: GateRule, centre: AskingCentre
) -> None:
    """A call that began before the wait did is still looked at: it ended within it."""
    person = await centre.contact(A)
    campaign = await centre.campaign(rules=json.dumps([rule]))
    wait = timedelta(minutes=rule.get("minutes", 0), hours=rule.get("hours", 0))
    began, ended = NOW - wait, NOW - wait + timedelta(minutes=40)
    await centre.called(campaign, person, A, began, status, ended)
    verdict = await centre.ask(campaign, person, A, NOW + timedelta(minutes=1))
    assert refusals(verdict) == {refused}
    assert verdict.not_before == ended + wait
    just_before = ended + wait - timedelta(microseconds=1)
    assert not (await centre.ask(campaign, person, A, just_before)).allowed
    assert (await centre.ask(campaign, person, A, ended + wait)).allowed


async def test_what_was_never_dialed_counts_for_nothing(centre: AskingCentre) -> None:
    person = await centre.contact(A)
    campaign = await centre.campaign(max_attempts_per_number=1)
    await centre.called(campaign, person, A, NOW - timedelta(hours=1), "BLACKLIST")
    lost = NOW - timedelta(hours=1), "LOST"
    await centre.called(campaign, person, A, *lost, evidence='{"isConfirmed": false}')
    assert (await centre.ask(campaign, person, A)).allowed
    await centre.called(campaign, person, A, *lost, evidence='{"isConfirmed": true}')
    verdict = await centre.ask(campaign, person, A)
    assert refusals(verdict) == {GateRule.NUMBER_CAP}
    assert verdict.not_before == NOW + timedelta(hours=23)


async def test_a_refusal_counts_for_the_person_on_any_number_until_a_consent(
    centre: AskingCentre,
) -> None:
    """The French policy: by whichever campaign it was told, and for nobody else."""
    person, other = await centre.contact(A, (B, None)), await centre.contact(A)
    campaign = await centre.campaign(policies=["FR_DECREE"])
    told = NOW - 50 * DAY
    await centre.called(await centre.campaign(), person, A, told, "ANSWER", is_refusal=True)
    verdict = await centre.ask(campaign, person, B)
    assert refusals(verdict) == {GateRule.REFUSAL}
    assert verdict.not_before == datetime(2027, 1, 15, 9, tzinfo=UTC)
    assert (await centre.ask(campaign, other, A)).allowed
    await centre.consented(person, told - DAY)
    assert refusals(await centre.ask(campaign, person, B)) == {GateRule.REFUSAL}
    await centre.consented(person, told + DAY)
    assert (await centre.ask(campaign, person, B)).allowed


async def test_the_number_of_two_people_is_one_number(centre: AskingCentre) -> None:
    one, other = await centre.contact(A), await centre.contact(A)
    campaign = await centre.campaign(max_attempts_per_number=1)
    await centre.called(campaign, one, A, NOW - timedelta(hours=1))
    assert refusals(await centre.ask(campaign, other, A)) == {GateRule.NUMBER_CAP}
    people = await centre.campaign(policies=["FR_DECREE"])
    for hour in range(4):
        await centre.called(people, one, A, NOW - timedelta(hours=hour))
    assert refusals(await centre.ask(people, one, A)) == {GateRule.PERSON_CAP}
    assert (await centre.ask(people, other, A)).allowed


@pytest.mark.parametrize(("days", "allowed"), [(30, True), (32, False), (None, False)])
async def test_a_list_that_was_not_screened_lately_is_not_called(
    days: int | None, allowed: bool, centre: AskingCentre
) -> None:
    person = await centre.contact(A)
    campaign = await centre.loaded(person, policies=["US_TCPA"])
    ((list_id,),) = await centre.rows("SELECT id FROM contact_lists")
    screened = None if days is None else NOW - days * DAY
    await centre.rows("UPDATE contact_lists SET screened_at = $1", screened)
    at = NOW + timedelta(hours=2)
    for given in ({"list_id": list_id}, {}):
        verdict = await centre.ask(campaign, person, A, at, **given)
        assert refusals(verdict) == (set() if allowed else {GateRule.LIST_EXPIRED})
        assert verdict.not_before == (at if allowed else None)


async def test_nobody_is_called_in_poland_without_consent(centre: AskingCentre) -> None:
    person = await centre.contact(A)
    campaign = await centre.campaign(policies=["PL_CONSENT"], matter="energy")
    assert refusals(await centre.ask(campaign, person, A)) == {GateRule.NO_CONSENT}
    await centre.consented(person, NOW - DAY, matter="insurance")
    assert not (await centre.ask(campaign, person, A)).allowed
    await centre.consented(person, NOW - DAY, matter="energy", withdrawn_at=NOW)
    assert (await centre.ask(campaign, person, A, NOW - timedelta(seconds=1))).allowed
    assert not (await centre.ask(campaign, person, A)).allowed
    await centre.consented(person, NOW - DAY)
    assert (await centre.ask(campaign, person, A)).allowed


async def test_an_entry_in_the_register_voids_earlier_consents(centre: AskingCentre) -> None:
    """D.P.R. 26/2022: and a checked list is valid for fifteen days."""
    person = await centre.contact(A)
    campaign = await centre.loaded(person, policies=["IT_RPO"])
    await centre.rows("UPDATE contact_lists SET screened_at = $1", NOW - 15 * DAY)
    await centre.consented(person, NOW - 9 * DAY)
    assert (await centre.ask(campaign, person, A)).allowed
    await centre.consented(person, NOW - 5 * DAY, is_objection=True)
    assert refusals(await centre.ask(campaign, person, A)) == {GateRule.NO_CONSENT}
    await centre.consented(person, NOW - 4 * DAY)
    assert (await centre.ask(campaign, person, A)).allowed
    expired = await centre.ask(campaign, person, A, NOW + timedelta(seconds=1))
    assert refusals(expired) == {GateRule.LIST_EXPIRED}


async def test_after_a_silent_call_italy_waits_five_days_and_then_for_an_agent(
    centre: AskingCentre,
) -> None:
    person = await centre.contact(A)
    campaign = await centre.campaign(policies=["IT_CODE"])
    monday = datetime(2027, 1, 11, 10, tzinfo=UTC)
    await centre.called(campaign, person, A, monday, "DROP")
    for days, has_agent, allowed in ((4, True, False), (7, False, False), (7, True, True)):
        verdict = await centre.ask(campaign, person, A, monday + days * DAY, has_agent=has_agent)
        assert refusals(verdict) == (set() if allowed else {GateRule.DROP_LOCKOUT})
    waiting = await centre.ask(campaign, person, A, monday + 4 * DAY, has_agent=True)
    assert waiting.not_before == monday + 5 * DAY
    await centre.called(campaign, person, A, monday + 7 * DAY, "ANSWER")
    assert (await centre.ask(campaign, person, A, monday + 8 * DAY)).allowed


async def test_calls_by_hand_heed_only_what_holds_everywhere(centre: AskingCentre) -> None:
    """C-28, and an opt-out is never lifted by who calls."""
    person = await centre.contact(A)
    campaign = await centre.campaign()
    await centre.rows("INSERT INTO blacklist_entries (number) VALUES ($1)", A)
    verdict = await centre.ask(campaign, person, A)
    assert refusals(verdict) == {GateRule.BLACKLIST}
    assert verdict.not_before is None
    assert (await centre.ask(campaign, person, A, is_automatic=False)).allowed
    await centre.rows(
        "INSERT INTO blacklist_entries (contact_id, media, is_everywhere, is_opt_out) "
        "VALUES ($1, 'PERSON', true, true)",
        person,
    )
    by_hand = await centre.ask(campaign, person, B, is_automatic=False)
    assert refusals(by_hand) == {GateRule.OPT_OUT}


async def test_a_blacklist_holds_for_its_campaign_or_its_list(centre: AskingCentre) -> None:
    """C-27: and another tenant's for nobody here."""
    person = await centre.contact(A)
    one, other = await centre.campaign(), await centre.campaign()
    list_id = await centre.list_of(person)
    await centre.rows("INSERT INTO blacklist_entries (number, campaign_id) VALUES ($1, $2)", A, one)
    assert not (await centre.ask(one, person, A)).allowed
    assert (await centre.ask(other, person, A)).allowed
    await centre.rows("INSERT INTO blacklist_entries (number, list_id) VALUES ($1, $2)", A, list_id)
    assert (await centre.ask(other, person, A)).allowed
    assert not (await centre.ask(other, person, A, list_id=list_id)).allowed


async def test_the_persons_own_zone_comes_before_the_numbers(centre: AskingCentre) -> None:
    person = await centre.contact(A)
    campaign = await centre.campaign(policies=["CALLING_HOURS"])
    at = datetime(2027, 1, 4, 6, 30, tzinfo=UTC)
    in_rome = await centre.ask(campaign, person, A, at)
    assert in_rome.not_before == datetime(2027, 1, 4, 7, tzinfo=UTC)
    await centre.rows("UPDATE contacts SET time_zone = 'Asia/Tokyo'")
    assert (await centre.ask(campaign, person, A, at)).allowed
    assert (await centre.ask(campaign, person, A, at)).checks[3].evidence["zoneFrom"] == "PERSON"


@pytest.mark.parametrize(
    ("number", "source", "some"),
    [
        ("+390612345678", ZoneSource.NUMBER, {"Europe/Rome"}),
        ("+18005550100", ZoneSource.NUMBER, {"America/New_York", "Pacific/Honolulu"}),
        ("+447700900123", ZoneSource.NUMBER, {"Europe/London"}),
        ("+80012345678", ZoneSource.CAMPAIGN, {"Europe/Warsaw"}),
    ],
)
def test_of_a_number_in_several_zones_all_count(
    number: str, source: ZoneSource, some: set[str]
) -> None:
    zones = zones_for("", number, "Europe/Warsaw")
    assert zones.source is source
    assert some <= set(zones.names)
    assert zones_for("Asia/Tokyo", number, "UTC").names == ["Asia/Tokyo"]
    assert zones_for("Mars/Olympus", number, "Europe/Warsaw") == zones


def test_a_number_tells_its_country_and_a_country_its_holidays() -> None:
    assert country_of("+390612345678") == "IT"
    assert country_of("+80012345678") is None
    assert holiday_on("IT", datetime(2027, 3, 29, tzinfo=UTC).date()) == "Easter Monday"
    assert holiday_on("FR", datetime(2027, 7, 14, tzinfo=UTC).date()) == "National Day"
    assert holiday_on("IT", datetime(2027, 3, 30, tzinfo=UTC).date()) is None
    assert holiday_on("", datetime(2027, 1, 1, tzinfo=UTC).date()) is None
