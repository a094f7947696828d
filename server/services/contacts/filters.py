# SPDX-License-Identifier: Apache-2.0
"""Which contacts a list shows: conditions on contacts, each of which an index can answer (C-01).

Under row-level security only leakproof comparisons use an index. A rare value is found by the
value's index and a common one while walking in the list's order; PostgreSQL chooses by its
statistics, as such statements are planned for their very values.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Protocol

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
    union_all,
)

from server.domain.dialer import BUCKETS, DialState
from server.domain.dialer.records import RecordState, dial_states
from server.domain.errors import DomainError
from server.domain.gate import GateRule
from server.domain.permissions import Permission, Role, Viewer
from server.domain.text import clean, sort_key
from server.models import (
    AdditionalPhone,
    Campaign,
    Contact,
    ContactTag,
    FinalResult,
    HopperEntry,
)
from server.services.dialer.lanes import in_any_lane
from server.services.numbers import normalized
from server.services.visibility import visible_campaigns

Condition = Callable[[FromClause], ColumnElement[bool]]

FEW = 5000  # records of a campaign that are looked up faster than a list is walked for them
_SIZE = f"""
SELECT (SELECT count(*) FROM (SELECT FROM hopper_entries WHERE campaign_id = $1 LIMIT {FEW + 1}) e)
     + (SELECT count(*) FROM (SELECT FROM final_results WHERE campaign_id = $1 LIMIT {FEW + 1}) f)
"""
_ADDED = f"""
SELECT count(*) FROM (
  SELECT FROM contacts WHERE created_at >= $1 AND created_at < $2 LIMIT {FEW + 1}) c
"""
_FIRST, _LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
_SIZE_STANDS = 30.0  # seconds; an old one costs time, and changes nobody's answer
_MOST_SIZES = 10_000
_sizes: dict[tuple[int, int], tuple[bool, float]] = {}


class Reads(Protocol):
    """The door of `server.database.Database` for reads."""

    async def read(
        self, tenant_id: int | None, sql: str, *args: object
    ) -> Sequence[Sequence[Any]]: ...


_AFTER_TEXT = "\U0010ffff"


def everybody(contacts: FromClause) -> ColumnElement[bool]:
    return true()


def nobody(contacts: FromClause) -> ColumnElement[bool]:
    return false()


def with_email(text: str, viewer: Viewer) -> Condition:
    """Whose address is exactly this one, in whatever case it is written."""
    cleaned = _cleaned(text, 254)
    if not cleaned:
        return nobody
    return lambda contacts: contacts.c.email == cleaned.lower()


def with_number(text: str, viewer: Viewer) -> Condition:
    """Who has exactly this number, primary or additional, however the tenant's people spell it."""
    number = normalized(text, viewer.region)
    if number is None:
        return nobody
    primary = Contact.__table__.alias()
    phones = AdditionalPhone.__table__.alias()
    found = func.array_cat(
        _array(select(primary.c.id).where(primary.c.phone == number)),
        _array(select(phones.c.contact_id).where(phones.c.number == number)),
    )
    # An array and not IN: it is made once, from two indexes, before a contact is looked at.
    return lambda contacts: contacts.c.id == func.any(found)


def of_company(text: str, viewer: Viewer) -> Condition:
    """Whose company begins so, without regard to case and accents."""
    cleaned = _cleaned(text, 200)
    prefix = "" if cleaned is None else sort_key(cleaned)
    if not prefix:
        return nobody
    return lambda contacts: and_(
        contacts.c.company_key >= prefix, contacts.c.company_key < prefix + _AFTER_TEXT
    )


def with_any_number(wanted: bool, viewer: Viewer) -> Condition:
    """Who can be called at all; False: who cannot, having neither a primary nor another number."""

    def condition(contacts: FromClause) -> ColumnElement[bool]:
        phones = AdditionalPhone.__table__.alias()
        another = _scalar(
            select(literal_column("1")).where(phones.c.contact_id == contacts.c.id), contacts
        )
        if wanted:
            return or_(contacts.c.phone.is_not(None), another.is_not(None))
        return and_(contacts.c.phone.is_(None), another.is_(None))

    return condition


def with_tags(tag_ids: Sequence[int]) -> Condition:
    """Who carries every one of the tags."""

    def condition(contacts: FromClause) -> ColumnElement[bool]:
        return and_(true(), *(_tagged(contacts, tag_id) for tag_id in dict.fromkeys(tag_ids)))

    return condition


def _tagged(contacts: FromClause, tag_id: int) -> ColumnElement[bool]:
    tags = ContactTag.__table__.alias()
    return contacts.c.id.in_(select(tags.c.contact_id).where(tags.c.tag_id == tag_id))


async def are_few(
    database: Reads, viewer: Viewer, after: datetime | None, before: datetime | None
) -> bool:
    """Whether so few were added in that time that they are looked up rather than met on a walk."""
    [row] = await database.read(viewer.tenant_id, _ADDED, after or _FIRST, before or _LAST)
    return bool(row[0] <= FEW)


def added_between(
    after: datetime | None, before: datetime | None, *, few: bool = False
) -> Condition:
    """At `after` or later and earlier than `before`.

    To PostgreSQL an index that begins with the tenant seems to be in the order of the table, so it
    walks too gladly: where they are `few` they are found by their time first.
    """

    def within(contacts: FromClause) -> ColumnElement[bool]:
        return and_(
            true() if after is None else contacts.c.created_at >= after,
            true() if before is None else contacts.c.created_at < before,
        )

    def condition(contacts: FromClause) -> ColumnElement[bool]:
        added = Contact.__table__.alias()
        found = _array(select(added.c.id).where(within(added)))
        return contacts.c.id == func.any(found)

    return condition if few else within


def of_priority(priority: int, viewer: Viewer) -> Condition:
    if not 1 <= priority <= 3:
        return nobody
    return lambda contacts: contacts.c.priority == priority


def speaking(language: str, viewer: Viewer) -> Condition:
    """Whose language is this one, such as `it`."""
    return lambda contacts: contacts.c.language == language.strip()


def living_in(time_zone: str, viewer: Viewer) -> Condition:
    """Who lives in this IANA zone."""
    return lambda contacts: contacts.c.time_zone == time_zone.strip()


async def is_large(database: Reads, viewer: Viewer, campaign_id: int) -> bool:
    """Whether a campaign has more records than are looked up one by one; remembered for a while."""
    key, now = (viewer.tenant_id, campaign_id), monotonic()
    found = _sizes.get(key)
    if found is None or found[1] < now:
        [row] = await database.read(viewer.tenant_id, _SIZE, campaign_id)
        if len(_sizes) >= _MOST_SIZES:
            _sizes.clear()
        found = _sizes[key] = bool(row[0] > FEW), now + _SIZE_STANDS
    return found[0]


def in_campaign(campaign_id: int, viewer: Viewer, *, walks: bool = False) -> Condition:
    """Who has a record there, open or closed: all of the campaign (C-01).

    `walks`: asked of contact after contact in the list's order, which ends soon where most have
    one. Otherwise the records are looked up, and their contacts sorted. PostgreSQL cannot tell, as
    it knows nothing of how often a contact stands in two tables together.
    """
    if not viewer.may(Permission.CAMPAIGNS_VIEW):
        return nobody

    def condition(contacts: FromClause) -> ColumnElement[bool]:
        entries = HopperEntry.__table__.alias()
        finals = FinalResult.__table__.alias()
        if walks:
            return or_(
                *(
                    _scalar(
                        _of_campaign(
                            select(literal_column("1")).where(
                                records.c.contact_id == contacts.c.id
                            ),
                            records,
                            campaign_id,
                            viewer,
                        ),
                        contacts,
                    ).is_not(None)
                    for records in (entries, finals)
                )
            )
        return contacts.c.id.in_(
            union_all(
                _of_campaign(select(entries.c.contact_id), entries, campaign_id, viewer),
                _of_campaign(select(finals.c.contact_id), finals, campaign_id, viewer),
            )
        )

    return condition


def in_record_state(state: RecordState, campaign_id: int | None, viewer: Viewer) -> Condition:
    """Whose record stands so in the campaign; without one, in any campaign (C-09, C-16)."""
    if not viewer.may(Permission.CAMPAIGNS_VIEW):
        return nobody

    def condition(contacts: FromClause) -> ColumnElement[bool]:
        if state is RecordState.CLOSED:
            return _closed(contacts, campaign_id, viewer)
        entries = HopperEntry.__table__.alias()
        if state is RecordState.INACTIVE:
            rows = select(entries.c.contact_id).where(_is_parked(entries))
        else:
            rows = _open(entries, dial_states(state)).where(
                or_(entries.c.hold_rule.is_(None), not_(_is_parked(entries)))
            )
        found = _of_campaign(rows, entries, campaign_id, viewer)
        return contacts.c.id.in_(found)

    return condition


def _is_parked(entries: FromClause) -> ColumnElement[bool]:
    """Processing it failed (F21): an index holds those that are."""
    return entries.c.hold_rule == literal_column(f"'{GateRule.FAULT}'")


def _open(entries: FromClause, states: Sequence[DialState]) -> Select[int]:
    # Literals, so that the partial indexes on states are known to hold all that is asked for; a
    # waiting state has a bucket of its own, by which the lanes' indexes find a few in a million.
    conditions = [or_(*(entries.c.state == literal_column(f"'{one}'") for one in states))]
    buckets = [BUCKETS[one] for one in states if one in BUCKETS]
    if buckets:
        conditions.append(or_(*(entries.c.bucket == literal_column(str(one)) for one in buckets)))
        conditions.append(in_any_lane(entries))
    return select(entries.c.contact_id).where(*conditions)


def _closed(contacts: FromClause, campaign_id: int | None, viewer: Viewer) -> ColumnElement[bool]:
    """A final result there and no open stay beside it.

    Those with a result come first, as PostgreSQL knows how many they are; whether one of a
    contact's results has no open stay beside it is then asked contact by contact.
    """
    finals, mine, again = (
        FinalResult.__table__.alias(),
        FinalResult.__table__.alias(),
        HopperEntry.__table__.alias(),
    )
    is_open = select(again.c.id).where(
        again.c.contact_id == mine.c.contact_id, again.c.campaign_id == mine.c.campaign_id
    )
    settled: Select[Any] = select(literal_column("1")).where(
        mine.c.contact_id == contacts.c.id, ~is_open.correlate(mine).exists()
    )
    some = _of_campaign(select(finals.c.contact_id), finals, campaign_id, viewer)
    one = _of_campaign(settled, mine, campaign_id, viewer)
    return and_(contacts.c.id.in_(some), _scalar(one, contacts).is_not(None))


def _scalar(found: Select[Any], contacts: FromClause) -> ColumnElement[Any]:
    """A look-up for one contact; where EXISTS stood, PostgreSQL might hash all rows first."""
    return found.limit(literal_column("1")).correlate(contacts).scalar_subquery()


def _of_campaign(
    found: Select[int], records: FromClause, campaign_id: int | None, viewer: Viewer
) -> Select[int]:
    """An agent learns of the campaigns assigned to them only."""
    if campaign_id is not None:
        found = found.where(records.c.campaign_id == campaign_id)
        if viewer.role is not Role.AGENT:
            return found
    # Without one: the indexes begin with the campaign, so all campaigns, one after the other.
    seen = visible_campaigns(viewer).with_only_columns(Campaign.id)
    return found.where(records.c.campaign_id.in_(seen))


def _array(found: Select[int]) -> ColumnElement[object]:
    made: ColumnElement[object] = func.array(found.scalar_subquery())
    return made


def _cleaned(text: str, longest: int) -> str | None:
    """None where no contact can hold such a text."""
    try:
        return clean(text, "filter", longest=longest)
    except DomainError:
        return None
