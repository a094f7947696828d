# SPDX-License-Identifier: Apache-2.0
"""Tags: inputs onto services (X-26)."""

from typing import Any

from server.context import Context
from server.planner import reference
from server.resolvers.inputs import Given, take_key
from server.services import tags

NAME = "Tag"


async def rename(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", NAME)
    async with context.writing() as session:
        row = await tags.rename_tag(session, context.require(None), key, given["name"])
    return {"tag": reference(NAME, row.id)}


async def delete(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", NAME)
    async with context.writing() as session:
        name, untagged = await tags.delete_tag(session, context.require(None), key)
    return {"deleted": True, "name": name, "contacts_untagged": untagged}
