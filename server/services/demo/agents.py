# SPDX-License-Identifier: Apache-2.0
"""Work for the demo centre's agents: calls to preview, and customers dialed automatically.

Whoever logs in as an agent has somebody to call at once; the calls are simulated.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.campaigns import CallStatus
from server.domain.campaigns.modes import CampaignKind, DialMode, Dialway
from server.domain.fields import FieldScope, FieldType
from server.domain.permissions import Viewer
from server.services.campaigns import (
    CampaignInput,
    RetryInput,
    attach_lists,
    create_campaign,
    start_campaign,
)
from server.services.dispositions import seed_dispositions
from server.services.fields import FieldInput, create_field

_RETRY = [
    RetryInput(status=status, max=3, minutes=5)
    for status in (CallStatus.NO_ANSWER, CallStatus.BUSY, CallStatus.CONGESTION)
]
# Most answer, so that a newcomer talks to somebody within the first minute.
_ANSWERING = {"ANSWER": 70, "NO_ANSWER": 15, "BUSY": 15}
PREVIEW = CampaignInput(
    name="Renewals",
    kind=CampaignKind.QUEUE,
    mode=DialMode.PREVIEW,
    retry=_RETRY,
    additional_phones_after=0,
    originate_timeout=15,
    simulation={"seed": 9, "seconds": 0.5, "weights": _ANSWERING},
)
AUTO = CampaignInput(
    name="Welcome calls",
    kind=CampaignKind.QUEUE,
    mode=DialMode.AGENT_FIRST,
    dialway=Dialway.OPTIONAL,
    may_obtain=True,
    obtained_per_click=5,
    most_owned=20,
    retry=_RETRY,
    additional_phones_after=0,
    originate_timeout=15,
    simulation={"seed": 10, "seconds": 0.5, "weights": _ANSWERING},
)
_FIELDS = (
    FieldInput(
        name="Interest",
        type=FieldType.CHOICE,
        scope=FieldScope.RECORD,
        valid_values=("High", "Some", "None"),
        is_required=True,
    ),
    FieldInput(name="Present contract", type=FieldType.TEXT, scope=FieldScope.RECORD, size=80),
)


async def build_agents_work(
    session: AsyncSession,
    admin: Viewer,
    agent_ids: Sequence[int],
    *,
    preview_list: int,
    auto_list: int,
) -> tuple[int, int]:
    """The ids of the two campaigns, both running, of these agents."""
    await seed_dispositions(session, admin)
    for field in _FIELDS:
        await create_field(session, admin, field)
    made = []
    for given, list_id in ((PREVIEW, preview_list), (AUTO, auto_list)):
        theirs = replace(given, agent_ids=tuple(agent_ids))
        campaign = await create_campaign(session, admin, theirs)
        await attach_lists(session, admin, campaign.id, [list_id])
        await start_campaign(session, admin, campaign.id)
        made.append(campaign.id)
    return made[0], made[1]
