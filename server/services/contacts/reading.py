# SPDX-License-Identifier: Apache-2.0
"""Conditions and counts on contacts that need no search."""

from collections.abc import Callable

from sqlalchemy import ColumnElement, FromClause, func, select

from server.domain.permissions import Viewer
from server.models import AdditionalPhone, ListMember


def on_list(list_id: int, viewer: Viewer) -> Callable[[FromClause], ColumnElement[bool]]:
    """The contacts that stand on the list."""

    def condition(contacts: FromClause) -> ColumnElement[bool]:
        members = ListMember.__table__.alias()
        return contacts.c.id.in_(select(members.c.contact_id).where(members.c.list_id == list_id))

    return condition


def additional_phone_count(contacts: FromClause) -> ColumnElement[int]:
    """How many numbers a contact has besides the primary one."""
    phones = AdditionalPhone.__table__.alias()
    return (
        select(func.count())
        .select_from(phones)
        .where(phones.c.contact_id == contacts.c.id)
        .scalar_subquery()
    )
