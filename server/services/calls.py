# SPDX-License-Identifier: Apache-2.0
"""Notes of a call, business tags and a comment beside it (C-07); and whose call it was."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.domain.refusals import Refusals
from server.models import CallAttempt, CallNote, MergedContact
from server.services.dialer.reading import visible_attempts
from server.services.events import record
from server.services.tags import check_tags

LONGEST_COMMENT = 2_000


async def note_call(
    session: AsyncSession,
    viewer: Viewer,
    attempt_id: int,
    tags: Sequence[str] = (),
    comment: str = "",
) -> CallNote:
    """A call may have several notes: nobody's word is overwritten."""
    attempt = await session.scalar(visible_attempts(viewer).where(CallAttempt.id == attempt_id))
    if attempt is None:
        raise DomainError(ErrorCode.NOT_FOUND, "attemptId")
    refusals = Refusals()
    words = list(check_tags(tags, refusals).values())
    text = refusals.text(comment, "comment", longest=LONGEST_COMMENT)
    if not (words or text or refusals.errors):
        refusals.add(ErrorCode.REQUIRED, "comment")
    refusals.check()
    note = CallNote(attempt_id=attempt.id, user_id=viewer.user_id, tags=words, comment=text)
    session.add(note)
    record(session, viewer, "call.noted", attempt.id, contact_id=attempt.contact_id)
    await session.flush()
    return note


async def person_of(session: AsyncSession, call: CallAttempt) -> int:
    """Who the person of a call is today: contacts are merged, the history is not rewritten."""
    merged = select(MergedContact.master_id).where(MergedContact.contact_id == call.contact_id)
    return await session.scalar(merged) or call.contact_id
