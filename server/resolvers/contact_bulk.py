# SPDX-License-Identifier: Apache-2.0
"""Changes of many contacts: inputs onto services (D4)."""

from collections.abc import Awaitable, Callable
from typing import Any

from server.context import Context
from server.domain.bulk import BulkAction
from server.planner import global_id, key_of, reference
from server.resolvers.contact_filters import criteria_of
from server.resolvers.contact_trash import left_out, skipped
from server.resolvers.inputs import NO_ROW, Given, keys_or_none
from server.services.contacts import bulk


def changing(action: BulkAction) -> Callable[[Context, Given], Awaitable[dict[str, Any]]]:
    """The resolver of the mutation that does this."""

    async def change(context: Context, given: Given) -> dict[str, Any]:
        asked = bulk.BulkInput(
            action=action,
            list_id=key_of(given.get("list_id", ""), "ContactList") or NO_ROW,
            tags=given.get("tags", ()),
            priority=given.get("priority"),
        )
        done = await _change(context, given, asked)
        return {
            "matched": done.matched,
            "done": done.changed.done,
            "unchanged": done.changed.unchanged,
            "skipped": skipped(context.locale, done.changed.skipped),
            **_process(done),
        }

    return change


async def restore(context: Context, given: Given) -> dict[str, Any]:
    done = await _change(context, given, bulk.BulkInput(action=BulkAction.RESTORE))
    return {
        "restored": done.changed.done,
        "contacts": [reference("Contact", key) for key in done.changed.contact_ids],
        "left_out": left_out(context.locale, done.changed.left_out),
        **_process(done),
    }


async def _change(context: Context, given: Given, asked: bulk.BulkInput) -> bulk.BulkDone:
    selection = bulk.Selection(
        ids=keys_or_none(given["ids"], "Contact") if "ids" in given else None,
        criteria=await criteria_of(context, given["filter"]) if "filter" in given else None,
        process_id=key_of(given["process_id"], "Process") or NO_ROW
        if "process_id" in given
        else None,
        count=given.get("count"),
    )
    async with context.writing() as session:
        return await bulk.change_contacts(session, context.require(None), selection, asked)


def _process(done: bulk.BulkDone) -> dict[str, Any]:
    if done.process_id is None:
        return {}
    key = done.process_id
    return {"process_id": global_id("process", key), "process": reference("Process", key)}
