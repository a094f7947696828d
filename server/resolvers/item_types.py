# SPDX-License-Identifier: Apache-2.0
"""Contact item types: inputs onto services (X-01, X-02)."""

from typing import Any

from server.context import Context
from server.planner import reference
from server.resolvers.inputs import Given, take_key
from server.services import item_types

NAME = "ContactItemType"


async def create(context: Context, given: Given) -> dict[str, Any]:
    async with context.writing() as session:
        row = await item_types.create_item_type(
            session, context.require(None), item_types.ItemTypeInput(**given)
        )
    return {"contact_item_type": reference(NAME, row.id)}


async def edit(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", NAME)
    async with context.writing() as session:
        row = await item_types.edit_item_type(
            session, context.require(None), key, item_types.ItemTypeEdit(**given)
        )
    return {"contact_item_type": reference(NAME, row.id)}


async def delete(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", NAME)
    async with context.writing() as session:
        deleted = await item_types.delete_item_type(session, context.require(None), key, **given)
    return {"deleted": True, "name": deleted.name, "phones_untyped": deleted.phones_untyped}
