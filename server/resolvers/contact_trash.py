# SPDX-License-Identifier: Apache-2.0
"""The trash of contacts: inputs onto services (D4)."""

from typing import Any

from strawberry import ID

from server.context import Context
from server.i18n import label, refusal_message
from server.planner import global_id, key_of
from server.resolvers.inputs import NO_ROW, Given, keys_or_none
from server.services import contacts
from server.services.contacts import deleted
from server.services.contacts.restoring import LeftOut
from server.services.contacts.trash import Skipped

NAME = "Contact"


def contact_id(_: str, key: int) -> str:
    return global_id("contact", key)


async def whereabouts(context: Context, id: ID) -> dict[str, Any]:
    async with context.writing() as session:
        found = await deleted.find_whereabouts(
            session, context.require(None), key_of(id, NAME) or NO_ROW
        )
    return {
        "place": found.place,
        "contactId": found.contact_id and global_id("contact", found.contact_id),
        "name": found.name,
        "at": found.at,
        "byName": found.by_name,
        "daysLeft": found.days_left,
        "mergeId": found.merge_id and global_id("merge", found.merge_id),
    }


async def purge(context: Context, given: Given) -> dict[str, Any]:
    keys = keys_or_none(given["ids"], NAME)
    async with context.writing() as session:
        count = await contacts.purge_contacts(
            session, context.require(None), keys, count=given["count"]
        )
    return {"purged": count}


def left_out(locale: str, rows: list[LeftOut]) -> list[dict[str, Any]]:
    return [
        {
            "contactId": global_id("contact", row.contact_id),
            "kind": row.kind,
            "name": row.name,
            "message": label(locale, row.kind),
        }
        for row in rows
    ]


def skipped(locale: str, rows: list[Skipped]) -> list[dict[str, Any]]:
    return [
        {
            "contactId": global_id("contact", row.contact_id),
            "name": row.name,
            "code": row.refusal.code,
            "message": refusal_message(locale, row.refusal),
        }
        for row in rows
    ]
