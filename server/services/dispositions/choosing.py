# SPDX-License-Identifier: Apache-2.0
"""Which dispositions a call of a campaign can get: the centre's and the campaign's own."""

from collections.abc import Callable

from sqlalchemy import ColumnElement, FromClause, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.dispositions import LEVELS
from server.domain.permissions import Role, Viewer
from server.models import Campaign, Disposition
from server.services.visibility import visible_campaigns

Condition = Callable[[FromClause], ColumnElement[bool]]


def visible_dispositions(viewer: Viewer) -> Select[Disposition]:
    """An agent's: the centre's, and those of their campaigns."""
    dispositions = select(Disposition)
    if viewer.role is not Role.AGENT:
        return dispositions
    mine = visible_campaigns(viewer).with_only_columns(Campaign.id)
    return dispositions.where(
        or_(Disposition.campaign_id.is_(None), Disposition.campaign_id.in_(mine))
    )


def chosen_in(campaign_id: int, viewer: Viewer) -> Condition:
    """Those that a call of this campaign can get."""
    return lambda rows: rows.c.campaign_id.is_(None) | (rows.c.campaign_id == campaign_id)


def of_centre(wanted: bool, viewer: Viewer) -> Condition:
    """The centre's, for all campaigns; or those of campaigns only."""
    return lambda rows: rows.c.campaign_id.is_(None) == wanted


def at_top(wanted: bool, viewer: Viewer) -> Condition:
    """The first level, or those beneath."""
    return lambda rows: rows.c.parent_id.is_(None) == wanted


def path_name(rows: FromClause) -> ColumnElement[str]:
    """The names from the first level down to this one, as an attempt stores them."""
    parents, grand = Disposition.__table__.alias(), Disposition.__table__.alias()
    above = (
        select(func.concat_ws(" / ", grand.c.name, parents.c.name))
        .select_from(parents.outerjoin(grand, grand.c.id == parents.c.parent_id))
        .where(parents.c.id == rows.c.parent_id)
        .correlate(rows)
        .scalar_subquery()
    )
    return func.concat_ws(" / ", above, rows.c.name)


async def path_of(session: AsyncSession, row: Disposition) -> list[Disposition]:
    """From the first level down to this one."""
    path = [row]
    while path[0].parent_id is not None and len(path) < LEVELS:
        path.insert(0, await session.get_one(Disposition, path[0].parent_id))
    return path
