# SPDX-License-Identifier: Apache-2.0
"""Live figures as the API shows them, once and as they change."""

from collections.abc import AsyncGenerator
from typing import Any

import orjson
from strawberry import ID

from server.context import Context
from server.domain.agents import AgentState
from server.domain.campaigns import CallStatus
from server.domain.dialer import DialState
from server.domain.live import CampaignDetails, CampaignLive, CentreLive
from server.domain.permissions import Permission
from server.i18n import alert_text, label
from server.planner import key_of, reference
from server.resolvers.dialer import counts
from server.resolvers.inputs import NO_ROW
from server.services import live

VIEW = Permission.CALLS_VIEW


async def campaign(context: Context, campaign_id: ID) -> dict[str, Any] | None:
    key = key_of(campaign_id, "Campaign") or NO_ROW
    async with context.writing() as session:
        found = await live.read_campaign_live(session, context.require(VIEW), key)
    return None if found is None else _details(context.locale, found)


async def centre(context: Context) -> dict[str, Any]:
    async with context.writing() as session:
        found = await live.read_centre_live(session, context.require(VIEW))
    return _centre(context.locale, found)


async def campaign_changed(context: Context, campaign_id: ID) -> AsyncGenerator[Any]:
    key = key_of(campaign_id, "Campaign") or NO_ROW

    async def look() -> CampaignDetails | None:
        if not await _may_still(context):
            return None
        async with context.writing() as session:
            return await live.read_campaign_live(session, context.require(VIEW), key)

    topics = live.live_topics(context.require(VIEW).tenant_id, key)
    async for found in live.watch(context.database, topics, look):
        yield None if found is None else _details(context.locale, found)


async def centre_changed(context: Context) -> AsyncGenerator[Any]:
    async def look() -> CentreLive | None:
        if not await _may_still(context):
            return None
        async with context.writing() as session:
            return await live.read_centre_live(session, context.require(VIEW))

    topics = live.live_topics(context.require(VIEW).tenant_id)
    async for found in live.watch(context.database, topics, look):
        yield None if found is None else _centre(context.locale, found)


async def _may_still(context: Context) -> bool:
    """A subscription may outlive a sign-in, and the rights that it began with."""
    if context.refresh is not None:
        context.viewer = await context.refresh()
    return context.viewer is not None and context.viewer.may(VIEW)


def _centre(locale: str, found: CentreLive) -> dict[str, Any]:
    return {
        "callsUp": found.calls_up,
        "lines": found.lines,
        "abandonedRate": float(found.rate),
        "agents": _agents(locale, found.agents),
        "campaigns": [_figures(locale, one) for one in found.campaigns],
    }


def _details(locale: str, found: CampaignDetails) -> dict[str, Any]:
    return _figures(locale, found.live) | {
        "hopper": counts(locale, _text(found.hopper), DialState, "state"),
        "minutes": [
            {"minute": minute, "counts": counts(locale, _text(by_status), CallStatus, "status")}
            for minute, by_status in found.minutes
        ],
    }


def _figures(locale: str, one: CampaignLive) -> dict[str, Any]:
    return {
        "campaign": reference("Campaign", one.campaign_id),
        "callsUp": one.calls_up,
        "lines": one.lines,
        "agents": _agents(locale, one.agents),
        "answered": one.answered,
        "abandoned": one.abandoned,
        "abandonedRate": float(one.rate),
        "abandonedCap": float(one.cap),
        "abandonedHours": one.cap_hours,
        "faults": one.faults,
        "alerts": [{"code": alert, "message": alert_text(locale, alert)} for alert in one.alerts],
    }


def _agents(locale: str, found: Any) -> list[dict[str, Any]]:
    return [
        {"state": state, "label": label(locale, state), "count": found[state]}
        for state in AgentState
        if state in found
    ]


def _text(found: Any) -> str:
    return orjson.dumps(dict(found)).decode()
