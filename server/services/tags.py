# SPDX-License-Identifier: Apache-2.0
"""Tags: words that group contacts, such as VIP; a name is one whatever its case (X-26)."""

from collections.abc import Callable, Sequence

from sqlalchemy import ColumnElement, FromClause, Select, delete, false, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Permission, Role, Viewer
from server.domain.refusals import Refusals
from server.domain.text import clean, name_key
from server.models import Contact, ContactTag, Tag
from server.services.constraints import refusing
from server.services.events import record

LONGEST_NAME = 50
MOST_TAGS = 50  # on one contact
SEPARATOR = ","  # of tags in a form's box, so no name may hold one


def visible_tags(viewer: Viewer) -> Select[Tag]:
    """Everybody in the tenant: whoever edits contacts chooses among the tags."""
    return select(Tag)


def matching(text: str, viewer: Viewer) -> Callable[[FromClause], ColumnElement[bool]]:
    """Any part of the name in any case; blank finds all."""
    try:
        key = name_key(clean(text, "search"))
    except DomainError:
        return lambda tags: false()
    return lambda tags: tags.c.name_key.contains(key, autoescape=True)


def tags_of_contact(contact: FromClause, tag: FromClause) -> ColumnElement[bool]:
    """The relation between the two."""
    given = ContactTag.__table__.alias()
    found = select(given.c.tag_id).where(
        given.c.contact_id == contact.c.id, given.c.tag_id == tag.c.id
    )
    return found.correlate(contact, tag).exists()


def check_tags(names: Sequence[str], refusals: Refusals) -> dict[str, str]:
    """Names by their keys, cleaned; one that comes twice, in whatever case, counts once."""
    if len(names) > MOST_TAGS:
        refusals.add(ErrorCode.OUT_OF_RANGE, "tags", max=MOST_TAGS)
        return {}
    found: dict[str, str] = {}
    for index, given in enumerate(names):
        name = _checked(given, f"tags.{index}", refusals)
        found.setdefault(name_key(name), name)
    return found


async def tags_of(session: AsyncSession, contact_id: int) -> set[str]:
    """The keys of a contact's tags."""
    keys = select(Tag.name_key).join(ContactTag, ContactTag.tag_id == Tag.id)
    return set(await session.scalars(keys.where(ContactTag.contact_id == contact_id)))


async def write_tags(session: AsyncSession, contact_id: int, names: dict[str, str]) -> None:
    """Make these the contact's tags; names that nobody used so far are new tags."""
    wanted = await ensure_tags(session, names)
    gone = delete(ContactTag).where(ContactTag.contact_id == contact_id)
    await session.execute(gone.where(ContactTag.tag_id.not_in(wanted)))
    if wanted:
        rows = [{"contact_id": contact_id, "tag_id": tag_id} for tag_id in wanted]
        await session.execute(insert(ContactTag).values(rows).on_conflict_do_nothing())


async def rename_tag(session: AsyncSession, viewer: Viewer, tag_id: int, name: str) -> Tag:
    """On every contact that has it; a name that another tag carries is refused.

    Whoever has such a contact open learns of it: saved unawares, the old name would be a new tag.
    """
    row = await _locked(session, viewer, tag_id)
    refusals = Refusals()
    wanted = _checked(name, "name", refusals)
    refusals.check()
    before, key = row.name, name_key(wanted)
    taken = DomainError(ErrorCode.TAKEN, "name", value=wanted)
    async with refusing(session, {"uq_tags_tenant_id_name_key": taken}):
        row.name, row.name_key = wanted, key
    if wanted != before:
        tagged = select(ContactTag.contact_id).where(ContactTag.tag_id == row.id)
        await session.execute(
            update(Contact)
            .where(Contact.id.in_(tagged))
            .values(version=Contact.version + 1, updated_at=func.clock_timestamp())
            .execution_options(synchronize_session=False)
        )
    record(session, viewer, "tag.renamed", row.id, name=wanted, before=before)
    return row


async def delete_tag(session: AsyncSession, viewer: Viewer, tag_id: int) -> tuple[str, int]:
    """Its name, and how many contacts had it: these stay, without it."""
    row = await _locked(session, viewer, tag_id)
    untagged = await session.scalars(
        delete(ContactTag).where(ContactTag.tag_id == row.id).returning(ContactTag.contact_id)
    )
    count = len(untagged.all())
    await session.delete(row)
    record(session, viewer, "tag.deleted", row.id, name=row.name, contacts=count)
    await session.flush()
    return row.name, count


async def ensure_tags(session: AsyncSession, names: dict[str, str]) -> list[int]:
    """The ids of these tags by their keys; names that nobody used so far are new ones."""
    if not names:
        return []
    # In one order everywhere, so that two who bring the same new names do not wait crosswise.
    rows = [{"name": names[key], "name_key": key} for key in sorted(names)]
    await session.execute(insert(Tag).values(rows).on_conflict_do_nothing())
    found = select(Tag.id).where(Tag.name_key.in_(names)).order_by(Tag.name_key)
    # Held, so that nobody deletes one between here and the end.
    return list(await session.scalars(found.with_for_update(read=True, key_share=True)))


async def _locked(session: AsyncSession, viewer: Viewer, tag_id: int) -> Tag:
    """A tag is on everybody's contacts: an agent, who sees few of them, does not change it."""
    if viewer.role is Role.AGENT:
        raise DomainError(ErrorCode.FORBIDDEN, permission=Permission.CONTACTS_EDIT)
    row = await session.scalar(visible_tags(viewer).where(Tag.id == tag_id).with_for_update())
    if row is None:
        raise DomainError(ErrorCode.NOT_FOUND, "id")
    return row


def _checked(text: str, field: str, refusals: Refusals) -> str:
    name = refusals.text(text, field, longest=LONGEST_NAME, required=True)
    name = " ".join(name.split())
    if SEPARATOR in name:
        refusals.add(ErrorCode.INVALID, field, value=name, expected="a name without a comma")
    return name
