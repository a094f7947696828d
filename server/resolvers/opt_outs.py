# SPDX-License-Identifier: Apache-2.0
"""Opt-outs: inputs onto services."""

from typing import Any

from strawberry import ID

from server.context import Context
from server.planner import global_id, key_of
from server.resolvers.inputs import NO_ROW, Given, take_key
from server.services import opt_outs

ENTRY, PREFIX = "BlacklistEntry", "blocked"


async def record(context: Context, given: Given) -> dict[str, Any]:
    asked = _asked(given.get("number"), given.get("contact_id"), given.get("note", ""))
    async with context.writing() as session:
        done = await opt_outs.opt_out(session, context.require(None), asked)
    return {
        "opt_out_id": global_id(PREFIX, done.entry_id),
        "name": done.name,
        "entries_blocked": done.entries_blocked,
        "entries_closed": done.entries_closed,
        "entries_in_call": done.entries_in_call,
        "tasks_closed": done.tasks_closed,
    }


async def preview(
    context: Context, number: str | None = None, contact_id: ID | None = None
) -> dict[str, Any]:
    async with context.writing() as session:
        found = await opt_outs.preview_opt_out(
            session, context.require(None), _asked(number, contact_id)
        )
    return {
        "name": found.name,
        "opt_out_id": found.entry_id and global_id(PREFIX, found.entry_id),
        "entries": found.entries,
        "campaigns": found.campaigns,
        "in_call": found.in_call,
        "tasks": found.tasks,
        "contacts": found.contacts,
    }


async def withdraw(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", ENTRY)
    async with context.writing() as session:
        name = await opt_outs.withdraw_opt_out(session, context.require(None), key)
    return {"withdrawn": True, "name": name}


def _asked(number: str | None, contact_id: ID | None, note: str = "") -> opt_outs.OptOutInput:
    key = None if contact_id is None else key_of(contact_id, "Contact") or NO_ROW
    return opt_outs.OptOutInput(number=number, contact_id=key, note=note)
