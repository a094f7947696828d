# SPDX-License-Identifier: Apache-2.0
"""Contacts by part of a number, one match a number (C-01, C-02)."""

from dataclasses import dataclass

from server.domain.permissions import Viewer
from server.services.search.found import Match, Reads


@dataclass(frozen=True, kw_only=True)
class PhoneMatch:
    """`position` is None for the primary number; `key` orders the matches."""

    contact_id: int
    name_key: str
    match: Match
    description: str
    position: int | None

    @property
    def key(self) -> tuple[str, int, int]:
        return self.name_key, self.contact_id, -1 if self.position is None else self.position


async def find_phones(
    reads: Reads, viewer: Viewer, text: str, *, campaign_id: int | None = None
) -> list[PhoneMatch]:
    """In the order of the contacts' names; at most SEARCH_CAP and one more."""
    return []
