# SPDX-License-Identifier: Apache-2.0
"""Settings looked at before they are saved: what contradicts itself, and the calls they lead to."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.campaigns import FAILURES, CallStatus, CampaignSettings, check_result
from server.domain.campaigns.checker import Finding, allowing
from server.domain.dialer import AdditionalNumber, dial_order, load
from server.domain.dialer.plans import Plan, plan
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.domain.refusals import Refusals
from server.domain.text import Unset
from server.models import Campaign, ContactItemType
from server.services.campaigns.checks import check_retry, check_settings
from server.services.campaigns.inputs import CampaignEdit, CampaignInput, RetryInput
from server.services.planning.facts import (
    SETTINGS,
    Facts,
    facts_of_campaign,
    findings_of,
    read_facts,
    settings_of_facts,
    shape_of_facts,
)
from server.services.visibility import visible_campaigns

MOST_NUMBERS = 5
MOST_CALLS = 40
_DAY = timedelta(days=1)
_LONGEST_SHOWN = timedelta(days=92)
_NEW = CampaignInput(name="-")
# What a new campaign has besides the fields of its input.
_NEW_FACTS: dict[str, Any] = {
    **dict.fromkeys(SETTINGS),
    "settings_version": 1,
    "mode": "DIRECT",
    "power_level": 1,
    "retry": [],
    "agents": 0,
    "phones": None,
    "people": None,
    "policies": (),
    "rules": (),
}


@dataclass(frozen=True, kw_only=True)
class SampleNumber:
    """One number of a contact that is thought of; the first of them is the primary one."""

    item_type_id: int | None = None
    outcome: CallStatus = CallStatus.NO_ANSWER
    is_blocked: bool = False


@dataclass(frozen=True, kw_only=True)
class Foretold:
    """A plan, the clock it begins at, and when the campaign's own hours are open meanwhile.

    The numbers of a sample are its places from 0, as text.
    """

    plan: Plan
    settings: CampaignSettings
    now: datetime
    hours: tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True, kw_only=True)
class Checked:
    findings: list[Finding]
    sample: Foretold | None


async def check_campaign(
    session: AsyncSession,
    viewer: Viewer,
    campaign_id: int | None,
    edit: CampaignEdit,
    *,
    sample: Sequence[SampleNumber] | None = None,
    at: datetime | None = None,
) -> Checked:
    """The campaign's settings with the edit laid over them; without a campaign, those of a new one.

    Nothing is stored. Settings that could not be saved are refused as saving them would be. With a
    `sample` its calls from `at` (the campaign's clock) on are foretold, and its numbers count.
    """
    facts = await _facts(session, viewer, campaign_id, edit)
    numbers = None if sample is None else await _numbers(session, sample)
    if at is not None:
        facts = {**facts, "now": at}
    found = findings_of(facts, None if sample is None else len(sample))
    if sample is None or numbers is None:
        return Checked(findings=found, sample=None)
    return Checked(findings=found, sample=_foretell(facts, sample, numbers))


async def _facts(
    session: AsyncSession, viewer: Viewer, campaign_id: int | None, edit: CampaignEdit
) -> dict[str, Any]:
    if campaign_id is None:
        given = {f.name: getattr(edit, f.name) for f in fields(edit)}
        usual = {f.name: getattr(_NEW, f.name) for f in fields(_NEW)}
        edit = CampaignEdit(
            **usual | {name: value for name, value in given.items() if not isinstance(value, Unset)}
        )
        row = Campaign()
        facts = _NEW_FACTS | {"now": await session.scalar(select(func.clock_timestamp()))}
    else:
        found = (
            await session.execute(
                visible_campaigns(viewer)
                .where(Campaign.id == campaign_id)
                .add_columns(facts_of_campaign(Campaign.__table__))
            )
        ).one_or_none()
        if found is None:
            raise DomainError(ErrorCode.NOT_FOUND, "id")
        row, facts = found[0], read_facts(found[1])
    refusals = Refusals()
    columns = check_settings(edit, row, refusals)
    if not isinstance(edit.retry, Unset):
        check_retry(edit.retry, refusals)
    refusals.check()
    facts |= {name: value for name, value in columns.items() if name in facts}
    if not isinstance(edit.retry, Unset):
        facts["retry"] = _rules(facts["retry"] or [], edit.retry)
    if not isinstance(edit.agent_ids, Unset):
        facts["agents"] = len(set(edit.agent_ids))
    return facts


def _rules(stored: list[Any], given: Sequence[RetryInput]) -> list[tuple[Any, ...]]:
    rules: dict[str, dict[str, Any]] = {
        status.value: {"max": 3, "minutes": 150, "after_status": "ADVANCE"} for status in FAILURES
    }
    for status, most, minutes, after in stored:
        rules[status] = {"max": most, "minutes": minutes, "after_status": after}
    for rule in given:
        for name in ("max", "minutes", "after_status"):
            value = getattr(rule, name)
            if not isinstance(value, Unset):
                rules[rule.status.value][name] = value
    return [
        (status, rule["max"], rule["minutes"], rule["after_status"])
        for status, rule in rules.items()
    ]


async def _numbers(
    session: AsyncSession, sample: Sequence[SampleNumber]
) -> list[AdditionalNumber | None]:
    """Each number of the sample as an additional one; None for the primary."""
    if not 1 <= len(sample) <= MOST_NUMBERS:
        raise DomainError(ErrorCode.OUT_OF_RANGE, "sample", min=1, max=MOST_NUMBERS)
    for place, one in enumerate(sample):
        check_result(one.outcome, f"sample.{place}.outcome")
    wanted = {one.item_type_id for one in sample} - {None}
    rows = await session.execute(
        select(ContactItemType.id, ContactItemType.name, ContactItemType.order_by).where(
            ContactItemType.id.in_(wanted)
        )
    )
    types = {key: (name, order_by) for key, name, order_by in rows}
    numbers: list[AdditionalNumber | None] = [None]
    for place, one in enumerate(sample[1:], 1):
        if one.item_type_id is not None and one.item_type_id not in types:
            raise DomainError(ErrorCode.NOT_FOUND, f"sample.{place}.itemTypeId")
        name, order_by = types.get(one.item_type_id or 0, (None, 0))
        numbers.append(AdditionalNumber(str(place), name, order_by))
    return numbers


def _foretell(
    facts: Facts, sample: Sequence[SampleNumber], numbers: Sequence[AdditionalNumber | None]
) -> Foretold:
    """The calls of a contact that is loaded now, or when the campaign begins."""
    settings, shape = settings_of_facts(facts), shape_of_facts(facts)
    start = shape.now if shape.starts_at is None else max(shape.now, shape.starts_at)
    entry, final = load(0, dial_order("0", filter(None, numbers)), settings, start)
    outcomes = {str(place): one.outcome for place, one in enumerate(sample)}
    course = Plan(calls=(), final=final)
    if final is None:
        blocked = {str(place) for place, one in enumerate(sample) if one.is_blocked}
        course = plan(
            entry,
            settings,
            start,
            outcome=outcomes.__getitem__,
            blacklisted=blocked,
            allow=allowing(settings, shape, outcomes.__getitem__),
            most=MOST_CALLS,
        )
    return foretold(course, settings, start)


def foretold(course: Plan, settings: CampaignSettings, now: datetime) -> Foretold:
    """With the open hours of all days that the plan touches, and a day on either side."""
    moments = [now, *(call.dial_at for call in course.calls)]
    if course.final is not None:
        moments.append(course.final.at)
    first = min(moments) - _DAY
    last = min(max(moments) + _DAY, first + _LONGEST_SHOWN)
    spans = ((first, last),) if settings.window is None else settings.window.spans(first, last)
    return Foretold(plan=course, settings=settings, now=now, hours=tuple(spans))
