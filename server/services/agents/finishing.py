# SPDX-License-Identifier: Apache-2.0
"""The end of a call from the agent's side: let go, hang up, dispose of it, and on to the next."""

from collections.abc import Sequence

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.agents import AgentState
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.domain.refusals import Refusals
from server.services.agents.moving import AT_REST, NO_CALL, moving, staging
from server.services.agents.states import set_state
from server.services.calls import note_call
from server.services.contacts.inputs import ContactEdit, ValueInput
from server.services.contacts.writing import edit_contact
from server.services.dialer.connections import connection_of
from server.services.dialer.leases import release
from server.services.dialer.waking import wake_dialer
from server.services.dispositions import dispose_call
from server.services.tasks import CallbackInput

_WITHDRAWN = """
SELECT entry_id, claim_token FROM agent_desks
WHERE user_id = $1 AND state = 'RINGING' AND stage = 'ORDERED'
"""
_WITHDRAW = moving(
    f"state = {AT_REST}, {NO_CALL}",
    "d.user_id = $1 AND d.state = 'RINGING' AND d.stage = 'ORDERED' AND d.claim_token = $2",
)
_REJECT = staging(
    "stage = 'REJECTED'",
    """d.user_id = $1 AND d.state = 'RINGING'
    AND d.stage IN ('RINGING_AGENT', 'RINGING_CUSTOMER', 'REJECTED')""",
)
_HANG_UP = staging(
    "stage = 'HANGING_UP'",
    "d.user_id = $1 AND d.state = 'TALKING' AND d.stage IN ('TALKING', 'HANGING_UP')",
)
_ENDED = """
SELECT campaign_id, contact_id, attempt_id FROM agent_desks
WHERE user_id = $1 AND state = 'WRAP_UP'
"""
_FINISH = moving(
    f"""state = {AT_REST}, {NO_CALL}, contact_id = NULL, attempt_id = NULL, campaign_id = NULL,
    number = NULL, is_auto_dialing = d.is_auto_dialing AND NOT d.leaves_after_call""",
    "d.user_id = $1 AND d.state = 'WRAP_UP'",
)
# What an answered call could be disposed of as; a centre without any does not ask.
_UNDISPOSED = """
SELECT EXISTS (SELECT 1 FROM call_attempts WHERE id = $1 AND status = 'ANSWER')
  AND EXISTS (SELECT 1 FROM dispositions d WHERE d.tenant_id = rubrica_tenant()
    AND (d.campaign_id IS NULL OR d.campaign_id = $2))
"""
# What the script asks for: of the person, and of the campaign's record (C-22).
_MISSING = """
SELECT f.display_name FROM master_data_fields f
LEFT JOIN campaign_fields s ON s.field_id = f.id AND s.campaign_id = $2
WHERE f.tenant_id = rubrica_tenant() AND f.is_required
  AND (f.scope = 'CONTACT' OR s.field_id IS NOT NULL)
  AND NOT EXISTS (SELECT 1 FROM field_values v WHERE v.contact_id = $1 AND v.field_id = f.id
    AND coalesce(v.campaign_id, 0) = CASE f.scope WHEN 'RECORD' THEN $2::bigint ELSE 0 END)
ORDER BY coalesce(s.position, f.position), f.position, f.id
"""


async def reject_call(session: AsyncSession, viewer: Viewer) -> None:
    """Let go before the customer answers: recorded as AGENT_REJECT once their number rang."""
    connection = await connection_of(session)
    # No worker has it yet: nothing rang, nothing counts.
    row = await connection.fetchrow(_WITHDRAWN, viewer.user_id)
    if row is not None and await release(connection, [(row["entry_id"], row["claim_token"])]):
        if await connection.fetchrow(_WITHDRAW, viewer.user_id, row["claim_token"]) is not None:
            return
        raise DomainError(ErrorCode.CONFLICT)  # a worker took it in this very moment
    await _order(connection, _REJECT, viewer)


async def hang_up(session: AsyncSession, viewer: Viewer) -> None:
    """End the conversation; a second press says the same again."""
    await _order(await connection_of(session), _HANG_UP, viewer)


async def finish_call(
    session: AsyncSession,
    viewer: Viewer,
    *,
    disposition_id: int | None = None,
    callback: CallbackInput | None = None,
    values: Sequence[ValueInput] = (),
    comment: str = "",
    tags: Sequence[str] = (),
    pause_reason: str = "",
) -> None:
    """Dispose of the call that ended and go on: ready, or paused or gone where asked for before.

    Refused while a required field of the script is blank (C-22), or while nothing is said of a
    conversation that there are dispositions for: nothing is written then.
    """
    connection = await connection_of(session)
    row = await connection.fetchrow(_ENDED, viewer.user_id)
    if row is None:
        raise DomainError(ErrorCode.WRONG_STATE, state=AgentState.WRAP_UP)
    if row["contact_id"] is not None:
        if values:
            await edit_contact(
                session, viewer, row["contact_id"], ContactEdit(values=tuple(values))
            )
        await _check_complete(await connection_of(session), row)
    attempt_id = row["attempt_id"]
    connection = await connection_of(session)
    if disposition_id is None and await connection.fetchval(
        _UNDISPOSED, attempt_id, row["campaign_id"]
    ):
        raise DomainError(ErrorCode.REQUIRED, "dispositionId")
    if attempt_id is not None and disposition_id is not None:
        await dispose_call(
            session,
            viewer,
            attempt_id,
            disposition_id,
            comment=comment,
            tags=tags,
            callback=callback,
        )
    elif attempt_id is not None and (comment.strip() or tags):
        await note_call(session, viewer, attempt_id, tags, comment)
    if pause_reason.strip():
        await set_state(session, viewer, AgentState.PAUSED, pause_reason)
    connection = await connection_of(session)
    if await connection.fetchrow(_FINISH, viewer.user_id) is None:
        raise DomainError(ErrorCode.WRONG_STATE, state=AgentState.WRAP_UP)


async def _check_complete(connection: asyncpg.Connection, row: asyncpg.Record) -> None:
    refusals = Refusals()
    for field in await connection.fetch(_MISSING, row["contact_id"], row["campaign_id"]):
        refusals.add(ErrorCode.REQUIRED, "values", label=field["display_name"])
    refusals.check()


async def _order(connection: asyncpg.Connection, statement: str, viewer: Viewer) -> None:
    row = await connection.fetchrow(statement, viewer.user_id)
    if row is None:
        raise DomainError(ErrorCode.WRONG_STATE)
    if row["campaign_id"] is not None:
        await wake_dialer(connection, row["campaign_id"])
