# SPDX-License-Identifier: Apache-2.0
"""Contacts by part of a number, one match a number (C-01, C-02)."""

from dataclasses import dataclass

from server.domain.counts import SEARCH_CAP
from server.domain.permissions import Role, Viewer
from server.domain.search import SearchField, marks_of_digits
from server.services.search.asking import Asked, read_abroad, read_text
from server.services.search.found import Match, Reads

_STATEMENT = """
SELECT c.id, c.name_key, coalesce(p.number, c.phone) AS number, t.id AS item_type_id, t.name,
       coalesce(p.description, '') AS description, p.position
FROM rubrica_search_phones($1, $2, $3, $4, NULL, $5, $6) AS hit
JOIN contacts c ON c.id = hit.contact_id
LEFT JOIN additional_phones p ON p.id = hit.phone_id
LEFT JOIN contact_item_types t ON t.id = p.item_type_id
WHERE coalesce(p.number, c.phone) IS NOT NULL
ORDER BY c.name_key, c.id, p.position NULLS FIRST
"""
"""The function keeps to the agent's contacts, as it does to the tenant's."""


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
    asked = read_text(text, viewer.region)
    if asked is None or not asked.beginnings:
        return []
    found = await _find(reads, viewer, asked, campaign_id)
    if not found and (abroad := read_abroad(asked)):
        found = await _find(reads, viewer, abroad, campaign_id)
    return found


async def _find(
    reads: Reads, viewer: Viewer, asked: Asked, campaign_id: int | None
) -> list[PhoneMatch]:
    steps = [step for step in asked.steps if step in ("number", "ending", "digits")]
    agent = viewer.user_id if viewer.role is Role.AGENT else None
    beginnings, digits = list(asked.beginnings), asked.digits
    rows = await reads.read(
        viewer.tenant_id, _STATEMENT, steps, beginnings, digits, agent, campaign_id, SEARCH_CAP + 1
    )
    return [
        PhoneMatch(
            contact_id=row["id"],
            name_key=row["name_key"],
            match=Match(
                field=SearchField.PHONE
                if row["position"] is None
                else SearchField.ADDITIONAL_PHONE,
                value=row["number"],
                marks=marks_of_digits(row["number"], beginnings, digits),
                name=row["name"],
                item_type_id=row["item_type_id"],
            ),
            description=row["description"],
            position=row["position"],
        )
        for row in rows
    ]
