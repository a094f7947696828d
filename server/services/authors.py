# SPDX-License-Identifier: Apache-2.0
"""The names of users whom rows of other subjects refer to."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, select

from server.models import User


def name_of_user(rows: FromClause, user_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """The full name of the user whose id a column of `rows` holds; null when they have left."""
    users = User.__table__.alias()
    found = select(users.c.full_name).where(users.c.id == user_id)
    return found.correlate(rows).scalar_subquery()
