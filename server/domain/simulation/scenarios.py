# SPDX-License-Identifier: Apache-2.0
"""A scenario: contacts, settings, outcomes and a start, read from JSON and checked."""

from dataclasses import dataclass
from datetime import datetime

from server.domain.campaigns import MAX_SECONDS, RESULTS, CallStatus, CampaignSettings
from server.domain.dialer import AdditionalNumber
from server.domain.errors import ErrorCode
from server.domain.simulation.campaigns import read_campaign
from server.domain.simulation.reading import (
    ScenarioRefused,
    join,
    read_choice,
    read_instant,
    read_integer,
    read_list,
    read_number,
    read_object,
    read_text,
)

MAX_LINES = 1_000_000
MAX_HORIZON_DAYS = 3_660
_ORDER_BOUND = 2_147_483_647
_SCENARIO = (
    "start",
    "campaign",
    "itemTypes",
    "blacklist",
    "contacts",
    "callSeconds",
    "lines",
    "horizonDays",
)
_CONTACT = ("id", "priority", "phone", "additionalPhones", "outcomes", "scheduledAt")


@dataclass(frozen=True, kw_only=True, slots=True)
class ScenarioContact:
    """A contact and what becomes of its calls, in order; the last outcome repeats."""

    id: str
    primary_number: str | None
    additional: tuple[AdditionalNumber, ...]
    outcomes: tuple[CallStatus, ...]
    priority: int = 2
    scheduled_at: datetime | None = None

    def outcome(self, calls_made: int) -> CallStatus:
        return self.outcomes[min(calls_made, len(self.outcomes) - 1)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """`call_seconds` is how long a call lasts before its result, `lines` how many are up at once.

    Calls at `start` plus `horizon_days` are still made, later ones are not.
    """

    start: datetime
    settings: CampaignSettings
    contacts: tuple[ScenarioContact, ...]
    item_types: dict[str, int]
    blacklist: frozenset[str]
    call_seconds: int = 0
    lines: int = 1000
    horizon_days: int = 60


def read_scenario(value: object) -> Scenario:
    """Check a scenario from JSON; raises ScenarioRefused naming the first place that is wrong."""
    given = read_object(value, "", _SCENARIO)
    for key in ("start", "contacts"):
        if key not in given:
            raise ScenarioRefused(ErrorCode.REQUIRED, key, "is missing")
    item_types = _read_item_types(given.get("itemTypes", []))
    return Scenario(
        start=read_instant(given["start"], "start"),
        settings=read_campaign(given.get("campaign", {}), "campaign"),
        item_types=item_types,
        blacklist=frozenset(
            read_number(number, f"blacklist.{place}")
            for place, number in enumerate(read_list(given.get("blacklist", []), "blacklist"))
        ),
        contacts=_read_contacts(given["contacts"], item_types),
        call_seconds=read_integer(given.get("callSeconds", 0), "callSeconds", 0, MAX_SECONDS),
        lines=read_integer(given.get("lines", 1000), "lines", 1, MAX_LINES),
        horizon_days=read_integer(given.get("horizonDays", 60), "horizonDays", 0, MAX_HORIZON_DAYS),
    )


def _read_item_types(value: object) -> dict[str, int]:
    """Orders by name. Names that differ in case only are two types here, equal in dial order."""
    orders: dict[str, int] = {}
    for place, item in enumerate(read_list(value, "itemTypes")):
        path = f"itemTypes.{place}"
        given = read_object(item, path, ("name", "orderBy"))
        name = read_text(given.get("name"), join(path, "name"))
        if name in orders:
            raise ScenarioRefused(ErrorCode.TAKEN, join(path, "name"), "is there twice")
        orders[name] = read_integer(
            given.get("orderBy"), join(path, "orderBy"), -_ORDER_BOUND, _ORDER_BOUND
        )
    return orders


def _read_contacts(value: object, item_types: dict[str, int]) -> tuple[ScenarioContact, ...]:
    contacts: dict[str, ScenarioContact] = {}
    for place, item in enumerate(read_list(value, "contacts")):
        contact = _read_contact(item, f"contacts.{place}", item_types)
        if contact.id in contacts:
            raise ScenarioRefused(ErrorCode.TAKEN, f"contacts.{place}.id", "is there twice")
        contacts[contact.id] = contact
    return tuple(contacts.values())


def _read_contact(value: object, path: str, item_types: dict[str, int]) -> ScenarioContact:
    given = read_object(value, path, _CONTACT)
    phone, scheduled = given.get("phone"), given.get("scheduledAt")
    additional = read_list(given.get("additionalPhones", []), join(path, "additionalPhones"))
    outcomes = read_list(given.get("outcomes", ["NO_ANSWER"]), join(path, "outcomes"))
    if not outcomes and (phone is not None or additional):
        raise ScenarioRefused(
            ErrorCode.REQUIRED, join(path, "outcomes"), "needs at least one; the last one repeats"
        )
    return ScenarioContact(
        id=read_text(given.get("id"), join(path, "id")),
        priority=read_integer(given.get("priority", 2), join(path, "priority"), 1, 3),
        # A contact without a primary number is loaded; its first additional one acts as the
        # first (section 6, row 14).
        primary_number=None if phone is None else read_number(phone, join(path, "phone")),
        additional=tuple(
            _read_additional(item, join(path, f"additionalPhones.{place}"), item_types)
            for place, item in enumerate(additional)
        ),
        outcomes=tuple(
            read_choice(status, join(path, f"outcomes.{place}"), RESULTS)
            for place, status in enumerate(outcomes)
        ),
        scheduled_at=(
            None if scheduled is None else read_instant(scheduled, join(path, "scheduledAt"))
        ),
    )


def _read_additional(value: object, path: str, item_types: dict[str, int]) -> AdditionalNumber:
    given = read_object(value, path, ("phone", "itemType"))
    number = read_number(given.get("phone"), join(path, "phone"))
    if given.get("itemType") is None:
        return AdditionalNumber(number)
    name = read_text(given["itemType"], join(path, "itemType"))
    if name not in item_types:
        raise ScenarioRefused(
            ErrorCode.NOT_FOUND, join(path, "itemType"), "is not among the itemTypes"
        )
    return AdditionalNumber(number, name, item_types[name])
