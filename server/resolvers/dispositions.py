# SPDX-License-Identifier: Apache-2.0
"""Dispositions: inputs onto services, and the words that a centre begins with."""

from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from server.context import Context
from server.domain.dispositions import DispositionAction
from server.domain.permissions import Viewer
from server.i18n import N_, label, translate
from server.planner import reference
from server.resolvers.inputs import Given, keys_or_none, take_key
from server.resolvers.tasks import callback_given, warnings
from server.services import dispositions
from server.services.dispositions import DispositionEdit, DispositionInput
from server.services.tasks import CallbackInput

NAME = "Disposition"
# The names of `domain.dispositions.DEFAULTS`, for the catalogs.
DEFAULT_NAMES = (
    N_("Success"),
    N_("Sale"),
    N_("Appointment"),
    N_("Information given"),
    N_("Call back"),
    N_("Call back, any agent"),
    N_("Not interested"),
    N_("Too expensive"),
    N_("Has another supplier"),
    N_("No need"),
    N_("Wrong person"),
    N_("Wrong number"),
    N_("Does not want to be called"),
)


def action_label(locale: str, action: str) -> str:
    return label(locale, DispositionAction(action))


async def seed(session: AsyncSession, viewer: Viewer, locale: str) -> None:
    """A centre that has none begins with the defaults, in the words of who makes a campaign."""
    await dispositions.seed_dispositions(session, viewer, partial(translate, locale))


async def create(context: Context, given: Given) -> dict[str, Any]:
    _keys(given)
    async with context.writing() as session:
        row = await dispositions.create_disposition(
            session, context.require(None), DispositionInput(**given)
        )
    return {"disposition": reference(NAME, row.id)}


async def edit(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", NAME)
    async with context.writing() as session:
        row = await dispositions.edit_disposition(
            session, context.require(None), key, DispositionEdit(**given)
        )
    return {"disposition": reference(NAME, row.id)}


async def delete(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", NAME)
    async with context.writing() as session:
        deleted = await dispositions.delete_disposition(
            session, context.require(None), key, **given
        )
    return {"deleted": True, "name": deleted.name, "beneath": deleted.beneath}


async def dispose(context: Context, given: Given) -> dict[str, Any]:
    attempt = take_key(given, "attempt_id", "CallAttempt", "attemptId")
    key = take_key(given, "disposition_id", NAME, "dispositionId")
    if "callback" in given:
        given["callback"] = CallbackInput(**{"at": "", **callback_given(given["callback"])})
    async with context.writing() as session:
        done = await dispositions.dispose_call(
            session, context.require(None), attempt, key, **given
        )
    scheduled = done.callback
    return {
        "call_attempt": reference("CallAttempt", attempt),
        "scheduled_task": None
        if scheduled is None
        else reference("ScheduledTask", scheduled.task.id),
        "warnings": [] if scheduled is None else warnings(context, scheduled.warnings),
        "opted_out": None if done.opted_out is None else done.opted_out.name,
    }


def _keys(given: Given) -> None:
    """An id of nothing is refused by the service, with the other faults."""
    for name, entity in (("campaign_id", "Campaign"), ("parent_id", NAME)):
        if given.get(name) is not None:
            [given[name]] = keys_or_none([given[name]], entity)
