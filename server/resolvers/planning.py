# SPDX-License-Identifier: Apache-2.0
"""Findings, plans and forecasts in the reader's words (X-33, X-37)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from strawberry import ID

from server.context import Context
from server.domain.campaigns import CallStatus
from server.domain.campaigns.checker import Finding
from server.domain.dialer import GLOBAL_LIMIT, DialState, FinalRow
from server.domain.dialer.plans import WINDOW, PlannedCall
from server.domain.gate import GateRule
from server.i18n import N_, finding_text, label, translate, translate_plural
from server.planner import key_of, reference
from server.resolvers.campaigns import settings_given
from server.resolvers.dialer import limit_label
from server.resolvers.gate import BY_DEFAULT
from server.resolvers.inputs import NO_ROW, Given, take_key
from server.services import campaigns, planning

CAMPAIGN = "Campaign"
_MINUTE = timedelta(minutes=1)
FIRST = {
    DialState.READY: N_("The first call."),
    DialState.WAIT_NEXT_PHONE: N_("The number before it was not reached."),
    DialState.WAIT_RETRY: N_("Nobody was reached, and the retry time is over."),
    DialState.WAIT_CALLBACK: N_("A callback was asked for."),
}


async def check(
    context: Context, given: Given, sample: Sequence[Given] | None, at: datetime | None
) -> dict[str, Any]:
    key = take_key(given, "id", CAMPAIGN) if given.get("id") else None
    if key is None:
        given.setdefault("policies", BY_DEFAULT)
    for name in ("id", "list_ids"):
        given.pop(name, None)
    numbers = None if sample is None else [_number(one) for one in sample]
    edit = campaigns.CampaignEdit(**settings_given(given))
    async with context.writing() as session:
        found = await planning.check_campaign(
            session, context.require(None), key, edit, sample=numbers, at=at
        )
    return {
        "findings": [_finding(context.locale, one) for one in found.findings],
        "plan": found.sample and _plan(context.locale, found.sample, is_sample=True),
    }


def findings(locale: str, text: str) -> list[dict[str, Any]]:
    """Of a campaign as it is stored."""
    return [_finding(locale, one) for one in planning.findings_of(planning.read_facts(text))]


async def dial_plan(
    context: Context,
    contact_id: ID,
    campaign_id: ID,
    outcome: CallStatus,
    outcomes: Sequence[Given],
    most: int,
) -> dict[str, Any]:
    results = {one["number"]: CallStatus(one["outcome"]) for one in outcomes}
    async with context.writing() as session:
        found = await planning.dial_plan(
            session,
            context.require(None),
            key_of(contact_id, "Contact") or NO_ROW,
            key_of(campaign_id, CAMPAIGN) or NO_ROW,
            outcome=outcome,
            outcomes=results,
            most=most,
        )
    entry = None if found.entry_id is None else reference("HopperEntry", found.entry_id)
    return {"plan": _plan(context.locale, found.foretold) | {"entry": entry}}


def _number(given: Given) -> planning.SampleNumber:
    type_id = given.pop("item_type_id", None)
    key = None if type_id is None else key_of(type_id, "ContactItemType") or NO_ROW
    return planning.SampleNumber(item_type_id=key, **given)


def _finding(locale: str, one: Finding) -> dict[str, Any]:
    return {
        "code": one.code,
        "field": one.field,
        "severity": one.severity,
        "message": finding_text(locale, one),
    }


def _plan(locale: str, found: planning.Foretold, *, is_sample: bool = False) -> dict[str, Any]:
    course = found.plan
    calls = course.calls
    befores = chain([None], calls)
    return {
        "entry": None,
        "now": found.now,
        "calls": [
            _call(locale, one, before, is_sample)
            for before, one in zip(befores, calls, strict=False)
        ],
        "closing": course.final and _closing(locale, course.final, is_sample),
        "heldBy": course.held,
        "hours": [{"opensAt": opens, "closesAt": closes} for opens, closes in found.hours],
    }


def _call(
    locale: str, one: PlannedCall, before: PlannedCall | None, is_sample: bool
) -> dict[str, Any]:
    return {
        **_numbered(one.number, is_sample),
        "itemTypeName": one.item_type,
        "position": one.position,
        "round": one.round,
        "decision": one.decision,
        "dueAt": one.due_at,
        "dialAt": one.dial_at,
        "outcome": one.status,
        "outcomeLabel": label(locale, one.status),
        "waitsFor": one.waits_for,
        "isUp": one.is_up,
        "why": _why(locale, one, before),
    }


def _closing(locale: str, final: FinalRow, is_sample: bool) -> dict[str, Any]:
    limit = final.limit
    return {
        **_numbered(final.number, is_sample),
        "at": final.at,
        "reason": final.reason,
        "reasonLabel": label(locale, final.reason),
        "status": final.status,
        "statusLabel": final.status and label(locale, final.status),
        "attempts": final.attempts,
        "limitStatus": None if limit is None or limit.status == GLOBAL_LIMIT else limit.status,
        "limitLabel": limit_label(locale, None if limit is None else limit.status),
        "limitNumber": None if limit is None or is_sample else limit.number,
        "limitSample": int(limit.number) if limit is not None and is_sample else None,
    }


def _numbered(number: str | None, is_sample: bool) -> dict[str, Any]:
    """The numbers of a sample are its places."""
    if is_sample:
        return {"number": None, "sample": None if number is None else int(number)}
    return {"number": number, "sample": None}


def _why(locale: str, one: PlannedCall, before: PlannedCall | None) -> str:
    """Why the call comes then, and what holds it back from when it is due."""
    if one.status is CallStatus.BLACKLIST:
        return translate(locale, N_("Blacklisted: passed over without a call."))
    if one.is_up:
        return translate(locale, N_("The call is up now."))
    words = translate(locale, FIRST[one.decision])
    if before is not None:
        words = _after(locale, one, before)
    if one.waits_for == WINDOW:
        words += " " + translate(locale, N_("It waits for the calling hours."))
    elif one.waits_for is not None:
        rule = label(locale, GateRule(one.waits_for))
        words += " " + translate(locale, N_("Held back until then: %(rule)s."), rule=rule)
    return words


def _after(locale: str, one: PlannedCall, before: PlannedCall) -> str:
    minutes = max(0, round((one.due_at - before.dial_at) / _MINUTE))
    status: Mapping[str, object] = {"status": label(locale, before.status)}
    if one.round == before.round and one.decision is DialState.WAIT_NEXT_PHONE:
        if not minutes:
            return translate(locale, N_("Next number, at once."))
        return translate_plural(
            locale,
            "Next number, %(num)s minute later.",
            "Next number, %(num)s minutes later.",
            minutes,
        )
    return translate_plural(
        locale,
        "Again %(num)s minute after “%(status)s”.",
        "Again %(num)s minutes after “%(status)s”.",
        minutes,
        **status,
    )


async def forecast(
    context: Context, campaign_id: ID, hours: int, capacity: int | None
) -> dict[str, Any]:
    async with context.writing() as session:
        found = await planning.forecast(
            session,
            context.require(None),
            key_of(campaign_id, CAMPAIGN) or NO_ROW,
            hours=hours,
            capacity=capacity,
        )
    return {
        "forecast": {
            "campaign": reference(CAMPAIGN, found.campaign_id),
            "now": found.now,
            "hours": [
                {
                    "at": one.at,
                    "isOpen": one.is_open,
                    "due": one.due,
                    "callable": one.callable,
                    "called": one.called,
                    "waiting": one.waiting,
                    "capacity": one.capacity,
                }
                for one in found.course.hours
            ],
            "open": found.open,
            "dueNow": found.due_now,
            "held": found.held,
            "later": found.later,
            "inCall": found.in_call,
            "unit": found.unit,
            "units": found.units,
            "callsPerHour": round(found.calls_per_hour),
            "idleFrom": found.course.idle_from,
        }
    }
