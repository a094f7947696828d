# SPDX-License-Identifier: Apache-2.0
"""Who sees which values, and contacts found and sorted by them (C-01, C-16, C-22).

Every comparison is one of a typed column, which is leakproof and so uses its index under row-level
security. A rare value is found by that index and a common one while walking in the list's order;
PostgreSQL chooses by the statistics of the field's own values.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Select,
    and_,
    any_,
    cast,
    or_,
    select,
    true,
)

from server.domain.fields import SORT_COLUMNS, Field, FieldScope, FieldType
from server.domain.permissions import Role, Viewer
from server.models import Campaign, CampaignField, Contact, FieldValue, MasterDataField
from server.services.fields.conditions import (
    FieldCondition,
    compared_as,
    prefixes,
    sort_value,
)
from server.services.visibility import visible_campaigns, visible_contacts

Condition = Callable[[FromClause], ColumnElement[bool]]
Join = Callable[[FromClause, FromClause], ColumnElement[bool]]

LONGEST_KEY = 200
_VALUES = FieldValue.__table__
_AFTER_TEXT = "\U0010ffff"
_AFTER_DIGITS = ":"
_COMPARE: Final[Mapping[str, Callable[[Any, Any], ColumnElement[bool]]]] = {
    "lt": lambda column, value: column < value,
    "lte": lambda column, value: column <= value,
    "gt": lambda column, value: column > value,
    "gte": lambda column, value: column >= value,
}


def visible_values(viewer: Viewer) -> Select[FieldValue]:
    """Those of visible contacts and, of records, of visible campaigns."""
    values = select(FieldValue)
    if viewer.role is not Role.AGENT:
        return values
    contacts = visible_contacts(viewer).with_only_columns(Contact.id)
    return values.where(
        FieldValue.contact_id.in_(contacts), _in_sight(FieldValue.campaign_id, viewer)
    )


def given_campaign(campaign_id: int | None) -> Join:
    """The person's own values, and those of the record in a campaign where one is named."""

    def join(contacts: FromClause, values: FromClause) -> ColumnElement[bool]:
        own: ColumnElement[bool] = values.c.campaign_id.is_(None)
        return own if campaign_id is None else or_(own, values.c.campaign_id == campaign_id)

    return join


def in_records(contacts: FromClause, values: FromClause) -> ColumnElement[bool]:
    """The values that a contact has in campaigns."""
    return and_(values.c.contact_id == contacts.c.id, values.c.campaign_id.is_not(None))


def value_place(contacts: FromClause, values: FromClause) -> ColumnElement[int]:
    """Values stand in the order of their fields."""
    fields = MasterDataField.__table__.alias()
    return (
        select(fields.c.position)
        .where(fields.c.id == values.c.field_id)
        .correlate(values)
        .scalar_subquery()
    )


def is_required(contacts: FromClause, fields: FromClause) -> ColumnElement[bool]:
    """Whether a field has to be filled in at all."""
    needed: ColumnElement[bool] = fields.c.is_required
    return needed


def missing_required(campaign_id: int | None) -> Join:
    """Fields that a contact has no value of: an agent fills in the required ones (C-22).

    Those of the person, and of the record in the campaign where one is named.
    """

    def join(contacts: FromClause, fields: FromClause) -> ColumnElement[bool]:
        values, chosen = _VALUES.alias(), CampaignField.__table__.alias()
        own = fields.c.scope == FieldScope.CONTACT.value
        filled = (
            select(values.c.id)
            .where(
                values.c.contact_id == contacts.c.id,
                values.c.field_id == fields.c.id,
                or_(values.c.campaign_id.is_(None), values.c.campaign_id == (campaign_id or 0)),
            )
            .correlate(contacts, fields)
            .exists()
        )
        of_record = (
            select(chosen.c.field_id)
            .where(chosen.c.campaign_id == (campaign_id or 0), chosen.c.field_id == fields.c.id)
            .correlate(fields)
            .exists()
        )
        return and_(or_(own, of_record), ~filled)

    return join


def condition_on(asked: FieldCondition, viewer: Viewer) -> Condition:
    """The contacts whose value is as asked."""
    wanted = _comparisons(asked, viewer)

    def condition(contacts: FromClause) -> ColumnElement[bool]:
        found: list[ColumnElement[bool]] = []
        if wanted or asked.is_empty is False:
            found.append(contacts.c.id.in_(_owners(asked, viewer, wanted)))
        if asked.is_empty:
            values = _owners(asked, viewer, [])
            owner = values.selected_columns[0]
            # Not NOT IN: that would hash all values of the field before the first contact.
            found.append(~values.where(owner == contacts.c.id).correlate(contacts).exists())
        return and_(true(), *found)

    return condition


def values_of_field(
    field: Field, campaign_id: int | None, viewer: Viewer
) -> tuple[FromClause, Any, Any]:
    """The rows that contacts are sorted by: alias, sort column and condition."""
    values = _VALUES.alias("beside")
    key = values.c[field.sort_column]
    # Nothing is said of the campaign of a person's field: its index answers alone.
    wanted = and_(values.c.field_id == field.id, key.is_not(None))
    if campaign_id is not None:
        wanted = and_(wanted, values.c.campaign_id == campaign_id)
        if viewer.role is Role.AGENT:
            wanted = and_(wanted, _in_sight(values.c.campaign_id, viewer))
    return values, key, wanted


def _owners(asked: FieldCondition, viewer: Viewer, wanted: Sequence[Condition]) -> Select[int]:
    values = _VALUES.alias()
    column = values.c[SORT_COLUMNS[asked.type]]
    found = select(values.c.contact_id).where(
        values.c.field_id == asked.field_id, column.is_not(None), *(one(values) for one in wanted)
    )
    if asked.campaign_id is not None:
        found = found.where(values.c.campaign_id == asked.campaign_id)
    if viewer.role is Role.AGENT:
        found = found.where(_in_sight(values.c.campaign_id, viewer))
    return found


def _in_sight(campaign_id: Any, viewer: Viewer) -> ColumnElement[bool]:
    mine = visible_campaigns(viewer).with_only_columns(Campaign.id)
    return or_(campaign_id.is_(None), campaign_id.in_(mine))


def _comparisons(asked: FieldCondition, viewer: Viewer) -> list[Condition]:
    """What is asked as conditions on the value's column."""
    name = SORT_COLUMNS[asked.type]
    field = Field(name="", display_name="", type=asked.type)
    found: list[Condition] = []

    def key_of(text: str) -> object:
        return sort_value(compared_as(field), text, "fields", viewer)

    if asked.eq is not None:
        key = key_of(asked.eq)
        found.append(lambda values: values.c[name] == key)
        if isinstance(key, str) and len(key) == LONGEST_KEY:
            text = asked.eq.strip()
            found.append(lambda values: values.c.text_value == text)
    if asked.any_of is not None:
        keys = [key_of(text) for text in asked.any_of]
        found.append(lambda values: values.c[name] == any_(cast(keys, ARRAY(values.c[name].type))))
    for operator, compare in _COMPARE.items():
        given = getattr(asked, operator)
        if given is not None:
            found.append(_compared(name, compare, key_of(given)))
    if asked.starts_with is not None:
        begun = prefixes(field, asked.starts_with, "fields", viewer)
        after = _AFTER_DIGITS if asked.type is FieldType.PHONE else _AFTER_TEXT
        found.append(
            lambda values: or_(
                *(
                    and_(values.c.text_key >= prefix, values.c.text_key < prefix + after)
                    for prefix in begun
                )
            )
        )
    return found


def _compared(
    name: str, compare: Callable[[Any, Any], ColumnElement[bool]], bound: object
) -> Condition:
    return lambda values: compare(values.c[name], bound)
