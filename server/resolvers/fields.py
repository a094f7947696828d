# SPDX-License-Identifier: Apache-2.0
"""Master data fields: inputs onto services, values as text, filters and sorts by them (C-22)."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import strawberry
from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from sqlalchemy import ColumnElement, FromClause, and_

from server.context import Context
from server.domain.errors import DomainError, ErrorCode
from server.domain.fields import Field, FieldScope, FieldType, Value, written
from server.domain.permissions import Viewer
from server.i18n import N_, label, refusal_message, translate
from server.planner import BadArgumentError, Beside, key_of, reference
from server.resolvers.inputs import NO_ROW, Given, keys_or_none, take_key
from server.services import fields
from server.services.contacts import ValueInput

NAME = "MasterDataField"
MOST_CONDITIONS = 20
IN_CAMPAIGN: dict[str, tuple[object, object]] = {"campaignId": (strawberry.ID | None, None)}
EUROPE = "150"  # CLDR's code; English as Europe writes it puts the day first


def type_label(locale: str, kind: str) -> str:
    return label(locale, FieldType(kind))


def scope_label(locale: str, scope: str) -> str:
    return label(locale, FieldScope(scope))


def text_of(_: str, *parts: Any) -> str:
    """A value as an input takes it: `parts` are text, number, date, instant and boolean."""
    text, number, day, instant, truth = parts
    value = Value(text=text, number=number, day=day, instant=instant, truth=truth)
    return written(FieldType.TEXT if text is not None else FieldType.NUMBER, value)


def display_of(locale: str, *parts: Any) -> str:
    """A value as the reader writes it; an instant in UTC, which says so."""
    text, number, day, instant, truth = parts
    conventions = _conventions(locale)
    if text is not None:
        return str(text)
    if number is not None:
        return format_decimal(number, locale=conventions, decimal_quantization=False)
    if isinstance(day, date):
        return format_date(day, "medium", locale=conventions)
    if isinstance(instant, datetime):
        told = format_datetime(instant.astimezone(UTC), "medium", locale=conventions)
        return f"{told} UTC"
    return translate(locale, N_("Yes") if truth else N_("No"))


@lru_cache(maxsize=16)
def _conventions(locale: str) -> Locale:
    return Locale.parse(f"{locale}_{EUROPE}" if locale == "en" else locale)


async def create(context: Context, given: Given) -> dict[str, Any]:
    async with context.writing() as session:
        row = await fields.create_field(session, context.require(None), fields.FieldInput(**given))
    return {"master_data_field": reference(NAME, row.id)}


async def edit(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", NAME)
    async with context.writing() as session:
        row = await fields.edit_field(
            session, context.require(None), key, fields.FieldEdit(**given)
        )
    return {"master_data_field": reference(NAME, row.id)}


async def reorder(context: Context, given: Given) -> dict[str, Any]:
    keys = keys_or_none(given["ids"], NAME)
    async with context.writing() as session:
        rows = await fields.reorder_fields(session, context.require(None), keys)
    return {"master_data_fields": [reference(NAME, row.id) for row in rows]}


async def delete(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", NAME)
    with _told_lost():
        async with context.writing() as session:
            gone = await fields.delete_field(session, context.require(None), key, **given)
    return {
        "deleted": True,
        "name": gone.name,
        "values_lost": gone.values_lost,
        "deleted_field": reference("DeletedField", gone.trashed_id),
    }


async def restore(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", "DeletedField")
    async with context.writing() as session:
        row, count = await fields.restore_field(session, context.require(None), key)
    return {"master_data_field": reference(NAME, row.id), "values_restored": count}


async def set_structure(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "campaign_id", "Campaign", "campaignId")
    field_ids = keys_or_none(given.pop("field_ids"), NAME)
    with _told_lost():
        async with context.writing() as session:
            lost = await fields.set_record_structure(
                session, context.require(None), key, field_ids, **given
            )
    return {"campaign": reference("Campaign", key), "values_lost": lost}


@contextmanager
def _told_lost() -> Iterator[None]:
    """A refusal for another number of values than was confirmed brings the one of now."""
    try:
        yield
    except DomainError as refusal:
        if "lost" in refusal.params:
            refusal.payload = {"values_lost": refusal.params["lost"]}
        raise


def given_values(values: Sequence[Given]) -> list[ValueInput]:
    """The values of a contact's input by keys; an id of nothing is refused at its place."""
    found = []
    for given in values:
        one = dict(given)
        [one["field_id"]] = keys_or_none([one["field_id"]], NAME)
        if one.get("campaign_id") is not None:
            [one["campaign_id"]] = keys_or_none([one["campaign_id"]], "Campaign")
        found.append(ValueInput(**one))
    return found


def of_campaign(arguments: Mapping[str, Any], viewer: Viewer) -> fields.Join:
    """`Contact.values(campaignId:)`."""
    return fields.given_campaign(_campaign(arguments))


def missing_in(arguments: Mapping[str, Any], viewer: Viewer) -> fields.Join:
    """`Contact.missingRequired(campaignId:)`."""
    return fields.missing_required(_campaign(arguments))


def _campaign(arguments: Mapping[str, Any]) -> int | None:
    given = arguments.get("campaignId")
    return None if given is None else key_of(given, "Campaign") or NO_ROW


def matching(given: Any, viewer: Viewer, known: fields.Definitions) -> fields.Condition:
    """`ContactFilter.fields`: every condition holds."""
    try:
        asked = conditions_of(list(given), known, viewer)
    except DomainError as refusal:
        told = refusal_message(viewer.locale, refusal)
        raise BadArgumentError(told, refusal.code, field=refusal.field) from None
    conditions = [fields.condition_on(one, viewer) for one in asked]

    def condition(contacts: FromClause) -> ColumnElement[bool]:
        return and_(*(one(contacts) for one in conditions))

    return condition


def conditions_of(
    given: Sequence[Mapping[str, Any]], known: fields.Definitions, viewer: Viewer
) -> list[fields.FieldCondition]:
    """Conditions as the API has them, with the types of their fields.

    Raises BadArgumentError for an id that is no field; for what the field cannot be asked what a
    form tells of it, at its place (`filter.fields.0.eq`).
    """
    if not 0 < len(given) <= MOST_CONDITIONS:
        raise BadArgumentError(
            f"'fields' takes 1 to {MOST_CONDITIONS} conditions.", ErrorCode.OUT_OF_RANGE
        )
    return [
        _condition(one, known, f"filter.fields.{place}", viewer) for place, one in enumerate(given)
    ]


def _condition(
    given: Mapping[str, Any], known: fields.Definitions, path: str, viewer: Viewer
) -> fields.FieldCondition:
    field = _known(given["fieldId"], known, "fields")
    campaign = given.get("campaignId")
    names = ("eq", "lt", "lte", "gt", "gte")
    asked: dict[str, Any] = {name: given.get(name) for name in names}
    any_of = given.get("in")
    found = fields.FieldCondition(
        field_id=field.id,
        type=field.type,
        campaign_id=None if campaign is None else key_of(campaign, "Campaign") or NO_ROW,
        any_of=None if any_of is None else tuple(any_of),
        starts_with=given.get("startsWith"),
        is_empty=given.get("isEmpty"),
        **asked,
    )
    fields.check_condition(found, field, path, viewer)
    return found


def beside(given: Any, viewer: Viewer, known: fields.Definitions) -> Beside:
    """`contacts(fieldSort:)`: the values of one field, of one campaign where it is of records."""
    field = _known(given["fieldId"], known, "fieldSort")
    campaign = given.get("campaignId")
    if (field.scope is FieldScope.RECORD) != (campaign is not None):
        raise BadArgumentError(
            "'fieldSort' takes a 'campaignId' with a field of records, and with no other."
        )
    campaign_id = None if campaign is None else key_of(campaign, "Campaign") or NO_ROW
    rows, key, where = fields.values_of_field(field, campaign_id, viewer)
    return Beside(rows=rows, owner=rows.c.contact_id, key=key, where=where)


def _known(field_id: str, known: fields.Definitions, argument: str) -> Field:
    field = known.get(key_of(field_id, NAME) or NO_ROW)
    if field is None:
        raise BadArgumentError(
            f"'{argument}' names a field that there is not.", ErrorCode.NOT_FOUND
        )
    return field
