# SPDX-License-Identifier: Apache-2.0
"""Agents as the people to whom lists are assigned (X-17)."""

from collections.abc import Callable

from sqlalchemy import ColumnElement, FromClause, Select, bindparam, false, func, or_, select

from server.domain.errors import DomainError
from server.domain.permissions import Role, Viewer
from server.domain.text import clean, name_key
from server.models import ListAgent, User

Condition = Callable[[FromClause], ColumnElement[bool]]


def visible_agents(viewer: Viewer) -> Select[User]:
    """Users with the role AGENT; an agent sees only themselves."""
    agents = select(User).where(User.role == Role.AGENT)
    if viewer.role is not Role.AGENT:
        return agents
    return agents.where(User.id == bindparam("viewer_id", viewer.user_id))


def matching(text: str, viewer: Viewer) -> Condition:
    """Agents with this text in their name or full name, in any case; blank finds all."""
    try:
        key = name_key(clean(text, "search"))
    except DomainError:  # no name holds such a character, or is that long
        return lambda agents: false()
    return lambda agents: or_(
        agents.c.name_key.contains(key, autoescape=True),
        func.lower(agents.c.full_name).contains(key, autoescape=True),
    )


def active(wanted: bool, viewer: Viewer) -> Condition:
    """Agents who can sign in, or those who no longer can."""
    return lambda agents: agents.c.is_active == wanted


def assigned_to(agent_id: int, viewer: Viewer) -> Condition:
    """Lists that this agent works on."""

    def condition(lists: FromClause) -> ColumnElement[bool]:
        assigned = ListAgent.__table__.alias()
        mine = select(assigned.c.list_id).where(assigned.c.user_id == agent_id)
        return lists.c.id.in_(mine)

    return condition


def works_on(contact_list: FromClause, agent: FromClause) -> ColumnElement[bool]:
    """The relation between a list and the agents who are assigned to it."""
    assigned = ListAgent.__table__.alias()
    found = select(assigned.c.user_id).where(
        assigned.c.list_id == contact_list.c.id, assigned.c.user_id == agent.c.id
    )
    return found.correlate(contact_list, agent).exists()
