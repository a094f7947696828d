# SPDX-License-Identifier: Apache-2.0
"""What do-not-call entries say of a number or a person, shown wherever these are."""

from sqlalchemy import ColumnElement, FromClause, and_, case, func, select

from server.domain.blacklists import CallMark
from server.models import BlacklistEntry


def mark_of_phone(contacts: FromClause) -> ColumnElement[str]:
    """Of a contact's primary number; null where no entry names it."""
    return _mark_of_number(contacts, contacts.c.phone)


def mark_of_number(rows: FromClause) -> ColumnElement[str]:
    """Of the column `number` of any table of a tenant."""
    return _mark_of_number(rows, rows.c.number)


def mark_of_person(contacts: FromClause) -> ColumnElement[str]:
    """Of the person, whatever their numbers are."""
    entries = BlacklistEntry.__table__.alias()
    return _strictest(entries, contacts, entries.c.contact_id == contacts.c.id)


def _mark_of_number(rows: FromClause, number: ColumnElement[str]) -> ColumnElement[str]:
    entries = BlacklistEntry.__table__.alias()
    named = and_(
        entries.c.tenant_id == rows.c.tenant_id,
        entries.c.media == "PHONE",
        entries.c.number == number,
    )
    return _strictest(entries, rows, named)


def _strictest(
    entries: FromClause, rows: FromClause, named: ColumnElement[bool]
) -> ColumnElement[str]:
    is_everybody = func.num_nonnulls(entries.c.campaign_id, entries.c.list_id) == 0
    mark = case(
        (~is_everybody, CallMark.IN_PLACES.value),
        (entries.c.is_opt_out, CallMark.OPT_OUT.value),
        (entries.c.is_everywhere, CallMark.EVERYWHERE.value),
        else_=CallMark.AUTOMATIC.value,
    )
    found = select(mark).where(named).correlate(rows)
    strictest = (is_everybody.desc(), entries.c.is_everywhere.desc(), entries.c.is_opt_out.desc())
    return found.order_by(*strictest).limit(1).scalar_subquery()
