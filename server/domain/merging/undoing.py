# SPDX-License-Identifier: Apache-2.0
"""A merge taken back: each contact as it was, and what has changed since (D2).

What was added or changed since stays with the master, and what was taken off it there stays off:
nothing that somebody did is lost. What the others brought comes back to them, changed or not. Of a
number's states the stricter one holds on whoever has it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from server.domain.merging.kinds import COLUMNS, PRIMARY, Row, content
from server.domain.merging.phones import stricter
from server.domain.merging.planning import custom_name

Document = dict[str, Any]
_OF_PHONE = ("item_type_id", "description")


class MergeState(StrEnum):
    """Whether a merge can be taken back, and if not, why."""

    UNDOABLE = "UNDOABLE"  # within thirty days, and nothing stands in the way
    UNDONE = "UNDONE"  # it was taken back already
    EXPIRED = "EXPIRED"  # older than thirty days
    FOLLOWED = "FOLLOWED"  # the contact is in a later merge, which has to be undone first
    TRASHED = "TRASHED"  # the contact is in the trash: restore it first
    GONE = "GONE"  # the contact was deleted for good


class ChangeOutcome(StrEnum):
    """Where something goes that has changed since the merge."""

    STAYS = "STAYS"  # with the contact that the others were merged into
    COMES_BACK = "COMES_BACK"  # to the contact that had it before the merge


@dataclass(frozen=True, kw_only=True)
class ChangeSince:
    """`merged` right after the merge, `now` when it is undone; None: it was not there."""

    field: str
    merged: Any
    now: Any
    outcome: ChangeOutcome


@dataclass(frozen=True, kw_only=True)
class Undone:
    """The contacts as they are to stand, the master first; rows without an id are new ones."""

    documents: tuple[Document, ...]
    changes: tuple[ChangeSince, ...]


def undo(before: Sequence[Document], after: Document, now: Document) -> Undone:
    """`before` the merge the master and the others, `after` it and `now` the merged contact.

    Open stays are not looked at.
    """
    master, *others = before
    states = _changed_states(after, now)
    theirs = {number for other in others for number, _ in _numbers(other)}
    changes = [*_columns(after, now), *_phones(master, after, now, theirs)]
    back = {
        **master,
        "contact": _contact(master, after, now, theirs),
        "values": _values(master, others, after, now),
    }
    for part, column in (("tags", "tag_id"), ("lists", "list_id")):
        back[part] = _words(master, after, now, part, column)
        changes += _changed_words(master, after, now, part, column)
    taken = {row["id"] for other in others for row in other["phones"]}
    back["phones"] = [
        {**row, "id": None if row["id"] in taken else row["id"]}
        for row in _numbers_of_master(master, after, now, back["contact"]["phone"])
    ]
    changes += _changed_values(after, now)
    documents = [_with_states(document, states) for document in (back, *others)]
    return Undone(documents=tuple(documents), changes=tuple(changes))


def _numbers(document: Document) -> Iterator[tuple[str, Row]]:
    """Every number with its row; the primary's has neither an id nor a type."""
    contact = document["contact"]
    if contact["phone"] is not None:
        yield contact["phone"], {"number": contact["phone"], "state": contact["phone_state"]}
    for row in document["phones"]:
        yield row["number"], row


def _changed_states(after: Document, now: Document) -> dict[str, str]:
    old, new = dict(_numbers(after)), dict(_numbers(now))
    return {
        number: row["state"]
        for number, row in new.items()
        if number in old and row["state"] != old[number]["state"]
    }


def _with_states(document: Document, states: Mapping[str, str]) -> Document:
    contact = dict(document["contact"])
    if contact["phone"] in states:
        contact["phone_state"] = stricter(contact["phone_state"], states[contact["phone"]])
    phones = [
        {**row, "state": stricter(row["state"], states[row["number"]])}
        if row["number"] in states
        else row
        for row in document["phones"]
    ]
    return {**document, "contact": contact, "phones": phones}


def _columns(after: Document, now: Document) -> list[ChangeSince]:
    return [
        ChangeSince(
            field=name,
            merged=after["contact"].get(column),
            now=now["contact"].get(column),
            outcome=ChangeOutcome.STAYS,
        )
        for name, column in COLUMNS.items()
        if name != PRIMARY and after["contact"].get(column) != now["contact"].get(column)
    ]


def _contact(master: Document, after: Document, now: Document, theirs: set[str]) -> Row:
    contact: Row = dict(master["contact"])
    for name, column in COLUMNS.items():
        if name != PRIMARY and after["contact"].get(column) != now["contact"].get(column):
            contact[column] = now["contact"].get(column)
    own = {number for number, _ in _numbers(master)}
    primary = now["contact"]["phone"]
    if primary != after["contact"]["phone"] and (primary in own or primary not in theirs):
        contact["phone"] = primary
    elif contact["phone"] not in dict(_numbers(now)):
        contact["phone"] = None  # it was taken off since
    contact["phone_state"] = dict(_numbers(now)).get(
        contact["phone"], {"state": contact["phone_state"]}
    )["state"]
    if contact["phone"] == master["contact"]["phone"]:
        contact["phone_state"] = master["contact"]["phone_state"]
    return contact


def _numbers_of_master(
    master: Document, after: Document, now: Document, primary: str | None
) -> list[Row]:
    old, new = dict(_numbers(after)), dict(_numbers(now))
    rows = dict(_numbers(master))
    rows |= {number: row for number, row in new.items() if number not in old}
    found = []
    for number, row in rows.items():
        if number == primary or number not in new:
            continue
        changed = {
            name: new[number][name]
            for name in _OF_PHONE
            if number in old and new[number].get(name) != old[number].get(name)
        }
        # A number that was primary has no row of its own yet, unless it got one since.
        own = row if "id" in row else {**_blank(new[number]), "state": row["state"]}
        found.append({**own, **changed, "contact_id": master["contact"]["id"]})
    return [{**row, "position": place} for place, row in enumerate(found)]


def _blank(row: Row) -> Row:
    blank = {"item_type_id": None, "description": "", "_name": None, "id": None}
    return {**blank, **row}


def _phones(
    master: Document, after: Document, now: Document, theirs: set[str]
) -> Iterator[ChangeSince]:
    old, new = dict(_numbers(after)), dict(_numbers(now))
    own = {number for number, _ in _numbers(master)}
    if after["contact"]["phone"] != now["contact"]["phone"]:
        primary = now["contact"]["phone"]
        stays = primary in own or primary not in theirs
        yield ChangeSince(
            field=PRIMARY,
            merged=after["contact"]["phone"],
            now=primary,
            outcome=ChangeOutcome.STAYS if stays else ChangeOutcome.COMES_BACK,
        )
    if after["contact"]["phone"] != now["contact"]["phone"]:
        for number in (after["contact"]["phone"], now["contact"]["phone"]):
            if (number in old) != (number in new):
                old.pop(number, None)
                new.pop(number, None)
    for number in new.keys() - old.keys():
        yield _number(None, number, ChangeOutcome.STAYS)
    for number in old.keys() - new.keys():
        back = number in theirs
        yield _number(number, None, ChangeOutcome.COMES_BACK if back else ChangeOutcome.STAYS)
    for number in sorted(old.keys() & new.keys()):
        names = (*_OF_PHONE, "state")
        if any(old[number].get(name) != new[number].get(name) for name in names):
            yield _number(number, number, ChangeOutcome.STAYS)


def _number(merged: str | None, now: str | None, outcome: ChangeOutcome) -> ChangeSince:
    return ChangeSince(field="additionalPhones", merged=merged, now=now, outcome=outcome)


def _words(master: Document, after: Document, now: Document, part: str, column: str) -> list[Row]:
    old, new = ({row[column]: row for row in one[part]} for one in (after, now))
    rows = {row[column]: row for row in master[part]}
    kept = {key: row for key, row in rows.items() if key in new or key not in old}
    return list({**kept, **{key: row for key, row in new.items() if key not in old}}.values())


def _changed_words(
    master: Document, after: Document, now: Document, part: str, column: str
) -> Iterator[ChangeSince]:
    old, new = ({row[column]: row["_name"] for row in one[part]} for one in (after, now))
    own = {row[column] for row in master[part]}
    for key in new.keys() - old.keys():
        yield ChangeSince(field=part, merged=None, now=new[key], outcome=ChangeOutcome.STAYS)
    for key in old.keys() - new.keys():
        outcome = ChangeOutcome.STAYS if key in own else ChangeOutcome.COMES_BACK
        yield ChangeSince(field=part, merged=old[key], now=None, outcome=outcome)


def _placed(document: Document) -> dict[tuple[int, int | None], Row]:
    return {(row["field_id"], row["campaign_id"]): row for row in document["values"]}


def _values(
    master: Document, others: Sequence[Document], after: Document, now: Document
) -> list[Row]:
    old, new, rows = _placed(after), _placed(now), _placed(master)
    taken = {row["id"] for other in others for row in other["values"]}
    for place in {*old, *new}:
        row, was = new.get(place), old.get(place)
        if row is None:
            rows.pop(place, None)
        elif was is None or content(row) != content(was):
            key = rows[place]["id"] if place in rows else row["id"]
            contact_id = master["contact"]["id"]
            # It may be the row that another contact brought, and gets back.
            rows[place] = {**row, "id": None if key in taken else key, "contact_id": contact_id}
    return list(rows.values())


def _changed_values(after: Document, now: Document) -> Iterator[ChangeSince]:
    old, new = _placed(after), _placed(now)
    for place in sorted({*old, *new}, key=str):
        was, row = old.get(place), new.get(place)
        if was is None or row is None or content(was) != content(row):
            yield ChangeSince(
                field=custom_name(*place), merged=was, now=row, outcome=ChangeOutcome.STAYS
            )
