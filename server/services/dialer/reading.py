# SPDX-License-Identifier: Apache-2.0
"""Who sees which entries, attempts and results, and the counts that pages and API show of them."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    Text,
    and_,
    any_,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from server.domain.campaigns import FAILURES
from server.domain.dialer import BUCKETS, DialState
from server.domain.gate import GateRule
from server.domain.permissions import Role, Viewer
from server.models import (
    AttemptTally,
    CallAttempt,
    CallNote,
    Campaign,
    CampaignAgent,
    FinalResult,
    HopperEntry,
    HopperPhone,
    MergedContact,
    RetrySetting,
)
from server.services.authors import name_of_user
from server.services.dialer.lanes import in_any_lane
from server.services.visibility import visible_campaigns

Condition = Callable[[FromClause], ColumnElement[bool]]
COUNTER_COLUMNS = tuple(getattr(HopperPhone, status.value.lower()) for status in FAILURES)
SHOWN_MINUTES = 120
NEWEST_FINALS = 10_000  # a look at more of them would cost more than the plot is worth


def visible_entries(viewer: Viewer) -> Select[HopperEntry]:
    """Those of visible campaigns."""
    return _of_visible_campaigns(viewer, HopperEntry)


def visible_hopper_phones(viewer: Viewer) -> Select[HopperPhone]:
    """Those of visible entries."""
    phones = select(HopperPhone)
    if viewer.role is not Role.AGENT:
        return phones
    mine = visible_entries(viewer).with_only_columns(HopperEntry.id)
    return phones.where(HopperPhone.entry_id.in_(mine))


def visible_attempts(viewer: Viewer) -> Select[CallAttempt]:
    """Those of visible campaigns."""
    return _of_visible_campaigns(viewer, CallAttempt)


def visible_notes(viewer: Viewer) -> Select[CallNote]:
    """Those of visible attempts."""
    notes = select(CallNote)
    if viewer.role is not Role.AGENT:
        return notes
    mine = visible_attempts(viewer).with_only_columns(CallAttempt.id)
    return notes.where(CallNote.attempt_id.in_(mine))


def agent_name(attempts: FromClause) -> ColumnElement[Any]:
    """The full name of the agent who had the call."""
    return name_of_user(attempts, attempts.c.agent_id)


def author_name(notes: FromClause) -> ColumnElement[Any]:
    """The full name of who wrote the note."""
    return name_of_user(notes, notes.c.user_id)


def of_contact_or_merged(contacts: FromClause, rows: FromClause) -> ColumnElement[bool]:
    """The relation of a contact to its calls and results, with those of contacts that were merged
    into it: what happened is never rewritten, so they keep the ids of then."""
    merged = MergedContact.__table__.alias()
    gone = select(merged.c.contact_id).where(merged.c.master_id == contacts.c.id)
    ids = func.array(gone.correlate(contacts).scalar_subquery())
    return rows.c.contact_id == func.any(func.array_append(ids, contacts.c.id))


def visible_finals(viewer: Viewer) -> Select[FinalResult]:
    """Those of visible campaigns."""
    return _of_visible_campaigns(viewer, FinalResult)


def _of_visible_campaigns(viewer: Viewer, model: Any) -> Select[Any]:
    rows = select(model)
    if viewer.role is not Role.AGENT:
        return rows
    mine = visible_campaigns(viewer).with_only_columns(Campaign.id)
    return rows.where(model.campaign_id.in_(mine))


def of_campaign(campaign_id: int, viewer: Viewer) -> Condition:
    """The rows of one campaign."""
    return lambda rows: rows.c.campaign_id == campaign_id


def of_contact(contact_id: int, viewer: Viewer) -> Condition:
    """The rows of one contact, and of those that were merged into it."""
    merged = MergedContact.__table__.alias()
    gone = select(merged.c.contact_id).where(merged.c.master_id == contact_id)
    own = cast(contact_id, BigInteger)
    ids = func.array_append(func.array(gone.scalar_subquery()), own)
    return lambda rows: rows.c.contact_id == func.any(ids)


def of_list(list_id: int, viewer: Viewer) -> Condition:
    """The entries that came with one list."""
    return lambda rows: rows.c.list_id == list_id


def of_owner(user_id: int, viewer: Viewer) -> Condition:
    """The customers of one agent (R-01)."""
    return lambda rows: rows.c.owner_id == user_id


def unassigned(wanted: bool, viewer: Viewer) -> Condition:
    """Entries that are nobody's, or those that have an owner (R-07, R-09)."""
    return lambda rows: rows.c.owner_id.is_(None) if wanted else rows.c.owner_id.is_not(None)


def owner_name(entries: FromClause) -> ColumnElement[Any]:
    """The full name of the agent whose customer it is."""
    return name_of_user(entries, entries.c.owner_id)


def in_state(state: Any, viewer: Viewer) -> Condition:
    """Entries in one dial state.

    A waiting state has a bucket of its own, by which the indexes of the lanes find a few among a
    million; those in a call have an index to themselves.
    """
    wanted = DialState(getattr(state, "value", state))
    bucket = BUCKETS.get(wanted)
    if bucket is None:
        return lambda rows: rows.c.state == wanted.value
    return lambda rows: and_(
        rows.c.state == wanted.value, rows.c.bucket == bucket, in_any_lane(rows)
    )


def held_by(rule: Any, viewer: Viewer) -> Condition:
    """Entries that a rule of the gate holds back; those that are parked have an index."""
    wanted = GateRule(getattr(rule, "value", rule))
    if wanted is GateRule.FAULT:
        return lambda rows: rows.c.hold_rule == literal_column(f"'{wanted.value}'")
    return lambda rows: rows.c.held_until.is_not(None) & (rows.c.hold_rule == wanted.value)


def in_campaign_state(state: Any, viewer: Viewer) -> Condition:
    """Campaigns in one state."""
    return lambda campaigns: campaigns.c.state == getattr(state, "value", state)


def in_campaign_states(states: Sequence[Any], viewer: Viewer) -> Condition:
    """Campaigns in any of the states; in none of them, if none is named."""
    wanted = cast([getattr(state, "value", state) for state in states], ARRAY(Text))
    return lambda campaigns: campaigns.c.state == any_(wanted)


def with_status(status: Any, viewer: Viewer) -> Condition:
    """Attempts or results with one status."""
    return lambda rows: rows.c.status == getattr(status, "value", status)


def with_reason(reason: Any, viewer: Viewer) -> Condition:
    """Results closed for one reason."""
    return lambda rows: rows.c.reason == getattr(reason, "value", reason)


def entry_counts(campaigns: FromClause) -> ColumnElement[Any]:
    """Open entries by state, as JSON text."""
    return _counts(campaigns, HopperEntry.__table__, "state", func.count())


def final_counts(campaigns: FromClause) -> ColumnElement[Any]:
    """Closed stays by reason, as JSON text."""
    return _counts(campaigns, FinalResult.__table__, "reason", func.count())


def attempt_counts(campaigns: FromClause) -> ColumnElement[Any]:
    """Attempts by status, as JSON text."""
    table: Any = AttemptTally.__table__
    return _counts(campaigns, table, "status", None)


def attempts_by_minute(campaigns: FromClause) -> ColumnElement[Any]:
    """The newest two hours of the campaign's clock: `[[minute, {status: attempts}], …]` as text."""
    tallies: Any = AttemptTally.__table__.alias()
    minutes = (
        select(
            tallies.c.minute,
            func.jsonb_object_agg(tallies.c.status, tallies.c.attempts).label("counts"),
        )
        .where(tallies.c.campaign_id == campaigns.c.id)
        .correlate(campaigns)
        .group_by(tallies.c.minute)
        .order_by(tallies.c.minute.desc())
        .limit(SHOWN_MINUTES)
        .subquery()
    )
    pair = func.jsonb_build_array(minutes.c.minute, minutes.c.counts)
    listed = func.jsonb_agg(aggregate_order_by(pair, minutes.c.minute.asc()))
    return select(cast(listed, Text)).select_from(minutes).scalar_subquery()


def closings_by_minute(campaigns: FromClause) -> ColumnElement[Any]:
    """The newest closed stays: `[[minute, {reason: stays}], …]` as text, whole minutes only."""
    finals: Any = FinalResult.__table__.alias()
    newest = (
        select(func.date_trunc("minute", finals.c.closed_at).label("minute"), finals.c.reason)
        .where(finals.c.campaign_id == campaigns.c.id)
        .correlate(campaigns)
        .order_by(finals.c.id.desc())
        .limit(NEWEST_FINALS)
        .subquery()
    )
    counted = (
        select(newest.c.minute, newest.c.reason, func.count().label("n"))
        .group_by(newest.c.minute, newest.c.reason)
        .subquery()
    )
    total = func.sum(func.sum(counted.c.n)).over()
    older = func.row_number().over(order_by=counted.c.minute.asc())
    minutes = (
        select(
            counted.c.minute,
            func.jsonb_object_agg(counted.c.reason, counted.c.n).label("counts"),
            total.label("total"),
            older.label("place"),
        )
        .group_by(counted.c.minute)
        .order_by(counted.c.minute.desc())
        .limit(SHOWN_MINUTES)
        .subquery()
    )
    pair = func.jsonb_build_array(minutes.c.minute, minutes.c.counts)
    listed = func.jsonb_agg(aggregate_order_by(pair, minutes.c.minute.asc()))
    # Of the oldest minute that the look reaches, some stays may lie beyond it.
    is_whole = (minutes.c.total < NEWEST_FINALS) | (minutes.c.place > 1)
    return select(cast(listed, Text)).select_from(minutes).where(is_whole).scalar_subquery()


def _counts(
    campaigns: FromClause, table: Any, column: str, count: ColumnElement[int] | None
) -> ColumnElement[Any]:
    rows = table.alias()
    number = func.sum(rows.c.attempts) if count is None else count
    grouped = (
        select(rows.c[column].label("name"), number.label("n"))
        .where(rows.c.campaign_id == campaigns.c.id)
        .correlate(campaigns)
        .group_by(rows.c[column])
        .subquery()
    )
    return (
        select(cast(func.jsonb_object_agg(grouped.c.name, grouped.c.n), Text))
        .select_from(grouped)
        .scalar_subquery()
    )


def retry_settings(campaigns: FromClause) -> ColumnElement[Any]:
    """The eight rows in their order: `[[status, max, minutes, after], …]` as text."""
    rows: Any = RetrySetting.__table__.alias()
    row = func.jsonb_build_array(
        rows.c.status, rows.c.max_retry, rows.c.minutes, rows.c.after_status
    )
    listed = func.jsonb_agg(aggregate_order_by(row, rows.c.position.asc()))
    return (
        select(cast(listed, Text))
        .where(rows.c.campaign_id == campaigns.c.id)
        .correlate(campaigns)
        .scalar_subquery()
    )


def campaign_now(campaigns: FromClause) -> ColumnElement[Any]:
    """The campaign's clock: its origin, and what has passed since at its rate."""
    columns = campaigns.c
    now = func.clock_timestamp()
    passed = (now - columns.clock_origin) * columns.clock_rate
    return func.coalesce(columns.clock_origin + passed, now)


def hours_of_entry(entries: FromClause) -> ColumnElement[Any]:
    """What decides when an entry can be dialed: its time, and its campaign's hours, as text."""
    campaigns: Any = Campaign.__table__.alias()
    facts = func.jsonb_build_array(
        entries.c.state,
        entries.c.scheduled_at,
        campaign_now(campaigns),
        campaigns.c.window_from,
        campaigns.c.window_to,
        campaigns.c.window_days,
        campaigns.c.timezone,
        campaigns.c.ends_at,
    )
    return (
        select(cast(facts, Text))
        .where(campaigns.c.id == entries.c.campaign_id)
        .correlate(entries)
        .scalar_subquery()
    )


def works_on_campaign(campaign: FromClause, agent: FromClause) -> ColumnElement[bool]:
    """The relation between a campaign and the agents who are assigned to it."""
    assigned = CampaignAgent.__table__.alias()
    found = select(assigned.c.user_id).where(
        assigned.c.campaign_id == campaign.c.id, assigned.c.user_id == agent.c.id
    )
    return found.correlate(campaign, agent).exists()
