# SPDX-License-Identifier: Apache-2.0
"""Contacts: inputs onto services (X-11 to X-17)."""

from collections.abc import Mapping
from typing import Any

from server.context import Context
from server.domain.contacts import PhoneState
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Permission, Viewer
from server.i18n import label
from server.planner import key_of, reference
from server.resolvers.fields import given_values
from server.resolvers.inputs import NO_ROW, Given, keys_or_none, take_key
from server.services import contacts

NAME = "Contact"


def full_name(locale: str, first_name: str, last_name: str) -> str:
    return f"{first_name} {last_name}".strip()


def matching(text: str, viewer: Viewer, given: Mapping[str, Any]) -> Any:
    """A search; where a list or a campaign is named as well, inside of it."""
    named = {
        parameter: key_of(given[name], entity) or NO_ROW
        for name, parameter, entity in (
            ("listId", "list_id", "ContactList"),
            ("campaignId", "campaign_id", "Campaign"),
        )
        if given.get(name) is not None
    }
    return contacts.matching(text, viewer, **named)


def phone_state_label(locale: str, state: str) -> str:
    return label(locale, PhoneState(state))


async def create(context: Context, given: Given) -> dict[str, Any]:
    _resolve_ids(context, given)
    async with context.writing() as session:
        row = await contacts.create_contact(
            session, context.require(None), contacts.ContactInput(**given)
        )
    return {"contact": reference(NAME, row.id)}


async def edit(context: Context, given: Given) -> dict[str, Any]:
    key, viewer = take_key(given, "id", NAME), context.require(None)
    _resolve_ids(context, given)
    try:
        async with context.writing() as session:
            row = await contacts.edit_contact(session, viewer, key, contacts.ContactEdit(**given))
    except DomainError as refusal:
        if refusal.code is ErrorCode.CONFLICT:
            refusal.payload = await _as_it_stands(context, key, given["version"])
        raise
    return {"contact": reference(NAME, row.id)}


async def _as_it_stands(context: Context, key: int, version: int) -> dict[str, Any]:
    """What the second of two writers needs to choose: the contact, and who changed what since."""
    async with context.writing() as session:
        changes = await contacts.changes_since(session, key, version)
    return {"contact": reference(NAME, key), "changes": changes}


async def delete(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", NAME)
    async with context.writing() as session:
        gone = await contacts.delete_contact(session, context.require(None), key, **given)
    return {
        "deleted": True,
        "name": gone.name,
        "trashed_until": gone.trashed_until,
        "entries_closed": gone.entries_closed,
    }


def _resolve_ids(context: Context, given: Given) -> None:
    """Global ids as keys; who may not see lists may not name any either."""
    if "list_ids" in given:
        context.require(Permission.LISTS_VIEW)
        given["list_ids"] = keys_or_none(given["list_ids"], "ContactList")
    if "campaign_id" in given:
        context.require(Permission.CAMPAIGNS_VIEW)
        [given["campaign_id"]] = keys_or_none([given["campaign_id"]], "Campaign")
    if "values" in given:
        given["values"] = given_values(given["values"])
    if "additional_phones" in given:
        given["additional_phones"] = [_phone(phone) for phone in given["additional_phones"]]


def _phone(given: Given) -> contacts.PhoneInput:
    for name, entity in (("id", "AdditionalPhone"), ("item_type_id", "ContactItemType")):
        if name in given:
            [given[name]] = keys_or_none([given[name]], entity)
    return contacts.PhoneInput(**given)
