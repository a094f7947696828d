# SPDX-License-Identifier: Apache-2.0
"""Consents to be called, and entries in a register of objections (reliability section 5)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, FromClause, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Role, Viewer
from server.domain.refusals import Refusals
from server.models import Consent, Contact
from server.services.authors import name_of_user
from server.services.dialer import release_holds
from server.services.events import record
from server.services.visibility import visible_contacts

LONGEST_EVIDENCE = 1000
LONGEST_MATTER = 100
_SKEW = timedelta(minutes=5)  # clocks of those who record it


@dataclass(frozen=True, kw_only=True)
class ConsentInput:
    """`matter` "" is everything; `given_at` None is now. What it rests on, `evidence` says: the
    one who calls has to show it (GDPR Art. 7(1))."""

    contact_id: int
    evidence: str
    matter: str = ""
    given_at: datetime | None = None


def visible_consents(viewer: Viewer) -> Select[Consent]:
    """Those of contacts that the viewer sees."""
    consents = select(Consent)
    if viewer.role is not Role.AGENT:
        return consents
    mine = visible_contacts(viewer).with_only_columns(Contact.id)
    return consents.where(Consent.contact_id.in_(mine))


def of_contact(contact: FromClause, consent: FromClause) -> ColumnElement[bool]:
    """The relation between the two."""
    return consent.c.contact_id == contact.c.id


def recorder_name(consents: FromClause) -> ColumnElement[str | None]:
    """The full name of who recorded it."""
    return name_of_user(consents, consents.c.recorded_by_id)


async def record_consent(session: AsyncSession, viewer: Viewer, given: ConsentInput) -> Consent:
    """The person agreed. Calls that waited for it are asked about anew."""
    return await _record(session, viewer, given, is_objection=False)


async def record_objection(session: AsyncSession, viewer: Viewer, given: ConsentInput) -> Consent:
    """The person entered the register of objections: consents given before are void."""
    return await _record(session, viewer, given, is_objection=True)


async def withdraw_consent(
    session: AsyncSession, viewer: Viewer, consent_id: int, at: datetime | None = None
) -> Consent:
    """It no longer holds from `at` on (None: now); the record of it stays. An objection that is
    withdrawn has left the register."""
    row = await session.scalar(
        visible_consents(viewer).where(Consent.id == consent_id).with_for_update(of=Consent)
    )
    if row is None:
        raise DomainError(ErrorCode.NOT_FOUND, "id")
    if row.withdrawn_at is not None:
        raise DomainError(ErrorCode.WRONG_STATE, "id")
    refusals = Refusals()
    moment = await _moment(session, at, "at", refusals)
    if moment < row.given_at:
        refusals.add(ErrorCode.OUT_OF_RANGE, "at", after=row.given_at)
    refusals.check()
    row.withdrawn_at = moment
    event = "contact.objection_withdrawn" if row.is_objection else "contact.consent_withdrawn"
    record(session, viewer, event, row.contact_id, consent=row.id, matter=row.matter)
    await session.flush()
    await release_holds(session, contact_ids=[row.contact_id])
    return row


async def _record(
    session: AsyncSession, viewer: Viewer, given: ConsentInput, *, is_objection: bool
) -> Consent:
    refusals = Refusals()
    evidence = refusals.text(given.evidence, "evidence", longest=LONGEST_EVIDENCE, required=True)
    matter = refusals.text(given.matter, "matter", longest=LONGEST_MATTER)
    moment = await _moment(session, given.given_at, "givenAt", refusals)
    contact = await session.scalar(
        visible_contacts(viewer)
        .where(Contact.id == given.contact_id)
        .with_for_update(of=Contact, key_share=True)
    )
    if contact is None:
        raise DomainError(ErrorCode.NOT_FOUND, "contactId")
    refusals.check()
    row = Consent(
        contact_id=contact.id,
        matter=matter,
        evidence=evidence,
        is_objection=is_objection,
        given_at=moment,
        recorded_by_id=viewer.user_id,
    )
    session.add(row)
    await session.flush()
    event = "contact.objection_recorded" if is_objection else "contact.consent_recorded"
    record(session, viewer, event, contact.id, consent=row.id, matter=matter)
    await session.refresh(row)
    await release_holds(session, contact_ids=[contact.id])
    return row


async def _moment(
    session: AsyncSession, given: datetime | None, field: str, refusals: Refusals
) -> datetime:
    """A moment of the past; what was not given yet cannot be recorded."""
    now: datetime = await session.scalar(select(func.clock_timestamp()))  # type: ignore[assignment]
    if given is None:
        return now
    if given.tzinfo is None:
        refusals.add(ErrorCode.INVALID, field, expected="2027-01-31T18:00:00Z")
        return now
    return given if refusals.within_time(given, field, before=now + _SKEW) else now
