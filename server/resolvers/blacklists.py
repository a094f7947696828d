# SPDX-License-Identifier: Apache-2.0
"""Do-not-call entries: inputs onto services (C-26 to C-29)."""

from typing import Any

from server.context import Context
from server.domain.blacklists import CallMark, Media
from server.domain.errors import DomainError, ErrorCode
from server.i18n import label, refusal_message
from server.planner import global_id, key_of, reference
from server.resolvers.inputs import NO_ROW, Given, keys_or_none, take_key
from server.services.blacklists import deleting, importing, inputs, writing
from server.services.dialer import Closed

NAME = "BlacklistEntry"
DELETION = "deletion"
_SCOPES = {"contact_id": "Contact", "campaign_id": "Campaign", "list_id": "ContactList"}


def media_label(locale: str, media: str) -> str:
    return label(locale, Media(media))


def mark_label(locale: str, mark: str | None) -> str | None:
    return None if mark is None else label(locale, CallMark(mark))


def uri(_locale: str, number: str | None, email: str | None) -> str | None:
    return number or email


async def create(context: Context, given: Given) -> dict[str, Any]:
    asked = inputs.EntryInput(**_plain(given))
    async with context.writing() as session:
        row, closed = await writing.create_entry(session, context.require(None), asked)
    return _payload(row.id, closed)


async def edit(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", NAME)
    change = inputs.EntryEdit(**_plain(given))
    async with context.writing() as session:
        row, closed = await writing.edit_entry(session, context.require(None), key, change)
    return _payload(row.id, closed)


async def delete(context: Context, given: Given) -> dict[str, Any]:
    keys = keys_or_none(given["ids"], NAME)
    async with context.writing() as session:
        done = await deleting.delete_entries(session, context.require(None), keys)
    return {
        "deleted": done.count,
        "name": done.name or None,
        "deletion_id": global_id(DELETION, done.deletion_id),
    }


async def restore(context: Context, given: Given) -> dict[str, Any]:
    prefix, _, key = given["deletion_id"].partition("_")
    if prefix != DELETION or not key.isascii() or not key.isdigit() or len(key) > 18:
        raise DomainError(ErrorCode.NOT_FOUND, "deletionId")
    async with context.writing() as session:
        done = await deleting.restore_entries(session, context.require(None), int(key))
    return {"restored": done.count, "left_out": done.left_out}


async def import_text(context: Context, given: Given) -> dict[str, Any]:
    asked = importing.ImportInput(**_plain(given))
    async with context.writing() as session:
        done = await importing.import_entries(session, context.require(None), asked)
    return {
        "added": done.added,
        "failed": done.failed,
        "failures": [
            {
                "line": row.line,
                "value": row.value,
                "code": row.refusal.code,
                "message": refusal_message(context.locale, row.refusal),
            }
            for row in done.failures
        ],
    }


def _plain(given: Given) -> Given:
    """Global ids as keys; one of nothing is refused where the service looks for its row."""
    for name, entity in _SCOPES.items():
        if given.get(name) is not None:
            given[name] = key_of(given[name], entity) or NO_ROW
    if "media" in given:
        given["media"] = Media(given["media"])
    return given


def _payload(key: int, closed: Closed) -> dict[str, Any]:
    return {
        "blacklist_entry": reference(NAME, key),
        "entries_closed": closed.closed,
        "entries_in_call": closed.in_call,
    }
