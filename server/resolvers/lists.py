# SPDX-License-Identifier: Apache-2.0
"""Contact lists: inputs onto services (X-17, X-23)."""

from typing import Any

from server.context import Context
from server.domain.permissions import Permission
from server.planner import reference
from server.resolvers.inputs import Given, agent_keys, keys_or_none, take_key
from server.services import lists

NAME = "ContactList"


async def create(context: Context, given: Given) -> dict[str, Any]:
    _agents(given)
    async with context.writing() as session:
        row = await lists.create_list(session, context.require(None), lists.ListInput(**given))
    return {"contact_list": reference(NAME, row.id)}


async def edit(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", NAME)
    _agents(given)
    async with context.writing() as session:
        row = await lists.edit_list(session, context.require(None), key, lists.ListEdit(**given))
    return {"contact_list": reference(NAME, row.id)}


async def delete(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", NAME)
    async with context.writing() as session:
        deleted = await lists.delete_list(session, context.require(None), key, **given)
    return {"deleted": True, "name": deleted.name, "contact_count": deleted.members}


async def add_contacts(context: Context, given: Given) -> dict[str, Any]:
    viewer = context.require(Permission.LISTS_VIEW)
    key = take_key(given, "list_id", NAME, "listId")
    contact_ids = keys_or_none(given["contact_ids"], "Contact")
    async with context.writing() as session:
        count = await lists.add_members(session, viewer, key, contact_ids)
    return {"contact_list": reference(NAME, key), "count": count}


async def remove_contacts(context: Context, given: Given) -> dict[str, Any]:
    viewer = context.require(Permission.LISTS_VIEW)
    key = take_key(given, "list_id", NAME, "listId")
    contact_ids = keys_or_none(given["contact_ids"], "Contact")
    async with context.writing() as session:
        count = await lists.remove_members(session, viewer, key, contact_ids)
    return {"contact_list": reference(NAME, key), "count": count}


def _agents(given: Given) -> None:
    if "agent_ids" in given:
        given["agent_ids"] = agent_keys(given["agent_ids"])
