# SPDX-License-Identifier: Apache-2.0
"""Scheduled tasks: inputs onto services, labels, and the agents that a callback can be for."""

from typing import Any

from strawberry import ID

from server.context import Context
from server.domain.dialer import FinalReason
from server.domain.errors import DomainError, ErrorCode
from server.domain.tasks import CallbackWarning, PreferenceType, ScheduleState, ScheduleType
from server.i18n import N_, label, translate
from server.planner import global_id, key_of, reference
from server.resolvers.inputs import NO_ROW, Given, keys_or_none, take_key
from server.services import tasks

NAME = "ScheduledTask"
MOST_AT_ONCE = 5_000
OPTED_OUT = N_("Opted out")


def state_label(locale: str, state: str) -> str:
    return label(locale, ScheduleState(state))


def type_label(locale: str, kind: str) -> str:
    return label(locale, ScheduleType(kind))


def preference_label(locale: str, preference: str) -> str:
    return label(locale, PreferenceType(preference))


def close_reason_label(locale: str, reason: str | None) -> str | None:
    if reason is None:
        return None
    if reason in FinalReason.__members__:
        return label(locale, FinalReason(reason))
    return translate(locale, OPTED_OUT)


def agent_id(_locale: str, key: int | None) -> str | None:
    return None if key is None else global_id("agent", key)


def warnings(context: Context, found: tuple[CallbackWarning, ...]) -> list[dict[str, Any]]:
    return [{"code": one, "message": label(context.locale, one)} for one in found]


def callback_given(given: Given) -> Given:
    """The fields of a callback as the service takes them: an instant, or what clocks show."""
    for name, local in (("at", "local_at"), ("ends_at", "local_ends_at")):
        text = given.pop(local, None)
        if text is not None and name in given:
            raise DomainError(ErrorCode.INVALID, _spelled(local), without=name)
        if text is not None:
            given[name] = text
    if given.get("agent_id") is not None:
        [given["agent_id"]] = keys_or_none([given["agent_id"]], "Agent", "User")
    return given


async def schedule(context: Context, given: Given) -> dict[str, Any]:
    campaign_id = take_key(given, "campaign_id", "Campaign", "campaignId")
    contact_id = take_key(given, "contact_id", "Contact", "contactId")
    wanted = callback_given(given)
    if "at" not in wanted:
        raise DomainError(ErrorCode.REQUIRED, "at")
    async with context.writing() as session:
        scheduled = await tasks.schedule_callback(
            session, context.require(None), campaign_id, contact_id, tasks.CallbackInput(**wanted)
        )
    return _payload(context, scheduled)


async def edit(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", NAME)
    wanted = tasks.CallbackEdit(**callback_given(given))
    async with context.writing() as session:
        scheduled = await tasks.edit_task(session, context.require(None), key, wanted)
    return _payload(context, scheduled)


async def reassign(context: Context, given: Given) -> dict[str, Any]:
    keys = _keys(given)
    agent = given.get("agent_id")
    agent_key = None if agent is None else keys_or_none([agent], "Agent", "User")[0]
    async with context.writing() as session:
        done = await tasks.reassign_tasks(session, context.require(None), keys, agent_key)
    return {
        "reassigned": done.reassigned,
        "in_call": done.in_call,
        "not_assigned": done.not_assigned,
    }


async def close(context: Context, given: Given) -> dict[str, Any]:
    keys = _keys(given)
    async with context.writing() as session:
        done = await tasks.close_tasks(session, context.require(None), keys)
    return {"closed": done.closed, "in_call": done.in_call}


async def close_sessions(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "campaign_id", "Campaign", "campaignId")
    async with context.writing() as session:
        done = await tasks.close_campaign_tasks(session, context.require(None), key)
    return {"closed": done.closed, "in_call": done.in_call, "closed_at": done.closed_at}


async def reopen_sessions(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "campaign_id", "Campaign", "campaignId")
    async with context.writing() as session:
        count = await tasks.reopen_tasks(session, context.require(None), key, **given)
    return {"reopened": count}


async def callback_agents(context: Context, campaign_id: ID) -> list[dict[str, Any]]:
    """Nobody for a campaign that the viewer does not see."""
    key = key_of(campaign_id, "Campaign") or NO_ROW
    async with context.writing() as session:
        found = await tasks.callback_agents(session, context.require(None), key)
    return [{"id": global_id("agent", key), "fullName": name} for key, name in found]


def _keys(given: Given) -> list[int]:
    ids = given.pop("ids")
    if not 1 <= len(ids) <= MOST_AT_ONCE:
        raise DomainError(ErrorCode.OUT_OF_RANGE, "ids", min=1, max=MOST_AT_ONCE)
    return keys_or_none(ids, NAME)


def _payload(context: Context, scheduled: tasks.Scheduled) -> dict[str, Any]:
    return {
        "scheduled_task": reference(NAME, scheduled.task.id),
        "warnings": warnings(context, scheduled.warnings),
    }


def _spelled(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)
