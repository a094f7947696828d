# SPDX-License-Identifier: Apache-2.0
"""The filters of contacts: global ids onto the conditions of the services (C-01, C-16)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from server.context import Context
from server.domain.dialer.records import RecordState
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.domain.text import is_storable
from server.planner import key_of
from server.resolvers import fields
from server.resolvers.inputs import NO_ROW, Given, keys_or_none
from server.services import fields as field_services
from server.services.contacts import filters
from server.services.contacts.selections import ContactCriteria


def with_tags(tag_ids: Sequence[str], viewer: Viewer) -> filters.Condition:
    return filters.with_tags([key_of(tag_id, "Tag") or NO_ROW for tag_id in tag_ids])


async def are_few(
    database: filters.Reads, viewer: Viewer, moment: datetime, given: Mapping[str, Any]
) -> bool:
    after, before = given.get("createdAfter"), given.get("createdBefore")
    return await filters.are_few(database, viewer, after, before)


def added(
    moment: datetime, viewer: Viewer, given: Mapping[str, Any], are_few: bool
) -> filters.Condition:
    """`createdAfter` with or without `createdBefore`."""
    return filters.added_between(moment, given.get("createdBefore"), few=are_few)


def added_before(
    moment: datetime, viewer: Viewer, given: Mapping[str, Any], are_few: bool
) -> filters.Condition:
    """Where `createdAfter` is asked for as well, that filter says all of it."""
    if given.get("createdAfter") is not None:
        return filters.everybody
    return filters.added_between(None, moment, few=are_few)


async def is_large(
    database: filters.Reads, viewer: Viewer, campaign_id: str, given: Mapping[str, Any]
) -> bool:
    return await filters.is_large(database, viewer, key_of(campaign_id, "Campaign") or NO_ROW)


def in_campaign(
    campaign_id: str, viewer: Viewer, given: Mapping[str, Any], is_large: bool
) -> filters.Condition:
    """Where a state is asked for as well, that filter says all of it."""
    if given.get("recordState") is not None:
        return filters.everybody
    key = key_of(campaign_id, "Campaign") or NO_ROW
    return filters.in_campaign(key, viewer, walks=is_large)


def in_record_state(state: str, viewer: Viewer, given: Mapping[str, Any]) -> filters.Condition:
    """Where a campaign is named as well, in that campaign."""
    named = given.get("campaignId")
    campaign_id = None if named is None else key_of(named, "Campaign") or NO_ROW
    wanted = RecordState(str(getattr(state, "value", state)))
    return filters.in_record_state(wanted, campaign_id, viewer)


async def criteria_of(context: Context, given: Given) -> ContactCriteria:
    """A `ContactFilter` that a mutation was sent, by keys; an id of nothing matches nobody.

    Raises what a value of it is refused for, at its place (`filter.language`).
    """
    for name, value in given.items():
        if isinstance(value, str) and not is_storable(value):
            raise DomainError(ErrorCode.INVALID_CHARACTER, f"filter.{_api_name(name)}")
    keys = dict(given)
    if "fields" in keys:
        known = await field_services.definitions(context.database, context.require(None))
        asked = [{_api_name(name): value for name, value in one.items()} for one in keys["fields"]]
        keys["fields"] = tuple(fields.conditions_of(asked, known, context.require(None)))
    for name, entity in (("list_id", "ContactList"), ("campaign_id", "Campaign")):
        if name in keys:
            keys[name] = key_of(keys[name], entity) or NO_ROW
    if "tag_ids" in keys:
        keys["tag_ids"] = tuple(keys_or_none(keys["tag_ids"], "Tag"))
    return ContactCriteria(**keys)


def _api_name(name: str) -> str:
    first, *rest = name.strip("_").split("_")
    return first + "".join(map(str.capitalize, rest))
