# SPDX-License-Identifier: Apache-2.0
"""Saved filters and chosen columns: inputs onto services."""

from typing import Any

from server.context import Context
from server.planner import global_id, key_of, reference
from server.resolvers.inputs import NO_ROW, Given, take_key
from server.services import views

NAME = "SavedFilter"


def owner_id(_: str, user_id: int) -> str:
    return global_id("user", user_id)


async def save(context: Context, given: Given) -> dict[str, Any]:
    if "id" in given:
        given["id"] = key_of(given["id"], NAME) or NO_ROW
    async with context.writing() as session:
        row = await views.save_filter(session, context.require(None), views.FilterInput(**given))
    return {"saved_filter": reference(NAME, row.id)}


async def delete(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", NAME)
    async with context.writing() as session:
        row = await views.delete_filter(session, context.require(None), key)
    return {"deleted": True, "name": row.name}


async def restore(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", NAME)
    async with context.writing() as session:
        row = await views.restore_filter(session, context.require(None), key)
    return {"saved_filter": reference(NAME, row.id)}


async def choose(context: Context, given: Given) -> dict[str, Any]:
    async with context.writing() as session:
        columns = await views.choose_columns(session, context.require(None), **given)
    return {"columns": columns}
