# SPDX-License-Identifier: Apache-2.0
"""Merging contacts: previews as the API shows them, inputs onto services (X-25 to X-28)."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry import ID

from server.context import Context
from server.domain.merging import (
    ChangeSince,
    MergeConflict,
    MergedField,
    MergedPhone,
    MergedWord,
    MergeState,
)
from server.i18n import label
from server.planner import global_id, key_of, reference
from server.resolvers.contact_merge_labels import conflict_message, field_label
from server.resolvers.contact_trash import left_out
from server.resolvers.inputs import NO_ROW, Given, keys_or_none, take_key
from server.services.contacts import merging
from server.services.contacts.snapshots import full_name
from server.services.dialer.merging import JoinedStay

NAME = "Contact"


def contact_id(_: str, key: int) -> str:
    return global_id("contact", key)


def people(_: str, stored: str | None) -> list[dict[str, Any]]:
    return [
        {
            "contactId": global_id("contact", key),
            "name": full_name({"first_name": first, "last_name": last}),
            "phone": phone,
            "isMaster": place == 0,
        }
        for place, (key, first, last, phone) in enumerate(orjson.loads(stored or "[]"))
    ]


async def preview(
    context: Context, ids: list[ID], master_id: ID | None, choices: Sequence[Given]
) -> dict[str, Any]:
    master = None if master_id is None else keys_or_none([master_id], NAME)[0]
    async with context.writing() as session:
        found = await merging.preview_merge(
            session, context.require(None), keys_or_none(ids, NAME), master, _choices(choices)
        )
    plan, locale = found.plan, context.locale
    shown = [
        value
        for value in plan.values
        if value.campaign_id is None or value.campaign_id in found.campaigns
    ]
    phones = [(phone, True) for phone in (plan.primary,) if phone is not None]
    phones += [(phone, False) for phone in plan.additional]
    fields = [one for one in plan.fields if any(v is not None for v in one.values.values())]
    return {
        "preview": {
            "masterId": global_id("contact", plan.master_id),
            "name": found.name,
            "contacts": [reference(NAME, key) for key in plan.contact_ids],
            "fields": [
                *(_field(one, field_label(locale, one.name)) for one in fields),
                *(
                    _field(
                        one,
                        found.fields[one.field_id].display_name,
                        type=found.fields[one.field_id].type.value,
                        campaign=found.campaigns.get(one.campaign_id or NO_ROW),
                        values={key: found.text_of(row) for key, row in one.values.items()},
                    )
                    for one in shown
                ),
            ],
            "phones": [_phone(found, phone, is_primary) for phone, is_primary in phones],
            "tags": [_word(word, "tag") for word in plan.tags],
            "lists": [_word(word, "list") for word in plan.lists if word.id in found.lists],
            "entries": [_entry(locale, stay, found.campaigns) for stay in found.stays],
            "conflicts": [_conflict(context.locale, found, one) for one in found.conflicts],
            "canMerge": found.is_possible,
            "fingerprint": found.fingerprint,
        }
    }


async def merge(context: Context, given: Given) -> dict[str, Any]:
    [master] = keys_or_none([given["master_id"]], NAME)
    async with context.writing() as session:
        merged = await merging.merge_contacts(
            session,
            context.require(None),
            keys_or_none(given["ids"], NAME),
            master,
            seen=given["fingerprint"],
            choices=_choices(given.get("choices", [])),
        )
    return {
        "contact": reference(NAME, merged.contact_id),
        "merge": reference("ContactMerge", merged.merge_id),
    }


def _choices(given: Sequence[Given]) -> dict[str, int]:
    """By field whose value is taken."""
    return {one["field"]: keys_or_none([one["contact_id"]], NAME)[0] for one in given}


async def undo_preview(context: Context, merge_id: ID) -> dict[str, Any]:
    key = key_of(merge_id, "ContactMerge") or NO_ROW
    async with context.writing() as session:
        changes = await merging.changes_since_merge(session, context.require(None), key)
        return {"changes": await _changes(session, context.locale, changes)}


async def undo(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "merge_id", "ContactMerge", "mergeId")
    async with context.writing() as session:
        undone = await merging.undo_merge(session, context.require(None), key)
        changes = await _changes(session, context.locale, undone.changes)
    return {
        "contacts": [reference(NAME, key) for key in undone.contact_ids],
        "changes": changes,
        "left_out": left_out(context.locale, undone.left_out),
    }


async def _changes(
    session: AsyncSession, locale: str, changes: Sequence[ChangeSince]
) -> list[dict[str, Any]]:
    shown = await merging.shown_changes(session, changes)
    return [
        {
            "field": one.field,
            "label": one.label or field_label(locale, one.field),
            "merged": one.merged,
            "now": one.now,
            "outcome": one.outcome,
            "outcomeLabel": label(locale, one.outcome),
        }
        for one in shown
    ]


def state_label(locale: str, state: str) -> str:
    return label(locale, MergeState(state))


def is_undoable(_: str, state: str) -> bool:
    return state == MergeState.UNDOABLE


TYPES = {"priority": "NUMBER", "scheduledAt": "DATETIME", "phone": "PHONE", "email": "EMAIL"}


def _field(
    one: MergedField,
    name: str,
    *,
    type: str | None = None,
    campaign: str | None = None,
    values: dict[int, str | None] | None = None,
) -> dict[str, Any]:
    shown = (
        {key: None if value is None else str(value) for key, value in one.values.items()}
        if values is None
        else values
    )
    return {
        "field": one.name,
        "label": name,
        "type": type or TYPES.get(one.name, "TEXT"),
        "campaignName": campaign,
        "differs": one.differs,
        "chosenId": global_id("contact", one.chosen),
        "values": [
            {"contactId": global_id("contact", key), "value": value} for key, value in shown.items()
        ],
    }


def _phone(found: merging.MergePreview, phone: MergedPhone, is_primary: bool) -> dict[str, Any]:
    kind = found.types.get(phone.item_type_id or NO_ROW)
    return {
        "number": phone.number,
        "isPrimary": is_primary,
        "itemTypeId": kind and global_id("type", kind.id),
        "itemTypeName": kind and kind.name,
        "itemTypeColor": kind and kind.color,
        "description": phone.description,
        "state": phone.state,
        "ownerIds": _ids(phone.owners),
        "otherTypes": phone.other_types,
        "otherDescriptions": phone.other_descriptions,
        "isBlacklisted": phone.number in found.blacklisted,
    }


def _word(word: MergedWord, prefix: str) -> dict[str, Any]:
    return {"id": global_id(prefix, word.id), "name": word.name, "ownerIds": _ids(word.owners)}


def _entry(locale: str, stay: JoinedStay, names: Any) -> dict[str, Any]:
    entry = stay.survivor.entry
    return {
        "campaignId": global_id("campaign", stay.campaign.id),
        "campaignName": names[stay.campaign.id],
        "effect": stay.effect,
        "effectLabel": label(locale, stay.effect),
        "ownerIds": _ids(stay.contact_ids),
        "survivorId": global_id("contact", stay.owner_id),
        "state": entry.state,
        "stateLabel": label(locale, entry.state),
        "round": entry.round,
        "scheduledAt": entry.scheduled_at,
        "totalAttempts": entry.total_attempts,
        "nextNumber": entry.phone.number if stay.final is None else None,
    }


def _conflict(locale: str, found: merging.MergePreview, conflict: MergeConflict) -> dict[str, Any]:
    phones = {phone.number: phone for phone in found.plan.additional}
    if found.plan.primary is not None:
        phones[found.plan.primary.number] = found.plan.primary
    return {
        "kind": conflict.kind,
        "message": conflict_message(locale, conflict, phones),
        "contactIds": _ids(conflict.contact_ids),
        "number": conflict.number,
        "isBlocking": conflict.is_blocking,
    }


def _ids(keys: Sequence[int]) -> list[str]:
    return [global_id("contact", key) for key in keys]
