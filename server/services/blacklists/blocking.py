# SPDX-License-Identifier: Apache-2.0
"""Which calls do-not-call entries stop: asked by the claim and by the gate (C-26 to C-28).

An entry holds for the tenant, for a campaign, or for what a campaign calls from a list. It stops
automatic calls; callbacks and calls by hand only where it holds everywhere, as an opt-out does.
Every question is answered by index: (tenant, number), or the contact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from server.domain.blacklists import Media

_HOLDS = """b.tenant_id = {tenant}
  AND (b.campaign_id IS NULL OR b.campaign_id = {campaign})
  AND (b.list_id IS NULL OR b.list_id = {list})
  AND (b.is_everywhere OR NOT {is_callback})"""

# A range in an order belongs to one index alone, however few entries there seem to be: the dialer
# asks with sorts switched off (docs/decisions/0005).
NUMBER_STOPPED = f"""(SELECT 1 FROM blacklist_entries b
  WHERE b.media = 'PHONE' AND b.number >= {{number}} AND b.number <= {{number}} AND {_HOLDS}
  ORDER BY b.number LIMIT 1) IS NOT NULL"""
"""SQL, whether a call must not be made because of its number; `str.format` it with SQL for
`tenant`, `number`, `campaign`, `list` and `is_callback`. The claim passes such a number over."""

PERSON_STOPPED = f"""(SELECT 1 FROM blacklist_entries b
  WHERE b.contact_id >= {{contact}} AND b.contact_id <= {{contact}} AND {_HOLDS}
  ORDER BY b.contact_id LIMIT 1) IS NOT NULL"""
"""The same for a person, with `contact` for `number`. The claim closes such a stay with
FinalReason.BLACKLIST_CONTACT: none of their numbers is dialed."""

_COLUMNS = """b.id, b.media, b.name, b.campaign_id, b.list_id, b.is_everywhere, b.is_opt_out,
  b.created_at"""
_IN_SCOPE = _HOLDS.format(
    tenant="rubrica_tenant()", campaign="g.campaign_id", list="g.list_id", is_callback="false"
)
_STRICTEST = "ORDER BY b.is_everywhere DESC, b.is_opt_out DESC, b.id LIMIT 1"
_BLOCKS = f"""
SELECT g.place, found.* FROM unnest($1::int[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[])
  AS g(place, contact_id, number, campaign_id, list_id)
CROSS JOIN LATERAL (
  (SELECT {_COLUMNS} FROM blacklist_entries b
   WHERE b.media = 'PHONE' AND b.number = g.number AND {_IN_SCOPE} {_STRICTEST})
  UNION ALL
  (SELECT {_COLUMNS} FROM blacklist_entries b
   WHERE b.contact_id = g.contact_id AND {_IN_SCOPE} {_STRICTEST})
) found
"""
_BLACKLISTED = f"""
SELECT n.number FROM unnest($1::text[]) AS n(number)
WHERE {
    NUMBER_STOPPED.format(
        tenant="rubrica_tenant()",
        number="n.number",
        campaign="$2",
        list="$3::bigint",
        is_callback="$4::bool",
    )
}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A call that somebody would like to make."""

    contact_id: int
    number: str
    campaign_id: int
    list_id: int | None = None  # from which the contact came to the campaign


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The strictest entry that holds for a candidate."""

    entry_id: int
    media: Media
    name: str
    campaign_id: int | None
    list_id: int | None
    is_everywhere: bool  # False: automatic calls alone (C-28)
    is_opt_out: bool
    created_at: datetime


@dataclass(slots=True)
class Blocks:
    """What holds a candidate back: because of the number, and because of the person."""

    number: Block | None = None
    person: Block | None = None

    def stopping(self, *, is_automatic: bool) -> Block | None:
        """The entry that stops the call, the person's before the number's; None: none does.

        A callback, a preview and a call by hand are not automatic.
        """
        for block in (self.person, self.number):
            if block is not None and (is_automatic or block.is_everywhere):
                return block
        return None


async def blocks_for(
    connection: asyncpg.Connection, candidates: Sequence[Candidate]
) -> list[Blocks]:
    """What stands in the way of each candidate, in their order; one statement for all."""
    found = [Blocks() for _ in candidates]
    if not candidates:
        return found
    rows = await connection.fetch(
        _BLOCKS,
        list(range(len(candidates))),
        [one.contact_id for one in candidates],
        [one.number for one in candidates],
        [one.campaign_id for one in candidates],
        [one.list_id for one in candidates],
    )
    for row in rows:
        place, entry_id, media, name, campaign_id, list_id, everywhere, opt_out, created_at = row
        block = Block(
            entry_id=entry_id,
            media=Media(media),
            name=name,
            campaign_id=campaign_id,
            list_id=list_id,
            is_everywhere=everywhere,
            is_opt_out=opt_out,
            created_at=created_at,
        )
        if block.media is Media.PERSON:
            found[place].person = block
        else:
            found[place].number = block
    return found


async def blacklisted_numbers(
    connection: asyncpg.Connection,
    numbers: Sequence[str],
    campaign_id: int,
    list_id: int | None = None,
    *,
    is_callback: bool = False,
) -> set[str]:
    """Those of `numbers` that this campaign must not dial, for a contact that came from the list.

    `is_callback` asks for what stops callbacks and calls by hand as well (C-28).
    """
    rows = await connection.fetch(_BLACKLISTED, numbers, campaign_id, list_id, is_callback)
    return {row[0] for row in rows}
