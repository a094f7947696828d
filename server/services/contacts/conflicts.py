# SPDX-License-Identifier: Apache-2.0
"""What an edit changes, noted in the audit, so that the second of two writers learns of it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Integer, func, inspect, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.permissions import Viewer
from server.models import Contact, Event, User
from server.services.contacts.checks import Phone, spelled
from server.services.contacts.phones import Stored
from server.services.events import record

MOST = 50
# Made from other columns, or counted with each edit.
_DERIVED = {"name_key", "given_key", "company_key", "version", "updated_at"}


@dataclass(frozen=True, kw_only=True)
class Change:
    """One edit: the version that it made, when, by whom, and the API's names of what changed."""

    version: int
    at: datetime
    user_name: str | None
    fields: list[str]


def changed_fields(
    row: Contact, stored: Sequence[Stored], phones: Sequence[Phone], lists_changed: bool
) -> list[str]:
    """What gets another value when `row`, which is not flushed yet, and `phones` are written."""
    state = inspect(row)
    changed = [
        spelled(attribute.key)
        for attribute in state.attrs
        if attribute.key not in _DERIVED and attribute.history.has_changes()
    ]
    if [_kept(phone._asdict()) for phone in stored] != [_kept(asdict(phone)) for phone in phones]:
        changed.append("additionalPhones")
    return [*changed, "listIds"] if lists_changed else changed


async def tell_changed(
    session: AsyncSession, viewer: Viewer, contact_ids: Sequence[int], field: str
) -> None:
    """One field of contacts was changed beside their pages, where each is held since it was read.

    Whoever has such a contact open learns of it as of any edit, and cannot undo it unawares.
    """
    if not contact_ids:
        return
    versions = await session.execute(
        update(Contact)
        .where(Contact.id.in_(contact_ids))
        .values(version=Contact.version + 1, updated_at=func.clock_timestamp())
        .returning(Contact.id, Contact.version)
        .execution_options(synchronize_session=False)
    )
    for key, version in versions:
        data = {"fields": [field], "changed": [field], "version": version}
        record(session, viewer, "contact.edited", key, **data)
    await session.flush()


async def changes_since(session: AsyncSession, contact_id: int, version: int) -> list[Change]:
    """The edits after `version`, the latest first; for whoever may edit the contact."""
    made = Event.data["version"].astext.cast(Integer)
    rows = await session.execute(
        select(made, Event.at, User.name, Event.data["changed"])
        .outerjoin(User, User.id == Event.user_id)
        .where(Event.subject_id == contact_id, Event.name == "contact.edited", made > version)
        .order_by(Event.id.desc())
        .limit(MOST)
    )
    return [
        Change(version=made, at=at, user_name=name, fields=fields or [])
        for made, at, name, fields in rows
    ]


def _kept(phone: dict[str, object]) -> dict[str, object]:
    """A phone without what says only which one it is, and where it stands."""
    return {name: value for name, value in phone.items() if name not in ("id", "position")}
