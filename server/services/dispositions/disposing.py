# SPDX-License-Identifier: Apache-2.0
"""What became of a call, in the agent's words, and what follows from it (section 4)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from server.domain.campaigns import CallStatus
from server.domain.dialer import FinalReason
from server.domain.dispositions import CALLBACKS, REFUSALS, SEPARATOR, DispositionAction
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Role, Viewer
from server.domain.tasks import PreferenceType
from server.models import CallAttempt, Disposition, FinalResult, ScheduledTask
from server.services.calls import note_call, person_of
from server.services.dialer import close_entries
from server.services.dialer.holds import release_holds
from server.services.dialer.reading import visible_attempts
from server.services.dispositions.choosing import path_of, visible_dispositions
from server.services.events import record
from server.services.opt_outs import OptedOut, OptOutInput, opt_out
from server.services.tasks import CallbackInput, Fields, Scheduled, schedule_callback

NO_CALL = frozenset({CallStatus.BLACKLIST.value, CallStatus.LOST.value})


@dataclass(frozen=True, kw_only=True)
class Disposed:
    """The call as it stands, and what followed."""

    attempt: CallAttempt
    callback: Scheduled | None = None
    opted_out: OptedOut | None = None


async def dispose_call(
    session: AsyncSession,
    viewer: Viewer,
    attempt_id: int,
    disposition_id: int,
    *,
    comment: str = "",
    tags: Sequence[str] = (),
    callback: CallbackInput | None = None,
) -> Disposed:
    """RECALL and RESCHEDULE need a `callback`, the others take none. An agent's own calls only.

    Said again it is a correction: the attempt tells so (section 8), and a callback that the former
    disposition made is taken back, unless this one makes one too. CLOSE and REFUSE also end the
    stay of a call that was not answered, whose contact would be called again otherwise.
    """
    attempt = await _attempt(session, viewer, attempt_id)
    row = await _disposition(session, viewer, disposition_id, attempt.campaign_id)
    action = DispositionAction(row.action)
    if action in CALLBACKS and callback is None:
        raise DomainError(ErrorCode.REQUIRED, "callback")
    if action not in CALLBACKS and callback is not None:
        raise DomainError(ErrorCode.INVALID, "callback", without=row.name)
    names = [one.name for one in await path_of(session, row)]
    former = attempt.disposition
    was_refusal, attempt.is_refusal = attempt.is_refusal, action in REFUSALS
    attempt.disposition = SEPARATOR.join(names)
    if former is not None:
        attempt.is_edited = True
        attempt.edited_at = await session.scalar(select(func.clock_timestamp()))
    await session.flush()
    scheduled = opted_out = None
    if callback is not None:
        scheduled = await _call_back(session, viewer, attempt, action, callback)
    else:
        if former is not None:
            await _take_back(session, attempt)
        if action is DispositionAction.OPT_OUT:
            person = await person_of(session, attempt)
            opted_out = await opt_out(session, viewer, OptOutInput(contact_id=person))
        if await _is_last(session, attempt):
            await close_entries(session, FinalReason.MANUAL, entry_ids=[attempt.entry_id])
    await _write_final(session, attempt, names)
    if was_refusal and not attempt.is_refusal:
        await release_holds(session, contact_ids=[await person_of(session, attempt)])
    if comment.strip() or tags:
        await note_call(session, viewer, attempt.id, tags, comment)
    record(
        session,
        viewer,
        "call.disposed",
        attempt.id,
        contact_id=attempt.contact_id,
        disposition=attempt.disposition,
        former=former,
    )
    await session.flush()
    return Disposed(attempt=attempt, callback=scheduled, opted_out=opted_out)


async def _attempt(session: AsyncSession, viewer: Viewer, attempt_id: int) -> CallAttempt:
    attempts = visible_attempts(viewer).where(CallAttempt.id == attempt_id)
    attempt = await session.scalar(attempts.with_for_update(of=CallAttempt))
    is_theirs = viewer.role is not Role.AGENT or (
        attempt is not None and attempt.agent_id in (None, viewer.user_id)
    )
    if attempt is None or not is_theirs:
        raise DomainError(ErrorCode.NOT_FOUND, "attemptId")
    if attempt.status in NO_CALL:
        state = CallStatus(attempt.status)
        raise DomainError(ErrorCode.WRONG_STATE, "attemptId", state=state)
    return attempt


async def _disposition(
    session: AsyncSession, viewer: Viewer, disposition_id: int, campaign_id: int
) -> Disposition:
    row = await session.scalar(visible_dispositions(viewer).where(Disposition.id == disposition_id))
    if row is None or row.campaign_id not in (None, campaign_id):
        raise DomainError(ErrorCode.NOT_FOUND, "dispositionId")
    return row


async def _call_back(
    session: AsyncSession,
    viewer: Viewer,
    attempt: CallAttempt,
    action: DispositionAction,
    given: CallbackInput,
) -> Scheduled:
    """On the number that was reached; by RECALL for the agent of the call, if ready then."""
    agent_id = attempt.agent_id or (viewer.user_id if viewer.role is Role.AGENT else None)
    preference = given.preference
    if preference is None and action is DispositionAction.RECALL and agent_id is not None:
        preference = PreferenceType.PREFER_ME
    is_mine = preference in (PreferenceType.PREFER_ME, PreferenceType.ONLY_ME)
    wanted = replace(
        given,
        unique_id=attempt.unique_id,
        number=given.number or attempt.number,
        preference=preference,
        agent_id=agent_id if given.agent_id is None and is_mine else given.agent_id,
    )
    return await schedule_callback(
        session,
        viewer,
        attempt.campaign_id,
        attempt.contact_id,
        wanted,
        fields=Fields(prefix="callback."),
    )


async def _take_back(session: AsyncSession, attempt: CallAttempt) -> None:
    """The callback that was agreed in this call, unless it was moved to another since."""
    if attempt.unique_id is None:
        return
    tasks = select(ScheduledTask.entry_id).where(
        ScheduledTask.unique_id == attempt.unique_id,
        ScheduledTask.campaign_id == attempt.campaign_id,
        ScheduledTask.closed_at.is_(None),
        ScheduledTask.entry_id.is_not(None),
    )
    entries = [entry for entry in await session.scalars(tasks) if entry is not None]
    await close_entries(session, FinalReason.MANUAL, entry_ids=entries)
    finals = update(FinalResult).where(FinalResult.entry_id == attempt.entry_id)
    await session.execute(
        finals.values(is_rescheduled=False, rescheduled_at=None).execution_options(
            synchronize_session=False
        )
    )


async def _is_last(session: AsyncSession, attempt: CallAttempt) -> bool:
    """Whether nobody was called after it in its stay."""
    later = aliased(CallAttempt)
    followed = exists().where(
        later.contact_id == attempt.contact_id,
        later.entry_id == attempt.entry_id,
        later.id > attempt.id,
    )
    return not await session.scalar(select(followed))


async def _write_final(session: AsyncSession, attempt: CallAttempt, names: list[str]) -> None:
    """The result of the stay that ended with this call has its disposition (section 8)."""
    if not await _is_last(session, attempt):
        return
    levels = [*names, None, None][:3]
    await session.execute(
        update(FinalResult)
        .where(FinalResult.entry_id == attempt.entry_id)
        .values({f"disposition_{place}": name for place, name in enumerate(levels, 1)})
        .execution_options(synchronize_session=False)
    )
