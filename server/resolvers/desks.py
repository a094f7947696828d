# SPDX-License-Identifier: Apache-2.0
"""Agents' desks: inputs onto services, and a desk as the API shows it (X-39, R-05 to R-09)."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from strawberry import ID

from server.context import Context
from server.domain.agents import AgentState
from server.domain.campaigns.modes import DialMode
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.i18n import N_, label, translate
from server.planner import global_id, key_of, reference
from server.resolvers.dialer import DECISIONS
from server.resolvers.inputs import NO_ROW, Given, agent_keys, keys_or_none, take_key
from server.resolvers.tasks import callback_given
from server.services import agents
from server.services.contacts import ValueInput
from server.services.dialer.joining import UNANSWERED, UNREACHABLE
from server.services.tasks import CallbackInput
from server.services.watching import looks

PLACE = N_("%(place)s of %(count)s")
PAUSED_BY_DIALER = {
    UNANSWERED: N_("Telephone not answered"),
    UNREACHABLE: N_("Exchange not reachable"),
}
Action = Callable[[AsyncSession, Viewer], Awaitable[object]]


def does(action: Action) -> Callable[[Context, Given], Awaitable[dict[str, Any]]]:
    """The resolver of a step that needs nothing but the agent."""

    async def resolve(context: Context, given: Given) -> dict[str, Any]:
        async with context.writing() as session:
            await action(session, context.require(None))
        return {"desk": await my_desk(context)}

    return resolve


def becomes(state: AgentState) -> Callable[[Context, Given], Awaitable[dict[str, Any]]]:
    """The resolver of a change of state; PAUSED takes a reason."""

    async def resolve(context: Context, given: Given) -> dict[str, Any]:
        async with context.writing() as session:
            await agents.set_state(session, context.require(None), state, **given)
        return {"desk": await my_desk(context)}

    return resolve


async def start_work(context: Context, given: Given) -> dict[str, Any]:
    async with context.writing() as session:
        await agents.start_work(session, context.require(None), **given)
    return {"desk": await my_desk(context)}


async def beat(context: Context, given: Given) -> dict[str, Any]:
    async with context.writing() as session:
        is_here = await agents.beat(session, context.require(None).user_id)
    return {"desk": await my_desk(context), "is_at_work": is_here}


async def preview_next(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "campaign_id", "Campaign", "campaignId") if given else None
    async with context.writing() as session:
        found = await agents.preview_next(session, context.require(None), key)
    return {"desk": await my_desk(context), "found": found}


async def skip(context: Context, given: Given) -> dict[str, Any]:
    async with context.writing() as session:
        await agents.skip_previewed(session, context.require(None), **given)
    return {"desk": await my_desk(context)}


async def finish(context: Context, given: Given) -> dict[str, Any]:
    given["values"] = [_value(one) for one in given.get("values", [])]
    if "disposition_id" in given:
        given["disposition_id"] = take_key(given, "disposition_id", "Disposition", "dispositionId")
    if "callback" in given:
        given["callback"] = CallbackInput(**{"at": "", **callback_given(given["callback"])})
    async with context.writing() as session:
        await agents.finish_call(session, context.require(None), **given)
    return {"desk": await my_desk(context)}


def _value(one: Given) -> ValueInput:
    [field_id] = keys_or_none([one["field_id"]], "MasterDataField")
    campaign_id = one.get("campaign_id")
    return ValueInput(
        field_id=field_id,
        value=one.get("value"),
        campaign_id=None if campaign_id is None else keys_or_none([campaign_id], "Campaign")[0],
    )


async def obtain(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "campaign_id", "Campaign", "campaignId")
    async with context.writing() as session:
        got = await agents.obtain_contacts(session, context.require(None), key)
    return {
        "desk": await my_desk(context),
        "taken": got.taken,
        "owned": got.owned,
        "most_owned": got.most_owned,
    }


async def assign(context: Context, given: Given) -> dict[str, Any]:
    """Entries that are named go to one agent; without any, the unassigned are spread evenly."""
    key = take_key(given, "campaign_id", "Campaign", "campaignId")
    keys = agent_keys(given.pop("agent_ids"))
    entries = given.pop("entry_ids", None)
    if "list_id" in given:
        given["list_id"] = take_key(given, "list_id", "ContactList", "listId")
    viewer = context.require(None)
    async with context.writing() as session:
        if entries is None:
            count = await agents.spread_contacts(session, viewer, key, keys, **given)
        elif len(keys) != 1:
            raise DomainError(ErrorCode.INVALID, "agentIds")
        else:
            wanted = keys_or_none(entries, "HopperEntry")
            count = await agents.give_contacts(session, viewer, key, keys[0], wanted)
    return {"assigned": count}


async def unassign(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "campaign_id", "Campaign", "campaignId")
    async with context.writing() as session:
        count = await agents.take_contacts_back(
            session,
            context.require(None),
            key,
            agent_ids=agent_keys(given.get("agent_ids", [])),
            entries=keys_or_none(given.get("entry_ids", []), "HopperEntry"),
        )
    return {"unassigned": count}


def _reason(locale: str, text: str) -> str:
    """Why somebody is paused: their own words, or those of the dialer that paused them."""
    return translate(locale, PAUSED_BY_DIALER[text]) if text in PAUSED_BY_DIALER else text


async def my_desk(context: Context) -> dict[str, Any]:
    """The viewer's desk as it is in the database now."""
    async with context.writing() as session:
        desk = await agents.read_desk(session, context.require(None))
    locale = context.locale
    return {
        "state": desk.state,
        "stateLabel": label(locale, desk.state),
        "since": desk.since,
        "seconds": desk.seconds,
        "pauseReason": _reason(locale, desk.pause_reason),
        "endpoint": desk.endpoint,
        "isAutoDialing": desk.is_auto_dialing,
        "mayAutoDial": any(one.may_auto_dial for one in desk.campaigns),
        "leavesAfterCall": desk.leaves_after_call,
        "campaigns": [_campaign(one, locale) for one in desk.campaigns],
        "call": None if desk.call is None else _call(desk.call, locale),
        "lastCall": None
        if desk.last_attempt_id is None
        else reference("CallAttempt", desk.last_attempt_id),
    }


async def agents_at_work(context: Context, campaign_id: ID | None = None) -> list[dict[str, Any]]:
    key = None if campaign_id is None else key_of(campaign_id, "Campaign") or NO_ROW
    async with context.writing() as session:
        found = await agents.agents_at_work(session, context.require(None), key)
    return [
        {
            "id": global_id("agent", one.user_id),
            "name": one.name,
            "fullName": one.full_name,
            "state": one.state,
            "stateLabel": label(context.locale, one.state),
            "since": one.since,
            "seconds": one.seconds,
            "pauseReason": _reason(context.locale, one.pause_reason),
            "endpoint": one.endpoint,
            "isAutoDialing": one.is_auto_dialing,
            "owned": one.owned,
            "campaign": _row("Campaign", one.campaign_id),
            "contact": _row("Contact", one.contact_id),
        }
        for one in found
    ]


async def changed(context: Context) -> AsyncGenerator[Any]:
    topic = agents.desk_topic(context.require(None).user_id)
    async for _ in looks(context.database, topic):
        yield await my_desk(context)


def _campaign(one: agents.DeskCampaign, locale: str) -> dict[str, Any]:
    return {
        "campaign": reference("Campaign", one.campaign_id),
        "mode": one.mode,
        "modeLabel": label(locale, one.mode),
        "dialway": one.dialway,
        "isRunning": one.is_running,
        "mayPreview": one.mode is DialMode.PREVIEW,
        "mayAutoDial": one.may_auto_dial,
        "mayObtain": one.may_obtain,
        "obtainable": one.obtainable,
        "owned": one.owned,
        "mostOwned": one.most_owned,
    }


def _call(call: agents.CallInHand, locale: str) -> dict[str, Any]:
    return {
        "stage": call.stage,
        "stageLabel": label(locale, call.stage),
        "campaign": reference("Campaign", call.campaign_id),
        "contact": reference("Contact", call.contact_id),
        "entry": _row("HopperEntry", call.entry_id),
        "attempt": _row("CallAttempt", call.attempt_id),
        "number": call.number,
        "itemTypeName": call.item_type,
        "place": call.place,
        "places": call.places,
        "placeLabel": _place(locale, call.place, call.places),
        "hasAdditionalPhones": (call.places or 1) > 1,
        "round": call.round,
        "attemptsMade": call.attempts_made,
        "why": call.why,
        "whyLabel": translate(locale, DECISIONS[call.why]),
        "callbackAt": call.callback_at,
        "startedAt": call.started_at,
        "after": None if call.after is None else _after(call.after, call.places, locale),
    }


def _after(after: agents.AfterCall, places: int | None, locale: str) -> dict[str, Any]:
    reason = after.reason
    return {
        "number": after.number,
        "itemTypeName": after.item_type,
        "placeLabel": None if after.place is None else _place(locale, after.place, places),
        "at": after.at,
        "reason": reason,
        "reasonLabel": None if reason is None else label(locale, reason),
    }


def _place(locale: str, place: int, places: int | None) -> str | None:
    return None if places is None else translate(locale, PLACE, place=place, count=places)


def _row(name: str, key: int | None) -> Any:
    return None if key is None else reference(name, key)
