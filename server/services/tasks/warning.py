# SPDX-License-Identifier: Apache-2.0
"""What to tell whoever schedules a callback: the gate's word on its start (C-30)."""

import asyncpg

from server.domain.campaigns.modes import DialMode
from server.domain.tasks import OWNED, CallbackWarning, PreferenceType, Span
from server.models import ScheduledTask
from server.services.dialer import DialedCampaign
from server.services.gate import Candidate, check_at, read_settings

_LIST = "SELECT list_id FROM hopper_entries WHERE id = $1"


async def warnings_of(
    connection: asyncpg.Connection, campaign: DialedCampaign, task: ScheduledTask
) -> tuple[CallbackWarning, ...]:
    """It is scheduled all the same: rules, consents and blacklists may change until then."""
    span = Span(starts_at=task.starts_at, ends_at=task.ends_at)
    preference = PreferenceType(task.preference)
    found = []
    candidate = Candidate(
        contact_id=task.contact_id,
        number=task.number,
        list_id=await connection.fetchval(_LIST, task.entry_id),
        entry_id=task.entry_id,
        is_automatic=False,
        has_agent=preference in OWNED,
    )
    settings = await read_settings(connection, campaign)
    at = max(span.starts_at, campaign.now)
    [verdict] = await check_at(connection, campaign.id, settings, [candidate], at)
    if not verdict.allowed:
        if verdict.not_before is None:
            found.append(CallbackWarning.BLOCKED)
        elif verdict.not_before > span.ends_at:
            found.append(CallbackWarning.NEVER_ALLOWED)
        else:
            found.append(CallbackWarning.OUTSIDE_HOURS)
    if preference is not PreferenceType.ANYONE and campaign.mode is DialMode.DIRECT:
        found.append(CallbackWarning.NO_AGENTS)
    return tuple(found)
