# SPDX-License-Identifier: Apache-2.0
"""What a do-not-call entry is given as, and what is stored of it (C-26, C-28)."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.blacklists import Media
from server.domain.errors import DomainError, ErrorCode
from server.domain.imports.cells import read_email
from server.domain.permissions import Viewer
from server.domain.refusals import Refusals
from server.domain.text import UNSET, Unset
from server.models import Campaign, Contact, ContactList
from server.services.numbers import LONGEST, normalize
from server.services.visibility import visible_campaigns, visible_contacts, visible_lists

LONGEST_NAME = 100
LONGEST_NOTE = 1000


@dataclass(frozen=True, kw_only=True)
class EntryInput:
    """`uri` is the number or the address; for a PERSON it is `contact_id` that counts.

    Without campaign and list it holds for all that the tenant calls.
    """

    media: Media = Media.PHONE
    uri: str = ""
    contact_id: int | None = None
    name: str = ""
    note: str = ""
    campaign_id: int | None = None
    list_id: int | None = None
    is_everywhere: bool = False


@dataclass(frozen=True, kw_only=True)
class EntryEdit:
    """What stays UNSET is left as it is; None takes a campaign or list away."""

    uri: str | Unset = UNSET
    name: str | Unset = UNSET
    note: str | Unset = UNSET
    campaign_id: int | Unset | None = UNSET
    list_id: int | Unset | None = UNSET
    is_everywhere: bool | Unset = UNSET
    version: int | None = None


def read_uri(text: str, media: Media, region: str, field: str = "uri") -> str:
    """The number in E.164, or the address in lower case. Raises REQUIRED, INVALID_NUMBER, …"""
    if not text.strip():
        raise DomainError(ErrorCode.REQUIRED, field)
    if media is Media.EMAIL:
        return read_email(text, field)
    if len(text) > 4 * LONGEST:
        raise DomainError(ErrorCode.TOO_LONG, field, max=LONGEST)
    return normalize(text.strip(), region, field)


def check_texts(name: str, note: str, refusals: Refusals) -> tuple[str, str]:
    return (
        " ".join(refusals.text(name, "name", longest=LONGEST_NAME).split()),
        refusals.text(note, "note", longest=LONGEST_NOTE),
    )


async def check_scope(
    session: AsyncSession,
    viewer: Viewer,
    campaign_id: int | None,
    list_id: int | None,
    refusals: Refusals,
) -> None:
    """One of the two at the most, and each of them there; they are held until the commit."""
    if campaign_id is not None and list_id is not None:
        refusals.add(ErrorCode.INVALID, "listId")
    if campaign_id is not None:
        found = visible_campaigns(viewer).where(Campaign.id == campaign_id)
        if await session.scalar(found.with_only_columns(Campaign.id)) is None:
            refusals.add(ErrorCode.NOT_FOUND, "campaignId")
    if list_id is not None:
        seen = visible_lists(viewer).where(ContactList.id == list_id)
        if await session.scalar(seen.with_only_columns(ContactList.id)) is None:
            refusals.add(ErrorCode.NOT_FOUND, "listId")


async def held_person(session: AsyncSession, viewer: Viewer, contact_id: int) -> str:
    """The name of a contact that stays until the commit. Raises NOT_FOUND (contactId)."""
    seen = visible_contacts(viewer).where(Contact.id == contact_id)
    row = await session.scalar(seen.with_for_update(key_share=True, read=True, of=Contact))
    if row is None:
        raise DomainError(ErrorCode.NOT_FOUND, "contactId")
    return f"{row.first_name} {row.last_name}".strip()
