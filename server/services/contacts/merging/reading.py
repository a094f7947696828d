# SPDX-License-Identifier: Apache-2.0
"""The merges that were made: who sees them, which contacts they made one, which can be undone."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Text,
    case,
    cast,
    func,
    literal,
    or_,
    select,
)

from server.domain.merging import MergeState
from server.domain.permissions import Role, Viewer
from server.models import Contact, ContactMerge, MergedContact, TrashedContact
from server.services.visibility import visible_contacts

Condition = Callable[[FromClause], ColumnElement[bool]]


def visible_merges(viewer: Viewer) -> Select[ContactMerge]:
    """All of the centre; an agent's are those into contacts that they see (X-17)."""
    merges = select(ContactMerge)
    if viewer.role is not Role.AGENT:
        return merges
    mine = visible_contacts(viewer).with_only_columns(Contact.id)
    return merges.where(ContactMerge.master_id.in_(mine))


def of_contact(contact_id: int, viewer: Viewer) -> Condition:
    """Merges that the contact is the master of, or became part of another in."""

    def condition(merges: FromClause) -> ColumnElement[bool]:
        gone = MergedContact.__table__.alias()
        away = select(gone.c.merge_id).where(gone.c.contact_id == contact_id)
        return or_(merges.c.master_id == contact_id, merges.c.id.in_(away))

    return condition


def merged_people(merges: FromClause) -> ColumnElement[str]:
    """`[[id, first name, last name, phone], …]` as text, the master first."""
    documents = func.jsonb_array_elements(merges.c.before).table_valued(
        "value", with_ordinality="place"
    )
    contact: Any = documents.c.value.op("->")("contact")
    columns = ("id", "first_name", "last_name", "phone")
    row = func.jsonb_build_array(*(contact.op("->")(name) for name in columns))
    people = select(cast(func.jsonb_agg(row), Text)).select_from(documents)
    found: ColumnElement[str] = people.correlate(merges).scalar_subquery()
    return found


def state_of(merges: FromClause) -> ColumnElement[str]:
    """A `MergeState`: whether it can be undone, and if not, why."""
    later = ContactMerge.__table__.alias()
    masters = Contact.__table__.alias()
    away = MergedContact.__table__.alias()
    deleted = TrashedContact.__table__.alias()
    followed = select(later.c.id).where(
        later.c.master_id == merges.c.master_id,
        later.c.id > merges.c.id,
        later.c.undone_at.is_(None),
    )
    became_part = select(away.c.merge_id).where(away.c.contact_id == merges.c.master_id)
    there = select(masters.c.id).where(masters.c.id == merges.c.master_id)
    trashed = select(deleted.c.id).where(deleted.c.contact_id == merges.c.master_id)
    reasons: tuple[tuple[ColumnElement[bool], MergeState], ...] = (
        (merges.c.undone_at.is_not(None), MergeState.UNDONE),
        (merges.c.expires_at <= func.clock_timestamp(), MergeState.EXPIRED),
        (or_(_exists(followed, merges), _exists(became_part, merges)), MergeState.FOLLOWED),
        (_exists(there, merges), MergeState.UNDOABLE),
        (_exists(trashed, merges), MergeState.TRASHED),
    )
    return case(
        *((condition, literal(state.value)) for condition, state in reasons),
        else_=literal(MergeState.GONE.value),
    )


def _exists(found: Select[int], merges: FromClause) -> ColumnElement[bool]:
    return found.correlate(merges).exists()
