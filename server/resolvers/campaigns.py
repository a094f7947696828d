# SPDX-License-Identifier: Apache-2.0
"""Campaigns: inputs onto services (X-37, X-40), counts, and the simulator."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any, Protocol

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from server.context import Context
from server.domain.campaigns import CallStatus, CampaignState
from server.domain.campaigns.modes import CampaignKind, DialMode, Dialway
from server.domain.dialer import DialState, FinalReason
from server.domain.permissions import Viewer
from server.i18n import label
from server.planner import global_id, reference
from server.resolvers import dispositions, gate
from server.resolvers.dialer import counts
from server.resolvers.inputs import Given, agent_keys, take_key, take_keys
from server.services import campaigns

NAME = "Campaign"


class Stored(Protocol):
    """A row, of which only the key is wanted here."""

    @property
    def id(self) -> int: ...


StateChange = Callable[[AsyncSession, Viewer, int], Awaitable[Stored]]
ListChange = Callable[[AsyncSession, Viewer, int, list[int]], Awaitable[campaigns.Reload]]


def state_label(locale: str, state: str) -> str:
    return label(locale, CampaignState(state))


def kind_label(locale: str, kind: str) -> str:
    return label(locale, CampaignKind(kind))


def mode_label(locale: str, mode: str) -> str:
    return label(locale, DialMode(mode))


def dialway_label(locale: str, dialway: str) -> str:
    return label(locale, Dialway(dialway))


def json_value(text: str) -> object:
    """JSON columns come as text on the read path."""
    return orjson.loads(text)


def entry_counts(locale: str, text: str | None) -> list[dict[str, Any]]:
    return counts(locale, text, DialState, "state")


def attempt_counts(locale: str, text: str | None) -> list[dict[str, Any]]:
    return counts(locale, text, CallStatus, "status")


def final_counts(locale: str, text: str | None) -> list[dict[str, Any]]:
    return counts(locale, text, FinalReason, "reason")


def attempts_by_minute(locale: str, text: str | None) -> list[dict[str, Any]]:
    return _by_minute(locale, text, CallStatus, "status")


def closings_by_minute(locale: str, text: str | None) -> list[dict[str, Any]]:
    return _by_minute(locale, text, FinalReason, "reason")


def _by_minute(locale: str, text: str | None, kind: Any, name: str) -> list[dict[str, Any]]:
    return [
        {
            "minute": datetime.fromisoformat(minute),
            "counts": counts(locale, orjson.dumps(found).decode(), kind, name),
        }
        for minute, found in (orjson.loads(text) if text else [])
    ]


def retry_settings(locale: str, text: str | None) -> list[dict[str, Any]]:
    return [
        {
            "status": status,
            "label": label(locale, CallStatus(status)),
            "max": most,
            "minutes": minutes,
            "afterStatus": after,
        }
        for status, most, minutes, after in (orjson.loads(text) if text else [])
    ]


def exchange_id(_: str, key: int | None) -> str | None:
    """The global id of the exchange."""
    return None if key is None else global_id("exchange", key)


def settings_given(given: Given) -> Given:
    """The input as the services take it: retry rows as their own inputs, ids as keys."""
    if "agent_ids" in given:
        given["agent_ids"] = agent_keys(given["agent_ids"])
    if given.get("exchange_id") is not None:
        given["exchange_id"] = take_key(given, "exchange_id", "TelephonyExchange", "exchangeId")
    if "retry" in given:
        given["retry"] = [campaigns.RetryInput(**row) for row in given["retry"]]
    if "max_attempts_per_number_24h" in given:
        given["max_attempts_per_number"] = given.pop("max_attempts_per_number_24h")
    if "rules" in given:
        given["rules"] = [gate.spelled(rule) for rule in given["rules"]]
    return given


async def create(context: Context, given: Given) -> dict[str, Any]:
    list_ids = take_keys(given, "list_ids", "ContactList", "listIds") if "list_ids" in given else []
    viewer = context.require(None)
    given.setdefault("policies", gate.BY_DEFAULT)
    async with context.writing() as session:
        row = await campaigns.create_campaign(
            session, viewer, campaigns.CampaignInput(**settings_given(given))
        )
        await dispositions.seed(session, viewer, context.locale)
        reload = campaigns.Reload()
        if list_ids:
            reload = await campaigns.attach_lists(session, viewer, row.id, list_ids)
    return {"campaign": reference(NAME, row.id), **asdict(reload)}


async def edit(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", NAME)
    async with context.writing() as session:
        row = await campaigns.edit_campaign(
            session, context.require(None), key, campaigns.CampaignEdit(**settings_given(given))
        )
    return {"campaign": reference(NAME, row.id)}


async def delete(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", NAME)
    async with context.writing() as session:
        deleted = await campaigns.delete_campaign(session, context.require(None), key)
    return {"deleted": True, "name": deleted.name}


def becomes(change: StateChange) -> Callable[[Context, Given], Awaitable[dict[str, Any]]]:
    """The resolver of one change of state."""

    async def resolve(context: Context, given: Given) -> dict[str, Any]:
        key = take_key(given, "id", NAME)
        async with context.writing() as session:
            row = await change(session, context.require(None), key)
        return {"campaign": reference(NAME, row.id)}

    return resolve


def relists(change: ListChange) -> Callable[[Context, Given], Awaitable[dict[str, Any]]]:
    """The resolver of one change of a campaign's lists."""

    async def resolve(context: Context, given: Given) -> dict[str, Any]:
        key = take_key(given, "id", NAME)
        list_ids = take_keys(given, "list_ids", "ContactList", "listIds")
        async with context.writing() as session:
            reload = await change(session, context.require(None), key, list_ids)
        return {"campaign": reference(NAME, key), **asdict(reload)}

    return resolve


async def reset(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", NAME)
    list_id = take_key(given, "list_id", "ContactList", "listId")
    async with context.writing() as session:
        reload = await campaigns.reset_list(session, context.require(None), key, list_id)
    return {"campaign": reference(NAME, key), **asdict(reload)}
