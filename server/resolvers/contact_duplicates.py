# SPDX-License-Identifier: Apache-2.0
"""Groups of possible duplicates: inputs onto services (D2)."""

from typing import Any

from server.context import Context
from server.domain.duplicates import DuplicateKind
from server.i18n import label
from server.planner import reference
from server.resolvers.inputs import Given, keys_or_none
from server.services.contacts import duplicates

NAME = "Contact"


async def groups(
    context: Context,
    kinds: list[DuplicateKind] | None = None,
    first: int = 20,
    after: str | None = None,
) -> dict[str, Any]:
    async with context.writing() as session:
        found = await duplicates.find_duplicates(
            session,
            context.require(None),
            tuple(DuplicateKind) if kinds is None else [DuplicateKind(kind) for kind in kinds],
            first=first,
            after=after,
        )
    return {
        "groups": [
            {
                "key": group.key,
                "kind": group.kind,
                "value": group.value,
                "reason": label(context.locale, group.kind),
                "contacts": [reference(NAME, key) for key in group.contact_ids[: duplicates.SHOWN]],
                "contactCount": len(group.contact_ids),
            }
            for group in found.groups
        ],
        "end_cursor": found.cursor,
        "has_next_page": found.cursor is not None,
    }


async def dismiss(context: Context, given: Given) -> dict[str, Any]:
    ids = keys_or_none(given["ids"], NAME) if "ids" in given else None
    async with context.writing() as session:
        count = await duplicates.dismiss_duplicates(
            session, context.require(None), ids, key=given.get("key")
        )
    return {"dismissed": True, "contacts": count}


async def reconsider(context: Context, given: Given) -> dict[str, Any]:
    ids = keys_or_none(given["ids"], NAME) if "ids" in given else None
    async with context.writing() as session:
        count = await duplicates.reconsider_duplicates(
            session, context.require(None), ids, key=given.get("key")
        )
    return {"contacts": count}
