# SPDX-License-Identifier: Apache-2.0
"""Which users a list shows, and what is shown of them from elsewhere."""

from collections.abc import Callable

from sqlalchemy import ColumnElement, FromClause, false, func, select

from server.domain.errors import DomainError
from server.domain.permissions import Role, Viewer
from server.domain.text import clean, name_key
from server.models import Profile

Condition = Callable[[FromClause], ColumnElement[bool]]


def matching(text: str, viewer: Viewer) -> Condition:
    """The text stands in the log-in name or in the full name, whatever its case."""
    try:
        key = name_key(clean(text, "search"))
    except DomainError:
        return lambda users: false()
    return lambda users: (
        users.c.name_key.contains(key, autoescape=True)
        | func.lower(users.c.full_name).contains(key, autoescape=True)
    )


def of_role(role: Role, viewer: Viewer) -> Condition:
    return lambda users: users.c.role == str(getattr(role, "value", role))


def being_active(is_active: bool, viewer: Viewer) -> Condition:
    return lambda users: users.c.is_active == is_active


def of_profile(profile_id: int, viewer: Viewer) -> Condition:
    return lambda users: users.c.profile_id == profile_id


def profile_name(users: FromClause) -> ColumnElement[str]:
    """The name of the profile, or null."""
    profiles = Profile.__table__.alias()
    return (
        select(profiles.c.name)
        .where(profiles.c.id == users.c.profile_id)
        .correlate(users)
        .scalar_subquery()
    )
