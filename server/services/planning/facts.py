# SPDX-License-Identifier: Apache-2.0
"""What a campaign's settings and their surroundings are, read in one look and laid over by edits.

Facts are a mapping of column names. Stored ones come as JSON, those of an edit as they are.
"""

import json
from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Text, cast, distinct, func, literal, select

from server.domain.campaigns import (
    AfterStatus,
    CallingWindow,
    CallStatus,
    CampaignSettings,
    CheckDuplicate,
    DialOrder,
    ExhaustionPolicy,
    RetryRule,
    Weekday,
)
from server.domain.campaigns.checker import MOST_PHONES, CampaignShape, Finding, Place, check
from server.domain.campaigns.modes import DialMode
from server.domain.gate import POLICIES, PolicyName, Zones, ZoneSource, read_rules
from server.models import CampaignAgent, Contact, HopperEntry, HopperPhone, RetrySetting
from server.services.dialer.reading import campaign_now
from server.services.gate.places import country_of, holiday_on, zones_for, zones_of

Facts = Mapping[str, Any]
USUAL_PHONES = 3  # of a contact, where no hopper tells
LOOKED_AT = 200  # entries whose numbers are counted
PLACED = 50  # entries whose people are looked for on the map
SETTINGS = (
    *("global_max_retry", "additional_phones_after", "originate_timeout", "queue_timeout"),
    *("exhaustion_policy", "max_attempts_per_contact", "check_duplicate", "dial_order"),
    *("window_from", "window_to", "window_days", "timezone", "starts_at", "ends_at"),
    *("settings_version", "simultaneous_lines", "mode", "power_level"),
    *("policies", "rules", "max_attempts_per_number"),
)


def facts_of_campaign(campaigns: FromClause) -> ColumnElement[Any]:
    """The facts of a campaign's row, as text."""
    retry: Any = RetrySetting.__table__.alias()
    rules = select(
        func.jsonb_agg(
            func.jsonb_build_array(
                retry.c.status, retry.c.max_retry, retry.c.minutes, retry.c.after_status
            )
        )
    ).where(retry.c.campaign_id == campaigns.c.id)
    assigned: Any = CampaignAgent.__table__.alias()
    agents = select(func.count()).select_from(assigned)
    agents = agents.where(assigned.c.campaign_id == campaigns.c.id)
    pairs: list[Any] = []
    for name in SETTINGS:
        pairs += [literal(name), campaigns.c[name]]
    pairs += [literal("now"), campaign_now(campaigns)]
    pairs += [literal("retry"), rules.correlate(campaigns).scalar_subquery()]
    pairs += [literal("agents"), agents.correlate(campaigns).scalar_subquery()]
    pairs += [literal("phones"), _most_phones(campaigns)]
    pairs += [literal("people"), _people(campaigns)]
    return cast(func.jsonb_build_object(*pairs), Text)


def _next_ones(campaigns: FromClause, most: int) -> Any:
    """Id, contact and number of the next entries."""
    entries: Any = HopperEntry.__table__.alias()
    return (
        select(entries.c.id, entries.c.contact_id, entries.c.current_number)
        .where(entries.c.campaign_id == campaigns.c.id)
        .correlate(campaigns)
        .order_by(entries.c.scheduled_at, entries.c.id)
        .limit(most)
        .subquery()
    )


def _people(campaigns: FromClause) -> ColumnElement[Any]:
    """Time zone and number of some who are called next: where the campaign's people are."""
    next_ones = _next_ones(campaigns, PLACED)
    contacts: Any = Contact.__table__.alias()
    pair = func.jsonb_build_array(contacts.c.time_zone, next_ones.c.current_number)
    return (
        select(func.jsonb_agg(distinct(pair)))
        .select_from(next_ones.join(contacts, contacts.c.id == next_ones.c.contact_id))
        .scalar_subquery()
    )


def _most_phones(campaigns: FromClause) -> ColumnElement[Any]:
    """The numbers of the contact that has most of them, among the next entries."""
    next_ones = _next_ones(campaigns, LOOKED_AT)
    phones: Any = HopperPhone.__table__.alias()
    return (
        select(func.max(phones.c.position) + 1)
        .select_from(next_ones.join(phones, phones.c.entry_id == next_ones.c.id))
        .scalar_subquery()
    )


def read_facts(text: str) -> dict[str, Any]:
    """From what `facts_of_campaign` gives."""
    facts: dict[str, Any] = json.loads(text)
    return facts


def settings_of_facts(facts: Facts) -> CampaignSettings:
    """The rules that the machine goes by."""
    rules: list[tuple[str, int, int, str]] = facts["retry"] or []
    return CampaignSettings(
        retry={CallStatus(s): RetryRule(max=most, minutes=wait) for s, most, wait, _ in rules},
        after_status={CallStatus(s): AfterStatus(after) for s, _, _, after in rules},
        global_max_retry=facts["global_max_retry"],
        additional_phones_after=facts["additional_phones_after"],
        originate_timeout=facts["originate_timeout"],
        queue_timeout=facts["queue_timeout"],
        exhaustion_policy=ExhaustionPolicy(facts["exhaustion_policy"]),
        max_attempts_per_contact=facts["max_attempts_per_contact"],
        check_duplicate=CheckDuplicate(facts["check_duplicate"]),
        dial_order=DialOrder(facts["dial_order"]),
        window=_window(facts),
        ends_at=_instant(facts["ends_at"]),
        version=facts["settings_version"],
    )


def shape_of_facts(facts: Facts, phones: int | None = None) -> CampaignShape:
    """What the settings meet; `phones` in the place of the numbers that its contacts have."""
    now = _instant(facts["now"])
    assert now is not None
    return CampaignShape(
        now=now,
        starts_at=_instant(facts["starts_at"]),
        phones=min(phones or facts["phones"] or USUAL_PHONES, MOST_PHONES),
        lines=facts["simultaneous_lines"],
        agents=facts["agents"],
        needs_agents=facts["mode"] != DialMode.DIRECT,
        calls_per_agent=float(facts["power_level"]) if facts["mode"] == DialMode.POWER else 1.0,
        policies=tuple(facts["policies"]),
        rules=read_rules(facts["rules"]),
        calls_a_number=facts["max_attempts_per_number"],
        people=_places(facts),
        holidays=holiday_on,
    )


def _places(facts: Facts) -> tuple[tuple[Place, ...], ...]:
    """Where the next ones are; before anybody is loaded, where the chosen policies are law."""
    timezone: str = facts["timezone"]
    if facts["people"]:
        found = [
            Place(zones_for(time_zone, number or "", timezone), country_of(number or ""))
            for time_zone, number in facts["people"]
        ]
        return tuple((place,) for place in dict.fromkeys(found))
    countries = dict.fromkeys(POLICIES[PolicyName(name)].country for name in facts["policies"])
    laws = tuple(
        tuple(Place(Zones((one,), ZoneSource.NUMBER), country) for one in zones_of(country))
        for country in countries
        if country
    )
    return laws or ((Place(zones_for("", "", timezone)),),)


def findings_of(facts: Facts, phones: int | None = None) -> list[Finding]:
    return check(settings_of_facts(facts), shape_of_facts(facts, phones))


def _window(facts: Facts) -> CallingWindow | None:
    opens, closes, days = facts["window_from"], facts["window_to"], facts["window_days"]
    if opens is None or closes is None:
        return None
    return CallingWindow(
        opens=_time(opens),
        closes=_time(closes),
        days=frozenset(Weekday) if days is None else frozenset(map(Weekday, days)),
        timezone=facts["timezone"],
    )


def _time(value: time | str) -> time:
    return value if isinstance(value, time) else time.fromisoformat(value)


def _instant(value: datetime | str | None) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else value
